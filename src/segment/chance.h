// Random segments and random people for the tests of this room: small worlds in which everything
// meets everything.
#pragma once

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/dice.h"
#include "model/timeline.h"
#include "segment/evaluate.h"
#include "segment/explain.h"

namespace hospes::segment {

inline std::uint64_t fresh_seed() {
  const char* given = std::getenv("HOSPES_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// The night on which clocks go forward in Europe: calendars have something to say.
inline constexpr Instant world_begins{1'774'728'000'000'000};  // 2026-03-28T20:00:00Z

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : dice(seed) {}

  Dice dice;
  bool quick = false;  // only what the engine has structures for, behind guards
  bool plain = false;  // only forms for which `why` knows many changes

  template <class T>
  T one_of(std::initializer_list<T> list) {
    return list.begin()[dice.below(list.size())];
  }

  Duration duration() {
    using namespace std::chrono_literals;
    return one_of<Duration>({7us, 10s, 1min, 10min, 1h, 6h, 24h, 72h});
  }
  Window window() {
    Window w;
    if (dice.chance(30)) return w;
    if (dice.chance(75)) w.from = duration();
    if (dice.chance(35)) w.to = duration();
    if (w.from && *w.from < w.to) {
      const Duration from = *w.from;
      w.from = w.to;
      w.to = from;
    }
    if (w.from && *w.from == w.to) w.to = Duration(0);
    return w;
  }
  Test order() {
    return one_of({Test::ge, Test::ge, Test::gt, Test::le, Test::lt, Test::eq, Test::ne});
  }
  Value number(int low, int high) {
    const auto span = static_cast<std::uint64_t>(high - low + 1);
    return Value::of(Decimal::whole(low + static_cast<int>(dice.below(span))));
  }
  Value text() { return Value::of(std::string_view(one_of({"x", "y", "xy"}))); }

  Calendar calendar() {
    Calendar c{.kind = one_of({Calendar::season, Calendar::clock, Calendar::weekdays})};
    if (c.kind == Calendar::weekdays) {
      c.from = static_cast<unsigned>(1 + dice.below(127));
    } else if (c.kind == Calendar::season) {
      c.from = one_of({328U, 329U, 330U, 331U, 1224U});
      c.to = one_of({328U, 329U, 330U, 331U, 106U});
    } else {
      c.from = one_of({0U, 120U, 150U, 720U, 1'260U});
      c.to = one_of({60U, 180U, 723U, 1'200U, 1'440U});
    }
    return c;
  }
  Clause falls(std::string name) {
    Clause c{.name = std::move(name), .test = Test::falls};
    if (dice.chance(80)) c.calendar = calendar();
    return c;
  }
  Clause near() {
    Clause c{.name = "place", .test = Test::near};
    c.values = {
        Value::of(Decimal{48'850'000}), Value::of(Decimal{2'350'000}),
        Value::of(Decimal::whole(one_of({400, 1'500, 12'000})))};
    return c;
  }
  Permission permission() {
    Permission p{.purpose = one_of({"p0", "p1"}), .said = static_cast<Said>(dice.below(7))};
    if (p.said == Said::ends)
      p.within = duration();
    else if (p.said != Said::unset)
      p.since = window();
    return p;
  }

  Clause clause(std::string name, bool numeric) {
    Clause c{.name = std::move(name)};
    if (dice.chance(10)) return c;
    if (numeric) {
      c.test = order();
      c.values = {number(-2, 6)};
      return c;
    }
    c.test = one_of({Test::eq, Test::ne, Test::in, Test::contains, Test::starts});
    c.values = {text()};
    if (c.test == Test::in && dice.chance(50)) c.values.push_back(Value::of(dice.chance(50)));
    return c;
  }
  Named named() {
    Named s{.event = one_of({"A", "A", "A", "B", "B", "C", "identify"}), .where = {}};
    if (dice.chance(30)) s.where.push_back(clause("p", true));
    if (dice.chance(20)) s.where.push_back(clause("q", false));
    if (quick || plain) return s;
    if (dice.chance(8)) s.where.push_back(falls(one_of({"", "d"})));
    if (dice.chance(6)) s.where.push_back(near());
    return s;
  }
  Selection selection() {
    Selection s;
    static_cast<Named&>(s) = named();
    if (quick || plain || !dice.chance(8)) return s;
    s.reply = Reply{.given = dice.chance(40), .by = named(), .within = duration()};
    if (dice.chance(30)) s.reply->same = one_of({"p", "q"});
    return s;
  }
  Measure measure(bool ranks = false) {
    Measure m{.fold = static_cast<Fold>(dice.below(plain ? 8 : 14)), .select = selection(), .window = window()};
    if (quick || ranks)
      m.fold = one_of({Fold::count, Fold::count, Fold::sum, Fold::min, Fold::max});
    if (ranks && dice.chance(30)) m.fold = one_of({Fold::distinct, Fold::most});
    if (quick && (!m.window.from || m.fold == Fold::sum)) m.window.to = Duration(0);
    if (is_of_property(m.fold)) m.property = one_of({"p", "p", "q"});
    if (!quick && !plain && m.fold == Fold::count && dice.chance(40)) {
      m.per = static_cast<Per>(1 + dice.below(4));
      m.least = static_cast<unsigned>(1 + dice.below(3));
    }
    return m;
  }
  Compared compared() {
    Compared c{.left = measure(), .test = order(), .right = measure()};
    for (Measure* m : {&c.left, &c.right}) {
      while (!is_number(m->fold) || m->fold == Fold::distinct) *m = measure();
    }
    if (dice.chance(60)) c.factor = Decimal{one_of<std::int64_t>({500'000, 2'000'000, 1'500'000, 1})};
    return c;
  }
  Still still(Node of) {
    Still s;
    s.of.push_back(std::move(of));
    if (dice.chance(60))
      s.ahead = duration();
    else
      s.at = world_begins + Duration(static_cast<std::int64_t>(dice.below(200)) * 3'600'000'000);
    return s;
  }
  Sequence sequence() {
    Sequence s{.select = selection(), .from_first = dice.chance(40), .steps = {}};
    for (std::uint64_t n = dice.chance(70) ? 1 : 2; n > 0; --n) {
      Step& step = s.steps.emplace_back(Step{.then = selection()});
      if (dice.chance(60)) step.within = duration();
      if (plain) break;
      if (dice.chance(25)) step.after = duration();
      if (step.after && step.within && *step.after > *step.within) std::swap(step.after, step.within);
      if (dice.chance(15)) step.same = one_of({"p", "q"});
      if (dice.chance(30)) step.without = selection();
    }
    s.window = window();
    return s;
  }

  Folded folded() {
    Folded f{.measure = measure()};
    const Fold fold = f.measure.fold;
    if (!is_number(fold)) {
      f.compare = clause("", f.measure.property == "p");
    } else {
      f.compare = {.test = order(), .values = {number(fold == Fold::count ? 0 : -3, 5)}};
    }
    return f;
  }
  Node leaf(unsigned segments_before) {
    if (!quick && !plain && dice.chance(25)) return new_leaf();
    switch (dice.below(12)) {
      case 0:
        return {TraitTest{clause("t", true)}, {}};
      case 1:
        return {TraitTest{clause("c", false)}, {}};
      case 2: {
        TraitDate d{
            .name = "r", .test = static_cast<DateTest>(dice.below(4)), .offset = duration()};
        const bool bounded = d.test == DateTest::before || d.test == DateTest::after;
        if (bounded && dice.chance(50)) d.offset = -d.offset;
        if (bounded && dice.chance(20)) {
          d.offset = Duration(0);
          d.absolute = world_begins + Duration(static_cast<std::int64_t>(dice.below(200)) * 3'600'000'000);
        }
        return {d, {}};
      }
      case 3:
        return {HasIdentifier{one_of({"k0", "k1"})}, {}};
      case 4:
        if (segments_before == 0) return {folded(), {}};
        return {InSegment{"s" + std::to_string(dice.below(segments_before))}, {}};
      case 5:
      case 6: {
        Aged a{.last = dice.chance(60), .select = selection(), .window = window(), .age = window()};
        while (a.age == Window{}) a.age = window();
        if (quick) a.window.to = Duration(0);
        if (quick && !a.last) a.window = {};
        return {a, {}};
      }
      case 7: {
        if (quick) return {folded(), {}};
        return {sequence(), {}};
      }
      default:
        return {folded(), {}};
    }
  }
  Node new_leaf() {
    switch (dice.below(8)) {
      case 0:
      case 1:
        return {compared(), {}};
      case 2:
        if (dice.chance(40)) {
          constexpr Test orders[] = {Test::lt, Test::le, Test::gt, Test::ge};
          return {AgainstMedian{measure(true), orders[dice.below(4)], Decimal{static_cast<std::int64_t>(dice.below(6) + 1) * 500'000}}, {}};
        }
        return {Ranked{.top = dice.chance(60), .percent = Decimal{static_cast<std::int64_t>(dice.below(99'000'000) + 1)}, .measure = measure(true)}, {}};
      case 3:
        return {still(leaf(0)), {}};
      case 4:
        return {CalendarNow{calendar()}, {}};
      case 5:
        return {TraitTest{dice.chance(50) ? falls("r") : near()}, {}};
      default:
        return {permission(), {}};
    }
  }
  Node predicate(unsigned segments_before, unsigned depth = 0) {
    const std::uint64_t shape = dice.below(depth == 0 ? 4 : 7);
    if (depth >= 3 || shape >= 4) return leaf(segments_before);
    if (shape == 3) {
      Not no;
      no.of.push_back(predicate(segments_before, depth + 1));
      return {no, {}};
    }
    std::vector<Node> of;
    for (std::uint64_t n = 2 + dice.below(2); n > 0; --n)
      of.push_back(predicate(segments_before, depth + 1));
    if (shape == 0) return {Any{of}, {}};
    return {All{of}, {}};
  }
  /// s0 … of purposes p0 and p1; a reference is to an earlier segment of its own purpose only.
  std::vector<Definition> definitions(unsigned n) {
    std::vector<Definition> list;
    for (unsigned i = 0; i < n; ++i) {
      Definition d{.id = "s" + std::to_string(i), .purpose = i % 3 == 2 ? "p1" : "p0"};
      d.predicate = predicate(0);
      if (dice.chance(20)) d.owner = "Zoé \"Z\"";
      if (dice.chance(20)) d.folder = "Shop/\\spring";
      if (i >= 3 && dice.chance(25)) {
        Node other{InSegment{"s" + std::to_string(i - 3)}, {}};
        d.predicate = {All{{other, d.predicate}}, {}};
        if (dice.chance(50)) d.predicate = {Any{std::get<All>(d.predicate.is).of}, {}};
        if (!quick && !plain && dice.chance(20)) d.predicate = {still(d.predicate), {}};
      }
      if (quick && dice.chance(70)) {
        Clause guard{.name = "c", .test = Test::eq, .values = {text()}};
        if (dice.chance(30))
          guard = {.name = "t", .test = Test::in, .values = {number(-2, 6), number(-2, 6)}};
        d.predicate = {All{{Node{TraitTest{guard}, {}}, d.predicate}}, {}};
      }
      list.push_back(std::move(d));
    }
    return list;
  }

  Event event(Instant happened, std::uint64_t serial, Names& names) {
    Event e;
    e.happened = e.received = happened;
    e.message = {dice.next(), serial};
    e.mask = one_of<Mask>({1, 3, 3, 3, 2});
    const bool identify = dice.chance(25);
    e.type = identify ? EventType::identify : EventType::track;
    e.name = *names.intern(identify ? "identify" : one_of({"A", "A", "A", "B", "B", "C"}));
    const auto set = [&](const char* name, Value v) {
      e.properties.push_back({*names.intern(name), v});
    };
    if (dice.chance(70)) set("p", dice.chance(5) ? text() : number(-2, 6));
    if (dice.chance(50)) set("q", dice.chance(10) ? Value() : text());
    if (dice.chance(30)) {
      set("place.latitude", Value::of(Decimal{48'840'000 + static_cast<std::int64_t>(dice.below(20'000))}));
      set("place.longitude", Value::of(Decimal{2'340'000 + static_cast<std::int64_t>(dice.below(20'000))}));
    }
    if (dice.chance(30)) {
      set("d", Value::of(std::string_view(one_of({"2026-03-28", "2026-03-29T00:30:00Z", "2024-02-29", "2025-03-30", "soon"}))));
    }
    if (identify && dice.chance(40)) {
      set(one_of({"timezone", "timezone", "context.timezone"}),
          Value::of(std::string_view(one_of({"Europe/Paris", "America/New_York", "Asia/Kolkata", "Mars"}))));
    }
    if (identify && dice.chance(60)) set("t", dice.chance(10) ? Value() : number(-2, 6));
    if (identify && dice.chance(60)) set("c", dice.chance(10) ? Value::of(true) : text());
    if (identify && dice.chance(60)) {
      const Instant date = happened +
                           Duration(static_cast<std::int64_t>(dice.below(60) * 3'600'000'000)) -
                           Duration(static_cast<std::int64_t>(30 * 3'600'000'000));
      set("r", Value::of(std::string_view(to_string(date))));
    }
    return e;
  }
  /// What somebody answered so far.
  std::vector<Answered> answers(Instant now) {
    std::vector<Answered> out;
    for (const PurposeBit purpose : {PurposeBit{0}, PurposeBit{1}}) {
      if (dice.chance(30)) continue;
      Answered a{.purpose = purpose, .said = static_cast<Said>(dice.below(4))};
      a.since = dice.chance(50) ? now : now - duration();
      if (a.said == Said::given && dice.chance(70)) a.until = now + duration();
      out.push_back(a);
    }
    return out;
  }
  /// Binds them, and again with thresholds for most of their tests that compare people.
  Result<std::shared_ptr<const Definitions>> bound(unsigned n, const Binding& binding);

  /// Steps between events: some none at all, some exactly a window, some in between.
  Duration step() {
    if (dice.chance(10)) return Duration(0);
    if (dice.chance(30)) return duration();
    return Duration(
        static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(duration().count())) + 1)
    );
  }
};

inline Binding small_house(Names& names) {
  return {
      .names = &names,
      .purpose = [](std::string_view p) -> std::optional<PurposeBit> {
        if (p != "p0" && p != "p1") return std::nullopt;
        return p == "p1" ? PurposeBit{1} : PurposeBit{0};
      },
      .kind = [](std::string_view k) -> std::optional<KindId> {
        if (k != "k0" && k != "k1") return std::nullopt;
        return k == "k1" ? KindId{1} : KindId{0};
      }};
}

inline Result<std::shared_ptr<const Definitions>> Chance::bound(
    unsigned n, const Binding& binding
) {
  const std::vector<Definition> list = definitions(n);
  const auto without = TRY(segment::bind(list, binding));
  std::vector<Threshold> thresholds;
  for (const Definitions::Ranking& r : without->rankings()) {
    if (dice.chance(80)) thresholds.push_back({r.purpose, r.text, number(-2, 6).number, world_begins});
  }
  return segment::bind(list, binding, {}, thresholds);
}

/// A timeline as its owner reads it, every event at its own mask.
inline std::vector<Seen> seen_of(const Timeline& timeline) {
  std::vector<Seen> out;
  for (const Moment& m : timeline.in_order()) out.push_back({&m, timeline.body(m), m.mask});
  return out;
}

/// The change carried out by hand, on a timeline of its own, judged by evaluate_all: none of the
/// search's own code.
inline bool carried_out(
    const Definitions& definitions, SegmentIndex segment, const Person& person, Names& names,
    const Change& change, Instant now
) {
  Timeline added;
  std::uint64_t serial = 1'000'000'000;
  for (const Addition& a : change.add) {
    Event e;
    e.type = a.type;
    e.name = *names.intern(a.event);
    e.happened = e.received = now + a.after;
    e.message = {serial, ++serial};
    e.mask = bit(definitions.at(segment).purpose);
    e.properties = a.properties;
    added.add(e);
  }
  std::vector<Seen> all(person.events.begin(), person.events.end());
  for (const Seen& s : seen_of(added)) all.push_back(s);
  std::ranges::sort(all, [](const Seen& a, const Seen& b) {
    return a.moment->key() < b.moment->key();
  });
  return evaluate_all(definitions, {all, person.kinds | change.kinds, person.answers}, change.at)
      .in[segment];
}

}  // namespace hospes::segment
