// GET /v1/home: the numbers of the first page, each with its moment.
#include <mutex>

#include "portal/attendance.h"
#include "portal/day.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr std::size_t reasons_shown = 8;

std::int64_t lag_ms(node::Node& node) {
  const auto asked = std::chrono::steady_clock::now();
  node.ask_all([](const flow::PartitionState&) {});
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now() - asked
  )
      .count();
}

std::string people_json(const Attendance::Count& count, bool real) {
  return Object()
      .number("known", count.real.known + (real ? 0 : count.simulated.known))
      .number("new_today", count.real.new_today + (real ? 0 : count.simulated.new_today))
      .number("simulated", real ? 0 : count.simulated.known)
      .text("as_of", to_string(count.as_of))
      .done();
}

std::string reachable_json(const Attendance::Count& count, bool real) {
  const std::uint64_t email = count.real.reachable + (real ? 0 : count.simulated.reachable);
  return Object()
      .raw("email", count.asks_email ? std::to_string(email) : "null")
      .number("of", count.real.known + (real ? 0 : count.simulated.known))
      .text("as_of", to_string(count.as_of))
      .done();
}

template <typename What>
std::string series(const std::vector<Pulse::Counts>& counts, What what) {
  List out;
  for (const Pulse::Counts& c : counts) out.add(std::to_string(what(c)));
  return out.done();
}

std::string events_json(
    const Pulse& pulse, Instant began, const std::string& day, Instant now, bool real
) {
  const Pulse::Counts today = pulse.sum(began, now + std::chrono::minutes(1), real);
  return Object()
      .number("today", today.events)
      .number("answers", today.answers)
      .number("withheld", today.withheld)
      .number("refused", today.refused)
      .number("duplicates", today.duplicates)
      .raw("per_hour", series(pulse.by(60, 24, real), [](const auto& c) { return c.events; }))
      .text("day", day)
      .text("day_began", to_string(began))
      .done();
}

std::string passages_json(const Pulse& pulse, bool real) {
  const auto fives = pulse.by(5, 12, real);
  Pulse::Counts hour;
  for (const Pulse::Counts& c : fives) hour += c;
  return Object()
      .number("last_hour", hour.in + hour.out)
      .number("in", hour.in)
      .number("out", hour.out)
      .raw("per_5min", series(fives, [](const auto& c) { return c.in + c.out; }))
      .done();
}

std::string not_kept_json(const Pulse& pulse, Instant began, bool real) {
  List out;
  auto reasons = pulse.reasons(began, real);
  if (reasons.size() > reasons_shown) reasons.resize(reasons_shown);
  for (const auto& [why, n] : reasons) {
    const bool withheld = why.verdict == "withheld";
    List missing;
    for (std::string_view rest = withheld ? std::string_view(why.why) : ""; !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      missing.add(json_text(one));
    }
    out.add(Object()
                .text("verdict", why.verdict)
                .text("source", why.source)
                .raw("missing", missing.done())
                .raw("rule", withheld ? "null" : json_text(why.why))
                .number("events", n)
                .done());
  }
  return out.done();
}

std::string gaps_json(const Pulse& pulse) {
  List out;
  for (const Pulse::Gap& gap : pulse.gaps())
    out.add(
        Object().text("from", to_string(gap.from)).text("until", to_string(gap.until)).done()
    );
  return out.done();
}

}  // namespace

http::Response read_home(
    const ConsoleDoors& doors, Attendance& attendance, const http::Request& request
) {
  const bool real = real_only(request);
  const Instant now = doors.clock.now();
  const std::string& zone = doors.catalog.house.time_zone;
  const auto began = day_began(zone, now);
  if (!began) return problem(began.error());
  const auto day = date_of(zone, now);
  if (!day) return problem(day.error());
  const Attendance::Count count = attendance.count(*began);
  return http::json(
      200, Object().text("as_of", to_string(now))
                   .raw("lag_ms", std::to_string(lag_ms(doors.node)))
                   .truth("real_only", real)
                   .raw("people", people_json(count, real))
                   .raw("reachable", reachable_json(count, real))
                   .raw("events", events_json(doors.pulse, *began, *day, now, real))
                   .raw("passages", passages_json(doors.pulse, real))
                   .raw("not_kept", not_kept_json(doors.pulse, *began, real))
                   .text("counted_since", to_string(doors.pulse.since()))
                   .raw("gaps", gaps_json(doors.pulse))
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
