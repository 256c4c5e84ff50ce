// The command line as the commands see it: what each is called, what it means in both languages, the
// words it takes. The parser behind it (CLI11) is known to command.cc alone.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/commands.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hospes::server {

/// `means`: one sentence. `examples`: what to type, one per line, and what it brings.
struct Help {
  const char* name;
  const char* means_en;
  const char* means_fr;
  const char* examples_en;
  const char* examples_fr;
};

/// One option, or one word by its place, as it is being declared.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option required();
  Option shows_default();  // in --help: what the value holds now
  Option among(std::initializer_list<const char*> words);
  Option existing_folder();
  Option once_each();  // a list of which each word needs the option's name again
  Option delimiter(char between);

 private:
  CLI::Option* option_;
};

/// A command, or the program itself. A handle: copies are the same command.
class Command {
 public:
  Command(CLI::App& app, const Globals& globals, int& exit_code)
      : app_(&app), globals_(&globals), exit_code_(&exit_code) {}

  /// A command below this one, whose --help shows meaning, options, examples and the exit codes.
  Command command(const Help& help) const;
  /// One that `command` made. Undefined when there is none.
  Command command(const char* name) const;
  /// It does nothing itself: one of those below it must be named.
  void needs_command() const;

  /// "--name", else a word by its place. `into` must outlive the parse.
  Option option(
      const char* name, std::string& into, std::string_view en, std::string_view fr = {}
  ) const;
  Option option(
      const char* name, std::vector<std::string>& into, std::string_view en, std::string_view fr = {}
  ) const;
  Option option(
      const char* name, std::uint64_t& into, std::string_view en, std::string_view fr = {}
  ) const;
  void flag(const char* name, bool& into, std::string_view en, std::string_view fr = {}) const;

  /// When this command was named and its words are right; gives the exit code.
  void run(std::function<int(const Globals&)> what) const;
  /// The same, for what fills a state that lives as long as the parse.
  template <class State>
  void run(std::shared_ptr<State> state, int (*what)(const Globals&, const State&)) const {
    run([state = std::move(state), what](const Globals& globals) { return what(globals, *state); });
  }

  const Globals& globals() const { return *globals_; }

 private:
  std::string said(std::string_view en, std::string_view fr) const;

  CLI::App* app_;
  const Globals* globals_;
  int* exit_code_;
};

/// Parses the words and runs the command that they name; what is wrong with them goes to the error
/// stream, with the nearest known command or option.
int run_command_line(
    int count, char** words, Globals& globals, const std::function<void(Command)>& declare
);

/// On a terminal, and NO_COLOR is not set.
bool colours();
inline constexpr std::string_view green = "\033[32m", red = "\033[31m", yellow = "\033[33m",
                                  plain = "\033[0m";

/// The date in UTC: "2026-11-27".
std::string today();

}  // namespace hospes::server
