#include <algorithm>

#include "flow/cold.h"
#include "flow/forms.h"
#include "flow/rows.h"
#include "record/codec.h"

namespace hospes::flow {
namespace {

std::string canonical(
    const PartitionState& state, const Component& c, const PersonState& p, const Names& names
) {
  std::string form;
  Writer out(form);
  record::write_component(out, p.id);
  std::vector<std::uint16_t> order = p.atoms;
  std::ranges::sort(order, {}, [&](std::uint16_t i) { return c.atoms[i].atom; });
  for (const std::uint16_t i : order) {
    const AtomState& a = c.atoms[i];
    record::write_atom(out, a.atom);
    const Timeline& timeline = timeline_of(state, c, a);
    for (const Moment& m : timeline.in_order()) write_moment(out, timeline, m, names);
    for (const consent::Row& r : a.ledger.rows()) {  // without positions: repeats move them
      out.u8(r.purpose);
      out.u8(static_cast<std::uint8_t>(r.state));
      for (const Instant at : {r.since, r.until, r.acted}) out.i64(at.us);
      write_hash(out, r.message);
    }
    std::vector<Hash128> references = a.references;
    std::ranges::sort(references);
    for (const Hash128& hash : references) write_hash(out, hash);
    for (const outbox::Effect& e : a.effects) {  // without positions as well
      write_hash(out, e.key);
      out.u8(static_cast<std::uint8_t>(e.state));
      out.u8(static_cast<std::uint8_t>(e.reason));
    }
    if (!a.journeys.empty()) out.text(journey::instances_form(a.journeys));
    if (!a.shown.empty()) out.text(decide::memory_form(a.shown));
    if (a.chosen.level != outbox::Level::unset) out.text(outbox::choice_form(a.chosen));
    if (!a.requests.empty()) out.text(rights::requests_form(a.requests));
    if (a.acted != Instant::beginning()) out.i64(a.acted.us);
  }
  for (const segment::Member& m : p.page.members()) {
    out.text(state.engine->definitions().at(m.segment).definition.id);
    out.i64(m.since.us);
  }
  return form;
}

}  // namespace

Hash128 digest(const PartitionState& state, const Names& names) {
  unsigned __int128 sum = 0;
  for (const auto& [atom, c] : state.components) {
    const auto add = [&](const PersonState& p) {
      const Hash128 h = hash128(canonical(state, *c, p, names));
      sum += static_cast<unsigned __int128>(h.hi) << 64 | h.lo;
    };
    for (const PersonState& p : c->people) add(p);
    for (std::size_t i = 0; i < c->atoms.size(); ++i) {  // who stands aside is somebody still
      const AtomState& a = c->atoms[i];
      if (std::ranges::binary_search(c->aside, a.atom.id))
        add({.id = {a.atom.born, a.atom.id}, .atoms = {static_cast<std::uint16_t>(i)}});
    }
    make_room(state);
  }
  for (const auto& [name, count] : state.offers) {
    if (count.seen_by_nobody == 0 && count.taken.empty()) continue;  // only what another partition told
    std::string form;
    Writer out(form);
    out.text(name);
    out.u64(count.seen_by_nobody);
    for (const Hash128& decision : count.taken) write_hash(out, decision);
    const Hash128 h = hash128(form);
    sum += static_cast<unsigned __int128>(h.hi) << 64 | h.lo;
  }
  return {static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum)};
}

}  // namespace hospes::flow
