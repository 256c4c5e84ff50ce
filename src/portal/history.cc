#include "portal/history.h"

#include <algorithm>
#include <charconv>
#include <future>

#include "flow/look.h"
#include "portal/json.h"
#include "portal/people.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr Duration good_for = std::chrono::minutes(1);
constexpr Duration step_min = std::chrono::minutes(1);
constexpr Duration step_max = std::chrono::hours(24 * 366);
constexpr std::size_t points_usual = 84;

/// One person's memberships as time passes over a timeline that is known whole.
class Run {
 public:
  Run(const segment::Engine& engine, const segment::Person& person)
      : engine_(engine), person_(person) {}

  /// Everything up to `at`; what happened on the way is not told.
  void begin(Instant at) {
    taken_ = static_cast<std::size_t>(
        std::ranges::upper_bound(person_.events, at, {}, [](const segment::Seen& s) {
          return s.moment->happened;
        }) -
        person_.events.begin()
    );
    engine_.rebuild(page_, known(), at, flips_);
    flips_.clear();
  }

  bool in(segment::SegmentIndex segment) const { return page_.since(segment).has_value(); }

  /// The passages from there to `now`, in order.
  const segment::Flips& until(Instant now) {
    for (; taken_ < person_.events.size(); ++taken_) {
      const segment::Seen& event = person_.events[taken_];
      const Instant at = event.moment->happened;
      if (at > now) break;
      pass(at);
      if (engine_.add(page_, event, person_.kinds, at, flips_) == segment::Added::needs_rebuild) {
        const segment::Person with{
            person_.events.first(taken_ + 1), person_.kinds, person_.answers};
        engine_.rebuild(page_, with, at, flips_, segment::Cause::event);
      }
    }
    pass(now);
    return flips_;
  }

 private:
  segment::Person known() const { return {person_.events.first(taken_), person_.kinds, person_.answers}; }

  void pass(Instant until) {
    for (Instant due = engine_.due(page_); due <= until; due = engine_.due(page_)) {
      if (engine_.fire(page_, due, flips_) == segment::Added::needs_rebuild)
        engine_.rebuild(page_, known(), due, flips_, segment::Cause::time);
    }
  }

  const segment::Engine& engine_;
  const segment::Person person_;
  std::size_t taken_ = 0;
  segment::Page page_;
  segment::Flips flips_;
};

void references(const segment::Node& node, std::vector<std::string>& out) {
  if (const auto* in = std::get_if<segment::InSegment>(&node.is)) out.push_back(in->id);
  if (const auto* of = segment::children(node)) {
    for (const segment::Node& child : *of) references(child, out);
  }
}

/// An engine for one segment and those it asks about: the others would only cost time.
Result<std::unique_ptr<segment::Engine>> engine_for(
    const ConsoleDoors& doors, const segment::Definitions& all, std::string_view id
) {
  std::vector<std::string> wanted{std::string(id)};
  std::vector<segment::Definition> list;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (std::ranges::find(list, wanted[i], &segment::Definition::id) != list.end()) continue;
    const auto at = all.find(wanted[i]);
    if (!at) continue;
    list.push_back(all.at(*at).definition);
    references(list.back().predicate, wanted);
  }
  auto bound = TRY(segment::bind(std::move(list), binding_of(doors), {}, all.thresholds()));
  return std::make_unique<segment::Engine>(std::move(bound));
}

std::uint64_t people_of(node::Node& node) {
  std::atomic<std::uint64_t> people{0};
  node.ask_all([&](const flow::PartitionState& s) {
    people += static_cast<std::uint64_t>(std::ranges::count_if(s.dense, [](const auto& ref) {
      return ref.component != nullptr;
    }));
  });
  return people;
}

std::uint64_t version_of(node::Node& node) {
  std::promise<std::uint64_t> version;
  node.ask(0, [&](const flow::PartitionState& s) { version.set_value(s.definitions.version); });
  return version.get_future().get();
}

}  // namespace

void add_past(
    const segment::Engine& engine, segment::SegmentIndex segment, const segment::Person& person,
    Instant now, Duration step, std::vector<HistoryPoint>& points
) {
  const auto n = static_cast<std::int64_t>(points.size());
  const Instant before = now - step * n;
  Run run(engine, person);
  run.begin(before);
  bool in = run.in(segment);
  std::int64_t next = 0;  // point whose members are not yet counted
  const auto count_to = [&](std::int64_t until) {
    for (; next < until; ++next) points[static_cast<std::size_t>(next)].members += in ? 1 : 0;
  };
  for (const segment::Flip& flip : run.until(now)) {
    if (flip.segment != segment) continue;
    // Point i stands for (point before, point i].
    const std::int64_t at = (flip.at - before - Duration(1)) / step;
    const auto i = std::clamp<std::int64_t>(at, 0, n - 1);
    count_to(i);
    in = flip.entered;
    ++(in ? points[static_cast<std::size_t>(i)].in : points[static_cast<std::size_t>(i)].out);
  }
  count_to(n);
}

Result<History::Asked> History::asked(const http::Request& request) {
  Asked out;
  out.id = *between(request.path, "/v1/segments/", "/history");
  const auto step = parse_duration(request.query_value("step").value_or("1d"));
  if (!step || *step < step_min || *step > step_max)
    return fail(Code::invalid_input, "step is a duration such as 1d or 6h, from 1m to 366d");
  out.step = *step;
  out.points = points_usual;
  if (const auto text = request.query_value("points")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out.points);
    if (error != std::errc() || end != text->data() + text->size() || out.points < 2 ||
        out.points > points_max)
      return fail(Code::invalid_input, "points must be a number from 2 to 400");
  }
  out.real_only = portal::real_only(request);
  return out;
}

http::Response History::read(const http::Request& request) {
  const auto wanted = asked(request);
  if (!wanted) return problem(wanted.error());
  const auto engine = engine_of(doors_.node);
  if (!engine || !engine->definitions().find(wanted->id)) return no_segment();
  const std::uint64_t version = version_of(doors_.node);
  const auto kept = [&]() -> std::optional<std::string> {
    const std::lock_guard lock(mutex_);
    const auto at = kept_.find(*wanted);
    if (at == kept_.end() || at->second.version != version ||
        doors_.clock.now() - at->second.at > good_for)
      return std::nullopt;
    return at->second.body;
  };
  if (auto body = kept()) return http::json(200, std::move(*body));
  const std::unique_lock alone(alone_, std::try_to_lock);
  if (!alone) return problem(503, "over_limit", "another history is being computed; ask again");
  const auto own = engine_for(doors_, engine->definitions(), wanted->id);
  if (!own) return problem(own.error());
  const Instant now = doors_.clock.now();
  std::string body = computed(*wanted, **own, *(*own)->definitions().find(wanted->id));
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const auto& row) { return now - row.second.at > good_for; });
  if (kept_.size() < kept_max) kept_[*wanted] = {now, version, body};
  return http::json(200, std::move(body));
}

std::string History::computed(
    const Asked& asked, const segment::Engine& engine, segment::SegmentIndex segment
) {
  const auto began = std::chrono::steady_clock::now();
  const Instant now = doors_.clock.now();
  const std::uint64_t one_in = std::max<std::uint64_t>(1, (people_of(doors_.node) + people_max - 1) / people_max);
  const Mask heedless = doors_.node.house().heeds_no_answer;
  std::vector<HistoryPoint> points(asked.points);
  std::uint64_t people = 0;
  Instant from = Instant::never();
  walk(doors_.node, [&](const Met& met) {
    if (asked.real_only && met.person.simulated) return true;
    if (met.person.id.atom.lo % one_in != 0) return true;  // ids are random: a fair draw
    const flow::Look look(met.state, met.component, met.person, heedless, now);
    const segment::Person person = look.person();
    ++people;
    if (!person.events.empty()) from = std::min(from, person.events.front().moment->happened);
    add_past(engine, segment, person, now, asked.step, points);
    return true;
  });
  List list;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Instant at = now - asked.step * static_cast<std::int64_t>(points.size() - 1 - i);
    list.add(Object()
                 .text("at", to_string(at))
                 .number("members", points[i].members * one_in)
                 .number("in", points[i].in * one_in)
                 .number("out", points[i].out * one_in)
                 .done());
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began
  );
  return Object()
             .text("segment", asked.id)
             .raw("step_s", std::to_string(asked.step / std::chrono::seconds(1)))
             .raw("points", list.done())
             .number("people", people)
             .number("one_in", one_in)
             .raw("from", from == Instant::never() ? "null" : json_text(to_string(from)))
             .text("computed_at", to_string(now))
             .raw("took_ms", std::to_string(took.count()))
             .truth("real_only", asked.real_only)
             .done() +
         "\n";
}

}  // namespace hospes::portal
