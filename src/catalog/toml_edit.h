// A value changed in a text of TOML, with all else as it was. Private to catalog/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/toml_read.h"

namespace hospes::catalog {

std::string toml_text(std::string_view text);
std::string toml_list(const std::vector<std::string>& texts);

/// Where line `line` (from 1) begins; the end of the text for one behind the last.
std::size_t line_at(std::string_view text, std::size_t line);
/// Sets `name` in a table: in its place, else right below the table's head.
std::string with_value(
    std::string_view text, const toml::table& table, std::string_view name, const std::string& value
);
/// The table of that list whose `key` has that value; nullptr: none.
const toml::table* table_with(const toml::array* list, std::string_view key, std::string_view value);

}  // namespace hospes::catalog
