#include <algorithm>
#include <limits>

#include "liquid/filters.h"

namespace hospes::liquid {
namespace {

using In = const FilterInput&;
constexpr Wide micro = 1'000'000;

Wide wide(const Value& v) {
  if (const std::int64_t* n = v.whole()) return Wide(*n) * micro;
  return v.decimal() != nullptr ? Wide(v.decimal()->micro) : 0;
}

/// A result in millionths as a number of the kind its parts had.
Value number(In f, Wide value, bool is_whole) {
  if (is_whole) value /= micro;
  if (value > std::numeric_limits<std::int64_t>::max() ||
      value < std::numeric_limits<std::int64_t>::min())
    return f.fail("the number is too large");
  const auto held = static_cast<std::int64_t>(value);
  return is_whole ? Value(held) : Value(Decimal{held});
}

struct Pair {
  Value a, b;
  bool is_whole = true;
};
Pair pair_of(In f) {
  Pair out{to_number(f.in), to_number(f.arguments[0])};
  out.is_whole = out.a.whole() != nullptr && out.b.whole() != nullptr;
  return out;
}

/// Half to even, as exact arithmetic does everywhere in the house.
Wide rounded(Wide value, Wide unit) {
  const Wide down = value / unit, rest = value % unit;
  const Wide twice = rest < 0 ? -2 * rest : 2 * rest;
  const bool up = twice > unit || (twice == unit && down % 2 != 0);
  return (down + (up ? (value < 0 ? -1 : 1) : 0)) * unit;
}
Wide floored(Wide value, Wide unit) {
  const Wide rest = value % unit;
  return value - rest - (rest < 0 ? unit : 0);
}

Value plus(In f) {
  const Pair p = pair_of(f);
  return number(f, wide(p.a) + wide(p.b), p.is_whole);
}
Value minus(In f) {
  const Pair p = pair_of(f);
  return number(f, wide(p.a) - wide(p.b), p.is_whole);
}
Value times(In f) {
  const Pair p = pair_of(f);
  Wide out = 0;
  const Wide b = wide(p.b);
  if (p.is_whole ? __builtin_mul_overflow(wide(p.a), b / micro, &out)
                 : __builtin_mul_overflow(wide(p.a), b, &out))
    return f.fail("the number is too large");
  return number(f, p.is_whole ? out : rounded(out, micro) / micro, p.is_whole);
}
Value divided_by(In f) {
  const Pair p = pair_of(f);
  const Wide a = wide(p.a), b = wide(p.b);
  if (b == 0) return f.fail("nothing can be divided by 0");
  if (p.is_whole)
    return number(f, (a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0)) * micro, true);
  return number(f, rounded(a * micro, b < 0 ? -b : b) / b, false);
}
Value modulo(In f) {
  const Pair p = pair_of(f);
  const Wide b = wide(p.b);
  if (b == 0) return f.fail("nothing can be divided by 0");
  Wide rest = wide(p.a) % b;
  if (rest != 0 && p.is_whole && (rest < 0) != (b < 0)) rest += b;
  return number(f, rest, p.is_whole);
}
Value at_least(In f) {
  const Pair p = pair_of(f);
  return less(p.a, p.b).value_or(false) ? p.b : p.a;
}
Value at_most(In f) {
  const Pair p = pair_of(f);
  return less(p.b, p.a).value_or(false) ? p.b : p.a;
}
Value absolute(In f) {
  const Value v = to_number(f.in);
  const Wide w = wide(v);
  return number(f, w < 0 ? -w : w, v.whole() != nullptr);
}
Value ceil(In f) { return number(f, -floored(-wide(to_number(f.in)), micro), true); }
Value floor(In f) { return number(f, floored(wide(to_number(f.in)), micro), true); }
Value round(In f) {
  const Value v = to_number(f.in);
  std::int64_t digits = 0;
  if (f.has(0)) {
    const Value given = to_number(f.arguments[0]);
    digits = static_cast<std::int64_t>(wide(given) / micro);
  }
  if (digits < 0) return std::int64_t{0};
  if (digits == 0 || v.whole() != nullptr) return number(f, rounded(wide(v), micro), true);
  Wide unit = micro;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(digits, 6); ++i) unit /= 10;
  return number(f, rounded(wide(v), unit), false);
}

constexpr std::array<Filter, 11> list{
    {{"abs", 0, 0, absolute},
     {"at_least", 1, 1, at_least},
     {"at_most", 1, 1, at_most},
     {"ceil", 0, 0, ceil},
     {"divided_by", 1, 1, divided_by},
     {"floor", 0, 0, floor},
     {"minus", 1, 1, minus},
     {"modulo", 1, 1, modulo},
     {"plus", 1, 1, plus},
     {"round", 0, 1, round},
     {"times", 1, 1, times}}};

}  // namespace

std::span<const Filter> number_filters() { return list; }

Value to_number(const Value& value) {
  if (value.is_number()) return value;
  Value out = std::int64_t{0};
  if (const Text* t = value.text()) {
    if (const Value read = number_of(t->text); !read.is_nil()) out = read;
  }
  return out;
}

/// French: `1 234,50 €` with no-break spaces; English: `€1,234.50`.
std::string money(Decimal amount, std::string_view currency, Language language) {
  struct Sign {
    std::string_view code, sign;
  };
  static constexpr std::array<Sign, 5> signs{
      {{"EUR", "€"}, {"GBP", "£"}, {"USD", "$"}, {"JPY", "¥"}, {"CHF", "CHF"}}};
  std::string_view sign = currency;
  for (const Sign& s : signs)
    if (s.code == currency) sign = s.sign;
  const bool cents = currency != "JPY";
  const Wide unit = cents ? 10'000 : micro;
  Wide units = rounded(amount.micro, unit) / unit;
  const bool negative = units < 0;
  if (negative) units = -units;
  std::string digits = std::to_string(static_cast<std::int64_t>(cents ? units / 100 : units));
  const bool french = language == Language::fr;
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, french ? "\u202f" : ",");
  if (cents) {
    const auto rest = static_cast<int>(units % 100);
    digits += french ? "," : ".";
    digits += static_cast<char>('0' + rest / 10);
    digits += static_cast<char>('0' + rest % 10);
  }
  if (negative) digits.insert(0, "-");
  if (french) return digits + "\u00a0" + std::string(sign);
  if (sign.size() >= 3 && sign[0] >= 'A' && sign[0] <= 'Z')
    return std::string(sign) + "\u00a0" + digits;
  return negative ? "-" + std::string(sign) + digits.substr(1) : std::string(sign) + digits;
}

}  // namespace hospes::liquid
