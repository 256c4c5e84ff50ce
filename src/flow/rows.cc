// A partition's state as rows of the store, and back. Grammar: docs/formats/store.md.
#include "flow/rows.h"

#include <algorithm>

#include "base/check.h"
#include "flow/cold.h"
#include "flow/forms.h"
#include "flow/keys.h"
#include "flow/step.h"
#include "record/codec.h"

namespace hospes::flow {
namespace {

constexpr std::uint8_t rows_version = 1;
// Goes up when the same events may make another page of the same definitions: then nothing that was
// remembered of people counts (pages_rest_on).
constexpr std::uint8_t pages_version = 1;
constexpr std::uint32_t chunks_max = 16;  // of one timeline, before they are written as one
constexpr std::uint32_t chunks_most = 4 * chunks_max;  // whatever it takes

/// Of all that decides who is in a segment, but for definitions and events.
Hash128 pages_rest_on(const House& house) {
  std::string text;
  Writer out(text);
  out.u8(pages_version);
  out.u8(house.link);
  out.u64(house.heeds_no_answer);
  out.text(house.basis);
  return hash128(text);
}

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
    for (const Hash128& hash : a.references) write_hash(out, hash);
  }
  out.text(structure_form(c));
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
  out.varint(c.aside.size());
  for (const AtomId& id : c.aside) record::write_id(out, id);
  for (const PersonState& p : c.people) out.i64(p.due.us);
  for (const AtomState& a : c.atoms) out.u8(a.held.simulated() ? 1 : 0);
  out.i64(c.ends.us);
  for (const AtomState& a : c.atoms) out.i64(a.acted.us);
  return form;
}

/// False: it says nothing of when time changes its people, nor who is invented.
Result<bool> read_component_form(std::string_view form, Component& c) {
  Reader in(form);
  c.id = record::read_component(in);
  const std::uint8_t flags = in.u8();
  if ((flags & 1) != 0) c.moved_to = record::read_component(in);
  c.frozen = (flags & 2) != 0;
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    AtomState& a = c.atoms.emplace_back(record::read_atom(in));
    a.chunks = static_cast<std::uint32_t>(in.varint());
    for (auto m = in.varint(); m > 0 && in.ok(); --m) a.references.push_back(read_hash(in));
  }
  TRY(read_structure(in.text(), c));
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
  if (!in.done())  // the first hospes did not write them
    for (auto n = in.varint(); n > 0 && in.ok(); --n) c.aside.push_back(record::read_id(in));
  const bool whole = !in.done() || c.atoms.empty();
  if (whole) {
    for (PersonState& p : c.people) p.due.us = in.i64();
    for (const AtomState& a : c.atoms)
      if (in.u8() != 0) a.held.remember_simulated();
  }
  if (!in.done()) {
    c.ends.us = in.i64();
    for (AtomState& a : c.atoms) a.acted.us = in.i64();
  }
  if (!in.done()) return fail(Code::corrupt, "a component's row does not read to its end");
  return whole;
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

// sums = n × (journey:text version:varint n × (what:u8 at:varint how:u8 reason:u8 count:varint))
void write_sums(Writer& out, const Led& led) {
  out.varint(led.sums.size());
  for (const auto& [version, sums] : led.sums) {
    out.text(version.first);
    out.varint(version.second);
    out.varint(sums.size());
    for (const auto& [sum, count] : sums) {
      out.u8(sum.what);
      out.varint(sum.at);
      out.u8(sum.how);
      out.u8(sum.reason);
      out.varint(count);
    }
  }
}
void read_sums(Reader& in, Led& led) {
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    const std::string id(in.text());
    auto& sums = led.sums[{id, static_cast<std::uint32_t>(in.varint())}];
    for (auto m = in.varint(); m > 0 && in.ok(); --m) {
      Led::Sum sum;
      sum.what = static_cast<Led::Sum::What>(std::min<std::uint8_t>(in.u8(), Led::Sum::kept_out));
      sum.at = static_cast<std::uint16_t>(in.varint());
      sum.how = in.u8();
      sum.reason = in.u8();
      sums[sum] = in.varint();
    }
  }
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
  out.text(s.definitions.actions);
  if (s.next_definitions) out.text(s.next_definitions->actions);
  out.text(s.definitions.journeys);
  if (s.next_definitions) out.text(s.next_definitions->journeys);
  write_sums(out, s.led);
  out.text(s.definitions.decisions);
  if (s.next_definitions) out.text(s.next_definitions->decisions);
  out.varint(s.led.sweeps.size());
  for (const Led::Sweep& sweep : s.led.sweeps) {
    out.i64(sweep.due.us);
    out.u32(sweep.from);
  }
  out.text(stages_form(s.stages));
  for (const Led::Sweep& sweep : s.led.sweeps) {
    out.text(sweep.journey);
    out.u32(sweep.version);
  }
  write_hash(out, s.pages_rest_on);
  out.text(s.definitions.retention);
  if (s.next_definitions) out.text(s.next_definitions->retention);
  out.i64(s.ended_at.us);
  for (const Led::Sweep& sweep : s.led.sweeps) out.u8(sweep.by_date ? 1 : 0);
  out.varint(s.led.held.size());
  for (const Led::Sweep& sweep : s.led.held) {
    out.i64(sweep.due.us);
    out.u32(sweep.from);
    out.text(sweep.journey);
    out.u32(sweep.version);
    out.u8(sweep.by_date ? 1 : 0);
  }
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
  if (!in.done()) {  // the first hospes did not write them
    s.definitions.actions = in.text();
    if (s.next_definitions) s.next_definitions->actions = in.text();
  }
  if (!in.done()) {  // nor these
    s.definitions.journeys = in.text();
    if (s.next_definitions) s.next_definitions->journeys = in.text();
    read_sums(in, s.led);
  }
  if (!in.done()) {
    s.definitions.decisions = in.text();
    if (s.next_definitions) s.next_definitions->decisions = in.text();
  }
  if (!in.done()) {
    for (auto n = in.varint(); n > 0 && in.ok(); --n) {
      Led::Sweep& sweep = s.led.sweeps.emplace_back();
      sweep.due.us = in.i64();
      sweep.from = in.u32();
    }
  }
  if (!in.done() && !read_stages(in.text(), s.stages))
    return fail(Code::corrupt, "what was counted of life cycles does not read to its end");
  if (!in.done()) {
    for (Led::Sweep& sweep : s.led.sweeps) {
      sweep.journey = in.text();
      sweep.version = in.u32();
    }
  }
  if (!in.done()) s.pages_rest_on = read_hash(in);
  if (!in.done()) {
    s.definitions.retention = in.text();
    if (s.next_definitions) s.next_definitions->retention = in.text();
    s.ended_at.us = in.i64();
  }
  if (!in.done()) {
    for (Led::Sweep& sweep : s.led.sweeps) sweep.by_date = in.u8() != 0;
    for (auto n = in.varint(); n > 0 && in.ok(); --n) {
      Led::Sweep& sweep = s.led.held.emplace_back();
      sweep.due.us = in.i64();
      sweep.from = in.u32();
      sweep.journey = in.text();
      sweep.version = in.u32();
      sweep.by_date = in.u8() != 0;
    }
  }
  if (!in.done()) return fail(Code::corrupt, "a partition's own row does not read to its end");
  return {};
}

/// Whether its rows become one now. One that must be read back for it waits when others were: after a long import that is
/// everybody at once, and none of them may leave memory before the checkpoint is confirmed.
bool merges(const AtomState& a, std::size_t read_back_left) {
  if (a.rewrite || a.chunks >= chunks_most) return true;
  return a.chunks >= chunks_max && (a.cold == 0 || read_back_left > 0);
}

/// `read_back_left`: bytes of timelines that this checkpoint may yet read back.
void atom_rows(
    PartitionState& state, const Component& c, AtomState& a, const Names& names,
    std::vector<Row>& rows, std::size_t& read_back_left
) {
  if (a.fresh_count > 0 || a.rewrite) {
    if (merges(a, read_back_left)) {
      const bool cold = a.cold > 0;
      const Timeline& timeline = timeline_of(state, c, a);
      if (cold) read_back_left -= std::min(read_back_left, a.held.heap_bytes());
      for (std::uint32_t i = timeline.size() > 0 ? 1 : 0; i < a.chunks; ++i)
        rows.push_back({chunk_key(a.atom.id, i), {}, {}});
      std::string whole;
      Writer out(whole);
      for (const Moment& m : timeline.in_order()) write_moment(out, timeline, m, names);
      a.fresh_events = std::move(whole);
      a.chunks = 0;
    }
    if (!a.fresh_events.empty())
      rows.push_back(
          {chunk_key(a.atom.id, a.chunks++), std::exchange(a.fresh_events, {}), a.atom.id}
      );
    a.rewrite = false;
    a.fresh_count = 0;
    a.taken = state.taken;
  }
  if (std::exchange(a.fresh_ledger, false))
    rows.push_back({row_key('l', a.atom.id), ledger_form(a.ledger), a.atom.id});
  if (std::exchange(a.fresh_effects, false))
    rows.push_back({row_key('e', a.atom.id), outbox::effects_form(a.effects), a.atom.id});
  if (std::exchange(a.fresh_journeys, false))
    rows.push_back({row_key('j', a.atom.id), journey::instances_form(a.journeys), a.atom.id});
  if (std::exchange(a.fresh_chosen, false))
    rows.push_back({row_key('p', a.atom.id), outbox::choice_form(a.chosen), a.atom.id});
  if (std::exchange(a.fresh_shown, false))
    rows.push_back({row_key('w', a.atom.id), decide::memory_form(a.shown), a.atom.id});
  if (std::exchange(a.fresh_requests, false))
    rows.push_back({row_key('q', a.atom.id), rights::requests_form(a.requests), a.atom.id});
}

// offer = name:text seen_by_nobody:u64 n×decision:16 [told]
std::string offer_form(const std::string& name, const OfferCount& count) {
  std::string form;
  Writer out(form);
  out.text(name);
  out.u64(count.seen_by_nobody);
  out.varint(count.taken.size());
  for (const Hash128& decision : count.taken) write_hash(out, decision);
  out.varint(count.told);
  return form;
}

void read_offer(Reader& in, PartitionState& state) {
  OfferCount& count = state.offers[std::string(in.text())];
  count.seen_by_nobody = in.u64();
  for (auto n = in.varint(); n > 0 && in.ok(); --n) count.taken.insert(read_hash(in));
  if (in.ok() && !in.done()) count.told = in.varint();
}

void seen_rows(PartitionState& state, std::vector<Row>& rows) {
  for (const auto& [day, message] : std::exchange(state.seen.forgotten, {}))
    rows.push_back({seen_key(day, message), {}, {}});
  std::vector<Hash128> taken;
  for (const auto& [message, seen] : std::exchange(state.seen.fresh, {})) {
    rows.push_back({seen_key(seen.received.us / day_us, message), seen_form(seen), {}});
    taken.push_back(message);
  }
  if (!taken.empty() && state.cold != nullptr)
    state.seen.taken.emplace_back(state.taken, std::move(taken));
}

}  // namespace

std::vector<Row> take_rows(PartitionState& state, const Names& names) {
  ++state.taken;
  std::vector<Row> rows;
  for (const auto& [atom, chunks] : std::exchange(state.left_atoms, {})) {
    for (std::uint32_t i = 0; i < chunks; ++i) rows.push_back({chunk_key(atom, i), {}, {}});
    rows.push_back({row_key('l', atom), {}, {}});
    rows.push_back({row_key('e', atom), {}, {}});
    rows.push_back({row_key('j', atom), {}, {}});
    rows.push_back({row_key('w', atom), {}, {}});
    rows.push_back({row_key('p', atom), {}, {}});
    rows.push_back({row_key('q', atom), {}, {}});
  }
  std::size_t read_back_left = state.warm_bytes_max / 8;
  for (Component* c : std::exchange(state.dirty, {})) {
    for (AtomState& a : c->atoms) atom_rows(state, *c, a, names, rows, read_back_left);
    rows.push_back({row_key('c', c->id.atom), component_form(*c), {}});
    c->dirty = false;
  }
  for (const AtomId& atom : std::exchange(state.dirty_directory, {})) {
    std::string form;
    Writer out(form);
    record::write_component(out, state.directory.at(atom));
    rows.push_back({row_key('d', atom), std::move(form), {}});
  }
  for (const std::string& name : std::exchange(state.dirty_offers, {})) {
    const Hash128 h = hash128(name);
    rows.push_back({row_key('o', {h.hi, h.lo}), offer_form(name, state.offers.at(name)), {}});
  }
  seen_rows(state, rows);
  rows.push_back({"0", state_form(state), {}});
  return rows;
}

std::optional<AtomId> sealed_by(std::string_view key) {
  if (key.size() < 17 || !std::string_view("tlejwpq").contains(key.front())) return std::nullopt;
  return atom_in(key);
}

Loader::Loader(PartitionState& state, const House& house)
    : state_(state), house_(house), rests_on_(pages_rest_on(house)) {
  state.pages_rest_on = rests_on_;
  state.seen.unread = state.cold != nullptr;
}

Status Loader::component(std::string_view value) {
  auto c = std::make_unique<Component>();
  if (!TRY(read_component_form(value, *c))) older_.insert(c.get());
  for (AtomState& a : c->atoms) {
    if (state_.cold != nullptr) a.cold = a.chunks;
    where_[a.atom.id] = c.get();
    for (const Hash128& hash : a.references) state_.references.emplace(hash, a.atom.id);
  }
  for (std::size_t i = 0; i < c->people.size(); ++i) {
    const PersonState& p = c->people[i];
    if (p.dense >= state_.dense.size())
      return fail(Code::corrupt, "a person's number is beyond those given");
    state_.dense[p.dense] = {c.get(), static_cast<std::uint16_t>(i)};
  }
  if (c->ends != Instant::never()) state_.ending.insert({c->ends, c->id.atom});
  in_order_.push_back(c.get());
  state_.components[c->id.atom] = std::move(c);
  return {};
}

Result<bool> Loader::holds(const Component& component) const {
  if (state_.cold == nullptr || !same_house_ || older_.contains(&component)) return false;
  for (const AtomState& a : component.atoms) {
    if (a.chunks == 0) continue;
    const bool opens = TRY(state_.cold->opens(a.atom.id));
    if (!opens) return false;
  }
  return true;
}

Status Loader::remember(Component& component) {
  for (PersonState& p : component.people) {
    for (const segment::Member& m : p.page.members()) {
      if (m.segment >= state_.members.size())
        return fail(Code::corrupt, "a person's row names a segment that there is not");
      state_.members[m.segment].add(p.dense);
    }
    badge(state_, component, p);
    if (p.due != Instant::never()) schedule(state_, p, p.due);
  }
  return {};
}

/// Its pages are made, and the timelines that this took may go again.
void Loader::settle(Component& component) {
  for (PersonState& p : component.people) refresh(state_, component, p, house_.heeds_no_answer);
  weigh(state_, component);
  make_room(state_);
}

Status Loader::row(std::string_view key, std::string_view value) {
  if (key.empty()) return {};
  const auto found = [&]() -> Component* {
    const auto at = where_.find(atom_in(key));
    return at == where_.end() ? nullptr : at->second;
  };
  Reader in(value);
  switch (key.front()) {
    case '0':
      TRY(read_state_form(value, state_));
      same_house_ = std::exchange(state_.pages_rest_on, rests_on_) == rests_on_;
      if (state_.definitions.version == 0) return {};
      state_.engine = house_.engine(state_.definitions);
      if (!state_.engine)
        return fail(Code::corrupt, "the stored segment definitions no longer compile");
      state_.members.resize(state_.engine->definitions().size());
      if (house_.keeping) state_.keeping = house_.keeping(state_.definitions);
      state_.rules = house_.rules ? house_.rules(state_.definitions, *state_.engine) : nullptr;
      open_stages(state_);
      open_book(state_, house_);
      state_.decisions =
          house_.decisions ? house_.decisions(state_.definitions, *state_.engine) : nullptr;
      return {};
    case 'c':
      return component(value);
    case 'd':
      state_.directory[atom_in(key)] = record::read_component(in);
      break;
    case 'e':
      if (Component* c = found()) {
        AtomState& atom = c->atoms[index_of(*c, atom_in(key))];
        if (!outbox::read_effects(value, atom.effects))
          return fail(Code::corrupt, "a row of effects does not read to its end");
        index_effects(state_, *c, atom);
      }
      return {};
    case 'j':
      if (Component* c = found()) {
        AtomState& atom = c->atoms[index_of(*c, atom_in(key))];
        if (!journey::read_instances(value, atom.journeys, *house_.names))
          return fail(Code::corrupt, "a row of journeys does not read to its end");
        index_led(state_, *c, atom, waits_);
      }
      return {};
    case 'o':
      read_offer(in, state_);
      break;
    case 'w':
      if (Component* c = found()) {
        if (!decide::read_memory(value, c->atoms[index_of(*c, atom_in(key))].shown))
          return fail(Code::corrupt, "a row of what was shown does not read to its end");
      }
      return {};
    case 'p':
      if (Component* c = found())
        if (!outbox::read_choice(value, c->atoms[index_of(*c, atom_in(key))].chosen))
          return fail(Code::corrupt, "a row of a person's level does not read to its end");
      return {};
    case 'q':
      if (Component* c = found()) {
        if (!rights::read_requests(value, c->atoms[index_of(*c, atom_in(key))].requests))
          return fail(Code::corrupt, "a row of requests does not read to its end");
      }
      return {};
    case 'l':
      if (Component* c = found())
        return read_ledger(value, c->atoms[index_of(*c, atom_in(key))].ledger);
      break;
    case 's':
      if (state_.cold == nullptr) state_.seen.exact.emplace(message_in(key), read_seen(value));
      return {};
    case 't':
      if (Component* c = found(); c != nullptr && state_.cold == nullptr)
        return read_events(value, c->atoms[index_of(*c, atom_in(key))].held, *house_.names);
      return {};
    default:
      return fail(
          Code::corrupt, "a row of unknown kind; was the store written by a newer version?"
      );
  }
  if (!in.ok()) return fail(Code::corrupt, "a row does not read to its end");
  return {};
}

Status Loader::finish() {
  // One behind the other: a tenth of what it costs to put each in its place.
  std::ranges::sort(waits_);
  state_.led.waits.fill(waits_);
  waits_ = {};
  for (Component* c : in_order_) {
    tie(*c, house_.link, state_.clock);
    for (PersonState& p : c->people) p.stale = false;
    const bool known = TRY(holds(*c));
    if (known) {
      TRY(remember(*c));
    } else {
      settle(*c);
    }
  }
  return state_.unreadable;
}

}  // namespace hospes::flow
