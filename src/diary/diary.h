// The server's own messages: one line each, text or JSON, on stderr. Never anything that a client
// sent: kinds, counts, reasons of the machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace hospes::diary {

enum class Level : std::uint8_t { debug, info, warn, error };

struct Options {
  bool json = false;
  Level level = Level::info;                // the least serious that is written
  std::uint32_t lines_per_window_max = 50;  // of one kind; what is beyond is counted
  std::uint32_t window_s = 10;
};

/// A number or a word of ours beside the sentence.
struct Field {
  std::string_view name;
  std::variant<std::int64_t, std::string> value;
};

/// Thread-safe.
class Diary {
 public:
  virtual ~Diary() = default;
  /// `kind`: room.what, one of few. `sentence`: what happened and, when somebody must act, what to
  /// do. Control characters and quotes are escaped, so a line stays a line.
  virtual void note(
      Level level, std::string_view kind, std::string_view sentence,
      std::initializer_list<Field> fields = {}
  ) = 0;
};

/// Writes to the file descriptor `to`, at once; a line that cannot be written is lost, nothing
/// waits.
std::unique_ptr<Diary> open_diary(Options options, int to = 2);

/// From the words of hospes.toml: "debug", "info", "warn", "error".
Level level_of(std::string_view word);

}  // namespace hospes::diary
