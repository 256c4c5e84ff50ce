#include "segment/evaluate.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "segment/numbers.h"

namespace hospes::segment {

namespace {

class Evaluation {
 public:
  Evaluation(const Person& person, Mask purpose, const MemberOf& member_of, Instant now)
      : person_(person), purpose_(purpose), member_of_(member_of), now_(now) {}

  Answer of(const BoundNode& node) {
    switch (node.kind) {
      case BoundKind::all:
        return parts(node, true);
      case BoundKind::any:
        return parts(node, false);
      case BoundKind::negation: {
        const Answer inner = of(node.of[0]);
        return {!inner.truth, inner.next};
      }
      default:
        return leaf(node).answer;
    }
  }

  Finding leaf(const BoundNode& node) {
    clock_ = node.clock;
    switch (node.kind) {
      case BoundKind::in_segment:
        return {.answer = member_of_(node.segment)};
      case BoundKind::identifier:
        return {.answer = {(person_.kinds >> node.identifier & 1) != 0}};
      case BoundKind::trait:
      case BoundKind::date:
        return trait(node);
      case BoundKind::folded:
        return folded(node);
      case BoundKind::compared:
        return compared(node);
      case BoundKind::ranked:
        return ranked(node);
      case BoundKind::aged:
        return aged(node);
      case BoundKind::sequence:
        return sequence(node);
      case BoundKind::still:
        return {.answer = still(node)};
      case BoundKind::calendar:
        return {.answer = calendar_now(node.calendar)};
      case BoundKind::permission:
        return permission(node);
      default:
        return {.answer = of(node)};
    }
  }

  /// Of a measure that people are compared by.
  std::optional<Decimal> value_of(const BoundNode& node) {
    clock_ = node.clock;
    Instant next = Instant::never();
    std::vector<const Seen*> events;
    const Number n = measure(node, events, next);
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    if (events.empty() || !n) return std::nullopt;
    return Decimal{static_cast<std::int64_t>(std::clamp(n.num / n.den, -most, most))};
  }

 private:
  Answer parts(const BoundNode& node, bool all) {
    Answer out{.truth = all};
    for (const BoundNode& child : node.of) {
      const Answer a = of(child);
      out.truth = all ? out.truth && a.truth : out.truth || a.truth;
      out.next = std::min(out.next, a.next);
    }
    return out;
  }

  const zones::Zone& zone() {
    if (zone_ == nullptr) zone_ = &zone_of(*clock_, person_, purpose_, now_);
    return *zone_;
  }

  bool chosen(const BoundNamed& select, const Seen& seen) {
    if ((seen.mask & purpose_) == 0 || seen.moment->name != select.event) return false;
    const auto find = [&](Name name) { return find_property(seen.body, name); };
    return std::ranges::all_of(select.where, [&](const BoundClause& c) {
      return holds(c, find, seen.moment->happened);
    });
  }

  template <class Find>
  bool holds(const BoundClause& c, Find find, Instant happened) {
    if (c.test == Test::near) {
      const ValueView north = find(c.name);
      const ValueView east = find(c.east);
      Direction there;
      return north.kind == ValueKind::number && east.kind == ValueKind::number &&
             direction(north.number, east.number, there) &&
             chord_squared(c.centre, there) <= c.chord;
    }
    if (c.test != Test::falls) return passes(find(c.name), c.test, c.values);
    if (c.name == no_name) return falls(c.calendar, zones::local(zone(), happened));
    const ValueView value = find(c.name);
    const auto at = value.kind == ValueKind::text ? parse_instant(value.text) : std::nullopt;
    if (!at) return false;
    // A bare date is a day on every clock.
    constexpr std::size_t bare = std::string_view("2026-12-31").size();
    return falls(c.calendar, zones::local(value.text.size() == bare ? zones::utc() : zone(), *at));
  }

  bool falls(const Calendar& c, const zones::Local& at) {
    const auto between = [&](unsigned x, bool end_included) {
      const bool low = x >= c.from;
      const bool high = x < c.to || (end_included && x == c.to);
      return c.from <= c.to ? low && high : low || high;
    };
    switch (c.kind) {
      case Calendar::weekdays:
        return (c.from >> zones::weekday_of(at.day) & 1) != 0;
      case Calendar::clock:
        return between(static_cast<unsigned>(at.us / (60 * 1'000'000)), false);
      case Calendar::season: {
        const zones::Date d = zones::date_of(at.day);
        return between(d.month * 100 + d.day, true);
      }
      case Calendar::today:
        break;
    }
    const zones::Date today = zones::date_of(zones::local(zone(), now_).day);
    zones::Date d = zones::date_of(at.day);
    if (d.month == 2 && d.day == 29 && !std::chrono::year(today.year).is_leap()) d.day = 28;
    return d.month == today.month && d.day == today.day;
  }

  /// Next change of the person's date, or of their clock's `minutes`; a change of the clock itself
  /// counts.
  Instant next_on_clock(std::initializer_list<unsigned> minutes) {
    const zones::Stretch stretch = zone().stretch(now_);
    const zones::Local here = zones::local(zone(), now_);
    Instant next = stretch.until;
    for (const unsigned m : minutes) {
      std::int64_t ahead = static_cast<std::int64_t>(m) * 60 * 1'000'000 - here.us;
      if (ahead <= 0) ahead += day_us;
      next = std::min(next, now_ + Duration(ahead));
    }
    return next;
  }

  Answer calendar_now(const Calendar& c) {
    const bool truth = falls(c, zones::local(zone(), now_));
    Instant next = c.kind == Calendar::clock ? next_on_clock({c.from, c.to}) : next_on_clock({0});
    return {truth, std::min(next, next_identify())};
  }

  /// Identifies ahead of `now`: the door lets none through, replays at earlier instants meet them.
  Instant next_identify() const {
    for (const Seen& seen : person_.events) {
      if ((seen.mask & purpose_) != 0 && seen.moment->type == EventType::identify &&
          seen.moment->happened > now_) {
        return seen.moment->happened;
      }
    }
    return Instant::never();
  }

  static bool asks_today(const BoundNamed& select) {
    return std::ranges::any_of(select.where, [](const BoundClause& c) {
      return c.test == Test::falls && c.calendar.kind == Calendar::today;
    });
  }

  /// Of conditions on the clock: what an identify ahead of `now`, or a new day, may change.
  void note_clock(const BoundNamed& select, Instant& next) {
    const auto falls = [](const BoundClause& c) { return c.test == Test::falls; };
    if (std::ranges::none_of(select.where, falls)) return;
    next = std::min(next, next_identify());
    if (asks_today(select)) next = std::min(next, next_on_clock({0}));
  }

  /// Selected, visible events of the window; notes every edge after now, also of events outside it.
  std::vector<const Seen*> within(
      const BoundSelection& select, const Window& window, Instant& next
  ) {
    std::vector<const Seen*> out;
    note_clock(select, next);
    if (select.reply) note_clock(select.reply->by, next);
    for (const Seen& seen : person_.events) {
      if (!chosen(select, seen)) continue;
      const Instant happened = seen.moment->happened;
      next = std::min(next, next_edge(window, happened, now_));
      if (select.reply && !replied(*select.reply, seen, next)) continue;
      if (in_window(window, happened, now_)) out.push_back(&seen);
    }
    return out;
  }

  bool same(Name property, const Seen& a, const Seen& b) const {
    if (property == no_name) return true;
    const ValueView x = find_property(a.body, property);
    return x.kind != ValueKind::null && x == find_property(b.body, property);
  }

  bool replied(const BoundReply& reply, const Seen& to, Instant& next) {
    const Instant deadline = to.moment->happened + reply.within;
    bool given = false;
    for (const Seen& seen : person_.events) {
      const Instant at = seen.moment->happened;
      if (at > deadline) break;
      if (at <= to.moment->happened || !chosen(reply.by, seen) || !same(reply.same, to, seen))
        continue;
      if (at > now_) next = std::min(next, at);
      given = given || at <= now_;
    }
    if (reply.given) return given;
    if (deadline > now_) next = std::min(next, deadline);
    return deadline <= now_ && !given;
  }

  Finding trait(const BoundNode& node) {
    const ValueView value = trait_of(person_, purpose_, node.clause.name, now_);
    Finding out{.value = Value(value)};
    const auto find = [&](Name name) {
      return name == node.clause.name ? value : trait_of(person_, purpose_, name, now_);
    };
    out.answer = node.kind == BoundKind::date
                     ? date_answer(node, value, now_)
                     : Answer{holds(node.clause, find, now_)};
    out.answer.next = std::min(out.answer.next, next_identify());
    if (node.clause.test == Test::falls && node.clause.calendar.kind == Calendar::today)
      out.answer.next = std::min(out.answer.next, next_on_clock({0}));
    return out;
  }

  Finding folded(const BoundNode& node) {
    Finding out;
    if (!is_number(node.fold)) {
      out.events = within(node.select, node.window, out.answer.next);
      if (out.events.empty()) return out;
      const Seen* end = node.fold == Fold::first ? out.events.front() : out.events.back();
      out.value = Value(find_property(end->body, node.property));
      const auto find = [&](Name) { return out.value.view(); };
      out.answer.truth = holds(node.clause, find, now_);
      if (node.clause.test == Test::falls) {
        out.answer.next = std::min(out.answer.next, next_identify());
        if (node.clause.calendar.kind == Calendar::today)
          out.answer.next = std::min(out.answer.next, next_on_clock({0}));
      }
      return out;
    }
    const Number n = measure(node, out.events, out.answer.next);
    if (n) out.value = shown(n.num / n.den);  // for the eye; the comparison multiplies
    const Number literal{node.clause.values[0].number.micro, 1};
    const auto truth = [&](const Number& x) {
      return compares(x, node.clause.test, Decimal::whole(1), literal);
    };
    out.answer.truth = truth(n);
    if (node.fold == Fold::silence && !out.events.empty())
      note_silence(out.events, node.clause.test, truth, out.answer.next);
    return out;
  }

  Finding compared(const BoundNode& node) {
    Finding out;
    const Test test = node.clause.test;
    const BoundMeasure& other = node.right[0];
    std::vector<const Seen*> others;
    const Number left = measure(node, out.events, out.answer.next);
    const Number right = measure(other, others, out.answer.next);
    if (left) out.value = shown(left.num / left.den);
    out.answer.truth = compares(left, test, node.factor, right);
    const bool both = node.fold == Fold::silence && other.fold == Fold::silence;
    if (node.fold == Fold::silence && left) {
      const auto truth = [&](const Number& x) { return compares(x, test, node.factor, right); };
      note_silence(out.events, both ? Test::eq : test, truth, out.answer.next);
    }
    if (other.fold == Fold::silence && right) {
      const auto truth = [&](const Number& x) { return compares(left, test, node.factor, x); };
      note_silence(others, both ? Test::eq : test, truth, out.answer.next);
    }
    return out;
  }

  Finding ranked(const BoundNode& node) {
    Finding out;
    const Number n = measure(node, out.events, out.answer.next);
    if (out.events.empty() || !n) return out;
    out.value = shown(n.num / n.den);
    if (!node.threshold) return out;
    out.answer.truth = compares(
        n, node.clause.test, node.factor, {node.threshold->micro, 1}
    );
    return out;
  }

  std::int64_t silent_days(const std::vector<const Seen*>& events) const {
    return (now_ - events.back()->moment->happened).count() / day_us;
  }

  /// When a silence that goes on makes a difference. Ordered tests change once: that day is looked
  /// for; others are asked again each day.
  template <class Truth>
  void note_silence(
      const std::vector<const Seen*>& events, Test test, Truth truth, Instant& next
  ) const {
    const std::int64_t today = silent_days(events);
    const auto on = [&](std::int64_t days) { return truth(Number{days * micro, 1}); };
    std::int64_t low = today;
    std::int64_t high = today + 1;
    if (test != Test::eq && test != Test::ne) {
      high = today + window_max.count() / day_us * factor_max;
      if (on(high) == on(today)) return;
      while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (on(middle) == on(today) ? low : high) = middle;
      }
    }
    Wide us = static_cast<Wide>(high) * day_us;
    if (us > std::numeric_limits<std::int64_t>::max()) return;
    next = std::min(next, events.back()->moment->happened + Duration(static_cast<std::int64_t>(us)));
  }

  /// The number and the events that it was made of.
  Number measure(const BoundMeasure& m, std::vector<const Seen*>& events, Instant& next) {
    events = within(m.select, m.window, next);
    const auto whole = [](std::size_t n) { return Number{static_cast<Wide>(n) * micro, 1}; };
    switch (m.fold) {
      case Fold::count:
        return whole(m.per == Per::event ? events.size() : stretches(m, events, next));
      case Fold::distinct:
        return whole(distinct(m, events));
      case Fold::most:
        return whole(most(m, events));
      case Fold::silence:
        if (events.empty()) return {};
        return whole(static_cast<std::size_t>(silent_days(events)));
      case Fold::median_gap:
      case Fold::average_gap:
      case Fold::longest_gap:
      case Fold::shortest_gap:
        return gap(m.fold, events);
      default:
        return amounts(m, events);
    }
  }

  /// Days, weeks, months or sessions with enough of them.
  std::size_t stretches(
      const BoundMeasure& m, const std::vector<const Seen*>& events, Instant& next
  ) {
    if (m.per != Per::session) next = std::min(next, next_identify());
    std::size_t enough = 0;
    std::size_t n = 0;
    std::int64_t open = 0;
    Instant before;
    for (const Seen* seen : events) {
      const Instant at = seen->moment->happened;
      const std::int64_t stretch =
          m.per == Per::session ? open + (n > 0 && at - before >= session_gap ? 1 : 0)
                                : stretch_of(m.per, zones::local(zone(), at).day);
      n = n > 0 && stretch == open ? n + 1 : 1;
      open = stretch;
      before = at;
      if (n == m.least) ++enough;
    }
    return enough;
  }

  static std::int64_t stretch_of(Per per, std::int64_t day) {
    if (per == Per::week) return day - zones::weekday_of(day);
    if (per == Per::day) return day;
    const zones::Date d = zones::date_of(day);
    return static_cast<std::int64_t>(d.year) * 12 + d.month;
  }

  Finding aged(const BoundNode& node) {
    Finding out;
    out.events = within(node.select, node.window, out.answer.next);
    if (out.events.empty()) return out;
    out.events = {node.fold == Fold::first ? out.events.front() : out.events.back()};
    const Instant happened = out.events[0]->moment->happened;
    out.value = Value::of(std::string_view(to_string(happened)));
    out.answer.truth = in_window(node.age, happened, now_);
    out.answer.next = std::min(out.answer.next, next_edge(node.age, happened, now_));
    return out;
  }

  /// Events that may end a step, and between which others may not lie.
  struct Leg {
    std::vector<const Seen*> ends, barred;
  };

  Finding sequence(const BoundNode& node) {
    Finding out;
    std::vector<const Seen*> starts = within(node.select, Window{}, out.answer.next);
    std::vector<Leg> legs;
    for (const BoundStep& step : node.steps) {
      const bool last = legs.size() + 1 == node.steps.size();
      Leg& leg = legs.emplace_back();
      leg.ends = within(step.then, last ? node.window : Window{}, out.answer.next);
      if (step.without) leg.barred = within(*step.without, Window{}, out.answer.next);
    }
    if (node.from_first && !starts.empty()) starts.resize(1);
    // What was reached so far, each with how: plain breadth first.
    std::vector<std::vector<const Seen*>> paths;
    for (const Seen* a : starts) paths.push_back({a});
    for (std::size_t i = 0; i < legs.size(); ++i) paths = further(paths, node.steps[i], legs[i]);
    if (paths.empty()) return out;
    out.answer.truth = true;
    out.events = paths[0];
    return out;
  }

  /// One path to each end that can be reached.
  std::vector<std::vector<const Seen*>> further(
      const std::vector<std::vector<const Seen*>>& paths, const BoundStep& step, const Leg& leg
  ) const {
    std::vector<std::vector<const Seen*>> out;
    for (const Seen* b : leg.ends) {
      const auto reaches = [&](const std::vector<const Seen*>& path) {
        return follows(*path.back(), *b, step, leg);
      };
      const auto from = std::ranges::find_if(paths, reaches);
      if (from == paths.end()) continue;
      out.push_back(*from);
      out.back().push_back(b);
    }
    return out;
  }

  bool follows(const Seen& a, const Seen& b, const BoundStep& step, const Leg& leg) const {
    const Instant start = a.moment->happened;
    const Instant end = b.moment->happened;
    if (end <= start || (step.within && end > start + *step.within) ||
        (step.after && end < start + *step.after) || !same(step.same, a, b)) {
      return false;
    }
    return std::ranges::none_of(leg.barred, [&](const Seen* c) {
      return c->moment->happened > start && c->moment->happened < end;
    });
  }

  Answer still(const BoundNode& node) {
    const Answer today = of(node.of[0]);
    Instant then = node.ahead ? now_ + *node.ahead : *node.absolute;
    Answer out{.truth = today.truth, .next = today.next};
    if (then <= now_) return out;
    // Nothing else happens: what lies ahead of `now` is not known.
    const auto known = std::ranges::partition_point(person_.events, [&](const Seen& seen) {
      return seen.moment->happened <= now_;
    });
    if (known != person_.events.end()) out.next = std::min(out.next, known->moment->happened);
    Person as_known = person_;
    as_known.events = {person_.events.begin(), known};
    const Answer ahead = Evaluation(as_known, purpose_, member_of_, then).of(node.of[0]);
    out.truth = out.truth && ahead.truth;
    if (node.ahead && ahead.next != Instant::never())
      out.next = std::min(out.next, ahead.next - *node.ahead);
    return out;
  }

  Finding permission(const BoundNode& node) const {
    const auto at = std::ranges::find(person_.answers, node.about, &Answered::purpose);
    const bool is_set = at != person_.answers.end() &&
                     (at->said != Said::given || at->until > now_);
    Finding out;
    if (!is_set) {
      out.answer.truth = node.said == Said::unset;
      return out;
    }
    out.value = Value::of(to_string(at->said));
    const bool given = at->said == Said::given;
    Answer& answer = out.answer;
    if (given) answer.next = at->until;
    if (node.said == Said::unset) return out;
    if (node.said == Said::ends) {
      answer.truth = given && at->until <= now_ + *node.ahead;
      const Instant begins = at->until - *node.ahead;
      if (given && begins > now_) answer.next = std::min(answer.next, begins);
      return out;
    }
    if (node.said == Said::against ? given : node.said != at->said) return out;
    answer.truth = in_window(node.window, at->since, now_);
    answer.next = std::min(answer.next, next_edge(node.window, at->since, now_));
    return out;
  }

  const Clock* clock_ = nullptr;           // of the node at hand
  const zones::Zone* zone_ = nullptr;      // once it was asked for
  const Person& person_;
  const Mask purpose_;
  const MemberOf& member_of_;
  const Instant now_;
};

}  // namespace

std::optional<Decimal> ranked_value(
    const BoundNode& ranked, const Person& person, Mask purpose, Instant now
) {
  const MemberOf nobody = [](SegmentIndex) { return Answer{}; };
  return Evaluation(person, purpose, nobody, now).value_of(ranked);
}

Answer evaluate(
    const BoundNode& node, const Person& person, Mask purpose, const MemberOf& member_of,
    Instant now
) {
  return Evaluation(person, purpose, member_of, now).of(node);
}

Finding look(
    const BoundNode& leaf, const Person& person, Mask purpose, const MemberOf& member_of,
    Instant now
) {
  return Evaluation(person, purpose, member_of, now).leaf(leaf);
}

Memberships evaluate_all(const Definitions& definitions, const Person& person, Instant now) {
  Memberships out;
  out.in.resize(definitions.size());
  out.next.resize(definitions.size(), Instant::never());
  const MemberOf member_of = [&](SegmentIndex i) { return Answer{out.in[i], out.next[i]}; };
  for (const SegmentIndex i : definitions.order()) {
    const Definitions::Entry& entry = definitions.at(i);
    const Answer a = evaluate(entry.predicate, person, bit(entry.purpose), member_of, now);
    out.in[i] = a.truth;
    out.next[i] = a.next;
    out.due = std::min(out.due, a.next);
  }
  return out;
}

}  // namespace hospes::segment
