#include "insight/figures.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace hospes::insight {
namespace {

constexpr std::string_view thin_space = "\u202f";

std::string grouped(const std::string& digits, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string decimal(double value, int digits, Language language) {
  const std::string text = fmt::format("{:.{}f}", std::fabs(value), digits);
  const auto point = text.find('.');
  const bool french = language == Language::fr;
  std::string out = grouped(text.substr(0, point), french ? thin_space : ",");
  if (point != std::string::npos) {
    out += french ? ',' : '.';
    out += text.substr(point + 1);
  }
  const bool nought = text.find_first_not_of("0.") == std::string::npos;
  return value < 0 && !nought ? "-" + out : out;
}

}  // namespace

std::string figure(double value, Shape shape, int digits, Language language) {
  if (!std::isfinite(value)) return "–";
  const bool french = language == Language::fr;
  switch (shape) {
    case Shape::whole:
      return decimal(value, 0, language);
    case Shape::percent:
      return decimal(value * 100, digits, language) + (french ? "\u202f%" : "%");
    case Shape::days:
      return decimal(value, digits, language) + (french ? "\u202fj" : " d");
    case Shape::plain:
    case Shape::money:
      return decimal(value, digits, language);
  }
  return {};
}

std::string date_text(int day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format(
      "{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day())
  );
}

}  // namespace hospes::insight
