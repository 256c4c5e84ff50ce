// GET /v1/segments/{id}/members and /v1/sets/members: who is in a segment, or in a combination, by page.
#include <algorithm>
#include <future>

#include "flow/cold.h"
#include "portal/audit.h"
#include "portal/called.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "portal/sets.h"

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

/// `since`: the segment whose entry is told; none for a combination.
struct Whom {
  std::function<roaring::Roaring(const flow::PartitionState&)> members;
  std::optional<segment::SegmentIndex> since;
  std::string of;  // for the audit: the segment, or the combination
};

struct Page {
  std::size_t limit = 0;
  bool names = false;
  List rows;
  std::vector<AtomId> seen;
  std::size_t count = 0;
  std::optional<Cursor> last;
  bool more = false;
};

/// Members of one partition behind `after`, ascending.
std::vector<Met> members_of(const flow::PartitionState& s, const Whom& asked, AtomId after) {
  std::vector<Met> out;
  for (const std::uint32_t dense : asked.members(s)) {
    const flow::PersonRef ref = s.dense[dense];
    if (ref.component == nullptr) continue;
    const flow::PersonState& person = ref.component->people[ref.index];
    if (person.id.atom <= after) continue;
    out.push_back({s, *ref.component, person});
  }
  return out;
}

void fill(
    const flow::PartitionState& s, const Whom& asked, AtomId after, const ConsoleDoors& doors,
    Page& page
) {
  const std::vector<Met> found = members_of(s, asked, after);
  std::vector<const Met*> order;
  for (const Met& m : found) order.push_back(&m);
  const std::size_t taken = std::min(order.size(), page.limit - page.count);
  std::ranges::partial_sort(
      order, order.begin() + static_cast<std::ptrdiff_t>(taken), {},
      [](const Met* m) { return m->person.id.atom; }
  );
  for (std::size_t i = 0; i < taken; ++i) {
    const Met& m = *order[i];
    page.seen.push_back(m.person.id.atom);
    const std::string name = page.names ? called(m, doors.names, doors.node.house().heeds_no_answer) : "";
    Object row;
    row.text("person", page.names ? name_of(m, doors.keys) : "person:" + to_hex(m.person.id.atom))
        .text("id", to_hex(m.person.id.atom))
        .raw("called", name.empty() ? "null" : json_text(name));
    if (asked.since)
      row.text("since", to_string(m.person.page.since(*asked.since).value_or(s.clock)));
    page.rows.add(row.truth("simulated", m.person.simulated).done());
    page.last = Cursor{s.self, m.person.id.atom};
  }
  page.count += taken;
  page.more = page.more || taken < order.size();
}

void read(const ConsoleDoors& doors, const Whom& asked, Cursor from, Page& page) {
  for (unsigned p = from.partition; p < doors.node.partitions() && !page.more; ++p) {
    const AtomId after = p == from.partition ? from.person : AtomId{};
    std::promise<void> over;
    doors.node.ask(static_cast<Partition>(p), [&](const flow::PartitionState& s) {
      fill(s, asked, after, doors, page);
      flow::make_room(s);
      over.set_value();
    });
    over.get_future().get();
  }
}

/// `told`: what the answer says of whom it lists.
http::Response page_of(
    const ConsoleDoors& doors, const http::Request& request, const Whom& asked, Object told
) {
  const auto limit = limit_of(request, members_usual, members_max);
  if (!limit) return problem(limit.error());
  const auto after = request.query_value("after");
  const auto from = after ? parse(*after) : Cursor{};
  if (!from)
    return problem(400, "invalid_input", "after is not what an earlier answer gave as next");
  Page page;
  page.limit = *limit;
  page.names = names_people(doors, request);
  read(doors, asked, *from, page);
  look_at(doors, request, page.seen, "members", asked.of);
  std::string next = "null";
  if (page.more && page.last)
    next = json_text(std::to_string(page.last->partition) + "-" + to_hex(page.last->person));
  return http::json(200, told.raw("members", page.rows.done()).raw("next", next).done() + "\n");
}

}  // namespace

http::Response read_set_members(const ConsoleDoors& doors, const http::Request& request) {
  const auto set = set_asked(doors, request.query_value("where").value_or(""));
  if (!set) return problem(set.error());
  if (const Status one = set->one_purpose(); !one) return problem(one.error());
  const bool real = real_only(request);
  const Whom asked{
      [&](const flow::PartitionState& s) { return set->question.members(s, real); }, std::nullopt,
      set->question.text()};
  return page_of(doors, request, asked, std::move(Object().text("where", set->question.text())));
}

http::Response read_members(const ConsoleDoors& doors, const http::Request& request) {
  const auto id = between(request.path, "/v1/segments/", "/members");
  const auto engine = engine_of(doors.node);
  const auto index = engine ? engine->definitions().find(*id) : std::nullopt;
  if (!index) return no_segment();
  const bool real = real_only(request);
  const Whom asked{
      [&](const flow::PartitionState& s) {
        if (*index >= s.members.size()) return roaring::Roaring();
        return real ? s.members[*index] - s.simulated : s.members[*index];
      },
      *index, std::string(*id)};
  return page_of(doors, request, asked, std::move(Object().text("segment", *id)));
}

}  // namespace hospes::portal
