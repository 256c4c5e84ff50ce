// Timelines, edges and whole atoms as bytes.
#include "flow/forms.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "flow/rows.h"
#include "model/packed.h"
#include "record/codec.h"

namespace hospes::flow {
namespace {

// event = happened:i64 received:i64 message:16 mask:u64 flags:u8 type:u8 name:text source:text
//         n×(purpose:u8 atom:16) n×(name:text value)
struct Head {
  Instant happened, received;
  Hash128 message;
  Mask mask = 0;
  std::uint8_t flags = 0;
  EventType type = EventType::track;
  Name name = no_name, source = no_name;
  std::span<const OpenedBy> opened;
};

void write_head(Writer& out, const Head& h, const Names& names) {
  out.i64(h.happened.us);
  out.i64(h.received.us);
  write_hash(out, h.message);
  out.u64(h.mask);
  out.u8(h.flags);
  out.u8(static_cast<std::uint8_t>(h.type));
  out.text(names.text(h.name));
  out.text(names.text(h.source));
  out.varint(h.opened.size());
  for (const OpenedBy& o : h.opened) {
    out.u8(o.purpose);
    record::write_id(out, o.atom);
  }
}

}  // namespace

void append_event(AtomState& atom, const Event& e, const Names& names) {
  constexpr std::size_t name_bytes_usual = 20;
  const std::size_t bytes = atom.fresh_events.size() + 128 + 17 * e.opened.size() +
                            e.properties.packed().size() + name_bytes_usual * e.properties.size();
  if (bytes > atom.fresh_events.capacity()) atom.fresh_events.reserve(bytes);
  Writer out(atom.fresh_events);
  write_head(
      out, {e.happened, e.received, e.message, e.mask, e.flags, e.type, e.name, e.source, e.opened},
      names
  );
  record::write_properties(out, e.properties, names);
  ++atom.fresh_count;
}

void write_moment(Writer& out, const Timeline& timeline, const Moment& m, const Names& names) {
  write_head(
      out,
      {m.happened, m.received, m.message, m.mask, m.flags, m.type, m.name, m.source,
       timeline.opened(m)},
      names
  );
  const std::string_view body = timeline.body(m);
  std::uint64_t count = 0;
  PackedField field;
  for (std::string_view rest = body; take_field(rest, field);) ++count;
  out.varint(count);
  record::write_fields(out, body, names);
}

Status read_events(std::string_view form, Timeline& timeline, Names& names) {
  for (Reader in(form); !in.rest().empty();) {
    Event e;
    e.happened.us = in.i64();
    e.received.us = in.i64();
    e.message = read_hash(in);
    e.mask = in.u64();
    e.flags = in.u8();
    e.type = static_cast<EventType>(in.u8());
    e.name = TRY(names.intern(in.text()));
    e.source = TRY(names.intern(in.text()));
    for (auto n = in.varint(); n > 0 && in.ok(); --n) {
      const PurposeBit purpose = in.u8();
      e.opened.push_back({purpose, record::read_id(in)});
    }
    e.properties = TRY(record::read_properties(in, names));
    if (!in.ok()) return fail(Code::corrupt, "a timeline ends within an event");
    timeline.add(e);
  }
  return {};
}

// atom content = events:text ledger:text n×reference
//                [effects:text [journeys:text [shown:text [chosen:text [requests:text]]]]]
std::string atom_form(const AtomState& atom, const Timeline& timeline, const Names& names) {
  std::string events;
  Writer out_events(events);
  for (const Moment& m : timeline.in_order()) write_moment(out_events, timeline, m, names);
  std::string form;
  Writer out(form);
  out.text(events);
  out.text(ledger_form(atom.ledger));
  out.varint(atom.references.size());
  for (const Hash128& hash : atom.references) write_hash(out, hash);
  // Each part is written when it, or one behind it, is there.
  const bool acted = atom.acted != Instant::beginning();
  const bool asked = acted || !atom.requests.empty();
  const bool chosen = asked || atom.chosen.level != outbox::Level::unset;
  const bool shown = chosen || !atom.shown.empty();
  const bool led = shown || !atom.journeys.empty();
  if (led || !atom.effects.empty()) out.text(outbox::effects_form(atom.effects));
  if (led) out.text(journey::instances_form(atom.journeys));
  if (shown) out.text(decide::memory_form(atom.shown));
  if (chosen) out.text(outbox::choice_form(atom.chosen));
  if (asked) out.text(rights::requests_form(atom.requests));
  if (acted) out.i64(atom.acted.us);
  return form;
}

AtomState read_atom_form(const record::Moved& moved, Names& names) {
  AtomState atom(moved.atom);
  Reader in(moved.content);
  const std::string_view events = in.text();
  check(read_events(events, atom.held, names).has_value(), "a bundle's timeline reads");
  check(read_ledger(in.text(), atom.ledger).has_value(), "a bundle's ledger reads");
  for (auto n = in.varint(); n > 0 && in.ok(); --n)
    atom.references.push_back(read_hash(in));
  if (!in.done()) check(outbox::read_effects(in.text(), atom.effects), "a bundle's effects read");
  if (!in.done())
    check(journey::read_instances(in.text(), atom.journeys, names), "a bundle's journeys read");
  if (!in.done()) check(decide::read_memory(in.text(), atom.shown), "a bundle's memory reads");
  if (!in.done()) check(outbox::read_choice(in.text(), atom.chosen), "a bundle's level reads");
  if (!in.done())
    check(rights::read_requests(in.text(), atom.requests), "a bundle's requests read");
  if (!in.done()) atom.acted.us = in.i64();
  check(in.done(), "a bundle's atom reads to its end");
  atom.fresh_events = events;
  atom.fresh_count = static_cast<std::uint32_t>(atom.held.size());
  atom.fresh_ledger = !atom.ledger.empty();
  atom.fresh_effects = !atom.effects.empty();
  atom.fresh_journeys = !atom.journeys.empty();
  atom.fresh_shown = !atom.shown.empty();
  atom.fresh_chosen = atom.chosen.level != outbox::Level::unset;
  atom.fresh_requests = !atom.requests.empty();
  return atom;
}

// structure = n × (atom id, atom id, earliest:i64 per grade)        as the first hospes wrote it: n=0
//             n × (atom id, atom id, n × (start:i64 grade:u8 rests:u8))
//             n × (atom id, atom id, word:u8 by:u8 acted:i64 position)
//             n × atom (erased)   n × (atom id, quarantined:u8, n × atom id (named by))
//             n × (atom id, tombstone:16, erased_at:i64)
std::string structure_form(const Component& component) {
  std::string form;
  Writer out(form);
  out.varint(0);
  out.varint(component.edges.size());
  for (const Evidence& e : component.edges) {
    record::write_id(out, e.a);
    record::write_id(out, e.b);
    out.varint(e.points.size());
    for (const Evidence::Point& p : e.points) {
      out.i64(p.start.us);
      out.u8(static_cast<std::uint8_t>(p.grade));
      out.u8(p.rests);
    }
  }
  out.varint(component.rulings.size());
  for (const Ruling& r : component.rulings) {
    record::write_id(out, r.a);
    record::write_id(out, r.b);
    out.u8(static_cast<std::uint8_t>(r.word));
    out.u8(r.by);
    out.i64(r.acted.us);
    out.u32(r.position.epoch);
    out.u64(r.position.offset);
  }
  const auto& atoms = component.atoms;
  out.varint(static_cast<std::uint64_t>(std::ranges::count_if(atoms, &AtomState::erased)));
  for (const AtomState& a : atoms)
    if (a.erased) record::write_atom(out, a.atom);
  const auto named = [](const AtomState& a) { return !a.namers.empty(); };
  out.varint(static_cast<std::uint64_t>(std::ranges::count_if(atoms, named)));
  for (const AtomState& a : atoms) {
    if (!named(a)) continue;
    record::write_id(out, a.atom.id);
    out.u8(a.quarantined ? 1 : 0);
    out.varint(a.namers.size());
    for (const AtomId id : a.namers) record::write_id(out, id);
  }
  const auto buried = [](const AtomState& a) { return a.erased && a.tombstone != Hash128{}; };
  out.varint(static_cast<std::uint64_t>(std::ranges::count_if(atoms, buried)));
  for (const AtomState& a : atoms) {
    if (!buried(a)) continue;
    record::write_id(out, a.atom.id);
    write_hash(out, a.tombstone);
    out.i64(a.erased_at.us);
  }
  return form;
}

namespace {

Evidence& edge_between(Component& component, AtomId a, AtomId b) {
  const auto at = std::ranges::find_if(component.edges, [&](const Evidence& e) {
    return e.a == a && e.b == b;
  });
  if (at != component.edges.end()) return *at;
  return component.edges.emplace_back(Evidence{.a = a, .b = b, .points = {}});
}

void put_point(Evidence& edge, const Evidence::Point& point) {
  const auto at = std::ranges::lower_bound(edge.points, point);
  if (at == edge.points.end() || *at != point) edge.points.insert(at, point);
}

/// As the first hospes wrote it: the earliest of each grade.
void read_earliest(Reader& in, Component& into) {
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    const AtomId a = record::read_id(in);
    Evidence& edge = edge_between(into, a, record::read_id(in));
    for (const Grade grade : {Grade::asserted, Grade::attested, Grade::proved}) {
      const Instant at{in.i64()};
      if (at != Instant::never()) put_point(edge, {at, grade, 0});
    }
  }
}

void read_points(Reader& in, Component& into) {
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    const AtomId a = record::read_id(in);
    Evidence& edge = edge_between(into, a, record::read_id(in));
    for (auto m = in.varint(); m > 0 && in.ok(); --m) {
      Evidence::Point p;
      p.start.us = in.i64();
      p.grade = static_cast<Grade>(in.u8());
      p.rests = in.u8();
      put_point(edge, p);
    }
  }
}

void read_rulings(Reader& in, Component& into) {
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    Ruling r;
    r.a = record::read_id(in);
    r.b = record::read_id(in);
    r.word = static_cast<record::Ruled::Word>(in.u8());
    r.by = in.u8();
    r.acted.us = in.i64();
    r.position.epoch = in.u32();
    r.position.offset = in.u64();
    put_ruling(into, r);
  }
}

AtomState* state_of(Component& component, AtomId id) {
  const auto at =
      std::ranges::find_if(component.atoms, [&](const AtomState& a) { return a.atom.id == id; });
  return at == component.atoms.end() ? nullptr : &*at;
}

void read_nobodies(Reader& in, Component& into) {
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    const Atom atom = record::read_atom(in);
    AtomState* known = state_of(into, atom.id);
    if (known == nullptr) known = &into.atoms.emplace_back(atom);
    known->erased = true;
  }
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    AtomState* atom = state_of(into, record::read_id(in));
    const bool quarantined = in.u8() != 0;
    for (auto m = in.varint(); m > 0 && in.ok(); --m) {
      const AtomId namer = record::read_id(in);
      if (atom != nullptr && std::ranges::find(atom->namers, namer) == atom->namers.end())
        atom->namers.push_back(namer);
    }
    if (atom != nullptr) atom->quarantined = atom->quarantined || quarantined;
  }
  if (in.done()) return;  // the first hospes wrote no tombstones
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    AtomState* atom = state_of(into, record::read_id(in));
    const Hash128 tombstone = read_hash(in);
    const Instant at{in.i64()};
    if (atom == nullptr) continue;
    atom->tombstone = tombstone;
    atom->erased_at = at;
  }
}

}  // namespace

void put_ruling(Component& component, const Ruling& ruling) {
  const auto place = [](const Ruling& r) { return std::tuple(r.acted, r.position, r.word); };
  const auto at = std::ranges::lower_bound(component.rulings, place(ruling), {}, place);
  if (at != component.rulings.end() && *at == ruling) return;
  component.rulings.insert(at, ruling);
}

Status read_structure(std::string_view form, Component& into) {
  Reader in(form);
  read_earliest(in, into);
  if (in.done()) return {};
  read_points(in, into);
  read_rulings(in, into);
  read_nobodies(in, into);
  if (!in.done()) return fail(Code::corrupt, "a component's structure does not read to its end");
  return {};
}

// seen = owner:16 received:i64
std::string seen_form(const Seen& seen) {
  std::string form;
  Writer out(form);
  record::write_id(out, seen.owner);
  out.i64(seen.received.us);
  return form;
}

Seen read_seen(std::string_view form) {
  Reader in(form);
  Seen seen{record::read_id(in), {}};
  seen.received.us = in.i64();
  return seen;
}

// ledger = n × (purpose:u8 state:u8 since:i64 until:i64 acted:i64 position message:16 six texts)
std::string ledger_form(const consent::Ledger& ledger) {
  std::string form;
  Writer out(form);
  out.varint(ledger.rows().size());
  for (const consent::Row& r : ledger.rows()) {
    out.u8(r.purpose);
    out.u8(static_cast<std::uint8_t>(r.state));
    for (const Instant at : {r.since, r.until, r.acted}) out.i64(at.us);
    out.u32(r.position.epoch);
    out.u64(r.position.offset);
    write_hash(out, r.message);
    for (const std::string* s :
         {&r.source, &r.notice.id, &r.notice.version, &r.notice.lang, &r.actor})
      out.text(*s);
  }
  return form;
}

Status read_ledger(std::string_view form, consent::Ledger& ledger) {
  Reader in(form);
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    consent::Row r;
    r.atom = ledger.atom();
    r.purpose = in.u8();
    r.state = static_cast<consent::Answer>(in.u8());
    for (Instant* at : {&r.since, &r.until, &r.acted}) at->us = in.i64();
    r.position.epoch = in.u32();
    r.position.offset = in.u64();
    r.message = read_hash(in);
    for (std::string* s : {&r.source, &r.notice.id, &r.notice.version, &r.notice.lang, &r.actor})
      *s = in.text();
    if (in.ok()) ledger.add(std::move(r));
  }
  if (!in.done()) return fail(Code::corrupt, "a ledger does not read to its end");
  return {};
}

consent::Row row_of(const record::Answered& a) {
  return {
      .atom = a.atom.id,
      .purpose = a.purpose,
      .state = static_cast<consent::Answer>(a.state),
      .since = a.since,
      .until = a.until,
      .acted = a.acted,
      .position = a.position,
      .source = a.source,
      .notice = {a.notice_id, a.notice_version, a.notice_lang},
      .message = a.message,
      .actor = a.proof};
}

}  // namespace hospes::flow
