// Random small houses played through the heart, told as raw facts and what became of each effect: one line each, for
// oracle.py to judge from the facts alone. Integers, separated by spaces; instants in seconds.
//
//   W seed people                     a world begins
//   C per_day per_week less_per_week  the house's caps
//   R rule segment enters purpose basis contact cap quiet_from quiet_to valid_s      basis 0 heedless 1 interest 2 consent
//   S segment purpose name window_s   count(name, window) >= 1; window 0: ever
//   E t person atom with name mask happened           with: seen together with that other atom of the person, or -1
//   A t person atom purpose state until               state 0 objected 1 withdrawn 2 refused 3 given; until -1: never
//   L t person atom level                             1 all 2 usual 3 less 4 none
//   X t person atom on                                restriction, or lifted
//   T t                                               time alone
//   N t person atom effect rule                            an effect was planned
//   K t effect    U t effect outcome                  claimed; what came of it: 0 done 1 failed 2 uncertain 3 given back
//   V t effect what yes open                               asked: p planned, c claimed, l another level, r released; open: waits on
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/dice.h"
#include "flow/binding.h"
#include "flow/effects.h"
#include "flow/rows.h"
#include "segment/text.h"
#include "zones/zones.h"

namespace hospes::flow {
namespace {

constexpr PurposeBit operate = 0, market = 3, personalise = 5, link = 7, mail = 9;
constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t begins = 1'790'000'000;  // 2026-09-21, a Monday

struct Seen {
  PurposeBit purpose = 0;
  int name = 0;
  int window_s = 0;
};
constexpr Seen seen[] = {
    {operate, 0, 0},          {market, 1, 0},          {market, 1, 2 * 86'400},  {personalise, 2, 6 * 3'600},
    {personalise, 2, 86'400}, {personalise, 3, 36'000}, {market, 3, 12 * 3'600}, {operate, 0, 86'400}};

std::string definitions() {
  std::string out;
  int n = 0;
  for (const Seen& s : seen) {
    out += "segment s" + std::to_string(n++) + " purpose p" + std::to_string(s.purpose) + " where count(\"E" +
           std::to_string(s.name) + "\"" + (s.window_s == 0 ? "" : ", " + std::to_string(s.window_s) + "s") + ") >= 1\n";
  }
  return out;
}

outbox::Basis basis_of(PurposeBit p) {
  return p == operate ? outbox::Basis::heedless : p == market ? outbox::Basis::interest : outbox::Basis::consent;
}

/// Some rules over those segments: how often, when, how long of use, and whether they reach the person.
std::vector<outbox::Rule> rules(Dice& dice) {
  std::vector<outbox::Rule> out;
  for (int i = 0; i < 12; ++i) {
    const auto at = static_cast<std::uint32_t>(dice.below(std::size(seen)));
    outbox::Rule r{.name = "r" + std::to_string(i), .segment = "s" + std::to_string(at), .segment_index = at};
    r.on_enter = dice.chance(75);
    const PurposeBit others[] = {operate, market, personalise};
    r.purpose = dice.chance(60) ? seen[at].purpose : others[dice.below(3)];
    r.purpose_name = "p" + std::to_string(r.purpose);
    r.basis = basis_of(r.purpose);
    if (r.basis != outbox::Basis::heedless && dice.chance(50)) r.contact = mail;
    r.destination = "crm";
    r.cap_per_day = 1 + static_cast<std::uint32_t>(dice.below(3));
    if (dice.chance(30)) {
      const auto hour = [&] { return static_cast<std::int64_t>(dice.below(24)) * 3'600 * second; };
      r.quiet = outbox::Quiet{hour(), hour()};
      if (r.quiet->from_us == r.quiet->until_us) r.quiet.reset();
    }
    r.valid_for = std::chrono::hours(1 + dice.below(72));
    r.zone = &zones::utc();
    out.push_back(std::move(r));
  }
  return out;
}

class House_ {
 public:
  House_(Names& names, std::shared_ptr<const segment::Engine> engine) : names_(names), engine_(std::move(engine)) {
    house_.names = &names;
    house_.link = link;
    house_.heeds_no_answer = bit(operate);
    house_.engine = [this](const record::Defined&) { return engine_; };
    house_.rules = [this](const record::Defined&, const segment::Engine&) { return rules_; };
    for (int i = 0; i < 4; ++i) events_.push_back(names_.intern("E" + std::to_string(i)).value());
  }

  std::size_t play(std::uint64_t seed, int steps) {
    Dice dice(seed);
    dice_ = &dice;
    begin(seed);
    for (int i = 0; i < steps; ++i) step();
    return effects_.size();
  }

 private:
  struct Told {
    Hash128 key;
    int rule = 0;
  };

  void begin(std::uint64_t seed) {
    state_ = PartitionState();
    state_.partitions = 1;
    now_ = begins + static_cast<std::int64_t>(dice_->below(86'400));
    position_ = 0;
    message_ = 0;
    ticked_ = 0;
    effects_.clear();
    known_.clear();
    people_ = dice_->chance(25) ? 2 : 1;
    std::printf("W %lu %d\n", seed, people_);
    const outbox::Caps caps{
        .per_day = static_cast<std::uint32_t>(dice_->below(3)), .per_week = static_cast<std::uint32_t>(dice_->below(5)),
        .less_per_week = static_cast<std::uint32_t>(dice_->below(3))};
    std::printf("C %u %u %u\n", caps.per_day, caps.per_week, caps.less_per_week);
    auto list = rules(*dice_);
    for (const outbox::Rule& r : list)
      std::printf(
          "R %s %u %d %d %d %d %u %ld %ld %ld\n", r.name.c_str() + 1, r.segment_index, r.on_enter ? 1 : 0, r.purpose,
          static_cast<int>(r.basis), r.contact ? *r.contact : -1, r.cap_per_day,
          r.quiet ? r.quiet->from_us / second : -1, r.quiet ? r.quiet->until_us / second : -1,
          r.valid_for.count() / second
      );
    rules_ = std::make_shared<const outbox::Rules>(std::move(list), caps);
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = record::Defined{1, at(now_), "x"}});
  }

  static Instant at(std::int64_t s) { return {s * second}; }
  Atom atom(int person, int which) const {
    const auto n = static_cast<std::uint64_t>(1 + person * 2 + which);
    return {{n, n * 77}, Instant{static_cast<std::int64_t>(n)}, static_cast<KindId>(which == 0 ? 0 : 7)};
  }

  /// Applies it and tells what came of effects, in the order in which it came.
  void take(const record::Record& record) {
    outcome_.clear();
    apply(state_, {0, ++position_}, record, house_, outcome_);
    check(outcome_.messages.empty(), "one partition");
    for (const Effected& e : outcome_.effects) {
      const bool ready = e.effect.state == outbox::State::ready, open = outbox::is_open(e.effect.state);
      if (const auto known = known_.find(e.effect.key); known != known_.end()) {
        if (std::holds_alternative<record::Levelled>(record.body))
          std::printf("V %ld %d l %d %d\n", now_, known->second, ready, open);
        continue;
      }
      const auto n = static_cast<int>(effects_.size());
      known_.emplace(e.effect.key, n);
      effects_.push_back({e.effect.key, std::atoi(e.effect.rule.c_str() + 1)});
      const auto person = static_cast<int>((e.anchor.id.hi - 1) / 2);
      const std::int64_t t = e.effect.decided.us / second;
      std::printf(
          "N %ld %d %d %d %d\nV %ld %d p %d %d\n", t, person, e.anchor.kind == 0 ? 0 : 1, n, effects_.back().rule, t, n,
          ready, open
      );
    }
  }

  void pass() {
    const std::uint64_t how = dice_->below(100);
    const std::uint64_t most = how < 50 ? 3'600 : how < 85 ? 8 * 3'600 : 60 * 3'600;
    now_ += 1 + static_cast<std::int64_t>(dice_->below(most));
  }

  void step() {
    pass();
    const std::uint64_t what = dice_->below(100);
    const auto person = static_cast<int>(dice_->below(static_cast<std::uint64_t>(people_)));
    const auto which = static_cast<int>(dice_->below(2));
    if (what < 34) return event(person, which);
    if (what < 46) return answer(person, which);
    if (what < 49) return level(person, which);
    if (what < 51) return restrict(person, which);
    if (what < 55) return tick();
    // What may leave is looked at several times before anything else happens.
    for (std::uint64_t n = 1 + dice_->below(6); n > 0; --n) {
      now_ += 1 + static_cast<std::int64_t>(dice_->below(900));
      work();
    }
  }

  void event(int person, int which) {
    Event e;
    e.owner = e.anchor = atom(person, which);
    const bool together = dice_->chance(30);
    if (together) e.others.push_back(atom(person, 1 - which));
    if (together && which == 1) std::swap(e.owner, e.others[0]);  // the strongest owns it
    e.grade = Grade::attested;
    e.message = {1, ++message_};
    for (const PurposeBit p : {operate, market, personalise})
      if (dice_->chance(75)) e.mask |= bit(p);
    e.mask |= bit(link);
    const int name = static_cast<int>(dice_->below(4));
    e.name = events_[static_cast<std::size_t>(name)];
    e.received = at(now_);
    const std::int64_t happened = now_ - (dice_->chance(15) ? static_cast<std::int64_t>(dice_->below(40 * 3'600)) : 0);
    e.happened = at(happened);
    const int owner = e.owner.kind == 0 ? 0 : 1;
    ticked_ = 0;
    std::printf("E %ld %d %d %d %d %lu %ld\n", now_, person, owner, together ? 1 - owner : -1, name, e.mask, happened);
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = record::Arrived{e, {}}});
  }

  void answer(int person, int which) {
    const PurposeBit all[] = {market, personalise, personalise, mail, mail};
    record::Answered a{.atom = atom(person, which), .purpose = all[dice_->below(5)], .since = at(now_)};
    const std::uint64_t how = dice_->below(100);
    a.state = static_cast<std::uint8_t>(how < 62 ? 3 : how < 80 ? 1 : how < 90 ? 2 : 0);
    std::int64_t until = -1;
    if (a.state == 3 && dice_->chance(40)) {
      until = now_ + 1 + static_cast<std::int64_t>(dice_->below(4 * 86'400));
      a.until = at(until);
    }
    a.message = {2, ++message_};
    ticked_ = 0;
    std::printf("A %ld %d %d %d %d %ld\n", now_, person, which, a.purpose, a.state, until);
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = a});
  }

  void level(int person, int which) {
    tick();  // what that record changes, the person's word did
    record::Levelled l{.atom = atom(person, which), .level = static_cast<std::uint8_t>(1 + dice_->below(4)), .message = {3, ++message_}, .source = "x"};
    ticked_ = 0;
    std::printf("L %ld %d %d %d\n", now_, person, which, l.level);
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = l});
  }

  void restrict(int person, int which) {
    const auto under = std::pair(person, which);
    const bool on = !halted_.contains(under) || !halted_.at(under);
    halted_[under] = on;
    rights::Request r{.id = {9, static_cast<std::uint64_t>(person * 2 + which)}, .right = rights::Right::restriction};
    r.state = on ? rights::State::fulfilled : rights::State::revoked;
    r.made = r.changed = at(now_);
    ticked_ = 0;
    std::printf("X %ld %d %d %d\n", now_, person, which, on ? 1 : 0);
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = record::Requested{atom(person, which), {4, ++message_}, rights::form_of(r)}});
  }

  void tick() {
    ticked_ = now_;
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = record::Tick{}});
  }
  /// Told only before an answer that was given by that clock: any other fact bears its own time.
  void tell_tick() {
    if (ticked_ != 0) std::printf("T %ld\n", ticked_);
    ticked_ = 0;
  }

  /// One open effect goes one step further, as a lane takes it.
  void work() {
    tick();  // what waited for this time is ready now
    std::vector<Effected> open;
    visit_open(state_, [&](const Effected& e) {
      if (e.effect.state != outbox::State::planned) open.push_back(e);
    });
    if (open.empty()) return;
    std::ranges::sort(open, {}, [](const Effected& e) { return e.effect.key; });
    const Effected& e = open[dice_->below(open.size())];
    const int n = known_.at(e.effect.key);
    if (e.effect.state == outbox::State::ready) return claim(e, n);
    release_one(e, n);
  }

  void claim(const Effected& e, int n) {
    ++now_;
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = record::Claimed{e.anchor, e.effect.key, e.effect.attempts + 1}});
    bool claimed = false, open = false;
    visit_open(state_, [&](const Effected& other) {
      if (other.effect.key != e.effect.key) return;
      open = true;
      claimed = other.effect.state == outbox::State::claimed;
    });
    ticked_ = 0;
    std::printf("V %ld %d c %d %d\n", now_, n, claimed ? 1 : 0, open ? 1 : 0);
    if (claimed) std::printf("K %ld %d\n", now_, n);
  }

  /// The house's clock may be ahead of the partition's, which heard of nothing.
  void release_one(const Effected& e, int n) {
    now_ += dice_->chance(70) ? 1 : 1 + static_cast<std::int64_t>(dice_->below(30 * 3'600));
    const auto released = release(state_, e.component, e.anchor.id, e.effect.key, e.effect.attempts, house_, at(now_));
    check(released.has_value(), "it is claimed");
    const bool yes = std::holds_alternative<outbox::Permit>(released->answer);
    tell_tick();
    std::printf("V %ld %d r %d 1\n", now_, n, yes ? 1 : 0);
    record::Performed p{.anchor = e.anchor, .effect = e.effect.key, .attempt = e.effect.attempts};
    using Came = record::Performed::Outcome;
    const std::uint64_t how = dice_->below(100);
    p.outcome = how < 75 ? Came::done : how < 85 ? Came::failed : how < 92 ? Came::uncertain : Came::again;
    p.due = at(now_ + 1 + static_cast<std::int64_t>(dice_->below(7'200)));
    if (const auto* later = std::get_if<outbox::Defer>(&released->answer)) {
      p.outcome = Came::back;
      p.due = later->until;
    } else if (const auto* no = std::get_if<outbox::Deny>(&released->answer)) {
      p.outcome = Came::refused;
      p.reason = static_cast<std::uint8_t>(no->reason);
    } else {
      p.released = at(now_);
    }
    const int came = p.outcome == Came::done ? 0 : p.outcome == Came::failed || p.outcome == Came::refused ? 1 : p.outcome == Came::uncertain ? 2 : 3;
    ++now_;
    ticked_ = 0;
    std::printf("U %ld %d %d\n", now_, n, came);
    take({.stamp = at(now_), .origin = {}, .to = {}, .body = p});
  }

  Names& names_;
  std::shared_ptr<const segment::Engine> engine_;
  std::shared_ptr<const outbox::Rules> rules_;
  House house_;
  std::vector<Name> events_;
  Dice* dice_ = nullptr;
  PartitionState state_;
  Outcome outcome_;
  std::int64_t now_ = 0, ticked_ = 0;
  std::uint64_t position_ = 0, message_ = 0;
  int people_ = 1;
  std::map<std::pair<int, int>, bool> halted_;
  std::vector<Told> effects_;
  std::map<Hash128, int> known_;

 public:
  void reset() { halted_.clear(); }
};

int run(std::uint64_t seed, std::uint64_t effects, int steps) {
  static char buffer[1 << 20];
  std::setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  Names names;
  segment::Binding binding;
  binding.names = &names;
  binding.purpose = [](std::string_view name) { return std::optional<PurposeBit>(static_cast<PurposeBit>(std::atoi(std::string(name.substr(1)).c_str()))); };
  binding.kind = kind_id;
  const auto engine = compiled(definitions(), binding);
  check(engine != nullptr, "the segments compile");
  int n = 0;
  for (const Seen& s : seen) std::printf("S %d %d %d %d\n", n++, s.purpose, s.name, s.window_s);
  House_ house(names, engine);
  for (std::uint64_t made = 0; made < effects; ++seed) {
    house.reset();
    made += house.play(seed, steps);
  }
  return 0;
}

}  // namespace
}  // namespace hospes::flow

int main(int count, char** words) {
  if (count != 4) return std::fprintf(stderr, "effects_driver SEED EFFECTS STEPS\n"), 2;
  const auto number = [&](int i) { return std::strtoull(words[i], nullptr, 10); };
  return hospes::flow::run(number(1), number(2), static_cast<int>(number(3)));
}
