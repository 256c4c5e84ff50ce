#include "portal/joins.h"

#include <algorithm>

#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "flow/rows.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

using Word = record::Ruled::Word;

std::string_view grade_name(Grade grade) {
  constexpr std::string_view names[] = {"asserted", "attested", "proved"};
  return names[static_cast<std::size_t>(grade)];
}

std::string_view word_name(Word word) {
  constexpr std::string_view names[] = {"cut", "uncut", "part", "unpart", "vouch"};
  return names[static_cast<std::size_t>(word)];
}

std::string_view by_name(std::uint8_t by) {
  constexpr std::string_view names[] = {"session", "token", "guest"};
  return names[std::min<std::uint8_t>(by, 2)];
}

std::string_view why_name(identity::SetAside why) {
  constexpr std::string_view names[] = {"limit",  "shared_device", "asserted", "elsewhere",
                                        "frozen", "quarantined",   "parted"};
  return names[static_cast<std::size_t>(why)];
}

/// Ids, answers, evidence and rulings; no events.
flow::Component sketch(const flow::Component& c) {
  flow::Component out;
  out.id = c.id;
  out.edges = c.edges;
  out.rulings = c.rulings;
  out.frozen = c.frozen;
  for (const flow::AtomState& a : c.atoms) {
    flow::AtomState& mine = out.atoms.emplace_back(a.atom);
    mine.ledger = a.ledger;
    mine.erased = a.erased;
    mine.quarantined = a.quarantined;
  }
  return out;
}

void add(flow::Component& c, const std::vector<record::Ruled>& rulings, Instant now) {
  for (const record::Ruled& r : rulings) {
    const auto [a, b] = std::minmax(r.a.id, r.b.id);
    flow::put_ruling(
        c, {.a = a, .b = b, .word = r.word, .by = r.by, .acted = now, .position = {~0U, 0}}
    );
  }
}

std::uint16_t index_in(const flow::Component& c, AtomId id) {
  const auto at = std::ranges::find_if(c.atoms, [&](const auto& a) { return a.atom.id == id; });
  return static_cast<std::uint16_t>(at - c.atoms.begin());
}

std::string names_of(const ConsoleDoors& doors, const std::vector<AtomId>& atoms) {
  List out;
  for (const AtomId id : atoms) out.add(json_text(name_of(id, doors.keys)));
  return out.done();
}

/// Somebody who is not yet, as the segments would see them.
std::string imagined(
    const ConsoleDoors& doors, const Place& place, const identity::Group& group,
    const identity::People& firm
) {
  flow::PersonState person{.id = group.id};
  for (const AtomId id : group.atoms) person.atoms.push_back(index_in(place.component, id));
  for (const identity::Group& tied : firm.groups) {
    const bool touches = std::ranges::any_of(tied.atoms, [&](AtomId id) {
      return std::ranges::find(group.atoms, id) != group.atoms.end();
    });
    for (const AtomId id : tied.atoms) {
      const std::uint16_t i = index_in(place.component, id);
      if (touches && std::ranges::find(person.atoms, i) == person.atoms.end())
        person.tied.push_back(i);
    }
  }
  const Instant now = place.state.clock;
  const flow::Look look(
      place.state, place.component, person, doors.node.house().heeds_no_answer, now
  );
  List segments;
  if (place.state.engine) {
    const auto& definitions = place.state.engine->definitions();
    const auto in = segment::evaluate_all(definitions, look.person(), now).in;
    for (std::size_t i = 0; i < in.size(); ++i)
      if (in[i])
        segments.add(json_text(definitions.at(static_cast<segment::SegmentIndex>(i)).definition.id));
  }
  return Object()
      .text("id", to_hex(group.id.atom))
      .raw("identifiers", names_of(doors, group.atoms))
      .number("events", look.person().events.size())
      .raw("segments", segments.done())
      .done();
}

/// The person's identifiers, or the one that belongs to nobody.
std::vector<AtomId> own_atoms(const Place& place) {
  if (place.person == nullptr) return {place.atom.atom.id};
  std::vector<AtomId> out;
  for (const std::uint16_t i : place.person->atoms)
    out.push_back(place.component.atoms[i].atom.id);
  return out;
}

std::string rulings_on(const Place& place, AtomId a, AtomId b) {
  List out;
  for (const flow::Ruling& r : place.component.rulings) {
    if (r.a != a || r.b != b) continue;
    out.add(Object()
                .text("word", word_name(r.word))
                .text("by", by_name(r.by))
                .text("at", to_string(r.acted))
                .done());
  }
  return out.done();
}

/// What became of one edge in one reading: `joined`, or why not.
std::string_view fate(
    const identity::People& people, const flow::Evidence& e, const std::optional<identity::Edge>& s
) {
  if (!s) return "closed";
  const auto aside = std::ranges::find_if(people.set_aside, [&](const identity::Rejected& r) {
    return r.edge.a == e.a && r.edge.b == e.b;
  });
  return aside == people.set_aside.end() ? "joined" : why_name(aside->why);
}

}  // namespace

std::vector<record::Ruled> rulings_for(const Place& place, const Undoing& undoing) {
  std::vector<record::Ruled> out;
  const auto put = [&](AtomId x, AtomId y) {
    const std::uint16_t i = index_in(place.component, x);
    const std::uint16_t j = index_in(place.component, y);
    if (i == place.component.atoms.size() || j == place.component.atoms.size()) return;
    record::Ruled r;
    r.a = place.component.atoms[i].atom;
    r.b = place.component.atoms[j].atom;
    if (r.b.id < r.a.id) std::swap(r.a, r.b);
    r.word = undoing.word;
    out.push_back(std::move(r));
  };
  if (undoing.with) {
    put(undoing.of, *undoing.with);
    return out;
  }
  for (const flow::Evidence& e : place.component.edges) {
    if (e.a == undoing.of || e.b == undoing.of) put(e.a, e.b);
  }
  return out;
}

std::string people_after(
    const ConsoleDoors& doors, const Place& place, const std::vector<record::Ruled>& rulings
) {
  const PurposeBit link = doors.node.house().link;
  const Instant now = place.state.clock;
  flow::Component after = sketch(place.component);
  add(after, rulings, now);
  const auto live = flow::people_of(after, identity::Reading::live, link, now);
  const auto firm = flow::people_of(after, identity::Reading::firm, link, now);
  const std::vector<AtomId> own = own_atoms(place);
  List out;
  for (const identity::Group& group : live.groups) {
    const bool concerned = std::ranges::any_of(group.atoms, [&](AtomId id) {
      return std::ranges::find(own, id) != own.end();
    });
    if (concerned) out.add(imagined(doors, place, group, firm));
  }
  flow::make_room(place.state);
  return out.done();
}

std::string joins_of(const ConsoleDoors& doors, const Place& place) {
  const PurposeBit link = doors.node.house().link;
  const Instant now = place.state.clock;
  const flow::Component& c = place.component;
  const auto live = flow::people_of(c, identity::Reading::live, link, now);
  const auto firm = flow::people_of(c, identity::Reading::firm, link, now);
  const std::vector<AtomId> own = own_atoms(place);
  const auto is_own = [&](AtomId id) { return std::ranges::find(own, id) != own.end(); };
  List joins;
  for (const flow::Evidence& e : c.edges) {
    if ((!is_own(e.a) && !is_own(e.b)) || e.points.empty()) continue;
    const auto stands = flow::standing(c, e, link, now);
    const flow::Evidence::Point& first = *std::ranges::min_element(
        e.points, {}, [](const flow::Evidence::Point& p) { return p.start; }
    );
    const Grade grade = stands ? stands->grade : first.grade;
    joins.add(Object()
                  .raw("between", names_of(doors, {e.a, e.b}))
                  .text("grade", grade_name(grade))
                  .text("since", to_string(stands ? stands->earliest : first.start))
                  .text("live", flow::cut_since(c, e.a, e.b) ? "cut" : fate(live, e, stands))
                  .text("firm", flow::cut_since(c, e.a, e.b) ? "cut" : fate(firm, e, stands))
                  .raw("rulings", rulings_on(place, e.a, e.b))
                  .done());
  }
  return Object()
             .text("id", to_hex(place.person != nullptr ? place.person->id.atom : own.front()))
             .raw("identifiers", names_of(doors, own))
             .truth("shared", std::ranges::find(c.shared, own.front()) != c.shared.end())
             .truth("quarantined", place.atom.quarantined)
             .raw("joins", joins.done())
             .text("as_of", to_string(now))
             .done() +
         "\n";
}

}  // namespace hospes::portal
