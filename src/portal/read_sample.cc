// GET /v1/segments/{id}/sample: ten members with why; and /overlap: with whom they are shared.
#include <algorithm>
#include <charconv>
#include <future>
#include <mutex>

#include "flow/cold.h"
#include "flow/look.h"
#include "portal/called.h"
#include "portal/json.h"
#include "portal/audit.h"
#include "portal/reads.h"
#include "segment/explain.h"

namespace hospes::portal {
namespace {

constexpr std::size_t sample_max = 10;

/// Of one partition, without the invented when only the real are asked for.
roaring::Roaring members_in(
    const flow::PartitionState& s, segment::SegmentIndex segment, bool real_only
) {
  if (segment >= s.members.size()) return {};
  return real_only ? s.members[segment] - s.simulated : s.members[segment];
}

/// Systematic sample (Cochran, Sampling Techniques, ch. 8): the members in their order are cut into
/// ten equal stretches, and one is taken from the same place of each. People are numbered as they
/// came, so the ten are spread from the oldest to the newest.
std::vector<std::uint64_t> ranks(std::uint64_t members, std::uint64_t draw) {
  std::vector<std::uint64_t> out;
  const std::uint64_t taken = std::min<std::uint64_t>(members, sample_max);
  for (std::uint64_t i = 0; i < taken; ++i) {
    const std::uint64_t from = members * i / taken, until = members * (i + 1) / taken;
    constexpr std::uint64_t leap = 7'919;  // a prime, so that draws of one stretch do not repeat early
    out.push_back(from + draw * leap % (until - from));
  }
  return out;
}

std::string one(
    const ConsoleDoors& doors, const flow::PartitionState& s, segment::SegmentIndex segment,
    std::uint32_t dense, bool names, AtomId& seen
) {
  const flow::PersonRef ref = s.dense[dense];
  if (ref.component == nullptr) return "";
  const Met met{s, *ref.component, ref.component->people[ref.index]};
  const Mask heedless = doors.node.house().heeds_no_answer;
  const flow::Look look(s, met.component, met.person, heedless, s.clock);
  const auto since = met.person.page.since(segment);
  const auto& definitions = s.engine->definitions();
  const auto told = segment::explain(
      definitions, segment, look.person(), since, s.clock,
      barred(met, definitions.at(segment).purpose, heedless)
  );
  const std::string name = names ? called(met, doors.names, heedless) : "";
  seen = met.person.id.atom;
  return Object()
      .text("person", names ? name_of(met, doors.keys) : "person:" + to_hex(met.person.id.atom))
      .text("id", to_hex(met.person.id.atom))
      .raw("called", name.empty() ? "null" : json_text(name))
      .raw("since", since ? json_text(to_string(*since)) : "null")
      .truth("simulated", met.person.simulated)
      .raw("why", segment::to_json(told, definitions))
      .done();
}

std::vector<std::uint64_t> sizes(node::Node& node, segment::SegmentIndex segment, bool real_only) {
  std::vector<std::uint64_t> out(node.partitions());
  node.ask_all([&](const flow::PartitionState& s) {
    out[s.self] = members_in(s, segment, real_only).cardinality();  // each its own place
  });
  return out;
}

struct Pair {
  std::uint64_t members = 0, both = 0;
};

std::vector<Pair> pairs(node::Node& node, segment::SegmentIndex segment, bool real_only) {
  std::vector<Pair> out;
  std::mutex mutex;
  node.ask_all([&](const flow::PartitionState& s) {
    const roaring::Roaring these = members_in(s, segment, real_only);
    const std::lock_guard lock(mutex);
    out.resize(std::max(out.size(), s.members.size()));
    for (std::size_t i = 0; i < s.members.size(); ++i) {
      out[i].both += these.and_cardinality(s.members[i]);
      out[i].members += s.members[i].cardinality();
      if (real_only) out[i].members -= s.members[i].and_cardinality(s.simulated);
    }
  });
  return out;
}

}  // namespace

http::Response read_sample(const ConsoleDoors& doors, const http::Request& request) {
  const auto id = between(request.path, "/v1/segments/", "/sample");
  const auto engine = engine_of(doors.node);
  const auto segment = engine ? engine->definitions().find(*id) : std::nullopt;
  if (!segment) return no_segment();
  std::uint64_t draw = 0;
  if (const auto text = request.query_value("draw")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), draw);
    if (error != std::errc() || end != text->data() + text->size() || draw > 1'000'000)
      return problem(400, "invalid_input", "draw must be a number from 0 to 1000000");
  }
  const bool real = real_only(request);
  const Instant asked = doors.clock.now();
  const std::vector<std::uint64_t> by_partition = sizes(doors.node, *segment, real);
  std::uint64_t members = 0;
  for (const std::uint64_t n : by_partition) members += n;
  const bool names = names_people(doors, request);
  std::vector<AtomId> seen;
  List people;
  for (std::uint64_t rank : ranks(members, draw)) {
    Partition p = 0;
    while (rank >= by_partition[p]) rank -= by_partition[p++];
    std::promise<std::string> told;
    AtomId who;
    doors.node.ask(p, [&](const flow::PartitionState& s) {
      // Who left since they were counted is not replaced.
      std::uint32_t dense = 0;
      const bool there = members_in(s, *segment, real).select(static_cast<std::uint32_t>(rank), &dense);
      told.set_value(there ? one(doors, s, *segment, dense, names, who) : "");
      flow::make_room(s);
    });
    const std::string person = told.get_future().get();
    if (person.empty()) continue;
    people.add(person);
    seen.push_back(who);
  }
  look_at(doors, request, seen, "sample", *id);
  return http::json(
      200, Object().text("segment", *id)
                   .text("as_of", to_string(asked))
                   .number("members", members)
                   .number("draw", draw)
                   .raw("people", people.done())
                   .done() +
               "\n"
  );
}

http::Response read_overlap(const ConsoleDoors& doors, const http::Request& request) {
  const auto id = between(request.path, "/v1/segments/", "/overlap");
  const auto engine = engine_of(doors.node);
  const auto segment = engine ? engine->definitions().find(*id) : std::nullopt;
  if (!segment) return no_segment();
  const auto with = request.query_value("with");
  const auto other = with ? engine->definitions().find(*with) : std::nullopt;
  if (with && !other) return no_segment();
  const Instant asked = doors.clock.now();
  const auto counted = pairs(doors.node, *segment, real_only(request));
  std::vector<segment::SegmentIndex> order;
  for (segment::SegmentIndex i = 0; i < counted.size(); ++i) {
    if (i >= engine->definitions().size() || engine->definitions().at(i).retired) continue;
    if (other ? i == *other : i != *segment) order.push_back(i);
  }
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](auto i) { return counted[i].both; });
  List others;
  for (const segment::SegmentIndex i : order) {
    const segment::Definition& d = engine->definitions().at(i).definition;
    others.add(Object()
                   .text("id", d.id)
                   .raw("name", Object().text("en", d.name_en).text("fr", d.name_fr).done())
                   .number("members", counted[i].members)
                   .number("both", counted[i].both)
                   .done());
  }
  const std::uint64_t members = *segment < counted.size() ? counted[*segment].members : 0;
  return http::json(
      200, Object().text("segment", *id)
                   .number("members", members)
                   .text("as_of", to_string(asked))
                   .raw("others", others.done())
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
