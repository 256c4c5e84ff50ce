#include "insight/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/nearest.h"
#include "base/time.h"

namespace hospes::insight {
namespace {

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ' || c == '.') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return out;
}

std::vector<std::string_view> words(std::string_view text, char between) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(between), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

template <class Named>
std::vector<std::string_view> names_of(const std::vector<Named>& list) {
  std::vector<std::string_view> out;
  for (const Named& one : list) out.push_back(one.name);
  return out;
}

}  // namespace

Result<Input> Input::read(const Insight& insight, const Columns& table, const Wishes& wishes) {
  Input out;
  out.table_ = &table;
  out.dates_ = wishes.dates;
  out.purpose_ = wishes.purpose;
  const auto roles = names_of(insight.roles);
  for (const auto& [role, column] : wishes.columns) {
    if (std::ranges::find(roles, role) == roles.end())
      return fail(
          Code::invalid_input, fmt::format(
                                   "{} reads no column as \"{}\"{}. It reads: {}", insight.name,
                                   role, nearest_hint(role, roles), fmt::join(roles, ", ")
                               )
      );
    const bool whole = std::ranges::find(table.names(), column) != table.names().end();
    for (const std::string_view part :
         whole ? std::vector<std::string_view>{column} : words(column, '*'))
      out.columns_[role].push_back(TRY(table.find(part)));
  }
  for (const Role& role : insight.roles) {
    if (out.columns_.contains(role.name)) continue;
    for (const std::string_view known : words(role.known_as, ' ')) {
      const auto found = std::ranges::find(table.names(), plain(known), plain);
      if (found == table.names().end()) continue;
      out.columns_[std::string(role.name)] = {
          static_cast<std::size_t>(found - table.names().begin())};
      break;
    }
    if (role.required && !out.columns_.contains(role.name))
      return fail(
          Code::invalid_input,
          fmt::format(
              "no column of {} is known as {} ({}); say --columns {}=COLUMN. The file has: {}",
              table.file(), role.name, role.means.en, role.name, fmt::join(table.names(), ", ")
          )
      );
  }
  for (const Setting& setting : insight.settings)
    out.settings_.emplace(setting.name, setting.value);
  for (const auto& [name, value] : wishes.settings) {
    if (!out.settings_.contains(name)) {
      const auto known = names_of(insight.settings);
      return fail(
          Code::invalid_input, fmt::format(
                                   "{} has no setting \"{}\"{}. It has: {}", insight.name, name,
                                   nearest_hint(name, known), fmt::join(known, ", ")
                               )
      );
    }
    out.settings_[name] = value;
  }
  return out;
}

Result<std::size_t> Input::column_of(std::string_view role) const {
  const auto found = columns_.find(role);
  if (found == columns_.end())
    return fail(Code::invalid_input, fmt::format("no column is read as {}", role));
  if (found->second.size() != 1)
    return fail(
        Code::invalid_input, fmt::format("only numbers multiply; name one column for {}", role)
    );
  return found->second[0];
}

Result<std::vector<double>> Input::numbers(std::string_view role) const {
  const auto found = columns_.find(role);
  if (found == columns_.end())
    return fail(Code::invalid_input, fmt::format("no column is read as {}", role));
  std::vector<double> out(table_->rows(), 1);
  for (const std::size_t column : found->second) {
    const auto factor = TRY(insight::numbers(*table_, column));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] *= factor[i];
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!std::isfinite(out[i]))
      return fail(
          Code::invalid_input, fmt::format("{}: {} is too large a number", table_->place(i), role)
      );
  return out;
}

Result<std::vector<std::int64_t>> Input::instants(std::string_view role) const {
  return insight::instants(*table_, TRY(column_of(role)), dates_);
}

Keys Input::keys(std::string_view role) const {
  const auto column = column_of(role);
  return column ? insight::keys(*table_, *column) : Keys{};
}

std::string Input::column(std::string_view role) const {
  std::string out;
  const auto found = columns_.find(role);
  if (found == columns_.end()) return out;
  for (const std::size_t column : found->second)
    out += (out.empty() ? "" : "*") + table_->names()[column];
  return out;
}

Result<double> Input::number(std::string_view setting, double low, double high) const {
  const std::string value = text(setting);
  double out = 0;
  const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error == std::errc() && stop == value.data() + value.size() && out >= low && out <= high)
    return out;
  return fail(
      Code::invalid_input,
      fmt::format("{}={} is no number from {} to {}", setting, value, low, high)
  );
}

Result<double> Input::days(std::string_view setting) const {
  const std::string value = text(setting);
  const auto duration = parse_duration(value);
  const double out =
      duration ? static_cast<double>(duration->count()) / static_cast<double>(day_us) : 0;
  if (duration && out > 0 && out <= 36'600) return out;
  return fail(
      Code::invalid_input,
      fmt::format(
          "{}={} is no length of time up to a hundred years; write 90d or 13w", setting, value
      )
  );
}

std::string Input::taken() const {
  std::string out;
  for (const auto& [role, columns] : columns_)
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", role, column(role));
  return out;
}

Result<Report> run(const Insight& insight, const Columns& table, const Wishes& wishes) {
  const Input input = TRY(Input::read(insight, table, wishes));
  Report report = TRY(insight.run(input));
  report.name = insight.name;
  report.card.purpose = wishes.purpose;
  TRY(settle(report));
  return report;
}

}  // namespace hospes::insight
