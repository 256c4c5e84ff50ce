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

namespace hospes::segment {

inline std::uint64_t fresh_seed() {
  const char* given = std::getenv("HOSPES_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : dice(seed) {}

  Dice dice;
  bool quick = false;  // only what the engine has structures for, behind guards

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
  Selection selection() {
    Selection s{.event = one_of({"A", "A", "A", "B", "B", "C", "identify"})};
    if (dice.chance(30)) s.where.push_back(clause("p", true));
    if (dice.chance(20)) s.where.push_back(clause("q", false));
    return s;
  }

  Folded folded() {
    Folded f{.fold = static_cast<Fold>(dice.below(8)), .select = selection(), .window = window()};
    if (quick) {
      f.fold = one_of({Fold::count, Fold::count, Fold::sum, Fold::min, Fold::max});
      if (!f.window.from || f.fold == Fold::sum) f.window.to = Duration(0);
    }
    if (f.fold != Fold::count) f.property = one_of({"p", "p", "q"});
    if (f.fold == Fold::first || f.fold == Fold::last) {
      f.compare = clause("", f.property == "p");
    } else {
      f.compare = {.test = order(), .values = {number(f.fold == Fold::count ? 0 : -3, 5)}};
    }
    return f;
  }
  Node leaf(unsigned segments_before) {
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
          d.absolute = Instant{static_cast<std::int64_t>(dice.below(200)) * 3'600'000'000};
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
        Sequence s{.select = selection(), .from_first = dice.chance(40), .then = selection()};
        if (dice.chance(70)) s.within = duration();
        s.window = window();
        return {s, {}};
      }
      default:
        return {folded(), {}};
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
      if (i >= 3 && dice.chance(25)) {
        Node other{InSegment{"s" + std::to_string(i - 3)}, {}};
        d.predicate = {All{{other, d.predicate}}, {}};
        if (dice.chance(50)) d.predicate = {Any{std::get<All>(d.predicate.is).of}, {}};
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

/// A timeline as its owner reads it, every event at its own mask.
inline std::vector<Seen> seen_of(const Timeline& timeline) {
  std::vector<Seen> out;
  for (const Moment& m : timeline.in_order()) out.push_back({&m, timeline.body(m), m.mask});
  return out;
}

}  // namespace hospes::segment
