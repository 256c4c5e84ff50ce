// hospes-bench truth: random definitions and random lives until the time is up; at every event, at
// each instant at which something falls due and one microsecond before it, the engine must say what
// the evaluator says. A difference is shrunk and written as a scenario that tests/oracle judges by
// SQL. Every third world is a whole partition (truth.h); its scenario is lived again by --replay.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "bench/commands.h"
#include "bench/options.h"
#include "bench/shrink.h"
#include "bench/truth.h"
#include "segment/chance.h"
#include "segment/engine.h"
#include "segment/json.h"
#include "segment/json_write.h"
#include "segment/text.h"

namespace hospes::bench {
namespace {

using segment::Answered;
using segment::Chance;
using segment::Definitions;
using segment::SegmentIndex;

/// Something that reaches one person: an event, or all they have answered by then.
struct Step {
  Instant at;
  std::optional<Event> event;
  std::vector<Answered> answers;
};
struct Life {
  std::uint64_t kinds = 0;
  std::vector<Step> steps;
};

struct Difference {
  SegmentIndex segment = 0;
  Instant at;
};

Life make_life(Chance& chance, Names& names) {
  Life out{.kinds = chance.dice.below(4), .steps = {}};
  Instant now = segment::world_begins;
  std::vector<Instant> past{now};
  for (std::uint64_t serial = 0; serial < 30; ++serial) {
    now = now + chance.step();
    if (chance.dice.chance(6)) {
      out.steps.push_back({now, std::nullopt, chance.answers(now)});
      continue;
    }
    Instant happened = now;
    if (chance.dice.chance(25)) happened = now - chance.duration();
    if (chance.dice.chance(10)) happened = past[chance.dice.below(past.size())];
    past.push_back(happened);
    Event e = chance.event(happened, serial, names);
    e.message = {0, chance.dice.next() >> 1};
    e.received = now;
    out.steps.push_back({now, std::move(e), {}});
  }
  return out;
}

/// One person, kept as a partition keeps them.
class Run {
 public:
  Run(const segment::Engine& engine, const Life& life, Tally& tally)
      : engine_(engine), life_(life), tally_(tally) {}

  std::optional<Difference> go() {
    rebuild(segment::world_begins, segment::Cause::rebuild);
    for (const Step& step : life_.steps) {
      if (!wait(step.at)) return wrong_;
      if (!agrees(step.at)) return wrong_;
      take(step);
      if (!agrees(step.at)) return wrong_;
    }
    wait(life_.steps.empty() ? segment::world_begins
                             : life_.steps.back().at + std::chrono::hours(80));
    return wrong_;
  }

 private:
  std::vector<segment::Seen> seen() const { return segment::seen_of(timeline_); }

  void rebuild(Instant now, segment::Cause cause) {
    ++tally_.rebuilds;
    const auto all = seen();
    engine_.rebuild(page_, {all, life_.kinds, answers_}, now, flips_, cause);
  }
  bool wait(Instant until) {
    while (engine_.due(page_) <= until) {
      const Instant due = engine_.due(page_);
      if (!agrees(due - Duration(1))) return false;
      if (engine_.fire(page_, due, flips_) == segment::Added::needs_rebuild)
        rebuild(due, segment::Cause::time);
      if (!agrees(due)) return false;
    }
    return true;
  }
  void take(const Step& step) {
    if (!step.event) {
      answers_ = step.answers;
      return rebuild(step.at, segment::Cause::rebuild);
    }
    timeline_.add(*step.event);
    const auto all = seen();
    const auto at = std::ranges::find(all, step.event->message, [](const segment::Seen& s) {
      return s.moment->message;
    });
    if (engine_.add(page_, *at, life_.kinds, step.at, flips_) == segment::Added::needs_rebuild)
      rebuild(step.at, segment::Cause::event);
  }
  bool agrees(Instant now) {
    const auto all = seen();
    Mask visible = 0;
    for (const segment::Seen& s : all) visible |= s.mask;
    const Definitions& d = engine_.definitions();
    const segment::Memberships truth =
        segment::evaluate_all(d, {all, life_.kinds, answers_}, now);
    for (SegmentIndex i = 0; i < d.size(); ++i) {
      ++tally_.checks;
      tally_.in_scope += (visible & bit(d.at(i).purpose)) != 0;
      if (truth.in[i] == page_.since(i).has_value()) continue;
      if (!wrong_) wrong_ = Difference{i, now};
    }
    tally_.flips += flips_.size();
    flips_.clear();
    return !wrong_;
  }

  const segment::Engine& engine_;
  const Life& life_;
  Tally& tally_;
  Timeline timeline_;
  std::vector<Answered> answers_;
  segment::Page page_;
  segment::Flips flips_;
  std::optional<Difference> wrong_;
};

std::optional<Difference> judge(const segment::Engine& engine, const Life& life) {
  Tally none;
  return Run(engine, life, none).go();
}

std::string event_json(const Event& e, const Names& names) {
  segment::JsonObject properties;
  for (PackedReader in(e.properties.packed()); in.next();)
    properties.add(names.text(in.name()), segment::json_value(in.value()));
  return segment::JsonObject()
      .add("message", std::to_string(e.message.lo))
      .add("happened", std::to_string(e.happened.us))
      .add("received", std::to_string(e.received.us))
      .text("name", names.text(e.name))
      .text("type", to_string(e.type))
      .add("mask", std::to_string(e.mask))
      .add("properties", properties.done())
      .done();
}

/// The input of tests/oracle: definitions on the first line, the person on the second.
std::string scenario(
    const Definitions& definitions, const Life& life, Instant at, const Names& names
) {
  std::string list, thresholds, events, answers;
  const auto add = [](std::string& to, const std::string& one) {
    to += (to.empty() ? "" : ",") + one;
  };
  for (SegmentIndex i = 0; i < definitions.size(); ++i)
    add(list, segment::to_json(definitions.at(i).definition));
  for (const segment::Threshold& t : definitions.thresholds()) {
    add(thresholds, segment::JsonObject()
                        .text("purpose", t.purpose)
                        .add("test", segment::to_json(*segment::parse_predicate(t.ranked)))
                        .add("value", hospes::to_string(t.value))
                        .done());
  }
  for (const Step& step : life.steps) {
    if (step.event) add(events, event_json(*step.event, names));
    for (const Answered& a : step.answers) {
      segment::JsonObject one;
      one.add("at", std::to_string(step.at.us))
          .text("purpose", a.purpose == 0 ? "p0" : "p1")
          .text("said", segment::to_string(a.said));
      if (a.until != Instant::never()) one.add("until", std::to_string(a.until.us));
      add(answers, one.done());
    }
  }
  return fmt::format(
      "{{\"definitions\":[{}],\"purposes\":{{\"p0\":0,\"p1\":1}},\"kinds\":{{\"k0\":0,\"k1\":1}},"
      "\"thresholds\":[{}]}}\n"
      "{{\"person\":\"1\",\"kinds\":{},\"events\":[{}],\"answers\":[{}],\"instants\":[{}]}}\n",
      list, thresholds, life.kinds, events, answers, at.us
  );
}

Status write_scenario(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::trunc);
  out << text;
  if (!out.flush()) return fail(Code::unavailable, "cannot write " + path);
  return {};
}

/// A scenario of a partition once more.
Result<Report> replay(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  if (!in || !(text << in.rdbuf())) return fail(Code::not_found, file + " cannot be read");
  const HouseWorld world = TRY(parse_house_world(text.str()));
  Tally tally;
  const auto wrong = live(world, tally);
  Report out;
  out.whole("seed", world.seed);
  out.whole("records", world.steps.size());
  out.whole("checks", tally.checks);
  out.whole("differences", wrong ? 1 : 0);
  if (wrong) out.text("segment", wrong->segment);
  if (wrong) out.text("at", to_string(wrong->at));
  return out;
}

}  // namespace

Result<Report> truth_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"seconds", "60"}, {"seed", "1"}, {"scenario", "truth-scenario.jsonl"}, {"replay", ""}}
  ));
  if (!options.text("replay").empty()) return replay(options.text("replay"));
  const double seconds = TRY(options.number("seconds", 0, 1e6));
  const auto seed = static_cast<std::uint64_t>(TRY(options.number("seed", 0, 1e15)));
  const auto ends = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  Tally tally;
  std::uint64_t worlds = 0, partitions = 0;
  std::uint64_t differences = 0;
  std::string found;
  while (std::chrono::steady_clock::now() < ends && differences == 0) {
    if (worlds % 3 == 2) {
      ++partitions;
      const HouseWorld world = house_world(seed + worlds++);
      const auto wrong = live(world, tally);
      if (!wrong) continue;
      ++differences;
      found = wrong->segment;
      TRY(write_scenario(options.text("scenario"), to_text(shrunk(world))));
      continue;
    }
    Chance chance(seed + worlds);
    chance.quick = worlds++ % 3 == 0;
    Names names;
    const segment::Engine engine(TRY(chance.bound(30, segment::small_house(names))));
    for (int person = 0; person < 10 && differences == 0; ++person) {
      const Life life = make_life(chance, names);
      const auto wrong = Run(engine, life, tally).go();
      if (!wrong) continue;
      ++differences;
      found = engine.definitions().at(wrong->segment).definition.id;
      const Life less = shrunk(life, [&](const Life& l) { return judge(engine, l).has_value(); });
      const Instant at = judge(engine, less).value_or(*wrong).at;
      TRY(write_scenario(
          options.text("scenario"), scenario(engine.definitions(), less, at, names)
      ));
    }
  }
  Report out = core_surroundings();
  out.whole("seed", seed);
  out.whole("worlds", worlds);
  out.whole("checks", tally.checks);
  out.whole("checks_in_scope", tally.in_scope);
  out.whole("flips", tally.flips);
  out.whole("rebuilds", tally.rebuilds);
  out.whole("partitions", partitions);
  out.whole("passages_by_joins", tally.joins);
  out.whole("passages_by_splits", tally.splits);
  out.whole("erasures", tally.erasures);
  out.whole("answers", tally.answers);
  out.whole("duplicates", tally.duplicates);
  out.whole("redefinitions", tally.redefinitions);
  out.whole("clock_jumps", tally.clock_jumps);
  out.whole("differences", differences);
  if (differences > 0) {
    out.text("segment", found);
    out.text("scenario", options.text("scenario"));
  }
  return out;
}

Result<Report> mutants_command(std::span<const char* const> words) {
  std::vector<char*> all;
  std::string python = "python3", script = "tests/mutants/run.py";
  all.push_back(python.data());
  all.push_back(script.data());
  for (const char* word : words) all.push_back(const_cast<char*>(word));
  all.push_back(nullptr);
  ::execvp(all[0], all.data());
  return fail(Code::unavailable, "python3 cannot be run");
}

}  // namespace hospes::bench
