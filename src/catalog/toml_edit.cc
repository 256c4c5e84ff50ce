#include "catalog/toml_edit.h"

namespace hospes::catalog {

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto u = static_cast<unsigned char>(c);
      out.append("\\u00").append(1, digits[u >> 4]).append(1, digits[u & 15]);
      continue;
    }
    out += c;
  }
  return out + '"';
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + toml_text(text);
  return out + "]";
}

std::size_t line_at(std::string_view text, std::size_t line) {
  std::size_t at = 0;
  for (; line > 1 && at < text.size(); --line)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return at;
}

namespace {

/// toml++ counts columns in code points.
std::size_t byte_at(std::string_view text, toml::source_position at) {
  std::size_t byte = line_at(text, at.line);
  for (auto column = at.column; column > 1 && byte < text.size(); --column) {
    ++byte;
    while (byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xc0) == 0x80) ++byte;
  }
  return byte;
}

}  // namespace

std::string with_value(
    std::string_view text, const toml::table& table, std::string_view name, const std::string& value
) {
  std::string out(text);
  if (const toml::node* node = table.get(name)) {
    const auto begin = byte_at(text, node->source().begin), end = byte_at(text, node->source().end);
    return out.replace(begin, end - begin, value);
  }
  std::size_t below = line_at(text, table.source().begin.line + 1);
  if (below > 0 && out[below - 1] != '\n') out.insert(below++, "\n");
  return out.insert(below, std::string(name) + " = " + value + "\n");
}

const toml::table* table_with(
    const toml::array* list, std::string_view key, std::string_view value
) {
  if (list == nullptr) return nullptr;
  for (const toml::node& item : *list)
    if (item.is_table() && (*item.as_table())[key] == value) return item.as_table();
  return nullptr;
}

}  // namespace hospes::catalog
