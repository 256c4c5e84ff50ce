#include "outbox/permit.h"

#include <algorithm>

#include "outbox/hours.h"

namespace hospes::outbox {
namespace {

constexpr Duration joining_pause = std::chrono::milliseconds(500);

Reason reason_of(consent::Answer answer) {
  switch (answer) {
    case consent::Answer::objected:
      return Reason::objected;
    case consent::Answer::withdrawn:
      return Reason::withdrawn;
    default:
      return Reason::refused;
  }
}

/// The row behind the last no of this atom; nullptr when the ledger keeps sums only.
const consent::Row* last_no(const consent::Ledger& ledger, PurposeBit purpose) {
  const consent::Row* found = nullptr;
  for (const consent::Row& row : ledger.rows())
    if (row.purpose == purpose && consent::is_against(row.state)) found = &row;
  return found;
}

/// The most restrictive no in force; at the very instant where it meets a yes it still is.
const Deny* against(const Leave& q, Deny& out) {
  const consent::Ledger* by = nullptr;
  consent::Answer worst = consent::Answer::given;
  for (const consent::Ledger* ledger : q.person) {
    const consent::Standing* s = ledger->standing(q.purpose);
    if (s == nullptr || s->closed_through < q.now) continue;
    const consent::Row* row = last_no(*ledger, q.purpose);
    const consent::Answer answer = row != nullptr         ? row->state
                                   : is_against(s->state) ? s->state
                                                          : consent::Answer::refused;
    if (by != nullptr && answer >= worst) continue;
    by = ledger;
    worst = answer;
    out = {reason_of(answer), row != nullptr ? row->acted : Instant::beginning(),
           row != nullptr ? row->source : std::string()};
  }
  return by == nullptr ? nullptr : &out;
}

/// The caps over everything that reaches the person; their own word first.
std::optional<Defer> crowded(const Question& q, const zones::Zone& zone) {
  const Caps& caps = q.caps;
  const std::int64_t today = day_of(zone, q.now);
  const auto until = [&](std::uint32_t cap, std::int64_t window) {
    const auto day = frees_on(q.contacts, today, cap, window);
    return day ? first_at(zone, *day, 0) : q.now;
  };
  constexpr std::int64_t week = 7;
  if (q.chosen.level == Level::less)
    if (const Instant at = until(caps.less_per_week, week); at > q.now) return Defer{at, Reason::level};
  if (q.chosen.level == Level::all) return std::nullopt;
  const Instant at = std::max(until(caps.per_day, 1), until(caps.per_week, week));
  if (at > q.now) return Defer{at, Reason::house_capped};
  return std::nullopt;
}

/// What delays it, and could let it leave while it is still of use.
std::optional<Defer> delayed(const Question& q) {
  const Rule& rule = *q.rule;
  const zones::Zone& zone = q.zone != nullptr ? *q.zone : *rule.zone;
  if (rule.contact)
    if (auto later = crowded(q, zone)) return later;
  if (q.today >= rule.cap_per_day) return Defer{next_day(zone, q.now), Reason::capped};
  if (rule.quiet) {
    const Instant until = quiet_until(*rule.quiet, zone, q.now);
    if (until > q.now) return Defer{until, Reason::quiet_hours};
  }
  return std::nullopt;
}

Deny no_yes(const Leave& q) {
  Deny out{Reason::unset, Instant::beginning(), {}};
  for (const consent::Ledger* ledger : q.firm) {
    const consent::Standing* s = ledger->standing(q.purpose);
    if (s == nullptr || s->state != consent::Answer::given || s->yes_end > q.now) continue;
    if (out.reason == Reason::yes_ended && s->yes_end <= out.since) continue;
    out.reason = Reason::yes_ended;
    out.since = s->yes_end;
  }
  return out;
}

}  // namespace

Permit::Permit(const Question& q)
    : effect_(q.effect.key), basis_(q.rule->basis), read_(q.read), asked_(q.now) {}

std::variant<std::monostate, Deny> permission(const Leave& q) {
  if (q.basis == Basis::heedless) return {};
  if (Deny no; against(q, no) != nullptr) return no;
  if (q.basis == Basis::interest) return {};
  const bool yes = std::ranges::any_of(q.firm, [&](const consent::Ledger* ledger) {
    const consent::Standing* s = ledger->standing(q.purpose);
    return s != nullptr && s->yes_over(q.now, q.now);
  });
  if (yes) return {};
  return no_yes(q);
}

Answer ask(const Question& q) {
  if (q.rule == nullptr || q.rule->version != q.effect.version)
    return Deny{Reason::retired, q.now, {}};
  const Rule& rule = *q.rule;
  const Instant ends = q.effect.passage.at + rule.valid_for;
  if (q.now >= ends) return Deny{Reason::stale, ends, {}};
  if (q.restricted) return Deny{Reason::restricted, q.now, {}};
  if (!q.somebody) return Deny{Reason::nobody, q.now, {}};
  if (in_holdout(rule, q.anchor)) return Deny{Reason::holdout, q.effect.passage.at, {}};
  const auto denied = permission(Leave{rule.purpose, rule.basis, q.person, q.firm, q.now});
  if (const auto* no = std::get_if<Deny>(&denied)) return *no;
  if (rule.contact) {
    const auto unreached = permission(Leave{*rule.contact, Basis::consent, q.person, q.firm, q.now});
    if (const auto* no = std::get_if<Deny>(&unreached)) return *no;
  }
  if (rule.contact && q.chosen.level == Level::none)
    return Deny{Reason::level, q.chosen.since, q.chosen.source};
  if (!q.as_rule_saw) return Deny{Reason::left, q.now, {}};
  if (!q.firmly) return Deny{Reason::asserted, q.now, {}};
  if (q.paused) return Defer{Instant::never(), Reason::paused};
  if (q.joining) return Defer{q.now + joining_pause, Reason::joining};
  if (const auto later = delayed(q)) {
    if (later->until < ends) return *later;
    const bool own = later->reason == Reason::level;
    return Deny{later->reason, own ? q.chosen.since : q.now, own ? q.chosen.source : std::string()};
  }
  return Permit(q);
}

}  // namespace hospes::outbox
