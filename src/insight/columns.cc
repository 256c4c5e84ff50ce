#include "insight/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "table/rows.h"

namespace hospes::insight {
Result<Columns> Columns::parse(std::string raw, std::string name) {
  if (raw.starts_with("\xef\xbb\xbf")) raw.erase(0, 3);
  if (raw.find('\0') != std::string::npos)
    return fail(Code::invalid_input, name + " is no text: give a CSV file, or a .gz of one");
  auto text = std::make_shared<std::string>(std::move(raw));
  Columns out;
  out.file_ = std::move(name);
  const char separator = table::separator_of(*text);
  out.decimal_comma_ = separator == ';';
  table::Rows reader(text->data(), text->data() + text->size(), separator);
  std::vector<std::string_view> cells;
  const auto broken = [&] {
    return fail(
        Code::invalid_input,
        fmt::format(
            "{}:{}: a quote is not closed, or something follows it", out.file_, reader.first()
        )
    );
  };
  if (reader.next(cells) == table::Got::broken) return broken();
  if (cells.empty())
    return fail(
        Code::invalid_input, out.file_ + " is empty: its first line should name the columns"
    );
  if (cells.size() > columns_max)
    return fail(
        Code::over_limit,
        fmt::format("{} has {} columns; at most {}", out.file_, cells.size(), columns_max)
    );
  for (const auto cell : cells) {
    if (std::ranges::find(out.names_, cell) != out.names_.end())
      return fail(
          Code::invalid_input, fmt::format("{}: two columns are named \"{}\"", out.file_, cell)
      );
    out.names_.emplace_back(cell);
  }
  out.cells_.resize(out.names_.size());
  while (!reader.done()) {
    if (reader.next(cells) == table::Got::broken) return broken();
    if (cells.empty()) break;
    if (cells.size() != out.names_.size())
      return fail(
          Code::invalid_input, fmt::format(
                                   "{}:{}: {} cells, but the header names {} columns", out.file_,
                                   reader.first(), cells.size(), out.names_.size()
                               )
      );
    if ((out.lines_.size() + 1) * cells.size() > cells_max)
      return fail(
          Code::over_limit,
          fmt::format("{} has over {} cells; cut it by period", out.file_, cells_max)
      );
    for (std::size_t i = 0; i < cells.size(); ++i) out.cells_[i].push_back(cells[i]);
    out.lines_.push_back(static_cast<std::uint32_t>(reader.first()));
  }
  out.texts_.push_back(std::move(text));
  out.parts_.emplace_back(0, out.file_);
  return out;
}

Status Columns::append(Columns other) {
  if (other.names_ != names_)
    return fail(
        Code::invalid_input,
        fmt::format("{} and {} do not name the same columns in the same order", file_, other.file_)
    );
  if ((rows() + other.rows()) * names_.size() > cells_max)
    return fail(
        Code::over_limit, fmt::format("the files have over {} cells; cut them by period", cells_max)
    );
  parts_.emplace_back(rows(), other.file_);
  lines_.insert(lines_.end(), other.lines_.begin(), other.lines_.end());
  for (std::size_t i = 0; i < names_.size(); ++i)
    cells_[i].insert(cells_[i].end(), other.cells_[i].begin(), other.cells_[i].end());
  texts_.insert(texts_.end(), other.texts_.begin(), other.texts_.end());
  return {};
}

Status Columns::keep(std::string_view column, std::string_view value) {
  const std::size_t c = TRY(find(column));
  std::vector<std::size_t> kept;
  for (std::size_t row = 0; row < rows(); ++row)
    if (cells_[c][row] == value) kept.push_back(row);
  std::vector<std::pair<std::size_t, std::string>> parts;
  for (const auto& [first, file] : parts_)
    parts.emplace_back(std::ranges::lower_bound(kept, first) - kept.begin(), file);
  parts_ = std::move(parts);
  const auto pick = [&](auto& list) {
    for (std::size_t i = 0; i < kept.size(); ++i) list[i] = list[kept[i]];
    list.resize(kept.size());
  };
  pick(lines_);
  for (auto& cells : cells_) pick(cells);
  return {};
}

Result<std::size_t> Columns::find(std::string_view column) const {
  const auto found = std::ranges::find(names_, column);
  if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
  return fail(
      Code::invalid_input, fmt::format(
                               "{} has no column \"{}\"{}. It has: {}", file_, column,
                               nearest_hint(column, names_), fmt::join(names_, ", ")
                           )
  );
}

std::string Columns::place(std::size_t row) const {
  std::size_t part = 0;
  while (part + 1 < parts_.size() && parts_[part + 1].first <= row) ++part;
  return fmt::format("{}:{}", parts_[part].second, lines_[row]);
}

}  // namespace hospes::insight
