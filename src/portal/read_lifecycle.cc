// GET /v1/lifecycle: who stands in which stage, and how people pass from one to another.
#include <map>
#include <mutex>

#include "portal/reads.h"
#include "segment/lifecycle.h"

namespace hospes::portal {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::int32_t month = 30;  // days

struct Sums {
  std::shared_ptr<const segment::Engine> engine;
  flow::Stages stages;             // of the whole house; `simulated` of a way is false
  std::vector<std::uint64_t> here;  // by segment
  Instant as_of;
};

/// Every partition counts from when its own clock reached the definitions: the first of them says
/// since when.
Sums sums_of(const ConsoleDoors& doors, bool real) {
  Sums out;
  out.as_of = doors.clock.now();
  std::mutex mutex;
  doors.node.ask_all([&](const flow::PartitionState& s) {
    const std::lock_guard lock(mutex);
    if (!s.engine) return;
    out.engine = s.engine;
    for (const auto& [id, sums] : s.stages) {
      const auto [all, first] = out.stages.try_emplace(id, flow::StageSums{sums.stages, sums.since, {}});
      if (all->second.stages != sums.stages) continue;  // it has not switched yet
      all->second.since = std::min(all->second.since, sums.since);
      for (const auto& [way, passages] : sums.ways)
        if (!real || !way.simulated) all->second.ways[{way.from, way.to, false}].add(passages);
    }
    out.here.resize(std::max(out.here.size(), s.members.size()));
    for (std::size_t i = 0; i < s.members.size(); ++i)
      out.here[i] += real ? s.members[i].andnot_cardinality(s.simulated) : s.members[i].cardinality();
  });
  return out;
}

std::uint64_t lately(const flow::Passages& passages, Instant now) {
  const auto today = static_cast<std::int32_t>(now.us / day_us);
  std::uint64_t n = 0;
  for (const auto& [day, count] : passages.days)
    if (day > today - month) n += count;
  return n;
}

/// `stay`: null when nobody's was measured.
Object& put(Object& out, const flow::Passages& p, Instant now) {
  out.number("moved", p.moved).number("last_30_days", lately(p, now)).number("regrouped", p.regrouped);
  out.number("measured", p.measured());
  return out.raw(
      "median_seconds",
      p.measured() == 0 ? "null" : std::to_string(p.median().count() / 1'000'000)
  );
}

std::string stage_name(const flow::StageSums& sums, std::uint16_t at) {
  return at == 0 ? "null" : json_text(sums.stages.at(at - 1U));
}

std::string one(const Sums& all, const segment::Lifecycle& l) {
  const segment::Definitions& definitions = all.engine->definitions();
  const flow::StageSums& sums = all.stages.at(l.id);
  std::map<std::uint16_t, flow::Passages> in, out;  // by stage
  for (const auto& [way, passages] : sums.ways) {
    in[way.to].add(passages);
    out[way.from].add(passages);
  }
  List stages, ways;
  for (std::uint16_t at = 1; at <= l.stages.size(); ++at) {
    const auto index = *definitions.find(l.stages[at - 1U]);
    const segment::Definition& d = definitions.at(index).definition;
    Object entered, left;
    stages.add(Object()
                   .text("id", d.id)
                   .raw("name", Object().text("en", d.name_en).text("fr", d.name_fr).done())
                   .number("here", index < all.here.size() ? all.here[index] : 0)
                   .raw("entered", put(entered, {in[at].moved, in[at].regrouped, {}, in[at].days}, all.as_of).done())
                   .raw("left", put(left, out[at], all.as_of).done())
                   .done());
  }
  for (const auto& [way, passages] : sums.ways) {
    const std::uint64_t all_out = out[way.from].moved;
    Object row;
    row.raw("from", stage_name(sums, way.from)).raw("to", stage_name(sums, way.to));
    row.raw("of_those_who_left", all_out == 0 ? "null" : std::to_string(passages.moved * 1'000 / all_out));
    ways.add(put(row, passages, all.as_of).done());
  }
  return Object()
      .text("id", l.id)
      .raw("name", Object().text("en", l.name_en).text("fr", l.name_fr).done())
      .text("purpose", definitions.at(*definitions.find(l.stages[0])).definition.purpose)
      .text("since", to_string(sums.since))
      .raw("stages", stages.done())
      .raw("ways", ways.done())
      .done();
}

}  // namespace

http::Response read_lifecycle(const ConsoleDoors& doors, const http::Request& request) {
  const auto id = between(request.path, "/v1/lifecycle/", "");
  const bool real = real_only(request);
  const Sums all = sums_of(doors, real);
  List list;
  bool found = false;
  if (all.engine)
    for (const segment::Lifecycle& l : all.engine->definitions().lifecycles()) {
      if ((id && l.id != *id) || !all.stages.contains(l.id)) continue;
      found = true;
      list.add(one(all, l));
    }
  if (id && !found)
    return problem(404, "not_found", "no life cycle of that id: see /v1/lifecycle for those in force");
  return http::json(
      200, Object().text("as_of", to_string(all.as_of))
                   .truth("real_only", real)
                   .raw("lifecycles", list.done())
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
