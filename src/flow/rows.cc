// A partition's state as rows of the store, and back. Grammar: docs/formats/store.md.
#include "flow/rows.h"

#include <algorithm>

#include "base/check.h"
#include "flow/forms.h"
#include "flow/step.h"
#include "record/codec.h"

namespace hospes::flow {
namespace {

constexpr std::uint8_t rows_version = 1;
constexpr std::uint32_t chunks_max = 16;  // of one timeline, before they are written as one

void big_endian(std::string& out, std::uint64_t v, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) out.push_back(static_cast<char>(v >> (8 * i)));
}
std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t v = 0;
  for (const char c : bytes) v = v << 8 | static_cast<unsigned char>(c);
  return v;
}
std::string key_of(char kind, std::uint64_t hi, std::uint64_t lo) {
  std::string key(1, kind);
  big_endian(key, hi, 8);
  big_endian(key, lo, 8);
  return key;
}
std::string key_of(char kind, AtomId id) { return key_of(kind, id.hi, id.lo); }
AtomId atom_in(std::string_view key) {
  return {from_big_endian(key.substr(1, 8)), from_big_endian(key.substr(9, 8))};
}
std::string chunk_key(AtomId id, std::uint32_t chunk) {
  std::string key = key_of('t', id);
  big_endian(key, chunk, 4);
  return key;
}
std::string seen_key(std::int64_t day, Hash128 message) {
  std::string key(1, 's');
  big_endian(key, static_cast<std::uint64_t>(day), 8);
  big_endian(key, message.hi, 8);
  big_endian(key, message.lo, 8);
  return key;
}

constexpr std::int64_t day_us = 86'400'000'000;

std::string component_form(const Component& c) {
  std::string form;
  Writer out(form);
  record::write_component(out, c.id);
  out.u8(static_cast<std::uint8_t>((c.moved_to ? 1 : 0) | (c.frozen ? 2 : 0)));
  if (c.moved_to) record::write_component(out, *c.moved_to);
  out.varint(c.atoms.size());
  for (const AtomState& a : c.atoms) {
    record::write_atom(out, a.atom);
    out.varint(a.chunks);
    out.varint(a.references.size());
    for (const Hash128& hash : a.references) record::write_hash(out, hash);
  }
  out.text(edges_form(c.edges));
  out.varint(c.shared.size());
  for (const AtomId& id : c.shared) record::write_id(out, id);
  out.varint(c.people.size());
  for (const PersonState& p : c.people) {
    record::write_component(out, p.id);
    out.u32(p.dense);
    out.varint(p.atoms.size());
    for (const std::uint16_t i : p.atoms) out.varint(i);
    const auto members = p.page.members();
    out.varint(members.size());
    for (const segment::Member& m : members) {
      out.varint(m.segment);
      out.i64(m.since.us);
    }
  }
  return form;
}

Status read_component_form(std::string_view form, Component& c) {
  Reader in(form);
  c.id = record::read_component(in);
  const std::uint8_t flags = in.u8();
  if ((flags & 1) != 0) c.moved_to = record::read_component(in);
  c.frozen = (flags & 2) != 0;
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    AtomState& a = c.atoms.emplace_back(record::read_atom(in));
    a.chunks = static_cast<std::uint32_t>(in.varint());
    for (auto m = in.varint(); m > 0 && in.ok(); --m) a.references.push_back(record::read_hash(in));
  }
  c.edges = read_edges_form(in.text());
  for (auto n = in.varint(); n > 0 && in.ok(); --n) c.shared.push_back(record::read_id(in));
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    PersonState& p = c.people.emplace_back();
    p.id = record::read_component(in);
    p.dense = in.u32();
    for (auto m = in.varint(); m > 0 && in.ok(); --m)
      p.atoms.push_back(static_cast<std::uint16_t>(in.varint()));
    std::vector<segment::Member> members;
    for (auto m = in.varint(); m > 0 && in.ok(); --m) {
      const auto segment = static_cast<segment::SegmentIndex>(in.varint());
      members.push_back({segment, Instant{in.i64()}});
    }
    p.page = segment::Page::remembered(std::move(members));
  }
  if (!in.done()) return fail(Code::corrupt, "a component's row does not read to its end");
  return {};
}

void write_defined(Writer& out, const record::Defined& d) {
  out.u64(d.version);
  out.i64(d.active_at.us);
  out.text(d.segments);
}
record::Defined read_defined(Reader& in) {
  record::Defined d;
  d.version = in.u64();
  d.active_at.us = in.i64();
  d.segments = in.text();
  return d;
}

std::string state_form(const PartitionState& s) {
  std::string form;
  Writer out(form);
  out.u8(rows_version);
  out.u16(s.self);
  out.u32(s.partitions);
  out.i64(s.clock.us);
  out.i64(s.opened.us);
  out.u32(static_cast<std::uint32_t>(s.dense.size()));
  for (const std::uint64_t n :
       {s.totals.events, s.totals.duplicates, s.totals.erased, s.totals.transitions})
    out.u64(n);
  out.varint(s.marks.size());
  for (const auto& [source, mark] : s.marks) {
    out.u16(source);
    out.u32(mark.position.epoch);
    out.u64(mark.position.offset);
    out.u32(mark.index);
  }
  write_defined(out, s.definitions);
  out.u8(s.next_definitions ? 1 : 0);
  if (s.next_definitions) write_defined(out, *s.next_definitions);
  return form;
}

Status read_state_form(std::string_view form, PartitionState& s) {
  Reader in(form);
  if (in.u8() != rows_version)
    return fail(Code::corrupt, "these rows were written by another version");
  const Partition self = in.u16();
  const std::uint32_t partitions = in.u32();
  if (self != s.self || partitions != s.partitions) {
    return fail(
        Code::conflict, "the store was made with " + std::to_string(partitions) +
                            " partitions; the number cannot change while it is open"
    );
  }
  s.clock.us = in.i64();
  s.opened.us = in.i64();
  s.dense.resize(in.u32());
  for (std::uint64_t* n :
       {&s.totals.events, &s.totals.duplicates, &s.totals.erased, &s.totals.transitions})
    *n = in.u64();
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    const Partition source = in.u16();
    Mark& mark = s.marks[source];
    mark.position.epoch = in.u32();
    mark.position.offset = in.u64();
    mark.index = in.u32();
  }
  s.definitions = read_defined(in);
  if (in.u8() != 0) s.next_definitions = read_defined(in);
  if (!in.done()) return fail(Code::corrupt, "a partition's own row does not read to its end");
  return {};
}

void atom_rows(AtomState& a, const Names& names, std::vector<Row>& rows) {
  if (a.fresh_count > 0) {
    if (a.chunks >= chunks_max) {
      for (std::uint32_t i = 1; i < a.chunks; ++i)
        rows.push_back({chunk_key(a.atom.id, i), {}, {}});
      std::string whole;
      Writer out(whole);
      for (const Moment& m : a.timeline.in_order()) write_moment(out, a.timeline, m, names);
      a.fresh_events = std::move(whole);
      a.chunks = 0;
    }
    rows.push_back({chunk_key(a.atom.id, a.chunks++), std::exchange(a.fresh_events, {}), a.atom.id}
    );
    a.fresh_count = 0;
  }
  if (std::exchange(a.fresh_ledger, false))
    rows.push_back({key_of('l', a.atom.id), ledger_form(a.ledger), a.atom.id});
}

}  // namespace

std::vector<Row> take_rows(PartitionState& state, const Names& names) {
  std::vector<Row> rows;
  for (const auto& [atom, chunks] : std::exchange(state.left_atoms, {})) {
    for (std::uint32_t i = 0; i < chunks; ++i) rows.push_back({chunk_key(atom, i), {}, {}});
    rows.push_back({key_of('l', atom), {}, {}});
  }
  for (Component* c : std::exchange(state.dirty, {})) {
    for (AtomState& a : c->atoms) atom_rows(a, names, rows);
    rows.push_back({key_of('c', c->id.atom), component_form(*c), {}});
    c->dirty = false;
  }
  for (const AtomId& atom : std::exchange(state.dirty_directory, {})) {
    std::string form;
    Writer out(form);
    record::write_component(out, state.directory.at(atom));
    rows.push_back({key_of('d', atom), std::move(form), {}});
  }
  for (const auto& [day, message] : std::exchange(state.forgotten, {}))
    rows.push_back({seen_key(day, message), {}, {}});
  for (const auto& [message, seen] : std::exchange(state.fresh_seen, {})) {
    std::string form;
    Writer out(form);
    record::write_id(out, seen.owner);
    out.i64(seen.received.us);
    rows.push_back({seen_key(seen.received.us / day_us, message), std::move(form), {}});
  }
  rows.push_back({"0", state_form(state), {}});
  return rows;
}

std::optional<AtomId> sealed_by(std::string_view key) {
  if (key.size() < 17 || (key.front() != 't' && key.front() != 'l')) return std::nullopt;
  return atom_in(key);
}

Status Loader::component(std::string_view value) {
  auto c = std::make_unique<Component>();
  TRY(read_component_form(value, *c));
  for (AtomState& a : c->atoms) {
    where_[a.atom.id] = c.get();
    for (const Hash128& hash : a.references) state_.references.emplace(hash, a.atom.id);
  }
  state_.components[c->id.atom] = std::move(c);
  return {};
}

Status Loader::row(std::string_view key, std::string_view value) {
  if (key.empty()) return {};
  const auto atom_state = [&]() -> AtomState* {
    const auto at = where_.find(atom_in(key));
    return at == where_.end() ? nullptr : &at->second->atoms[index_of(*at->second, atom_in(key))];
  };
  Reader in(value);
  switch (key.front()) {
    case '0':
      return read_state_form(value, state_);
    case 'c':
      return component(value);
    case 'd':
      state_.directory[atom_in(key)] = record::read_component(in);
      break;
    case 'l':
      if (AtomState* a = atom_state()) return read_ledger(value, a->ledger);
      break;
    case 's': {
      const auto day = static_cast<std::int64_t>(from_big_endian(key.substr(1, 8)));
      const Hash128 message{from_big_endian(key.substr(9, 8)), from_big_endian(key.substr(17, 8))};
      const AtomId owner = record::read_id(in);
      state_.seen.emplace(message, Seen{owner, Instant{in.i64()}});
      state_.seen_by_day[day].push_back(message);
      break;
    }
    case 't':
      if (AtomState* a = atom_state()) return read_events(value, a->timeline, names_);
      break;
    default:
      return fail(
          Code::corrupt, "a row of unknown kind; was the store written by a newer version?"
      );
  }
  if (!in.ok()) return fail(Code::corrupt, "a row does not read to its end");
  return {};
}

Status Loader::finish(const House& house) {
  if (state_.definitions.version > 0) {
    state_.engine = house.engine(state_.definitions);
    if (!state_.engine)
      return fail(Code::corrupt, "the stored segment definitions no longer compile");
    state_.members.resize(state_.engine->definitions().size());
  }
  for (auto& [atom, c] : state_.components) {
    for (std::size_t i = 0; i < c->people.size(); ++i) {
      PersonState& p = c->people[i];
      if (p.dense >= state_.dense.size())
        return fail(Code::corrupt, "a person's number is beyond those given");
      state_.dense[p.dense] = {c.get(), static_cast<std::uint16_t>(i)};
      refresh(state_, *c, p, house.heeds_no_answer);
    }
  }
  return {};
}

}  // namespace hospes::flow
