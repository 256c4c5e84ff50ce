// GET /v1/sets and /v1/sets/overlap: how many people are in a combination of segments, and how two or
// three of them overlap. /v1/sets/members is read_members.cc's.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <numeric>

#include "portal/json.h"
#include "portal/reads.h"
#include "portal/sets.h"

namespace hospes::portal {
namespace {

std::string names_of(const segment::Definition& d) {
  return Object().text("en", d.name_en).text("fr", d.name_fr).done();
}

std::vector<std::string> ids_in(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

/// People of each region, by which of the sets they are in (bit i: in the i-th). 0 stays 0.
std::array<std::uint64_t, 8> regions(
    const ConsoleDoors& doors, const std::vector<segment::SegmentIndex>& sets, bool real
) {
  std::vector<std::array<std::uint64_t, 8>> by_partition(doors.node.partitions());
  doors.node.ask_all([&](const flow::PartitionState& s) {
    std::vector<roaring::Roaring> of;
    for (const segment::SegmentIndex i : sets) {
      of.push_back(i < s.members.size() ? s.members[i] : roaring::Roaring());
      if (real) of.back() -= s.simulated;
    }
    auto& out = by_partition[s.self];
    for (unsigned which = 1; which < 1U << sets.size(); ++which) {
      roaring::Roaring in = of[static_cast<std::size_t>(std::countr_zero(which))];
      for (unsigned i = 0; i < sets.size(); ++i) {
        if ((which >> i & 1U) != 0)
          in &= of[i];
        else
          in -= of[i];
      }
      out[which] = in.cardinality();
    }
  });
  std::array<std::uint64_t, 8> sum{};
  for (const auto& one : by_partition)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one[i];
  return sum;
}

}  // namespace

Result<SetAsked> set_asked(const ConsoleDoors& doors, std::string_view where) {
  if (where.empty())
    return fail(Code::invalid_input, "where is missing: say `in segment a and not in segment b`");
  SetAsked out{engine_of(doors.node), {}};
  if (!out.engine) return fail(Code::not_found, "no segment is in force yet");
  out.question = TRY(SetQuestion::parse(where, out.engine->definitions()));
  return out;
}

Status SetAsked::one_purpose() const {
  for (const segment::SegmentIndex i : question.named()) {
    const segment::Definition& d = engine->definitions().at(i).definition;
    if (d.purpose == first().purpose) continue;
    return fail(
        Code::invalid_input,
        fmt::format(
            "segment {} serves {}, segment {} serves {}: people are listed by what one purpose may know; "
            "they can be counted together",
            first().id, first().purpose, d.id, d.purpose
        )
    );
  }
  return {};
}

http::Response read_set(const ConsoleDoors& doors, const http::Request& request) {
  const auto set = set_asked(doors, request.query_value("where").value_or(""));
  if (!set) return problem(set.error());
  const bool real = real_only(request);
  const Instant asked = doors.clock.now();
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::uint64_t> counts(doors.node.partitions());
  doors.node.ask_all([&](const flow::PartitionState& s) { counts[s.self] = set->question.count(s, real); });
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began
  );
  List segments;
  for (const segment::SegmentIndex i : set->question.named()) {
    const segment::Definition& d = set->engine->definitions().at(i).definition;
    segments.add(Object().text("id", d.id).raw("name", names_of(d)).text("purpose", d.purpose).done());
  }
  return http::json(
      200, Object()
                   .text("where", set->question.text())
                   .number("people", std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}))
                   .raw("segments", segments.done())
                   .text("as_of", to_string(asked))
                   .truth("real_only", real)
                   .number("took_us", static_cast<std::uint64_t>(took.count()))
                   .done() +
               "\n"
  );
}

http::Response read_regions(const ConsoleDoors& doors, const http::Request& request) {
  const auto ids = ids_in(request.query_value("of").value_or(""));
  const auto engine = engine_of(doors.node);
  if (ids.size() < 2 || ids.size() > 3)
    return problem(400, "invalid_input", "of names two or three segments, with commas between");
  std::vector<segment::SegmentIndex> sets;
  for (const std::string& id : ids) {
    const auto index = engine ? engine->definitions().find(id) : std::nullopt;
    if (!index) return no_segment();
    if (std::ranges::find(sets, *index) != sets.end())
      return problem(400, "invalid_input", "of names " + id + " twice");
    sets.push_back(*index);
  }
  const Instant asked = doors.clock.now();
  const auto people = regions(doors, sets, real_only(request));
  List told, areas;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    std::uint64_t members = 0;
    for (unsigned which = 1; which < people.size(); ++which)
      if ((which >> i & 1U) != 0) members += people[which];
    const segment::Definition& d = engine->definitions().at(sets[i]).definition;
    told.add(Object().text("id", d.id).raw("name", names_of(d)).number("members", members).done());
  }
  for (unsigned which = 1; which < 1U << sets.size(); ++which) {
    List in;
    for (std::size_t i = 0; i < sets.size(); ++i)
      if ((which >> i & 1U) != 0) in.add(json_text(ids[i]));
    areas.add(Object().raw("in", in.done()).number("people", people[which]).done());
  }
  return http::json(
      200, Object()
                   .raw("sets", told.done())
                   .raw("regions", areas.done())
                   .text("as_of", to_string(asked))
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
