// hospes segment check|fmt: definitions as text, without a server.
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "segment/text.h"
#include "server/commands.h"

namespace hospes::server {
namespace {

Result<std::string> text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()))
    return fail(Code::not_found, fmt::format("{} cannot be read, or is empty", path));
  return text.str();
}

/// Nothing when the file holds a mistake, which has been printed.
Result<std::optional<std::vector<segment::Definition>>> definitions_of(const std::string& path) {
  const std::string text = TRY(text_of(path));
  auto parsed = segment::parse(text);
  if (!parsed) {
    fmt::print(stderr, "{}\n", segment::to_string(parsed.error(), path));
    return std::optional<std::vector<segment::Definition>>();
  }
  for (const auto& definition : *parsed) {
    if (const auto mistake = segment::validate(definition)) {
      fmt::print(stderr, "{}\n", segment::to_string(*mistake, path));
      return std::optional<std::vector<segment::Definition>>();
    }
  }
  return std::optional(std::move(*parsed));
}

int check_files(const std::vector<std::string>& files, const Globals& globals) {
  int worst = exit_done;
  for (const auto& file : files) {
    const auto found = definitions_of(file);
    if (!found) return report(found.error());
    if (!*found) {
      worst = exit_no;
      continue;
    }
    fmt::print(
        fmt::runtime(
            globals.say("{}: {} segments, no mistake\n", "{} : {} segments, aucune erreur\n")
        ),
        file, (*found)->size()
    );
  }
  return worst;
}

int format_file(const std::string& file, bool write) {
  const auto found = definitions_of(file);
  if (!found) return report(found.error());
  if (!*found) return exit_no;
  std::string text;
  for (const auto& definition : **found)
    text += (text.empty() ? "" : "\n") + segment::format(definition);
  if (!write) {
    fmt::print("{}", text);
    return exit_done;
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  if (!(out << text << std::flush))
    return report({Code::unavailable, fmt::format("{} cannot be written", file)});
  return exit_done;
}

}  // namespace

void add_segment(CLI::App& app, const Globals& globals, int& exit_code) {
  auto* segment = app.add_subcommand("segment", "Segment definitions: check and format them.");
  segment->require_subcommand(1);
  const auto files = std::make_shared<std::vector<std::string>>();
  auto* check = segment->add_subcommand(
      "check", "Says the first mistake of each file, where it stands and what would do."
  );
  check->add_option("FILE", *files, "segment files (*.seg)")->required();
  check->callback([&globals, &exit_code, files] { exit_code = check_files(*files, globals); });

  const auto write = std::make_shared<bool>(false);
  const auto file = std::make_shared<std::string>();
  auto* format =
      segment->add_subcommand("fmt", "Prints the canonical form; comments are not kept.");
  format->add_option("FILE", *file, "a segment file")->required();
  format->add_flag("--write", *write, "replace the file");
  format->callback([&exit_code, file, write] { exit_code = format_file(*file, *write); });
}

}  // namespace hospes::server
