// Timelines, edges and whole atoms as bytes.
#include "flow/forms.h"

#include "base/check.h"
#include "flow/rows.h"
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
  record::write_hash(out, h.message);
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
  std::uint64_t count = 0;
  for (PackedReader in(timeline.body(m)); in.next();) ++count;
  out.varint(count);
  for (PackedReader in(timeline.body(m)); in.next();) {
    out.text(names.text(in.name()));
    write_value(out, in.value());
  }
}

Status read_events(std::string_view form, Timeline& timeline, Names& names) {
  for (Reader in(form); !in.rest().empty();) {
    Event e;
    e.happened.us = in.i64();
    e.received.us = in.i64();
    e.message = record::read_hash(in);
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
std::string atom_form(const AtomState& atom, const Timeline& timeline, const Names& names) {
  std::string events;
  Writer out_events(events);
  for (const Moment& m : timeline.in_order()) write_moment(out_events, timeline, m, names);
  std::string form;
  Writer out(form);
  out.text(events);
  out.text(ledger_form(atom.ledger));
  out.varint(atom.references.size());
  for (const Hash128& hash : atom.references) record::write_hash(out, hash);
  return form;
}

AtomState read_atom_form(const record::Moved& moved, Names& names) {
  AtomState atom(moved.atom);
  Reader in(moved.content);
  const std::string_view events = in.text();
  check(read_events(events, atom.held, names).has_value(), "a bundle's timeline reads");
  check(read_ledger(in.text(), atom.ledger).has_value(), "a bundle's ledger reads");
  for (auto n = in.varint(); n > 0 && in.ok(); --n)
    atom.references.push_back(record::read_hash(in));
  check(in.done(), "a bundle's atom reads to its end");
  atom.fresh_events = events;
  atom.fresh_count = static_cast<std::uint32_t>(atom.held.size());
  atom.fresh_ledger = !atom.ledger.empty();
  return atom;
}

std::string edges_form(const std::vector<Evidence>& edges) {
  std::string form;
  Writer out(form);
  out.varint(edges.size());
  for (const Evidence& e : edges) {
    record::write_id(out, e.a);
    record::write_id(out, e.b);
    for (const Instant& at : e.earliest) out.i64(at.us);
  }
  return form;
}

std::vector<Evidence> read_edges_form(std::string_view form) {
  std::vector<Evidence> edges;
  Reader in(form);
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    Evidence& e = edges.emplace_back();
    e.a = record::read_id(in);
    e.b = record::read_id(in);
    for (Instant& at : e.earliest) at.us = in.i64();
  }
  return edges;
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
    record::write_hash(out, r.message);
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
    r.message = record::read_hash(in);
    for (std::string* s : {&r.source, &r.notice.id, &r.notice.version, &r.notice.lang, &r.actor})
      *s = in.text();
    if (in.ok()) ledger.add(std::move(r));
  }
  if (!in.done()) return fail(Code::corrupt, "a ledger does not read to its end");
  return {};
}

consent::Row row_of(const record::Answered& a, Instant acted, Position position) {
  return {
      .atom = a.atom.id,
      .purpose = a.purpose,
      .state = static_cast<consent::Answer>(a.state),
      .since = a.since,
      .until = a.until,
      .acted = acted,
      .position = position,
      .source = a.source,
      .notice = {a.notice_id, a.notice_version, a.notice_lang},
      .message = a.message,
      .actor = a.proof};
}

}  // namespace hospes::flow
