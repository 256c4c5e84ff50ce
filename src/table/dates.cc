#include "table/dates.h"

#include <charconv>
#include <chrono>
#include <string>

namespace hospes::table {
namespace {

std::optional<int> whole(std::string_view text) {
  int out = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || text[0] == '-' || error != std::errc() || stop != text.data() + text.size())
    return std::nullopt;
  return out;
}

/// Cuts `Z`, `UTC`, `+02:00`, `-0530` off the end; false when what stands there is no zone.
bool cut_zone(std::string_view& text, std::optional<int>& minutes) {
  for (const std::string_view utc : {"Z", " UTC", "UTC"}) {
    if (!text.ends_with(utc)) continue;
    text.remove_suffix(utc.size());
    minutes = 0;
    return true;
  }
  const auto at = text.find_last_of("+-");
  if (at == std::string_view::npos) return true;
  std::string digits;
  for (const char c : text.substr(at + 1))
    if (c != ':') digits += c;
  if (digits.size() == 2) digits += "00";
  const auto value = whole(digits);
  if (digits.size() != 4 || !value || *value / 100 > 14 || *value % 100 > 59) return false;
  const int sum = *value / 100 * 60 + *value % 100;
  minutes = text[at] == '-' ? -sum : sum;
  text = text.substr(0, at);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return true;
}

/// `05` and, of a second, `05.25`; in microseconds.
std::optional<std::int64_t> seconds(std::string_view text) {
  const auto point = text.find_first_of(".,");
  const auto whole_part = whole(text.substr(0, point));
  if (!whole_part || *whole_part > 60 || text.substr(0, point).size() != 2) return std::nullopt;
  std::int64_t out = std::int64_t{*whole_part} * 1'000'000;
  if (point == std::string_view::npos) return out;
  const std::string_view fraction = text.substr(point + 1);
  if (fraction.empty() || fraction.size() > 9) return std::nullopt;
  std::int64_t unit = 100'000;
  for (const char c : fraction) {
    if (c < '0' || c > '9') return std::nullopt;
    out += (c - '0') * unit;
    unit /= 10;
  }
  return out;
}

bool time_of_day(std::string_view text, Stamp& out) {
  if (!cut_zone(text, out.offset_minutes)) return false;
  int noon = 0;
  for (const auto& [mark, value] : {std::pair(" AM", 1), {" PM", 2}, {"AM", 1}, {"PM", 2}}) {
    if (!text.ends_with(mark)) continue;
    text.remove_suffix(std::string_view(mark).size());
    noon = value;
    break;
  }
  const auto colon = text.find_first_of(":h");
  if (colon == std::string_view::npos || colon == 0 || colon > 2) return false;
  const auto hour = whole(text.substr(0, colon)), minute = whole(text.substr(colon + 1, 2));
  if (!hour || !minute || text.substr(colon + 1, 2).size() != 2 || *minute > 59) return false;
  if (noon != 0 && (*hour < 1 || *hour > 12)) return false;
  const int hours = noon == 0 ? *hour : *hour % 12 + (noon == 2 ? 12 : 0);
  if (hours > 23) return false;
  std::int64_t second = 0;
  if (text.size() > colon + 3) {
    if (text[colon + 3] != ':') return false;
    const auto read = seconds(text.substr(colon + 4));
    if (!read) return false;
    second = *read;
  }
  out.time_us = (std::int64_t{hours} * 60 + *minute) * 60'000'000 + second;
  out.has_time = true;
  return true;
}

/// January is 1; 0: no month's name. Names and their usual short forms, case and accents aside.
int month_named(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0xc3 && i + 1 < text.size()) {  // é è û of UTF-8, upper and lower
      const auto accent = static_cast<unsigned char>(text[++i]);
      plain += (accent & 0x9f) == 0x9b ? 'u' : 'e';
    } else if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c | 0x20);
    } else if (c != '.') {
      plain += static_cast<char>(c);
    }
  }
  constexpr std::array<std::array<std::string_view, 4>, 12> names = {
      {{"janvier", "january", "janv", "jan"},
       {"fevrier", "february", "fevr", "feb"},
       {"mars", "march", "mar", "mars"},
       {"avril", "april", "avr", "apr"},
       {"mai", "may", "mai", "may"},
       {"juin", "june", "juin", "jun"},
       {"juillet", "july", "juil", "jul"},
       {"aout", "august", "aou", "aug"},
       {"septembre", "september", "sept", "sep"},
       {"octobre", "october", "oct", "oct"},
       {"novembre", "november", "nov", "nov"},
       {"decembre", "december", "dec", "dec"}}};
  for (std::size_t m = 0; m < names.size(); ++m)
    for (const std::string_view name : names[m])
      if (plain == name) return static_cast<int>(m) + 1;
  return plain == "fev" ? 2 : 0;
}

/// Three parts with one mark between them; nothing else.
std::optional<std::array<std::string_view, 3>> three(std::string_view text, char mark) {
  const auto first = text.find(mark);
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find(mark, first + 1);
  if (second == std::string_view::npos || text.find(mark, second + 1) != std::string_view::npos)
    return std::nullopt;
  return std::array{
      text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

bool named_date(std::string_view text, Stamp& out) {
  for (const char mark : {' ', '-', '/'}) {
    const auto parts = three(text, mark);
    if (!parts) continue;
    std::string_view day_text = (*parts)[0];
    if (day_text == "1er") day_text = "1";
    const auto day = whole(day_text), year = whole((*parts)[2]);
    const int month = month_named((*parts)[1]);
    if (!day || !year || month == 0 || (*parts)[2].size() != 4) continue;
    out.form = Form::named;
    out.mark = mark;
    out.parts = {*day, month, *year};
    return true;
  }
  return false;
}

bool numbered_date(std::string_view text, Stamp& out) {
  const auto first = text.find_first_of("-/.");
  if (first == std::string_view::npos) return false;
  out.mark = text[first];
  const auto parts = three(text, out.mark);
  if (!parts) return false;
  std::array<std::size_t, 3> sizes{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = whole((*parts)[i]);
    if (!part) return false;
    out.parts[i] = *part;
    sizes[i] = (*parts)[i].size();
  }
  if (sizes[0] == 4 && sizes[1] <= 2 && sizes[2] <= 2) return out.form = Form::iso, true;
  if (sizes[0] > 2 || sizes[1] > 2) return false;
  if (sizes[2] == 4) return out.form = Form::parted, true;
  if (sizes[2] == 2) return out.form = Form::short_year, true;
  return false;
}

/// The date alone.
bool date(std::string_view text, Stamp& out) {
  if (text.size() == 8 && whole(text)) {
    out.form = Form::compact;
    out.parts = {*whole(text.substr(0, 4)), *whole(text.substr(4, 2)), *whole(text.substr(6))};
    return true;
  }
  return numbered_date(text, out) || named_date(text, out);
}

}  // namespace

Stamp stamp(std::string_view text) {
  if (text.size() > 48) return {};
  Stamp out;
  if (date(text, out)) return out;
  // A time follows at the last place that may part them: "3 avril 2025 14:05:00 UTC".
  for (auto gap = text.find_first_of(" T"); gap != std::string_view::npos;
       gap = text.find_first_of(" T", gap + 1)) {
    out = {};
    std::string_view day = text.substr(0, gap);
    while (day.ends_with(' ')) day.remove_suffix(1);
    std::string_view time = text.substr(gap + 1);
    while (time.starts_with(' ')) time.remove_prefix(1);
    if (date(day, out) && time_of_day(time, out)) return out;
  }
  return {};
}

std::optional<std::int64_t> wall_us(const Stamp& s, bool month_first) {
  auto [year, month, day] = s.parts;
  if (s.form == Form::parted || s.form == Form::short_year) {
    year = s.parts[2];
    month = s.parts[month_first ? 0 : 1];
    day = s.parts[month_first ? 1 : 0];
    if (s.form == Form::short_year) year += year < 70 ? 2000 : 1900;
  } else if (s.form == Form::named) {
    std::swap(year, day);
  }
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (s.form == Form::none || !date.ok() || year < 1900 || year > 2200) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * day_us + s.time_us -
         std::int64_t{s.offset_minutes.value_or(0)} * 60'000'000;
}

void DateEvidence::add(const Stamp& s, std::uint64_t line) {
  if (s.form != Form::parted && s.form != Form::short_year) return;
  const bool day = s.parts[0] > 12, month = s.parts[1] > 12;
  if (day && !month && day_line == 0) day_line = line;
  if (month && !day && month_line == 0) month_line = line;
  if (!day && !month && s.parts[0] != s.parts[1] && ambiguous_line == 0) ambiguous_line = line;
}

}  // namespace hospes::table
