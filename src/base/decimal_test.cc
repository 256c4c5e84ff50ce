#include "base/decimal.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/dice.h"

namespace hospes {
namespace {

constexpr std::uint64_t decimal_seed = 0x5eed0001;

/// Schoolbook: writes the number out in full, cuts it at the sixth decimal, rounds half to even on
/// the digits themselves.
std::optional<Decimal> by_hand(bool negative, const std::string& digits, int exponent) {
  // digits × 10^exponent in units of 10^-6: the integer part has `cut` digits.
  const int cut = static_cast<int>(digits.size()) + exponent + 6;
  std::string whole = cut > 0 ? digits.substr(0, static_cast<std::size_t>(cut)) : "";
  if (cut > static_cast<int>(digits.size()))
    whole.append(static_cast<std::size_t>(cut) - whole.size(), '0');
  std::string tail =
      cut >= 0 ? digits.substr(whole.size() < digits.size() ? whole.size() : digits.size())
               : std::string(static_cast<std::size_t>(-cut), '0') + digits;
  whole.erase(0, whole.find_first_not_of('0'));
  if (whole.size() > 25) return std::nullopt;
  Wide value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  const std::string rest = tail.empty() ? "" : tail.substr(1);
  const bool beyond_half =
      tail.empty()
          ? false
          : tail[0] > '5' || (tail[0] == '5' && rest.find_first_not_of('0') != std::string::npos);
  const bool half = !tail.empty() && tail[0] == '5' && !beyond_half;
  if (beyond_half || (half && value % 2 == 1)) ++value;
  if (value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  const auto micro = static_cast<std::int64_t>(value);
  return Decimal{negative ? -micro : micro};
}

struct Written {
  std::string text;
  std::optional<Decimal> meant;
};

Written random_number(Dice& dice) {
  const bool negative = dice.chance(50);
  std::string whole(1 + dice.below(dice.chance(80) ? 8 : 30), '0');
  std::string fraction(dice.below(dice.chance(80) ? 9 : 30), '0');
  for (char& c : whole) c = static_cast<char>('0' + dice.below(10));
  for (char& c : fraction)
    c = static_cast<char>('0' + (dice.chance(30) ? 5 * dice.below(2) : dice.below(10)));
  const int exponent = dice.chance(60) ? 0 : static_cast<int>(dice.below(30)) - 15;
  std::string text = (negative ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction);
  if (exponent != 0) text += (dice.chance(50) ? "e" : "E") + std::to_string(exponent);
  return {text, by_hand(negative, whole + fraction, exponent - static_cast<int>(fraction.size()))};
}

TEST(Decimal, ReadsWhatJsonWrites) {
  EXPECT_EQ(parse_decimal("0"), Decimal{0});
  EXPECT_EQ(parse_decimal("-0"), Decimal{0});
  EXPECT_EQ(parse_decimal("12"), Decimal::whole(12));
  EXPECT_EQ(parse_decimal("2500315.63"), Decimal{2'500'315'630'000});
  EXPECT_EQ(parse_decimal("-0.5e1"), Decimal::whole(-5));
  EXPECT_EQ(parse_decimal("1E3"), Decimal::whole(1000));
  EXPECT_EQ(
      parse_decimal("9223372036854.775807"), Decimal{std::numeric_limits<std::int64_t>::max()}
  );
}

TEST(Decimal, RoundsHalfToEven) {
  EXPECT_EQ(parse_decimal("0.0000005"), Decimal{0});
  EXPECT_EQ(parse_decimal("0.0000015"), Decimal{2});
  EXPECT_EQ(parse_decimal("0.0000025"), Decimal{2});
  EXPECT_EQ(parse_decimal("0.00000250000000000000000000000000000000000000001"), Decimal{3});
  EXPECT_EQ(parse_decimal("-0.0000015"), Decimal{-2});
}

TEST(Decimal, RefusesWhatIsNoNumberOrTooLarge) {
  for (const char* text :
       {"", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "1 ", " 1", "1,5", "--1",
        "9223372036854.775808", "1e300", "99999999999999999999999999999999999999999999"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
}

TEST(Decimal, AgreesWithSchoolbookArithmetic) {
  SCOPED_TRACE("seed " + std::to_string(decimal_seed));
  Dice dice(decimal_seed);
  int in_range = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Written number = random_number(dice);
    in_range += number.meant ? 1 : 0;
    ASSERT_EQ(parse_decimal(number.text), number.meant) << number.text;
  }
  EXPECT_GT(in_range, 50'000);
}

TEST(Decimal, WritesTheShortestFormThatReadsBack) {
  EXPECT_EQ(to_string(Decimal::whole(12)), "12");
  EXPECT_EQ(to_string(Decimal{-500'000}), "-0.5");
  EXPECT_EQ(to_string(Decimal{3'250'000}), "3.25");
  EXPECT_EQ(to_string(Decimal{1}), "0.000001");
  SCOPED_TRACE("seed " + std::to_string(decimal_seed));
  Dice dice(decimal_seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto shift = dice.below(63);
    const Decimal d{static_cast<std::int64_t>(dice.next()) >> shift};
    if (d.micro == std::numeric_limits<std::int64_t>::min())
      continue;  // one past what text can say
    const std::string text = to_string(d);
    ASSERT_EQ(parse_decimal(text), d) << text;
    ASSERT_NE(text.back(), '.') << text;
    ASSERT_FALSE(text.find('.') != std::string::npos && text.back() == '0') << text;
  }
}

}  // namespace
}  // namespace hospes
