// Whole partitions: late events and repeats, joins and their undoing, answers that close and open, erasures, a clock that jumps,
// definitions that change while people live. Who belongs together and what may be seen is the heart's own word here
// (tests/model judges that); what must hold is that every membership kept is the one the evaluator finds.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>

#include "base/check.h"
#include "bench/shrink.h"
#include "bench/truth.h"
#include "catalog/kinds.h"
#include "flow/apply.h"
#include "flow/binding.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "segment/chance.h"
#include "segment/text.h"

namespace hospes::bench {
namespace {

constexpr std::uint32_t steps_max = 45;
constexpr unsigned segments_of_a_house = 20;
constexpr PurposeBit link = 7;

/// What one step says; edges of an erasure are those that stand when it comes.
struct Step {
  record::Record record;
  bool forgets = false, jumps = false, repeats = false;
};

struct Cast {
  std::vector<Atom> atoms;

  explicit Cast(Dice& dice) {
    constexpr KindId kinds[] = {
        catalog::kind::user_id, catalog::kind::anonymous_id, catalog::kind::email,
        catalog::kind::anonymous_id, catalog::kind::user_id, catalog::kind::card};
    std::int64_t born = 1;
    for (const KindId kind : kinds) atoms.push_back({{dice.next() | 1, dice.next()}, Instant{born++}, kind});
  }
};

std::string definitions_text(segment::Chance& chance) {
  std::string out;
  for (const segment::Definition& d : chance.definitions(segments_of_a_house)) out += segment::format(d);
  return out;
}

segment::Binding binding_of(Names& names) {
  segment::Binding out = segment::small_house(names);
  out.kind = [](std::string_view k) -> std::optional<KindId> {
    if (k != "k0" && k != "k1") return std::nullopt;
    return k == "k1" ? catalog::kind::email : catalog::kind::user_id;
  };
  return out;
}

/// With most of the thresholds that its tests ask for.
std::string with_thresholds(const std::string& text, segment::Chance& chance, Names& names) {
  const auto engine = flow::compiled(text, binding_of(names));
  check(engine != nullptr, "drawn definitions compile");
  std::vector<segment::Threshold> thresholds;
  for (const auto& r : engine->definitions().rankings())
    if (chance.dice.chance(80))
      thresholds.push_back({r.purpose, r.text, chance.number(-2, 6).number, segment::world_begins});
  return segment::with_thresholds(text, thresholds);
}

class Author {
 public:
  Author(std::uint64_t seed, Names& names) : chance_(seed), names_(names), cast_(chance_.dice) {
    chance_.quick = seed % 3 == 0;
  }

  std::vector<Step> write() {
    std::vector<Step> out;
    define(out);
    while (out.size() < steps_max) {
      if (chance_.dice.chance(3)) {  // the clock of whoever stamped it was wrong: the partition's never goes back
        at_ = at_ - chance_.duration();
        one(out);
        out.back().jumps = true;
      } else {
        at_ = std::max(at_, latest_) + chance_.step();
        one(out);
      }
      latest_ = std::max(latest_, at_);
    }
    return out;
  }

 private:
  const Atom& somebody() {
    for (;;) {
      const std::size_t i = chance_.dice.below(cast_.atoms.size());
      if (!dead_[i]) return cast_.atoms[i];
    }
  }
  void add(std::vector<Step>& out, decltype(record::Record::body) body) {
    out.push_back({{.stamp = at_, .origin = {}, .to = {}, .body = std::move(body)}, false, false, false});
  }
  void define(std::vector<Step>& out) {
    std::string text = with_thresholds(definitions_text(chance_), chance_, names_);
    if (!last_.empty() && chance_.dice.chance(50)) {  // most places keep their definition: who stays, stays
      const auto before = segment::parse_in_force(last_), after = segment::parse_in_force(text);
      std::vector<segment::Definition> next = before->definitions;
      for (std::size_t i = 0; i < next.size(); ++i)
        if (chance_.dice.chance(20) && after->definitions[i].id == next[i].id) next[i] = after->definitions[i];
      std::string mixed;
      for (const segment::Definition& d : next) mixed += segment::format(d);
      if (flow::compiled(mixed, binding_of(names_))) text = with_thresholds(mixed, chance_, names_);
    }
    last_ = text;
    add(out, record::Defined{++version_, at_, std::move(text)});
  }
  void event(std::vector<Step>& out) {
    if (!past_.empty() && chance_.dice.chance(12)) {
      record::Arrived again = past_[chance_.dice.below(past_.size())];
      add(out, std::move(again));
      out.back().repeats = true;
      return;
    }
    Instant happened = at_;
    if (chance_.dice.chance(30)) happened = at_ - chance_.duration();
    record::Arrived arrived;
    arrived.event = chance_.event(happened, ++serial_, names_);
    Event& e = arrived.event;
    e.received = at_;
    e.owner = somebody();
    for (unsigned n = chance_.dice.chance(45) ? 1 + static_cast<unsigned>(chance_.dice.below(2)) : 0; n > 0; --n) {
      const Atom& other = somebody();
      if (other.id != e.owner.id) e.others.push_back(other);
    }
    // The strongest owns it, as at the door.
    for (Atom& other : e.others)
      if (catalog::priority_of(other.kind) < catalog::priority_of(e.owner.kind)) std::swap(other, e.owner);
    e.anchor = e.owner;
    e.grade = static_cast<Grade>(chance_.dice.below(3));
    e.message = {5, serial_};
    if (chance_.dice.chance(80)) e.mask |= bit(link);
    for (const PurposeBit p : {PurposeBit{0}, PurposeBit{1}})
      if ((e.mask & bit(p)) != 0 && chance_.dice.chance(25)) e.opened.push_back({p, e.owner.id});
    past_.push_back(arrived);
    add(out, std::move(arrived));
  }
  void answer(std::vector<Step>& out) {
    record::Answered a{.atom = somebody()};
    a.purpose = chance_.one_of<PurposeBit>({0, 0, 1, 1, link});
    const bool yes = chance_.dice.chance(55);
    a.state = static_cast<std::uint8_t>(yes ? consent::Answer::given : consent::Answer::withdrawn);
    a.since = at_;
    if (yes && chance_.dice.chance(50)) a.until = at_ + chance_.duration();
    a.message = {6, ++serial_};
    add(out, std::move(a));
  }
  void ruling(std::vector<Step>& out) {
    record::Ruled r{.a = somebody(), .b = somebody()};
    if (r.a.id == r.b.id) return event(out);
    if (r.b.id < r.a.id) std::swap(r.a, r.b);
    r.word = static_cast<record::Ruled::Word>(chance_.dice.below(4));
    r.message = {7, ++serial_};
    add(out, std::move(r));
  }
  void erasure(std::vector<Step>& out) {
    if (std::ranges::count(dead_, true) >= 3) return event(out);
    const Atom atom = somebody();
    for (std::size_t i = 0; i < cast_.atoms.size(); ++i)
      if (cast_.atoms[i].id == atom.id) dead_[i] = true;
    std::erase_if(past_, [&](const record::Arrived& a) {
      return a.event.owner.id == atom.id || std::ranges::find(a.event.others, atom.id, &Atom::id) != a.event.others.end();
    });
    record::Forgotten f{.atom = atom, .edges = {}};
    f.message = {8, ++serial_};
    add(out, std::move(f));
    out.back().forgets = true;
  }
  void one(std::vector<Step>& out) {
    const auto what = chance_.dice.below(100);
    if (what < 66) return event(out);
    if (what < 82) return answer(out);
    if (what < 92) return ruling(out);
    if (what < 95) return erasure(out);
    define(out);
  }

  segment::Chance chance_;
  Names& names_;
  Cast cast_;
  std::vector<bool> dead_ = std::vector<bool>(6);
  std::vector<record::Arrived> past_;
  Instant at_ = segment::world_begins, latest_ = segment::world_begins;
  std::uint64_t version_ = 0, serial_ = 0;
  std::string last_;
};

/// One partition, and what it says to itself.
class Heart {
 public:
  Heart(Names& names, Tally& tally) : tally_(tally) {
    house_.names = &names;
    house_.link = link;
    house_.engine = [&names](const record::Defined& d) { return flow::compiled(d.segments, binding_of(names)); };
    state_.partitions = 1;
  }

  std::optional<HouseDifference> take(Step step) {
    if (step.forgets) {
      auto& f = std::get<record::Forgotten>(step.record.body);
      if (const flow::Component* c = where(f.atom.id)) f.edges = flow::edges_to_keep(*c, f.atom.id, link, step.record.stamp);
    }
    count(step);
    if (auto wrong = pass(step.record.stamp)) return wrong;
    apply(step.record);
    return agrees();
  }
  /// Fires what falls due until then, looking at each instant and just before it.
  std::optional<HouseDifference> pass(Instant until) {
    for (Instant due = flow::next_due(state_); due <= until; due = flow::next_due(state_)) {
      if (due > state_.clock + Duration(1)) {
        tick(due - Duration(1));
        if (auto wrong = agrees()) return wrong;
      }
      tick(due);
      if (auto wrong = agrees()) return wrong;
    }
    return std::nullopt;
  }

 private:
  void count(const Step& step) {
    tally_.answers += std::holds_alternative<record::Answered>(step.record.body);
    tally_.erasures += step.forgets ? 1 : 0;
    tally_.duplicates += step.repeats ? 1 : 0;
    tally_.clock_jumps += step.jumps ? 1 : 0;
    tally_.redefinitions += std::holds_alternative<record::Defined>(step.record.body);
  }
  void tick(Instant at) { apply({.stamp = at, .origin = {}, .to = {}, .body = record::Tick{}}); }
  void apply(const record::Record& record) {
    std::deque<record::Record> lane{record};
    while (!lane.empty()) {
      const record::Record next = std::move(lane.front());
      lane.pop_front();
      flow::Outcome outcome;
      flow::apply(state_, {0, ++position_}, next, house_, outcome);
      for (flow::Message& m : outcome.messages) {
        m.record.stamp = state_.clock;
        lane.push_back(std::move(m.record));
      }
      tally_.flips += outcome.transitions.size();
      for (const flow::Transition& t : outcome.transitions) {
        tally_.joins += t.why == flow::Why::join ? 1 : 0;
        tally_.splits += t.why == flow::Why::split ? 1 : 0;
      }
    }
  }
  const flow::Component* where(AtomId atom) const {
    for (const auto& [id, c] : state_.components)
      for (const flow::AtomState& a : c->atoms)
        if (a.atom.id == atom) return c.get();
    return nullptr;
  }
  std::optional<HouseDifference> agrees() {
    if (!state_.engine) return std::nullopt;
    const segment::Definitions& d = state_.engine->definitions();
    for (const auto& [id, c] : state_.components) {
      for (const flow::PersonState& p : c->people) {
        const flow::Look look(state_, *c, p, house_.heeds_no_answer, state_.clock);
        const segment::Person person = look.person();
        Mask visible = 0;
        for (const segment::Seen& s : person.events) visible |= s.mask;
        const auto truth = segment::evaluate_all(d, person, state_.clock);
        for (segment::SegmentIndex i = 0; i < d.size(); ++i) {
          ++tally_.checks;
          tally_.in_scope += (visible & bit(d.at(i).purpose)) != 0;
          const bool member = p.page.since(i).has_value();
          if (truth.in[i] != member || member != state_.members[i].contains(p.dense))
            return HouseDifference{d.at(i).definition.id, state_.clock};
        }
      }
    }
    return std::nullopt;
  }

  Tally& tally_;
  flow::House house_;
  flow::PartitionState state_;
  std::uint64_t position_ = 0;
};

}  // namespace

HouseWorld house_world(std::uint64_t seed) {
  HouseWorld out{seed, {}};
  for (std::uint32_t i = 0; i < steps_max; ++i) out.steps.push_back(i);
  return out;
}

std::optional<HouseDifference> live(const HouseWorld& world, Tally& tally) {
  Names names;
  const std::vector<Step> all = Author(world.seed, names).write();
  Heart heart(names, tally);
  for (const std::uint32_t i : world.steps)
    if (i < all.size())
      if (auto wrong = heart.take(all[i])) return wrong;
  if (world.steps.empty()) return std::nullopt;
  return heart.pass(all.back().record.stamp + std::chrono::hours(80));
}

HouseWorld shrunk(HouseWorld world) {
  Tally none;
  return shrunk(std::move(world), [&](const HouseWorld& w) { return live(w, none).has_value(); });
}

std::string to_text(const HouseWorld& world) {
  return fmt::format("{{\"house\":{},\"steps\":[{}]}}\n", world.seed, fmt::join(world.steps, ","));
}

Result<HouseWorld> parse_house_world(const std::string& text) {
  HouseWorld out;
  const auto numbers = [&](std::string_view key, auto take) {
    std::size_t at = text.find(key);
    if (at == text.npos) return false;
    at += key.size();
    while (at < text.size() && text[at] != ']' && text[at] != '}') {
      std::uint64_t n = 0;
      const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), n);
      if (error != std::errc()) return false;
      if (!take(n)) return true;
      at = static_cast<std::size_t>(end - text.data());
      if (at < text.size() && text[at] == ',') ++at;
    }
    return true;
  };
  const bool reads = numbers("\"house\":", [&](std::uint64_t n) { out.seed = n; return false; }) &&
                     numbers("\"steps\":[", [&](std::uint64_t n) { out.steps.push_back(static_cast<std::uint32_t>(n)); return true; });
  if (!reads) return fail(Code::invalid_input, "a scenario is {\"house\":seed,\"steps\":[…]}");
  return out;
}

}  // namespace hospes::bench
