// GET /v1/segments/{id}/members: who is in a segment, by page.
#include <algorithm>
#include <future>

#include "flow/cold.h"
#include "portal/called.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr std::size_t members_usual = 100;
constexpr std::size_t members_max = 1'000;  // of one page

/// Members stand in order of (partition, person): no arrival and no restart moves anybody, so a
/// page goes on where the one before ended. The cursor names the last one shown. Who is joined
/// across partitions meanwhile may be missed or come twice.
struct Cursor {
  unsigned partition = 0;
  AtomId person;
};

std::optional<Cursor> parse(const std::string& text) {
  Cursor out;
  int read = 0;
  if (std::sscanf(
          text.c_str(), "%5u-%16lx%16lx%n", &out.partition, &out.person.hi, &out.person.lo, &read
      ) != 3 ||
      static_cast<std::size_t>(read) != text.size())
    return std::nullopt;
  return out;
}

struct Page {
  std::size_t limit = 0;
  bool real_only = false;
  List rows;
  std::size_t count = 0;
  std::optional<Cursor> last;
  bool more = false;
};

/// Members of one partition behind `after`, ascending.
std::vector<Met> members_of(
    const flow::PartitionState& s, segment::SegmentIndex segment, AtomId after, bool real_only
) {
  std::vector<Met> out;
  if (segment >= s.members.size()) return out;
  for (const std::uint32_t dense : s.members[segment]) {
    const flow::PersonRef ref = s.dense[dense];
    if (ref.component == nullptr) continue;
    const flow::PersonState& person = ref.component->people[ref.index];
    if (person.id.atom <= after) continue;
    if (real_only && person.simulated) continue;
    out.push_back({s, *ref.component, person});
  }
  return out;
}

void fill(
    const flow::PartitionState& s, segment::SegmentIndex segment, AtomId after,
    const ConsoleDoors& doors, Page& page
) {
  const std::vector<Met> found = members_of(s, segment, after, page.real_only);
  std::vector<const Met*> order;
  for (const Met& m : found) order.push_back(&m);
  const std::size_t taken = std::min(order.size(), page.limit - page.count);
  std::ranges::partial_sort(
      order, order.begin() + static_cast<std::ptrdiff_t>(taken), {},
      [](const Met* m) { return m->person.id.atom; }
  );
  for (std::size_t i = 0; i < taken; ++i) {
    const Met& m = *order[i];
    const auto since = m.person.page.since(segment);
    const std::string name = called(m, doors.names, doors.node.house().heeds_no_answer);
    page.rows.add(Object()
                      .text("person", name_of(m, doors.keys))
                      .text("id", to_hex(m.person.id.atom))
                      .raw("called", name.empty() ? "null" : json_text(name))
                      .text("since", to_string(since.value_or(s.clock)))
                      .truth("simulated", m.person.simulated)
                      .done());
    page.last = Cursor{s.self, m.person.id.atom};
  }
  page.count += taken;
  page.more = page.more || taken < order.size();
}

void read(const ConsoleDoors& doors, segment::SegmentIndex segment, Cursor from, Page& page) {
  for (unsigned p = from.partition; p < doors.node.partitions() && !page.more; ++p) {
    const AtomId after = p == from.partition ? from.person : AtomId{};
    std::promise<void> over;
    doors.node.ask(static_cast<Partition>(p), [&](const flow::PartitionState& s) {
      fill(s, segment, after, doors, page);
      flow::make_room(s);
      over.set_value();
    });
    over.get_future().get();
  }
}

}  // namespace

http::Response read_members(const ConsoleDoors& doors, const http::Request& request) {
  const auto id = between(request.path, "/v1/segments/", "/members");
  const auto engine = engine_of(doors.node);
  const auto index = engine ? engine->definitions().find(*id) : std::nullopt;
  if (!index) return no_segment();
  const auto limit = limit_of(request, members_usual, members_max);
  if (!limit) return problem(limit.error());
  const auto after = request.query_value("after");
  const auto from = after ? parse(*after) : Cursor{};
  if (!from)
    return problem(400, "invalid_input", "after is not what an earlier answer gave as next");
  Page page;
  page.limit = *limit;
  page.real_only = real_only(request);
  read(doors, *index, *from, page);
  std::string next = "null";
  if (page.more && page.last)
    next = json_text(std::to_string(page.last->partition) + "-" + to_hex(page.last->person));
  return http::json(
      200,
      Object().text("segment", *id).raw("members", page.rows.done()).raw("next", next).done() + "\n"
  );
}

}  // namespace hospes::portal
