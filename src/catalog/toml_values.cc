#include "catalog/toml_values.h"

#include <sstream>

#include "base/json_text.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {

Result<toml::table> parse_toml(std::string_view text, std::string_view file) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return fail(
        Code::invalid_input, std::string(file) + ":" + std::to_string(at.line) + ":" +
                                 std::to_string(at.column) + "  " + std::string(error.description())
    );
  }
}
namespace {

constexpr std::size_t name_bytes_max = 64;

std::string json_of(const toml::table& table) {
  std::string out = "{";
  for (const auto& [key, value] : table) {
    if (out.size() > 1) out += ',';
    out += json_text(key.str());
    out.append(":").append(catalog::json_of(value));
  }
  return out + "}";
}

std::string json_of(const toml::array& list) {
  std::string out = "[";
  for (const toml::node& value : list) {
    if (out.size() > 1) out += ',';
    out += catalog::json_of(value);
  }
  return out + "]";
}

}  // namespace

bool is_slug(std::string_view text) {
  if (text.empty() || text.size() > name_bytes_max || text.front() < 'a' || text.front() > 'z')
    return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::unexpected<Error> wrong_at(
    const Place& place, std::string_view key, const std::string& message
) {
  const toml::node* node = place.table.get(key);
  return wrong(place.file, node != nullptr ? *node : place.table, message);
}

Status read_name(const Place& place, std::string& out) {
  TRY(read(place, "name", out));
  if (is_slug(out)) return {};
  return wrong_at(
      place, "name",
      place.what + " needs a name of a-z, 0-9, _ and -, beginning with a letter, 64 bytes at most"
  );
}

Status read_count(
    const Place& place, std::string_view key, std::int64_t least, std::int64_t most,
    std::uint32_t& out
) {
  std::int64_t value = out;
  TRY(read(place, key, value));
  if (value < least || value > most) {
    return wrong_at(
        place, key, std::string(key) + " in " + place.what + " is " + std::to_string(least) +
                        " to " + std::to_string(most)
    );
  }
  out = static_cast<std::uint32_t>(value);
  return {};
}

Status read_share(const Place& place, std::string_view key, std::uint32_t& out) {
  if (!place.table.contains(key)) return {};
  std::string text;
  TRY(read(place, key, text));
  std::uint32_t share = 0;
  unsigned decimals = 0;
  bool point = false;
  bool good = text.size() >= 2 && text.back() == '%' && text.front() != '.' && text.size() <= 6;
  for (const char c : std::string_view(text).substr(0, text.empty() ? 0 : text.size() - 1)) {
    good = good && (c == '.' ? !std::exchange(point, true) : c >= '0' && c <= '9');
    if (c == '.' || !good) continue;
    decimals += point ? 1 : 0;
    share = share * 10 + static_cast<std::uint32_t>(c - '0');
  }
  for (unsigned i = decimals; i < 2; ++i) share *= 10;
  if (!good || decimals > 2 || share > 5'000) {
    return wrong_at(
        place, key,
        std::string(key) + " in " + place.what +
            " is a share of people such as \"10%\" or \"2.5%\", at most 50%"
    );
  }
  out = share;
  return {};
}

std::string json_of(const toml::node& node) {
  if (const toml::table* table = node.as_table()) return json_of(*table);
  if (const toml::array* list = node.as_array()) return json_of(*list);
  if (const auto* text = node.as_string()) return json_text(text->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  std::ostringstream out;
  if (node.is_integer()) {
    out << node.as_integer()->get();
    return out.str();
  }
  if (const auto* number = node.as_floating_point()) {
    out << *number;
    const std::string text = out.str();
    return text.find_first_not_of("0123456789+-.eE") == text.npos ? text : "null";  // inf, nan
  }
  if (node.is_date()) out << *node.as_date();
  if (node.is_time()) out << *node.as_time();
  if (node.is_date_time()) out << *node.as_date_time();
  return json_text(out.str());
}

}  // namespace hospes::catalog
