// The table of keys as people read it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/settings.h"

namespace hospes::config {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string shown(const std::string& value) { return in_quotes(value); }
std::string shown(bool value) { return value ? "true" : "false"; }
std::string shown(std::int64_t value) { return std::to_string(value); }
std::string shown(const std::vector<std::string>& value) {
  std::vector<std::string> parts;
  for (const auto& part : value) parts.push_back(in_quotes(part));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string kind(const Key& key) {
  if (!key.choices.empty()) return fmt::format("`{}`", fmt::join(key.choices, "`, `"));
  if (std::holds_alternative<bool Settings::*>(key.field)) return "true or false";
  if (std::holds_alternative<std::int64_t Settings::*>(key.field))
    return fmt::format("{} to {}", key.min, key.max);
  if (std::holds_alternative<std::vector<std::string> Settings::*>(key.field))
    return "list of texts";
  return key.path ? "path" : "text";
}

}  // namespace

std::string show(const Settings& settings, const Key& key) {
  return std::visit([&](auto field) { return shown(settings.*field); }, key.field);
}

std::string markdown() {
  const Settings defaults;
  std::string out =
      "# hospes.toml\n\n"
      "One file, TOML. Every key has a default; a key that is not in this list is refused with the "
      "nearest known one. Paths\n"
      "are relative to the folder of the file. `hospes config sample` prints "
      "one with every key\n"
      "commented out, `--set section.key=value` overrides one for a run. This page is made from "
      "the table that the program\n"
      "reads (`src/config/keys.cc`), and a test compares the two.\n";
  std::string_view section;
  for (const Key& key : keys()) {
    if (key.section != section) {
      section = key.section;
      out += fmt::format(
          "\n## [{}]\n\n| key | values | default | |\n| --- | --- | --- | --- |\n", section
      );
    }
    out += fmt::format(
        "| `{}` | {} | `{}` | {} |\n", key.name, kind(key), show(defaults, key), key.means_en
    );
  }
  return out;
}

std::string sample() {
  const Settings defaults;
  std::string out =
      "# hospes: one file. Every line below is a default; take the # away to change it.\n";
  std::string_view section;
  for (const Key& key : keys()) {
    if (key.section != section) {
      section = key.section;
      out += fmt::format("\n[{}]\n", section);
    }
    out += fmt::format("# {}\n# {} = {}\n", key.means_en, key.name, show(defaults, key));
  }
  return out;
}

}  // namespace hospes::config
