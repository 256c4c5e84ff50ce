// Lets the heart of the product live the histories that the Python model tells, and says who is who.
// Reads lines, numbers in decimal:
//   W partitions named_max atoms        then so many  A hi lo born kind
//   E owner grade at happened link opener seen message n others…      an event
//   N atom purpose(0 link, 1 see) against until at                     an answer
//   R a b word at                       a ruling        F atom at      an erasure
//   G now runs seed mischief            runs the world so often (0: in every order of its lanes), and
//                                       prints each different end once, then a line "."
// mischief: 1 everything twice, 2 crashes, 4 timelines leave memory. Around what copies answers
// (part, a no to link, an erasure) all lanes are drained: what follows depends on who is who then.
#include <algorithm>
#include <iostream>
#include <set>
#include <sstream>

#include "base/check.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "model/lanes.h"

namespace hospes::model {
namespace {

struct Item {
  char kind = 'E';
  std::vector<std::int64_t> n;
};

struct History {
  unsigned partitions = 2;
  std::size_t named_max = 16;
  std::vector<Atom> atoms;
  std::vector<Item> items;
};

std::size_t number(const History& h, AtomId id) {
  return static_cast<std::size_t>(std::ranges::find(h.atoms, id, &Atom::id) - h.atoms.begin());
}

record::Record event_of(const History& h, const Item& item, Names& names, AtomId& anchor) {
  const auto& n = item.n;
  record::Arrived arrived;
  Event& e = arrived.event;
  e.owner = h.atoms[static_cast<std::size_t>(n[0])];
  e.grade = static_cast<Grade>(n[1]);
  e.received.us = n[2];
  e.happened.us = n[3];
  const AtomId opener = h.atoms[static_cast<std::size_t>(n[5])].id;
  e.mask = (n[4] != 0 ? bit(link) : 0) | (n[6] != 0 ? bit(see) : 0);
  if (n[4] == 2) e.opened.push_back({link, opener});
  if (n[6] == 2) e.opened.push_back({see, opener});
  e.message = {1, static_cast<std::uint64_t>(n[7])};
  for (std::int64_t i = 0; i < n[8]; ++i)
    e.others.push_back(h.atoms[static_cast<std::size_t>(n[static_cast<std::size_t>(9 + i)])]);
  e.anchor = e.owner;
  const auto device = std::ranges::find(e.others, catalog::kind::anonymous_id, &Atom::kind);
  if (e.owner.kind != catalog::kind::anonymous_id && device != e.others.end()) e.anchor = *device;
  e.name = names.intern("A").value();
  anchor = e.anchor.id;
  return {.stamp = e.received, .origin = {}, .to = {}, .body = std::move(arrived)};
}

record::Record answer_of(const History& h, const Item& item, std::size_t place) {
  const auto& n = item.n;
  record::Answered a{.atom = h.atoms[static_cast<std::size_t>(n[0])]};
  a.purpose = n[1] == 0 ? link : see;
  a.state = static_cast<std::uint8_t>(n[2] != 0 ? consent::Answer::withdrawn : consent::Answer::given);
  a.since.us = n[4];
  if (n[2] == 0 && n[3] < Instant::never().us) a.until.us = n[3];
  a.message = {2, place};
  return {.stamp = Instant{n[4]}, .origin = {}, .to = {}, .body = std::move(a)};
}

record::Record ruling_of(const History& h, const Item& item, std::size_t place) {
  const auto& n = item.n;
  record::Ruled r;
  r.a = h.atoms[static_cast<std::size_t>(n[0])];
  r.b = h.atoms[static_cast<std::size_t>(n[1])];
  if (r.b.id < r.a.id) std::swap(r.a, r.b);
  r.word = static_cast<record::Ruled::Word>(n[2]);
  r.message = {3, place};
  return {.stamp = Instant{n[3]}, .origin = {}, .to = {}, .body = r};
}

record::Record erasure_of(const History& h, const Item& item, const Lanes& lanes, std::size_t place) {
  record::Forgotten f{.atom = h.atoms[static_cast<std::size_t>(item.n[0])], .edges = {}};
  const Instant now{item.n[1]};
  if (const flow::Component* c = lanes.where(f.atom.id))
    f.edges = flow::edges_to_keep(*c, f.atom.id, link, now);
  f.message = {4, place};
  return {.stamp = now, .origin = {}, .to = {}, .body = std::move(f)};
}

bool copies(const Item& item) {
  return item.kind == 'F' || (item.kind == 'R' && item.n[2] == 2) ||
         (item.kind == 'N' && item.n[1] == 0 && item.n[2] != 0);
}

/// Who tells of themselves: the others are names in somebody else's event.
std::set<std::size_t> speakers(const History& h) {
  std::set<std::size_t> out;
  for (const Item& item : h.items)
    if (item.kind == 'E' || item.kind == 'N') out.insert(static_cast<std::size_t>(item.n[0]));
  return out;
}

template <class Numbers>
std::string list(const Numbers& numbers) {
  std::string out;
  for (const auto n : numbers) out += (out.empty() ? "" : ",") + std::to_string(n);
  return out;
}

std::string told(
    const History& h, const flow::PartitionState& s, const flow::Component& c,
    const flow::PersonState& p
) {
  std::set<std::size_t> atoms;
  for (const std::uint16_t i : p.atoms) atoms.insert(number(h, c.atoms[i].atom.id));
  std::set<std::uint64_t> seen;
  const flow::Look look(s, c, p, 0, s.clock);
  for (const segment::Seen& e : look.person().events)
    if ((e.mask & bit(see)) != 0) seen.insert(e.moment->message.lo);
  std::set<std::string> in;
  for (const segment::Member& m : p.page.members()) {
    in.insert(s.engine->definitions().at(m.segment).definition.id);
    check(s.members[m.segment].contains(p.dense), "who is a member is counted as one");
  }
  std::string out = list(atoms) + ":" + list(seen) + ":";
  for (const std::string& id : in) out += id + " ";
  return out;
}

std::string snapshot(const History& h, const Lanes& lanes) {
  const std::set<std::size_t> speak = speakers(h);
  std::set<std::string> live, firm;
  std::set<std::size_t> nobody;
  std::vector<std::uint64_t> members(4);
  for (const auto& s : lanes.states()) {
    for (std::size_t i = 0; i < s->members.size(); ++i) members[i] += s->members[i].cardinality();
    for (const auto& [id, c] : s->components) {
      for (const flow::PersonState& p : c->people) {
        if (p.atoms.size() > 1 || speak.contains(number(h, c->atoms[p.atoms[0]].atom.id)))
          live.insert(told(h, *s, *c, p));
        for (const segment::Member& m : p.page.members()) members[m.segment] -= 1;
      }
      for (const AtomId a : c->shared) nobody.insert(number(h, a));
      for (const flow::AtomState& a : c->atoms)
        if (a.quarantined && !a.erased) nobody.insert(number(h, a.atom.id));
      if (c->moved_to) continue;
      for (const auto& g : flow::people_of(*c, identity::Reading::firm, link, s->clock).groups) {
        std::set<std::size_t> atoms;
        for (const AtomId a : g.atoms) atoms.insert(number(h, a));
        if (atoms.size() > 1 || speak.contains(*atoms.begin())) firm.insert(list(atoms));
      }
    }
  }
  check(std::ranges::all_of(members, [](auto n) { return n == 0; }), "no member who is nobody");
  std::string out;
  for (const std::string& person : live) out += person + ";";
  out += "|" + list(nobody) + "|";
  for (const std::string& person : firm) out += person + ";";
  return out;
}

std::string live_it(const History& h, Names& names, Choices& choices, Mischief mischief, Instant now) {
  Lanes lanes(h.partitions, h.named_max, names, choices, mischief);
  for (std::size_t i = 0; i < h.items.size(); ++i) {
    const Item& item = h.items[i];
    if (copies(item)) lanes.drain();
    if (item.kind == 'E') {
      AtomId anchor;
      record::Record record = event_of(h, item, names, anchor);
      lanes.append(anchor, std::move(record));
    } else {
      record::Record record = item.kind == 'N'   ? answer_of(h, item, i)
                              : item.kind == 'R' ? ruling_of(h, item, i)
                                                 : erasure_of(h, item, lanes, i);
      const AtomId home = item.kind == 'R' ? std::get<record::Ruled>(record.body).a.id
                                           : h.atoms[static_cast<std::size_t>(item.n[0])].id;
      lanes.append(home, std::move(record));
    }
    if (copies(item)) lanes.drain();
  }
  lanes.drain();
  lanes.tick(now);
  lanes.drain();
  return snapshot(h, lanes);
}

void go(const History& h, Names& names, const std::vector<std::int64_t>& n) {
  const auto bits = static_cast<unsigned>(n[3]);
  const Mischief mischief{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
  std::set<std::string> ends;
  const bool all = n[1] == 0;
  constexpr std::int64_t runs_max = 4'096;  // of all orders of one tiny world
  Choices choices = all ? Choices() : Choices(static_cast<std::uint64_t>(n[2]));
  std::int64_t runs = 0;
  do {
    ends.insert(live_it(h, names, choices, mischief, Instant{n[0]}));
  } while (choices.next() && ++runs < (all ? runs_max : n[1]));
  for (const std::string& end : ends) std::cout << end << '\n';
  std::cout << ". " << runs << '\n';
}

}  // namespace
}  // namespace hospes::model

int main() {
  using namespace hospes;
  using namespace hospes::model;
  std::ios::sync_with_stdio(false);
  Names names;
  History h;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    char kind = 0;
    in >> kind;
    if (kind == 'A') {
      Atom atom;
      unsigned of = 0;
      in >> atom.id.hi >> atom.id.lo >> atom.born.us >> of;
      atom.kind = static_cast<KindId>(of);
      h.atoms.push_back(atom);
      continue;
    }
    std::vector<std::int64_t> n;
    for (std::int64_t x = 0; in >> x;) n.push_back(x);
    if (kind == 'W') {
      h = {.partitions = static_cast<unsigned>(n[0]), .named_max = static_cast<std::size_t>(n[1]), .atoms = {}, .items = {}};
    } else if (kind == 'G') {
      go(h, names, n);
    } else {
      h.items.push_back({kind, std::move(n)});
    }
  }
  return 0;
}
