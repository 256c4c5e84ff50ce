// What the files of a house have in common: a value of the right kind at a known key, or an error
// that says file, line and what would do. Private to catalog/; toml++ throws, and its callers keep
// what it throws.
#pragma once

#include <toml++/toml.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "base/result.h"
#include "catalog/purposes.h"

namespace hospes::catalog {

/// invalid_input with file, line and column for what is no TOML.
Result<toml::table> parse_toml(std::string_view text, std::string_view file);

/// One table of one file, with what an error needs to say where it is.
struct Place {
  const toml::table& table;
  std::string_view file;
  std::string what;  // `source "web"`
};

inline std::unexpected<Error> wrong(
    std::string_view file, const toml::node& node, const std::string& message
) {
  const auto at = node.source().begin;
  return fail(
      Code::invalid_input, std::string(file) + ":" + std::to_string(at.line) + ":" +
                               std::to_string(at.column) + "  " + message
  );
}

inline Status only_keys(const Place& place, std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : place.table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    std::string all;
    for (const std::string_view k : known) all += (all.empty() ? "" : ", ") + std::string(k);
    return wrong(
        place.file, node,
        "unknown key \"" + std::string(key.str().substr(0, 64)) + "\" in " + place.what +
            nearest_hint(key.str(), known) + " (known: " + all + ")"
    );
  }
  return {};
}

/// Reads a value if the key is there. T: std::string, std::int64_t, bool.
template <class T>
Status read(const Place& place, std::string_view key, T& out) {
  const toml::node* node = place.table.get(key);
  if (node == nullptr) return {};
  const auto value = node->value_exact<T>();
  if (!value) {
    const char* wanted = std::is_same_v<T, bool>          ? "true or false"
                         : std::is_same_v<T, std::string> ? "a text in quotes"
                                                          : "a whole number";
    return wrong(place.file, *node, std::string(key) + " in " + place.what + " must be " + wanted);
  }
  out = *value;
  return {};
}

inline Status read(const Place& place, std::string_view key, std::vector<std::string>& out) {
  const toml::node* node = place.table.get(key);
  if (node == nullptr) return {};
  const std::string must = std::string(key) + " in " + place.what + " must be a list of texts";
  const toml::array* list = node->as_array();
  if (list == nullptr) return wrong(place.file, *node, must);
  out.clear();
  for (const toml::node& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return wrong(place.file, item, must);
    out.push_back(*text);
  }
  return {};
}

inline Result<const toml::table*> sub_table(const Place& place, std::string_view key) {
  const toml::node* node = place.table.get(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) {
    return wrong(place.file, *node, "[" + std::string(key) + "] in " + place.what + " is a table");
  }
  return node->as_table();
}

inline Result<std::vector<const toml::table*>> sub_tables(const Place& place, std::string_view key) {
  std::vector<const toml::table*> out;
  const toml::node* node = place.table.get(key);
  if (node == nullptr) return out;
  const std::string must = "write each " + std::string(key) + " as [[" + std::string(key) + "]]";
  if (!node->is_array()) return wrong(place.file, *node, must);
  for (const toml::node& item : *node->as_array()) {
    if (!item.is_table()) return wrong(place.file, item, must);
    out.push_back(item.as_table());
  }
  return out;
}

/// Puts file and line before an error that came from a value of this table.
template <class T>
Result<T> placed(const Place& place, Result<T> result) {
  if (result) return result;
  Error error = std::move(result).error();
  const auto at = place.table.source().begin;
  error.message = std::string(place.file) + ":" + std::to_string(at.line) + ":" +
                  std::to_string(at.column) + "  " + error.message;
  return std::unexpected(std::move(error));
}

inline Result<Mask> read_mask(const Place& place, std::string_view key, const Purposes& purposes) {
  std::vector<std::string> names;
  TRY(read(place, key, names));
  const std::vector<std::string_view> views(names.begin(), names.end());
  return placed(place, purposes.mask(views));
}

}  // namespace hospes::catalog
