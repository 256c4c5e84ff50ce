// The `date` filter: strftime (POSIX, and what Ruby adds: %-d, %e, %P, %s, %L), names in English
// and French; times by RFC 3339, bare dates and seconds since 1970, in the setting's zone.
#include <array>
#include <charconv>

#include "liquid/filters.h"

namespace hospes::liquid {
namespace {

struct Names {
  std::array<std::string_view, 7> day, day_short;
  std::array<std::string_view, 12> month, month_short;
};
constexpr Names english{
    {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
    {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}};
constexpr Names french{
    {"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"},
    {"lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."},
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
     "octobre", "novembre", "décembre"},
    {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
     "déc."}};

constexpr std::int64_t second_us = 1'000'000;

struct Wall {
  Instant at;
  zones::Date date;
  std::int64_t day = 0, us = 0, offset_us = 0;
};

/// `2026-11-27`, `2026-11-27 10:00`, with or without seconds and zone; without a zone: on the wall.
std::optional<Instant> instant_of(std::string_view text, const zones::Zone& zone) {
  std::string full(text);
  if (full.size() == 16 && full[13] == ':') full += ":00";
  const auto at = parse_instant(full);
  if (!at) return std::nullopt;
  const bool zoned = full.size() > 10 && (full.back() == 'Z' || full.back() == 'z' ||
                                          full.find_first_of("+-", 11) != full.npos);
  return zoned ? *at : zones::instant_of(zone, at->us);
}

std::optional<Instant> instant_of(
    const Value& value, const Setting& setting, const zones::Zone& zone
) {
  constexpr std::int64_t seconds_max = 253'402'300'799;  // 9999-12-31
  if (const std::int64_t* n = value.whole())
    return *n < -seconds_max || *n > seconds_max ? std::nullopt
                                                 : std::optional(Instant{*n * second_us});
  const Text* t = value.text();
  if (t == nullptr) return std::nullopt;
  if (t->text == "now" || t->text == "today") return setting.now;
  std::int64_t seconds = 0;
  const auto [end, error] =
      std::from_chars(t->text.data(), t->text.data() + t->text.size(), seconds);
  if (error == std::errc() && end == t->text.data() + t->text.size() && seconds >= 0 &&
      seconds <= seconds_max)
    return Instant{seconds * second_us};
  return instant_of(t->text, zone);
}

std::string padded(std::int64_t number, std::size_t width, char with = '0') {
  std::string out = std::to_string(number < 0 ? -number : number);
  if (out.size() < width) out.insert(0, width - out.size(), with);
  return number < 0 ? "-" + out : out;
}

std::string offset_text(const Wall& w, bool colon) {
  const std::int64_t minutes = w.offset_us / (60 * second_us);
  const std::int64_t size = minutes < 0 ? -minutes : minutes;
  return (minutes < 0 ? "-" : "+") + padded(size / 60, 2) + (colon ? ":" : "") +
         padded(size % 60, 2);
}

/// Day of the year from 1, and the weeks that begin on Monday (ISO 8601) or Sunday.
std::int64_t year_day(const Wall& w) { return w.day - zones::day_of({w.date.year, 1, 1}) + 1; }

std::pair<std::int64_t, std::int64_t> iso_week(const Wall& w) {
  const std::int64_t thursday = w.day - zones::weekday_of(w.day) + 3;
  const int year = zones::date_of(thursday).year;
  return {year, (thursday - zones::day_of({year, 1, 1})) / 7 + 1};
}

class Format {
 public:
  Format(const Wall& wall, const Names& names) : w_(wall), names_(names) {}

  std::string run(std::string_view format) const {
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] != '%' || i + 1 == format.size()) {
        out += format[i];
        continue;
      }
      const std::size_t from = i++;
      char flag = 0;
      if (format[i] == '-' || format[i] == '_' || format[i] == '^' || format[i] == ':')
        flag = format[i++];
      const auto part = i < format.size() ? one(format[i], flag) : std::nullopt;
      out += part ? *part : std::string(format.substr(from, i - from + 1));
    }
    return out;
  }

 private:
  std::string number(std::int64_t n, std::size_t width, char flag, char with = '0') const {
    if (flag == '-') return std::to_string(n);
    return padded(n, width, flag == '_' ? ' ' : with);
  }
  static std::string name(std::string_view text, char flag) {
    std::string out(text);
    if (flag == '^')
      for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
  }

  std::optional<std::string> one(char what, char flag) const {
    if (auto day = of_day(what, flag)) return day;
    return of_time(what, flag);
  }

  std::optional<std::string> of_day(char what, char flag) const {
    const unsigned weekday = zones::weekday_of(w_.day);
    const std::int64_t sunday = (weekday + 1) % 7;
    switch (what) {
      case 'Y':
        return number(w_.date.year, 4, flag);
      case 'C':
        return number(w_.date.year / 100, 2, flag);
      case 'y':
        return number(w_.date.year % 100, 2, flag);
      case 'm':
        return number(w_.date.month, 2, flag);
      case 'd':
        return number(w_.date.day, 2, flag);
      case 'e':
        return number(w_.date.day, 2, flag, ' ');
      case 'j':
        return number(year_day(w_), 3, flag);
      case 'A':
        return name(names_.day[weekday], flag);
      case 'a':
        return name(names_.day_short[weekday], flag);
      case 'B':
        return name(names_.month[w_.date.month - 1], flag);
      case 'b':
      case 'h':
        return name(names_.month_short[w_.date.month - 1], flag);
      case 'u':
        return std::to_string(weekday + 1);
      case 'w':
        return std::to_string(sunday);
      case 'G':
        return number(iso_week(w_).first, 4, flag);
      case 'V':
        return number(iso_week(w_).second, 2, flag);
      case 'U':
        return number((year_day(w_) + 6 - sunday) / 7, 2, flag);
      case 'W':
        return number((year_day(w_) + 6 - weekday) / 7, 2, flag);
      case 'F':
        return run("%Y-%m-%d");
      case 'D':
      case 'x':
        return run("%m/%d/%y");
      case 'v':
        return run("%e-%b-%Y");
      default:
        return std::nullopt;
    }
  }

  std::optional<std::string> of_time(char what, char flag) const {
    const std::int64_t second = w_.us / second_us, hour = second / 3600,
                       twelve = (hour + 11) % 12 + 1;
    switch (what) {
      case 'H':
        return number(hour, 2, flag);
      case 'k':
        return number(hour, 2, flag, ' ');
      case 'I':
        return number(twelve, 2, flag);
      case 'l':
        return number(twelve, 2, flag, ' ');
      case 'M':
        return number(second / 60 % 60, 2, flag);
      case 'S':
        return number(second % 60, 2, flag);
      case 'L':
        return padded(w_.us % second_us / 1'000, 3);
      case 'f':
        return padded(w_.us % second_us, 6);
      case 'p':
        return hour < 12 ? "AM" : "PM";
      case 'P':
        return hour < 12 ? "am" : "pm";
      case 'z':
        return offset_text(w_, flag == ':');
      case 's':
        return std::to_string(
            (w_.at.us - ((w_.at.us % second_us) + second_us) % second_us) / second_us
        );
      case 'T':
      case 'X':
        return run("%H:%M:%S");
      case 'R':
        return run("%H:%M");
      case 'r':
        return run("%I:%M:%S %p");
      case 'c':
        return run("%a %b %e %H:%M:%S %Y");
      case 'n':
        return "\n";
      case 't':
        return "\t";
      case '%':
        return "%";
      default:
        return std::nullopt;
    }
  }

  const Wall& w_;
  const Names& names_;
};

}  // namespace

std::optional<std::string> dated(
    const Value& value, std::string_view format, const Setting& setting
) {
  const zones::Zone& zone = setting.zone != nullptr ? *setting.zone : zones::utc();
  const auto at = instant_of(value, setting, zone);
  if (!at) return std::nullopt;
  const zones::Local local = zones::local(zone, *at);
  const Wall wall{*at, zones::date_of(local.day), local.day, local.us, zone.stretch(*at).offset_us};
  return Format(wall, setting.language == Language::fr ? french : english).run(format);
}

}  // namespace hospes::liquid
