#include "table/numbers.h"

#include <algorithm>
#include <array>

namespace hospes::table {
namespace {

constexpr std::size_t digits_max = 15;  // beyond, a program that reads doubles would change them

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Cuts blanks, and the sign of a currency, off both ends.
void trim(std::string_view& text, std::string_view& currency) {
  struct Sign {
    std::string_view written, code;
  };
  constexpr std::array<Sign, 8> signs = {
      {{"\xe2\x82\xac", "EUR"}, {"EUR", "EUR"}, {"$", "USD"}, {"\xc2\xa3", "GBP"},
       {" ", ""}, {"\xc2\xa0", ""}, {"\xe2\x80\xaf", ""}, {"\t", ""}}};
  for (bool cut = true; cut;) {
    cut = false;
    for (const auto& [written, code] : signs) {
      if (!code.empty() && !currency.empty()) continue;
      if (text.starts_with(written)) {
        text.remove_prefix(written.size());
      } else if (text.ends_with(written)) {
        text.remove_suffix(written.size());
      } else {
        continue;
      }
      if (!code.empty()) currency = code;
      cut = true;
    }
  }
}

/// Digits with marks between them: every mark as one byte, blanks as '_'. Empty: something else.
std::string marked(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c) || c == '.' || c == ',' || c == '\'') {
      out += c;
    } else if (c == ' ') {
      out += '_';
    } else if (text.substr(i).starts_with("\xc2\xa0")) {
      out += '_', i += 1;
    } else if (text.substr(i).starts_with("\xe2\x80\xaf") ||
               text.substr(i).starts_with("\xe2\x80\x99")) {
      out += '_', i += 2;
    } else {
      return {};
    }
  }
  return out;
}

/// `1` to `3` digits, then groups of three, each behind the same mark.
bool grouped(std::string_view text, char mark) {
  std::size_t lead = 0;
  while (lead < text.size() && is_digit(text[lead])) ++lead;
  if (lead == 0 || lead > 3 || text[0] == '0') return false;
  for (std::size_t i = lead; i < text.size(); i += 4) {
    if (text[i] != mark || i + 4 > text.size()) return false;
    if (!std::ranges::all_of(text.substr(i + 1, 3), is_digit)) return false;
  }
  return true;
}

std::string only_digits(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), is_digit);
  return out;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// One decimal sign at `at`, whatever parts the thousands before it.
Number with_decimals(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at), after = text.substr(at + 1);
  const auto mark_at = std::ranges::find_if_not(before, is_digit);
  const bool plain = mark_at == before.end();
  if (!all_digits(after) || before.empty()) return {};
  if (plain ? before.size() > 1 && before[0] == '0' : !grouped(before, *mark_at)) return {};
  if (!plain && *mark_at == text[at]) return {};
  Number out{.shape = text[at] == '.' ? Shape::point : Shape::comma};
  out.digits = only_digits(before) + "." + std::string(after);
  return out;
}

Number unsigned_number(std::string_view text) {
  if (all_digits(text)) {
    const bool code = (text.size() > 1 && text[0] == '0') || text.size() > digits_max;
    return {.shape = code ? Shape::code : Shape::whole, .digits = std::string(text)};
  }
  if (text.empty() || !is_digit(text[0]) || !is_digit(text.back())) return {};
  const auto last = text.find_last_of(".,_'");
  const char mark = text[last];
  const bool sole = std::ranges::count(text, mark) == 1;
  if (mark == '_' || mark == '\'')
    return grouped(text, mark) ? Number{Shape::whole, only_digits(text)} : Number{};
  if (!sole) {  // 1.234.567
    if (!grouped(text, mark)) return {};
    return {.shape = mark == '.' ? Shape::comma : Shape::point, .digits = only_digits(text)};
  }
  const bool alone = text.find_first_of(".,_'") == last;
  if (!alone || !grouped(text, mark)) return with_decimals(text, last);
  Number out{.shape = Shape::either, .digits = only_digits(text), .mark = mark};
  out.as_decimal = with_decimals(text, last).digits;
  return out;
}

}  // namespace

Number number(std::string_view text) {
  std::string_view currency;
  trim(text, currency);
  const bool negative = text.starts_with('-');
  if (negative) {
    text.remove_prefix(1);
    trim(text, currency);
  } else if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) {
    return {.shape = Shape::code};
  }
  Number out = unsigned_number(marked(text));
  if (only_digits(out.digits).size() > digits_max && out.shape != Shape::none)
    out.shape = Shape::code;
  out.currency = currency;
  if (negative && out.shape != Shape::none) {
    out.digits.insert(0, "-");
    if (!out.as_decimal.empty()) out.as_decimal.insert(0, "-");
  }
  return out;
}

std::optional<std::string> value(const Number& n, DecimalSign sign) {
  switch (n.shape) {
    case Shape::whole:
      return n.digits;
    case Shape::point:
      if (sign == DecimalSign::comma) return std::nullopt;
      return n.digits;
    case Shape::comma:
      if (sign == DecimalSign::point) return std::nullopt;
      return n.digits;
    case Shape::either:
      if (sign == DecimalSign::as_found) return std::nullopt;
      return (n.mark == '.') == (sign == DecimalSign::point) ? n.as_decimal : n.digits;
    default:
      return std::nullopt;
  }
}

void NumberEvidence::add(const Number& n, std::uint64_t line) {
  const auto first = [&](std::uint64_t& at) {
    if (at == 0) at = line;
  };
  if (n.shape == Shape::none) return first(none_line);
  if (n.shape == Shape::code) return first(code_line);
  ++numbers;
  if (n.shape == Shape::point) first(point_line);
  if (n.shape == Shape::comma) first(comma_line);
  if (n.shape == Shape::either) first(either_line);
  if (n.currency.empty()) return;
  if (currency.empty()) currency = n.currency;
  if (currency != n.currency) first(other_currency_line);
}

}  // namespace hospes::table
