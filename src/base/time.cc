#include "base/time.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace hospes {
namespace {

struct Cursor {
  std::string_view rest;

  std::optional<int> number(std::size_t digits) {
    if (rest.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return std::nullopt;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(digits);
    return value;
  }
  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
};

std::optional<std::int64_t> fraction_us(Cursor& in) {
  std::int64_t us = 0;
  std::size_t digits = 0;
  while (!in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9') {
    if (digits < 6) us = us * 10 + (in.rest.front() - '0');
    if (++digits > 9) return std::nullopt;
    in.rest.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 6; ++digits) us *= 10;
  return us;
}

/// Minutes east of UTC; no zone is UTC.
std::optional<int> zone_minutes(Cursor& in) {
  if (in.rest.empty() || in.take('Z') || in.take('z')) return 0;
  const int sign = in.rest.front() == '-' ? -1 : 1;
  if (!in.take('+') && !in.take('-')) return std::nullopt;
  const auto hours = in.number(2);
  if (!hours || *hours > 23) return std::nullopt;
  in.take(':');
  const auto minutes = in.rest.empty() ? std::optional<int>(0) : in.number(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

constexpr Instant year_0{-62'167'219'200'000'000};
constexpr Instant year_10000{253'402'300'800'000'000};

struct Unit {
  std::string_view name;
  std::int64_t us;
};
constexpr std::array<Unit, 7> units{{{"w", 604'800'000'000},
                                     {"d", 86'400'000'000},
                                     {"h", 3'600'000'000},
                                     {"m", 60'000'000},
                                     {"s", 1'000'000},
                                     {"ms", 1'000},
                                     {"us", 1}}};

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
  using namespace std::chrono;
  Cursor in{text};
  const auto y = in.number(4);
  if (!y || !in.take('-')) return std::nullopt;
  const auto mo = in.number(2);
  if (!mo || !in.take('-')) return std::nullopt;
  const auto d = in.number(2);
  if (!d) return std::nullopt;
  const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days_us = duration_cast<microseconds>(sys_days(date).time_since_epoch()).count();
  if (in.rest.empty()) return Instant{days_us};
  if (!in.take('T') && !in.take('t') && !in.take(' ')) return std::nullopt;
  const auto h = in.number(2);
  if (!h || *h > 23 || !in.take(':')) return std::nullopt;
  const auto mi = in.number(2);
  if (!mi || *mi > 59) return std::nullopt;
  std::optional<int> s = 0;
  if (in.take(':')) s = in.number(2);
  if (!s || *s > 60) return std::nullopt;  // a leap second is the next second
  std::optional<std::int64_t> us = 0;
  if (in.take('.')) us = fraction_us(in);
  if (!us) return std::nullopt;
  const auto zone = zone_minutes(in);
  if (!zone || !in.rest.empty()) return std::nullopt;
  const std::int64_t seconds = *h * 3600 + *mi * 60 + *s - *zone * 60;
  const Instant out{days_us + seconds * 1'000'000 + *us};
  // A leap second or a zone may lead beyond the years of four digits, which nobody could read back.
  if (out < year_0 || out >= year_10000) return std::nullopt;
  return out;
}

std::string to_string(Instant at) {
  using namespace std::chrono;
  if (at == Instant::never()) return "never";
  if (at == Instant::beginning()) return "the beginning";
  const sys_time<microseconds> t{microseconds(at.us)};
  const auto days = floor<std::chrono::days>(t);
  const year_month_day date{days};
  const hh_mm_ss<microseconds> clock{t - days};
  std::array<char, 64> out{};
  const int size = std::snprintf(
      out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string text(out.data(), static_cast<std::size_t>(size));
  if (const auto us = clock.subseconds().count(); us != 0) {
    std::snprintf(out.data(), out.size(), ".%06d", static_cast<int>(us));
    text += out.data();
  }
  return text + "Z";
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || n <= 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& u : units) {
    if (u.name != unit) continue;
    std::int64_t us = 0;
    if (__builtin_mul_overflow(n, u.us, &us)) return std::nullopt;
    return Duration(us);
  }
  return std::nullopt;
}

std::string to_string(Duration d) {
  // Days before weeks: marketers say 90 days.
  for (const Unit& u : units) {
    if (u.name != "w" && d.count() % u.us == 0) return std::to_string(d.count() / u.us) + std::string(u.name);
  }
  return std::to_string(d.count()) + "us";
}

}  // namespace hospes
