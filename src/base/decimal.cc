#include "base/decimal.h"

#include <limits>

namespace hospes {
namespace {

constexpr int exponent_max = 40;  // beyond it every digit is out of range or rounds to zero
constexpr int digits_max = 36;    // fits Wide with room to spare

struct Digits {
  Wide value = 0;
  int scale = 0;         // value × 10^-scale
  bool dropped = false;  // a non-zero digit past digits_max was left out
  int count = 0;         // significant digits held
};

bool is_digit(std::string_view s) { return !s.empty() && s.front() >= '0' && s.front() <= '9'; }

void read_digits(std::string_view& s, Digits& out, bool fraction) {
  for (; is_digit(s); s.remove_prefix(1)) {
    const int digit = s.front() - '0';
    if (out.count < digits_max) {
      out.value = out.value * 10 + digit;
      if (out.value != 0) ++out.count;
      out.scale += fraction ? 1 : 0;
    } else {
      out.dropped = out.dropped || digit != 0;
      out.scale -= fraction ? 0 : 1;
    }
  }
}

std::optional<int> read_exponent(std::string_view& s) {
  s.remove_prefix(1);
  int sign = 1;
  if (!s.empty() && (s.front() == '+' || s.front() == '-')) {
    sign = s.front() == '-' ? -1 : 1;
    s.remove_prefix(1);
  }
  if (!is_digit(s)) return std::nullopt;
  int e = 0;
  for (; is_digit(s); s.remove_prefix(1)) e = e < 1000 ? e * 10 + (s.front() - '0') : e;
  return sign * e;
}

Wide round_half_even(Wide value, int drop, bool dropped) {
  for (; drop > 1; --drop) {
    dropped = dropped || value % 10 != 0;
    value /= 10;
  }
  const int last = static_cast<int>(value % 10);
  value /= 10;
  const bool up = last > 5 || (last == 5 && (dropped || value % 2 == 1));
  return value + (up ? 1 : 0);
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view s) {
  const bool negative = !s.empty() && s.front() == '-';
  if (negative) s.remove_prefix(1);
  if (!is_digit(s)) return std::nullopt;
  Digits digits;
  read_digits(s, digits, false);
  if (!s.empty() && s.front() == '.') {
    s.remove_prefix(1);
    if (!is_digit(s)) return std::nullopt;
    read_digits(s, digits, true);
  }
  int exponent = 0;
  if (!s.empty() && (s.front() == 'e' || s.front() == 'E')) {
    const auto e = read_exponent(s);
    if (!e) return std::nullopt;
    exponent = *e;
  }
  if (!s.empty()) return std::nullopt;
  if (digits.value == 0) return Decimal{};
  // Wanted: value × 10^(6 + exponent − scale).
  int shift = 6 + exponent - digits.scale;
  if (shift > exponent_max) return std::nullopt;
  if (shift < -exponent_max * 2) return Decimal{};
  for (; shift > 0; --shift) {
    digits.value *= 10;
    if (digits.value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  }
  if (shift < 0) digits.value = round_half_even(digits.value, -shift, digits.dropped);
  if (digits.value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  const auto micro = static_cast<std::int64_t>(digits.value);
  return Decimal{negative ? -micro : micro};
}

std::string to_string(Decimal d) {
  const std::uint64_t magnitude =
      d.micro < 0 ? 0 - static_cast<std::uint64_t>(d.micro) : static_cast<std::uint64_t>(d.micro);
  std::string text = (d.micro < 0 ? "-" : "") + std::to_string(magnitude / 1'000'000);
  if (std::uint64_t rest = magnitude % 1'000'000; rest != 0) {
    std::string digits = std::to_string(rest);
    digits.insert(0, 6 - digits.size(), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text;
}

}  // namespace hospes
