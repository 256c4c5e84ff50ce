#include "lake/print.h"

#include <algorithm>

#include "base/json_text.h"

namespace hospes::lake {
namespace {

constexpr std::size_t exact_digits = 15;  // of a whole number that a double holds

std::string json_value(const Column& column, const std::optional<std::string>& value) {
  if (!value) return "null";
  if (column.type == "BOOLEAN") return *value;
  const bool finite = !value->empty() && value->find_first_not_of("0123456789+-.e") == value->npos;
  const bool small = value->size() <= exact_digits || value->find('.') != value->npos;
  return is_number(column) && finite && small ? *value : json_text(*value);
}

std::string csv_cell(const std::string& text, const Csv& csv) {
  if (text.find_first_of(std::string("\"\r\n") + csv.between) == text.npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

std::string csv_value(const Column& column, const std::string& value, const Csv& csv) {
  std::string text = value;
  if (is_number(column)) {
    if (csv.decimal_comma) std::ranges::replace(text, '.', ',');
  } else if (csv.formula_safe && !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  return csv_cell(text, csv);
}

/// Letters of UTF-8, and where the n-th begins.
std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string cell_text(const std::optional<std::string>& value, std::size_t cell_max) {
  std::string text = value.value_or("·");
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  if (letters(text) <= cell_max) return text;
  std::size_t seen = 0, at = 0;
  while (seen < cell_max) seen += (text[++at] & 0xC0) != 0x80 ? 1 : 0;
  return text.substr(0, at) + "…";
}

}  // namespace

std::string json_members(const Table& table) {
  std::string columns, rows;
  for (const Column& c : table.columns)
    columns.append(columns.empty() ? "" : ",").append(R"({"name":)").append(json_text(c.name)).append(R"(,"type":)").append(json_text(c.type)).append("}");
  for (const auto& row : table.rows) {
    rows.append(rows.empty() ? "[" : ",\n[");
    for (std::size_t i = 0; i < row.size(); ++i) rows.append(i == 0 ? "" : ",").append(json_value(table.columns[i], row[i]));
    rows += ']';
  }
  return "\"columns\":[" + columns + "],\"rows\":[" + rows + "]";
}

std::string to_csv(const Table& table, const Csv& csv) {
  std::string out = csv.mark ? "\xEF\xBB\xBF" : "";
  const auto line = [&](auto cell, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0) out += csv.between;
      out += cell(i);
    }
    out += "\r\n";
  };
  line([&](std::size_t i) { return csv_value({"", "VARCHAR"}, table.columns[i].name, csv); }, table.columns.size());
  for (const auto& row : table.rows)
    line([&](std::size_t i) { return row[i] ? csv_value(table.columns[i], *row[i], csv) : std::string(); }, row.size());
  return out;
}

std::string to_text(const Table& table, std::size_t cell_max) {
  const std::size_t n = table.columns.size();
  std::vector<std::size_t> widths(n);
  std::vector<std::vector<std::string>> cells;
  std::vector<std::string> head;
  for (const Column& c : table.columns) head.push_back(cell_text(c.name, cell_max));
  cells.push_back(std::move(head));
  for (const auto& row : table.rows) {
    std::vector<std::string> line;
    for (const auto& value : row) line.push_back(cell_text(value, cell_max));
    cells.push_back(std::move(line));
  }
  for (const auto& line : cells)
    for (std::size_t i = 0; i < n; ++i) widths[i] = std::max(widths[i], letters(line[i]));
  std::string out;
  for (const auto& line : cells) {
    std::string told = " ";
    for (std::size_t i = 0; i < n; ++i) {
      const std::string space(widths[i] - letters(line[i]), ' ');
      told.append(" ").append(is_number(table.columns[i]) ? space + line[i] : line[i] + space).append(" ");
    }
    told.resize(told.find_last_not_of(' ') + 1);
    out.append(told).append("\n");
  }
  return out;
}

}  // namespace hospes::lake
