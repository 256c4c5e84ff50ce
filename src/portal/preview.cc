// POST /v1/segments/preview: who would be in a segment, before it is defined. Nothing is written.
//
// How it spares the writers: the people of a partition can only be looked at on its own thread, so
// everybody is asked in slices of 2 ms, one slice at a time in the whole house (people.h). An event
// that comes meanwhile waits for one slice at most. Measured figures stand in docs/http_api.md.
#include <algorithm>
#include <chrono>
#include <functional>
#include <set>

#include "flow/look.h"
#include "portal/audit.h"
#include "portal/json.h"
#include "portal/proposal.h"
#include "segment/explain.h"
#include "segment/json.h"
#include "segment/sentence.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

constexpr std::size_t examples_max = 10, overlaps_max = 5;

/// How many, and those of the smallest ids: ids are random, so it is a fair draw.
struct Drawn {
  std::uint64_t number = 0;
  std::vector<AtomId> examples;

  void add(AtomId person) {
    ++number;
    examples.insert(std::ranges::upper_bound(examples, person), person);
    if (examples.size() > examples_max) examples.pop_back();
  }
};

struct Counted {
  std::uint64_t people = 0;
  Drawn members, entering, leaving;  // the last two against the segment of the same id in force
  std::uint64_t not_counted = 0, against = 0;  // for lack of permission; those who said no among them
  std::vector<std::uint64_t> both;             // members who are in a segment in force too, by its index
};

/// What a segment looks at among events, those it asks about included.
void looked_at(const segment::Definitions& definitions, segment::SegmentIndex segment, std::set<Name>& out) {
  const std::function<void(const segment::BoundNode&)> gather = [&](const segment::BoundNode& node) {
    if (node.kind == segment::BoundKind::in_segment) looked_at(definitions, node.segment, out);
    for (const segment::BoundNode& child : node.of) gather(child);
  };
  const segment::BoundNode& predicate = definitions.at(segment).predicate;
  std::vector<const segment::BoundNamed*> looks;
  predicate.selections(looks);
  for (const segment::BoundNamed* look : looks) out.insert(look->event);
  if (predicate.heeds_identify()) out.insert(definitions.clock().identify);
  gather(predicate);
}

/// Whether anything that it looks at is kept and may not serve its purpose.
bool withheld(std::span<const segment::Seen> events, const std::set<Name>& names, Mask purpose) {
  return std::ranges::any_of(events, [&](const segment::Seen& e) {
    return (e.mask & purpose) == 0 && names.contains(e.moment->name);
  });
}

/// `in_force`: the segment it would replace. An index names the same segment in every partition.
Counted count(
    const ConsoleDoors& doors, const segment::Definitions& definitions,
    segment::SegmentIndex segment, std::optional<segment::SegmentIndex> in_force, bool real_only
) {
  Counted out;
  const Mask heedless = doors.node.house().heeds_no_answer;
  const PurposeBit purpose = definitions.at(segment).purpose;
  std::set<Name> names;
  looked_at(definitions, segment, names);
  walk(doors.node, [&](const Met& met) {
    if (real_only && met.person.simulated) return true;
    ++out.people;
    const Instant now = now_of(doors, met.state);
    const flow::Look look(met.state, met.component, met.person, heedless, now);
    const bool in = segment::ask(definitions, segment, look.person(), now).truth;
    const auto& members = met.state.members;
    const bool was = !in_force ? in
                               : *in_force < members.size() &&
                                     members[*in_force].contains(met.person.dense);
    const AtomId person = met.person.id.atom;
    if (in) out.members.add(person);
    if (in && !was) out.entering.add(person);
    if (was && !in) out.leaving.add(person);
    if (!in && withheld(look.person().events, names, bit(purpose))) {
      ++out.not_counted;
      out.against += barred(met, purpose, heedless) ? 1 : 0;
    }
    if (!in) return true;
    for (const segment::Member& m : met.person.page.members()) {
      if (m.segment >= out.both.size()) out.both.resize(m.segment + 1);
      ++out.both[m.segment];
    }
    return true;
  });
  return out;
}

/// The other ways to write it.
std::string forms(const segment::Definition& d) {
  using enum segment::Language;
  return Object()
      .raw("json", segment::to_json(d))
      .raw("sentence", Object().text("en", segment::to_sentence(d.predicate, en)).text("fr", segment::to_sentence(d.predicate, fr)).done())
      .done();
}

/// The segments in force that share most people with it, itself left out.
std::string overlap(const segment::Definitions& in_force, const Proposal& p, const std::vector<std::uint64_t>& both) {
  std::vector<segment::SegmentIndex> order;
  for (segment::SegmentIndex i = 0; i < std::min(both.size(), in_force.size()); ++i)
    if (both[i] > 0 && !in_force.at(i).retired && p.replaces != i) order.push_back(i);
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](auto i) { return both[i]; });
  if (order.size() > overlaps_max) order.resize(overlaps_max);
  List out;
  for (const segment::SegmentIndex i : order) {
    const segment::Definition& d = in_force.at(i).definition;
    out.add(Object()
                .text("id", d.id)
                .raw("name", Object().text("en", d.name_en).text("fr", d.name_fr).done())
                .number("both", both[i])
                .done());
  }
  return out.done();
}

std::string example(
    const ConsoleDoors& doors, const segment::Definitions& definitions,
    segment::SegmentIndex segment, AtomId atom, bool names
) {
  std::string out;
  find_atom(doors.node, atom, [&](const Place& place) {
    if (place.person == nullptr) return;
    const Met met{place.state, place.component, *place.person};
    const Instant now = now_of(doors, met.state);
    const flow::Look look(
        met.state, met.component, met.person, doors.node.house().heeds_no_answer, now
    );
    const auto told = segment::explain(
        definitions, segment, look.person(), std::nullopt, now,
        barred(met, definitions.at(segment).purpose, doors.node.house().heeds_no_answer)
    );
    out = Object()
              .text("person", names ? name_of(met, doors.keys) : "person:" + to_hex(atom))
              .text("id", to_hex(atom))
              .truth("simulated", flow::is_simulated(met.component, met.person))
              .raw("why", segment::to_json(told, definitions))
              .done();
  });
  return out;
}

}  // namespace

http::Response preview(const ConsoleDoors& doors, Census& census, const http::Request& request) {
  const auto began = std::chrono::steady_clock::now();
  const auto proposal = proposal_of(doors, request);
  if (!proposal) return proposal.error();
  const Proposal& p = *proposal;
  const Counted found = count(doors, *p.after, p.index, p.replaces, real_only(request));
  const bool names = names_people(doors, request);
  const auto examples = [&](const Drawn& drawn) {
    List out;
    for (const AtomId atom : drawn.examples) {
      const std::string one = example(doors, *p.after, p.index, atom, names);
      if (!one.empty()) out.add(one);
    }
    look_at(doors, request, drawn.examples, "sample", p.definition.id);
    return out.done();
  };
  const std::string change = Object()
                                 .number("enter", found.entering.number)
                                 .number("leave", found.leaving.number)
                                 .raw("entering", examples(found.entering))
                                 .raw("leaving", examples(found.leaving))
                                 .done();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began
  );
  return http::json(
      200, Object().text("segment", p.definition.id)
                   .text("definition", segment::format(p.definition))
                   .raw("forms", forms(p.definition))
                   .number("people", found.people)
                   .number("members", found.members.number)
                   .raw("examples", examples(found.members))
                   .raw("change", p.replaces ? change : "null")
                   .raw("not_counted", Object().number("people", found.not_counted).number("against", found.against).done())
                   .raw("overlap", overlap(*p.before, p, found.both))
                   .raw("notes", notes_on(p, census, doors))
                   .raw("took_ms", std::to_string(took.count()))
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
