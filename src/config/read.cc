// The only file that includes toml++, which throws; nothing leaves this file but Result.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/nearest.h"
#include "config/settings.h"

namespace hospes::config {
namespace {

constexpr std::size_t file_bytes_max = 1'000'000;
constexpr std::size_t list_max = 64;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

std::string_view kind_of(const Field& field) {
  return std::visit(
      Overloaded{
          [](std::string Settings::*) -> std::string_view { return "a text in quotes"; },
          [](bool Settings::*) -> std::string_view { return "true or false"; },
          [](std::int64_t Settings::*) -> std::string_view { return "a whole number"; },
          [](std::vector<std::string> Settings::*) -> std::string_view {
            return "a list of texts";
          },
      },
      field
  );
}

std::string unknown(std::string_view section, std::string_view name) {
  std::vector<std::string> known;
  for (const Key& key : keys()) known.push_back(key.full_name());
  const std::string full = fmt::format("{}.{}", section, name);
  if (const auto near = nearest(full, known)) {
    return fmt::format("unknown key \"{}\"; the nearest known is \"{}\"", full, *near);
  }
  // The right name in the wrong section is the commonest slip.
  for (const Key& key : keys()) {
    if (key.name == name) {
      return fmt::format("unknown key \"{}\"; the nearest known is \"{}\"", full, key.full_name());
    }
  }
  return fmt::format("unknown key \"{}\"; all keys are in docs/config.md", full);
}

std::optional<std::string> check_number(const Key& key, std::int64_t value) {
  if (value >= key.min && value <= key.max) return std::nullopt;
  return fmt::format("{} = {}: must be from {} to {}", key.full_name(), value, key.min, key.max);
}

std::optional<std::string> check_text(const Key& key, const std::string& value) {
  if (value.empty()) {
    // Empty is a value where it is what nobody says.
    if (Settings().*std::get<std::string Settings::*>(key.field) == value) return std::nullopt;
    return fmt::format("{} is empty: {}", key.full_name(), key.means_en);
  }
  if (key.choices.empty() || std::ranges::count(key.choices, std::string_view(value)) > 0)
    return std::nullopt;
  return fmt::format(
      "{} = \"{}\": must be one of {}{}", key.full_name(), value, fmt::join(key.choices, ", "),
      nearest_hint(value, key.choices)
  );
}

/// Nothing, or what is wrong.
std::optional<std::string> take(Settings& settings, const Key& key, const toml::node& node) {
  const auto wrong_type = [&] {
    return fmt::format("{} must be {}", key.full_name(), kind_of(key.field));
  };
  return std::visit(
      Overloaded{
          [&](std::string Settings::*field) -> std::optional<std::string> {
            const auto value = node.value_exact<std::string>();
            if (!value) return wrong_type();
            settings.*field = *value;
            return check_text(key, *value);
          },
          [&](bool Settings::*field) -> std::optional<std::string> {
            const auto value = node.value_exact<bool>();
            if (!value) return wrong_type();
            settings.*field = *value;
            return std::nullopt;
          },
          [&](std::int64_t Settings::*field) -> std::optional<std::string> {
            const auto value = node.value_exact<std::int64_t>();
            if (!value) return wrong_type();
            settings.*field = *value;
            return check_number(key, *value);
          },
          [&](std::vector<std::string> Settings::*field) -> std::optional<std::string> {
            const auto* list = node.as_array();
            if (list == nullptr) return wrong_type();
            if (list->size() > list_max)
              return fmt::format("{} has more than {} entries", key.full_name(), list_max);
            (settings.*field).clear();
            for (const auto& entry : *list) {
              const auto value = entry.value_exact<std::string>();
              if (!value) return wrong_type();
              (settings.*field).push_back(*value);
            }
            return std::nullopt;
          },
      },
      key.field
  );
}

const Key* find(std::string_view section, std::string_view name) {
  for (const Key& key : keys()) {
    if (key.section == section && key.name == name) return &key;
  }
  return nullptr;
}

std::unexpected<Error> wrong(
    std::string_view file, const toml::source_region& at, std::string_view what
) {
  return fail(Code::invalid_input, fmt::format("{}:{}: {}", file, at.begin.line, what));
}

std::string unknown_section(std::string_view name, bool is_table) {
  std::vector<std::string_view> sections;
  for (const Key& key : keys()) {
    if (sections.empty() || sections.back() != key.section) sections.push_back(key.section);
  }
  if (is_table) return fmt::format("unknown section [{}]{}", name, nearest_hint(name, sections));
  if (std::ranges::count(sections, name) > 0)
    return fmt::format("{} is a section: write [{}] on a line of its own", name, name);
  return fmt::format(
      "\"{}\" stands outside any section; every key stands in one, such as [public]", name
  );
}

Result<Settings> read_table(const toml::table& table, std::string_view file) {
  Settings settings;
  for (const auto& [section, content] : table) {
    const auto* rows = content.as_table();
    const bool known =
        std::ranges::any_of(keys(), [&](const Key& key) { return key.section == section.str(); });
    if (rows == nullptr || !known) {
      return wrong(file, section.source(), unknown_section(section.str(), rows != nullptr));
    }
    for (const auto& [name, node] : *rows) {
      const Key* key = find(section.str(), name.str());
      if (key == nullptr) return wrong(file, name.source(), unknown(section.str(), name.str()));
      if (const auto mistake = take(settings, *key, node))
        return wrong(file, name.source(), *mistake);
    }
  }
  return settings;
}

}  // namespace

Result<Settings> read(std::string_view text, std::string_view file_name) {
  if (text.size() > file_bytes_max) {
    return fail(
        Code::over_limit, fmt::format("{} is larger than {} bytes", file_name, file_bytes_max)
    );
  }
  try {
    return read_table(toml::parse(text), file_name);
  } catch (const toml::parse_error& error) {
    return wrong(file_name, error.source(), error.description());
  }
}

Result<Settings> read_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return fail(
        Code::not_found,
        fmt::format("no configuration at {}. Make one with: hospes config sample > {}", path, path)
    );
  }
  std::stringstream text;
  text << in.rdbuf();
  Settings settings = TRY(read(text.str(), path));
  const fs::path folder = fs::absolute(path).parent_path();
  for (const Key& key : keys()) {
    if (!key.path) continue;
    std::string& value = settings.*std::get<std::string Settings::*>(key.field);
    value = (folder / value).lexically_normal().string();
  }
  return settings;
}

Status set(Settings& settings, std::string_view full_name, std::string_view value) {
  const std::size_t dot = full_name.find('.');
  const auto section = full_name.substr(0, dot);
  const auto name = dot == std::string_view::npos ? std::string_view() : full_name.substr(dot + 1);
  const Key* key = find(section, name);
  if (key == nullptr) return fail(Code::invalid_input, unknown(section, name));
  const auto parsed = [&]() -> std::optional<std::string> {
    if (std::holds_alternative<std::string Settings::*>(key->field)) {
      return take(settings, *key, toml::value<std::string>(std::string(value)));
    }
    try {
      const auto table = toml::parse(fmt::format("value = {}", value));
      return take(settings, *key, *table.get("value"));
    } catch (const toml::parse_error&) {
      return fmt::format("{} must be {}", key->full_name(), kind_of(key->field));
    }
  }();
  if (parsed) return fail(Code::invalid_input, *parsed);
  return {};
}

}  // namespace hospes::config
