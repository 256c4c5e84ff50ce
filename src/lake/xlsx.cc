#include "lake/xlsx.h"

#include <fmt/format.h>

#include <algorithm>

#include "zip/zip.h"

namespace hospes::lake {
namespace {

constexpr std::size_t cell_bytes_max = 32'000;  // a cell holds 32,767 letters
constexpr std::size_t exact_digits = 15;        // of a number in a spreadsheet
constexpr double day_us = 86'400e6;
constexpr int epoch_serial = 25'569;  // 1970-01-01, in days since 1899-12-30

// Styles, by their place in xl/styles.xml.
constexpr int bold = 1, moment = 2, day = 3;

/// `A`, `B`, … `Z`, `AA`.
std::string column_name(std::size_t i) {
  std::string out;
  for (++i; i > 0; i = (i - 1) / 26) out.insert(out.begin(), static_cast<char>('A' + (i - 1) % 26));
  return out;
}

/// XML 1.0 has no control characters, not even escaped.
std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') {
      out += c;
    }
  }
  return out;
}

std::string text_cell(const std::string& place, std::string text, int style = 0) {
  if (text.size() > cell_bytes_max) {
    text.resize(cell_bytes_max);
    while (!text.empty() && (text.back() & 0xC0) == 0x80) text.pop_back();  // a letter that was cut in two
    if (!text.empty() && (text.back() & 0x80) != 0) text.pop_back();
    text += "…";
  }
  return fmt::format(
      R"(<c r="{}" s="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>)", place, style, xml_text(text)
  );
}

/// The wall's time: spreadsheets know no zones.
std::string time_cell(const std::string& place, const Column& column, const std::string& value) {
  const auto wall = parse_instant(value.substr(0, 19));
  if (!wall) return text_cell(place, value);
  return fmt::format(
      R"(<c r="{}" s="{}"><v>{:.8f}</v></c>)", place, column.type == "DATE" ? day : moment,
      static_cast<double>(wall->us) / day_us + epoch_serial
  );
}

std::string cell(const std::string& place, const Column& column, const std::string& value) {
  const auto digits = std::ranges::count_if(value, [](char c) { return c >= '0' && c <= '9'; });
  const bool finite = !value.empty() && value.find_first_not_of("0123456789+-.e") == value.npos;
  if (is_number(column) && finite && static_cast<std::size_t>(digits) <= exact_digits + (value.find('.') != value.npos ? 6 : 0))
    return fmt::format(R"(<c r="{}"><v>{}</v></c>)", place, value);
  if (column.type == "BOOLEAN") return fmt::format(R"(<c r="{}" t="b"><v>{}</v></c>)", place, value == "true" ? 1 : 0);
  if (column.type == "DATE" || column.type.starts_with("TIMESTAMP")) return time_cell(place, column, value);
  return text_cell(place, value);
}

std::string sheet(const Table& table) {
  std::string out =
      R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData><row r="1">)";
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    out += text_cell(column_name(c) + "1", table.columns[c].name, bold);
  out += "</row>";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    out += fmt::format(R"(<row r="{}">)", r + 2);
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      if (const auto& value = table.rows[r][c]) out += cell(column_name(c) + std::to_string(r + 2), table.columns[c], *value);
    out += "</row>";
  }
  return out + "</sheetData></worksheet>";
}

constexpr const char* types =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>)";
constexpr const char* package =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>)";
constexpr const char* workbook =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="hospes" sheetId="1" r:id="rId1"/></sheets></workbook>)";
constexpr const char* parts =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>)";
constexpr const char* styles =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>)";

}  // namespace

Result<std::string> to_xlsx(const Table& table, Instant at) {
  if (table.rows.size() > sheet_rows_max)
    return fail(Code::over_limit, fmt::format("a sheet has at most {} rows: ask for fewer, or for csv or parquet", sheet_rows_max));
  return zip::stored(
      {{"[Content_Types].xml", types},
       {"_rels/.rels", package},
       {"xl/workbook.xml", workbook},
       {"xl/_rels/workbook.xml.rels", parts},
       {"xl/styles.xml", styles},
       {"xl/worksheets/sheet1.xml", sheet(table)}},
      at
  );
}

}  // namespace hospes::lake
