#include "catalog/retention.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "catalog/pack.h"
#include "catalog/retention_toml.h"
#include "catalog/toml_values.h"

namespace hospes::catalog {
namespace {

constexpr std::string_view after_act = " after last act";
constexpr std::string_view usual_no_act[] = {"Email Delivered", "Email Opened", "Email Bounced"};
constexpr std::uint32_t months_max = 1'200;

using std::chrono::sys_days;

sys_days day_of(Instant at) {
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(at.us))
  );
}

Instant midnight(sys_days day) {
  return {std::chrono::duration_cast<std::chrono::microseconds>(day.time_since_epoch()).count()};
}

/// No instant that an event may bear is outside; `beginning` and `never` are no days.
constexpr Instant first_day{-62'135'596'800'000'000}, last_day{253'402'300'799'000'000};

struct Unit {
  std::string_view one, many, un, des;
  std::uint32_t months, days;
};
constexpr Unit units[] = {
    {"year", "years", "an", "ans", 12, 0}, {"month", "months", "mois", "mois", 1, 0}, {"day", "days", "jour", "jours", 0, 1}};

/// The largest unit that divides it.
std::pair<std::uint32_t, const Unit*> measured(const Period& p) {
  for (const Unit& u : units) {
    if (u.months != 0 && p.months != 0 && p.months % u.months == 0) return {p.months / u.months, &u};
    if (u.days != 0 && p.months == 0) return {p.days, &u};
  }
  return {p.days, &units[2]};
}

/// Of two periods: whether the first may be longer for something.
bool exceeds(const Period& p, const Period& limit) {
  const auto days = [](const Period& q) { return q.months * 31 + q.days; };
  return (p.after_last_act && !limit.after_last_act) || days(p) > days(limit);
}

class Reading {
 public:
  Reading(const Purposes& purposes, const std::vector<PurposeLimit>& limits)
      : purposes_(purposes), limits_(limits) {}

  Result<RetentionClass> one(const Place& row) const {
    TRY(only_keys(row, {"name", "events", "keep"}));
    RetentionClass out;
    TRY(read_name(row, out.name));
    TRY(read(row, "events", out.events));
    if (row.table.contains("events") && out.events.empty())
      return wrong_at(row, "events", "events names no event; without the key the class is of all others");
    const Place named{row.table, row.file, "class \"" + out.name + "\""};
    const toml::table* keep = TRY(sub_table(named, "keep"));
    if (keep == nullptr)
      return placed(named, Result<RetentionClass>(fail(
          Code::invalid_input, "class \"" + out.name + "\" has no schedule: keep = { market = \"3 years after last act\", … }"
      )));
    TRY(periods({*keep, row.file, named.what + ", keep"}, out));
    return out;
  }

 private:
  Status periods(const Place& keep, RetentionClass& out) const {
    Mask said = 0;
    std::optional<Period> other;
    for (const auto& [key, node] : keep.table) {
      const auto text = node.value_exact<std::string>();
      const auto period = text ? parse_period(*text) : Result<Period>(fail(Code::invalid_input, "a period is a text in quotes"));
      if (!period) return wrong(keep.file, node, period.error().message);
      if (key.str() == "other") {
        other = *period;
        continue;
      }
      const auto purpose = purposes_.named(key.str());
      if (!purpose) return wrong(keep.file, node, purpose.error().message);
      TRY(within(keep, node, *purpose, *period));
      said |= bit(*purpose);
      add(out, bit(*purpose), *period);
    }
    const Mask silent = purposes_.all() & ~purposes_.retired() & ~said;
    if (!other) {
      if (silent != 0)
        return placed(keep, Result<void>(fail(
            Code::invalid_input, keep.what + " says nothing of " + std::string(purposes_.names(silent).front()) +
                                     "; name it, or give the rest of them: other = \"3 years after last act\""
        )));
      // What a retired purpose left: nothing uses it, and nothing else holds it.
      other = std::ranges::max(out.keep, {}, [](const auto& k) { return k.period.months * 31 + k.period.days; }).period;
    }
    for (PurposeBit p = 0; p < Purposes::purposes_max; ++p)
      if ((silent & bit(p)) != 0) TRY(within(keep, *keep.table.get("other"), p, *other));
    add(out, ~said, *other);
    return {};
  }

  Status within(const Place& keep, const toml::node& node, PurposeBit purpose, const Period& period) const {
    const std::string& name = purposes_.at(purpose).name;
    for (const PurposeLimit& limit : limits_)
      if (limit.purpose == name && exceeds(period, limit.at_most))
        return wrong(
            keep.file, node,
            "\"" + to_string(period) + "\" is longer than " + name + " may have anything: \"" + to_string(limit.at_most) +
                "\" in the pack " + purposes_.pack() + " (" + limit.source + ")"
        );
    return {};
  }

  static void add(RetentionClass& out, Mask purposes, const Period& period) {
    const auto same = std::ranges::find(out.keep, period, &RetentionClass::Keep::period);
    if (same != out.keep.end()) same->purposes |= purposes;
    else out.keep.push_back({purposes, period});
  }

  const Purposes& purposes_;
  const std::vector<PurposeLimit>& limits_;
};

/// One class for what no other names, behind all; no event in two.
Status settle(const Place& file, Retention& out) {
  std::ranges::stable_partition(out.classes, [](const RetentionClass& c) { return !c.events.empty(); });
  const auto rest = std::ranges::count_if(out.classes, [](const RetentionClass& c) { return c.events.empty(); });
  if (rest != 1)
    return placed(file, Result<void>(fail(
        Code::invalid_input, "one [[class]] has no events: it says how long everything is kept that no other class names"
    )));
  std::map<std::string_view, std::string_view> where;
  for (const RetentionClass& c : out.classes)
    for (const std::string& event : c.events)
      if (const auto [at, first] = where.emplace(event, c.name); !first)
        return placed(file, Result<void>(fail(
            Code::invalid_input, "\"" + event + "\" stands in two classes: " + std::string(at->second) + " and " + c.name
        )));
  return {};
}

}  // namespace

Instant Period::end(Instant from) const {
  if (from < first_day || from > last_day) return from;
  const sys_days day = day_of(from);
  if (months == 0) return midnight(day + std::chrono::days(days));
  const std::chrono::year_month_day date{day};
  const auto later = date + std::chrono::months(months);
  return midnight(later.ok() ? sys_days(later) : sys_days(later.year() / later.month() / std::chrono::last));
}

Instant Period::last_ended(Instant now) const {
  if (now < first_day || now > last_day) return Instant::beginning();
  // Shorter months make the way back uneven: a few days are tried.
  sys_days day = day_of(now) - std::chrono::days(days + months * 31);
  while (end(midnight(day + std::chrono::days(1))) <= now) day += std::chrono::days(1);
  return midnight(day);
}

std::string to_string(const Period& period) {
  const auto [count, unit] = measured(period);
  return std::to_string(count) + " " + std::string(count == 1 ? unit->one : unit->many) +
         std::string(period.after_last_act ? after_act : "");
}

std::string in_words(const Period& period, bool french) {
  if (!french) {
    Period plain = period;
    plain.after_last_act = false;
    return to_string(plain) + (period.after_last_act ? " after you last did something" : "");
  }
  const auto [count, unit] = measured(period);
  return std::to_string(count) + "\u00a0" + std::string(count == 1 ? unit->un : unit->des) +
         (period.after_last_act ? " après votre dernière action" : "");
}

Result<Period> parse_period(std::string_view text) {
  const auto no = [&] {
    return fail(
        Code::invalid_input, "\"" + std::string(text.substr(0, 64)) +
                                 "\" is no period: a number of days, months or years, as \"13 months\" or \"3 years after last act\""
    );
  };
  Period out;
  std::string_view rest = text;
  if (rest.ends_with(after_act)) {
    out.after_last_act = true;
    rest.remove_suffix(after_act.size());
  }
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
  if (error != std::errc() || count == 0) return no();
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  for (const Unit& u : units) {
    if (rest != " " + std::string(count == 1 ? u.one : u.many)) continue;
    if (count > months_max * 31 || (u.months != 0 && count * u.months > months_max)) return no();
    out.months = count * u.months;
    out.days = count * u.days;
    return out;
  }
  return no();
}

const RetentionClass& Retention::of(std::string_view event) const {
  for (const RetentionClass& c : classes)
    if (std::ranges::find(c.events, event) != c.events.end()) return c;
  return classes.back();
}

Mask Retention::ended(std::string_view event, Mask mask, Instant happened, Instant now) const {
  if (empty()) return 0;
  Mask out = 0;
  for (const RetentionClass::Keep& k : of(event).keep)
    if ((mask & k.purposes) != 0 && !k.period.after_last_act && k.period.end(happened) <= now) out |= mask & k.purposes;
  return out;
}

Result<Retention> read_retention(std::string_view text, const Purposes& purposes) {
  Retention out;
  out.text = text;
  out.protects = purposes.interest();
  if (text.empty()) return out;
  const toml::table table = TRY(parse_toml(text, retention_file));
  const Place file{table, retention_file, std::string(retention_file)};
  TRY(only_keys(file, {"class", "no_act", "answers"}));
  out.no_act.assign(std::begin(usual_no_act), std::end(usual_no_act));
  TRY(read(file, "no_act", out.no_act));
  std::string answers;
  TRY(read(file, "answers", answers));
  if (!answers.empty()) {
    out.answers = TRY(placed(file, parse_period(answers)));
    out.answers.after_last_act = true;
  }
  const auto rows = TRY(sub_tables(file, "class"));
  if (rows.size() > Retention::classes_max) return fail(Code::over_limit, "retention.toml has at most 64 classes");
  const Reading reading(purposes, fr_eu_pack().limits);
  for (const toml::table* row : rows) out.classes.push_back(TRY(reading.one({*row, retention_file, "[[class]]"})));
  TRY(settle(file, out));
  return out;
}

Result<PurposeLimit> read_purpose_limit(const Place& place) {
  TRY(only_keys(place, {"purpose", "at_most", "source"}));
  PurposeLimit out;
  std::string at_most;
  TRY(read(place, "purpose", out.purpose));
  TRY(read(place, "at_most", at_most));
  TRY(read(place, "source", out.source));
  out.at_most = TRY(placed(place, parse_period(at_most)));
  if (out.purpose.empty() || out.source.empty())
    return placed(place, Result<PurposeLimit>(fail(Code::invalid_input, "a limit of a pack needs a purpose and a source")));
  return out;
}

}  // namespace hospes::catalog
