#include "portal/people.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <future>

#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/look.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr unsigned hops_max = 64;  // from component to elder component
constexpr std::size_t look_at_clock_every = 16;

struct Step {
  bool found = false;
  std::optional<AtomId> next;
};

std::optional<Place> place_of(
    const flow::PartitionState& state, const flow::Component& component, AtomId atom
) {
  for (std::size_t i = 0; i < component.atoms.size(); ++i) {
    if (component.atoms[i].atom.id != atom) continue;
    const auto person = std::ranges::find_if(component.people, [&](const flow::PersonState& p) {
      return std::ranges::find(p.atoms, i) != p.atoms.end();
    });
    return Place{
        state, component, component.atoms[i],
        person == component.people.end() ? nullptr : &*person};
  }
  return std::nullopt;
}

/// `at`: the component's name. The first step starts from the atom itself, whose home partition
/// knows in which component it lives.
Step step(
    const flow::PartitionState& s, AtomId at, AtomId atom, bool first,
    const std::function<void(const Place&)>& draw
) {
  if (first) {
    if (const auto d = s.directory.find(atom); d != s.directory.end() && d->second.atom != at)
      return {false, d->second.atom};
  }
  const auto found = s.components.find(at);
  if (found == s.components.end()) return {};
  if (found->second->moved_to) return {false, found->second->moved_to->atom};
  const auto place = place_of(s, *found->second, atom);
  if (!place) return {};
  draw(*place);
  return {true, {}};
}

struct Sought {
  std::size_t index = 0;
  AtomId at;  // name of the component it is looked for in
};

/// As many of them as fit into a slice, at least one; where the way goes on is added to `next`.
std::size_t seek(
    const flow::PartitionState& s, std::span<const Sought> sought, std::span<const AtomId> atoms,
    bool first, const std::function<void(std::size_t, const Place&)>& draw,
    std::vector<Sought>& next
) {
  const auto end = std::chrono::steady_clock::now() + slice_max;
  std::size_t done = 0;
  for (; done < sought.size(); ++done) {
    if (done > 0 && std::chrono::steady_clock::now() > end) break;
    const auto [index, at] = sought[done];
    const Step taken = step(s, at, atoms[index], first, [&](const Place& p) { draw(index, p); });
    if (!taken.found && taken.next) next.push_back({index, *taken.next});
  }
  flow::make_room(s);
  return done;
}

/// From `next` on until the slice is over; true when all were visited or `visit` had enough.
bool slice(
    const flow::PartitionState& s, std::size_t& next, bool& enough,
    const std::function<bool(const Met&)>& visit
) {
  const auto end = std::chrono::steady_clock::now() + slice_max;
  std::size_t met = 0;
  for (; next < s.dense.size() && !enough; ++next) {
    const flow::PersonRef ref = s.dense[next];
    if (ref.component == nullptr) continue;
    if (++met % look_at_clock_every == 0 && std::chrono::steady_clock::now() > end) break;
    enough = !visit({s, *ref.component, ref.component->people[ref.index]});
  }
  flow::make_room(s);  // what was read back for this slice
  return enough || next >= s.dense.size();
}

}  // namespace

bool find_atom(node::Node& node, AtomId atom, const std::function<void(const Place&)>& draw) {
  AtomId at = atom;
  for (unsigned hops = 0; hops < hops_max; ++hops) {
    std::promise<Step> answer;
    node.ask(node.lane_of(at), [&](const flow::PartitionState& s) {
      answer.set_value(step(s, at, atom, hops == 0, draw));
    });
    const Step taken = answer.get_future().get();
    if (taken.found || !taken.next) return taken.found;
    at = *taken.next;
  }
  return false;
}

void find_atoms(
    node::Node& node, std::span<const AtomId> atoms,
    const std::function<void(std::size_t, const Place&)>& draw
) {
  std::vector<Sought> sought, next;
  for (std::size_t i = 0; i < atoms.size(); ++i) sought.push_back({i, atoms[i]});
  for (unsigned hops = 0; hops < hops_max && !sought.empty(); ++hops) {
    std::ranges::stable_sort(sought, {}, [&](const Sought& s) { return node.lane_of(s.at); });
    for (auto from = sought.begin(); from != sought.end();) {
      const Partition lane = node.lane_of(from->at);
      const auto until = std::find_if(from, sought.end(), [&](const Sought& s) {
        return node.lane_of(s.at) != lane;
      });
      std::promise<std::size_t> done;
      node.ask(lane, [&](const flow::PartitionState& s) {
        done.set_value(seek(s, {from, until}, atoms, hops == 0, draw, next));
      });
      from += static_cast<std::ptrdiff_t>(done.get_future().get());
    }
    sought = std::exchange(next, {});
  }
}

void walk_atoms(
    node::Node& node, const std::function<bool(const Place&)>& visit, bool erased
) {
  bool enough = false;
  const auto draw = [&](const flow::PartitionState& s, const flow::Component& c) {
    for (const flow::AtomState& a : c.atoms) {
      if (enough || (a.erased && !erased)) continue;
      if (const auto place = place_of(s, c, a.atom.id)) enough = !visit(*place);
    }
  };
  for (unsigned p = 0; p < node.partitions() && !enough; ++p) {
    const auto lane = static_cast<Partition>(p);
    std::vector<AtomId> ids;
    std::promise<void> listed;
    node.ask(lane, [&](const flow::PartitionState& s) {
      for (const auto& [id, c] : s.components)
        if (!c->moved_to) ids.push_back(id);
      listed.set_value();
    });
    listed.get_future().get();
    for (std::size_t next = 0; next < ids.size() && !enough;) {
      std::promise<void> done;
      node.ask(lane, [&](const flow::PartitionState& s) {
        const auto end = std::chrono::steady_clock::now() + slice_max;
        for (; next < ids.size() && !enough; ++next) {
          if (const auto at = s.components.find(ids[next]); at != s.components.end()) draw(s, *at->second);
          if (std::chrono::steady_clock::now() > end) break;
        }
        flow::make_room(s);
        done.set_value();
      });
      done.get_future().get();
    }
  }
}

std::optional<http::Response> of_nobody(const Place& place, std::string_view so) {
  if (place.person != nullptr) return std::nullopt;
  if (!flow::stands_aside(place.component, place.atom))
    return problem(404, "not_found", "several people use this device: " + std::string(so));
  return problem(
      403, "restricted",
      "this person keeps their data from every use, or is about to be forgotten (GDPR art. 18): it "
      "is stored, and nothing is read or computed of it; only they lift it. GET /v1/requests says "
      "since when"
  );
}

std::string name_of(const Met& met, seal::KeyStore& keys) {
  std::vector<const Atom*> atoms;
  for (const std::uint16_t i : met.person.atoms) atoms.push_back(&met.component.atoms[i].atom);
  std::ranges::stable_sort(atoms, {}, [](const Atom* a) { return catalog::priority_of(a->kind); });
  for (const Atom* atom : atoms) {
    std::string name = name_of(atom->id, keys);
    if (name.find(':') != std::string::npos) return name;
  }
  return to_hex(met.person.id.atom);
}

std::string name_of(AtomId atom, seal::KeyStore& keys) {
  const auto identifier = keys.reveal(atom);
  const catalog::Kind* kind = identifier ? catalog::find_kind(identifier->kind) : nullptr;
  if (kind == nullptr) return to_hex(atom);
  return std::string(kind->name).append(":").append(identifier->value);
}

std::optional<segment::Barred> barred(const Met& met, PurposeBit purpose, Mask heedless) {
  if ((heedless & bit(purpose)) != 0) return std::nullopt;
  std::vector<const consent::Ledger*> ledgers;
  for (const std::uint16_t i : met.person.atoms)
    ledgers.push_back(&met.component.atoms[i].ledger);
  const auto state = consent::meet(ledgers, purpose, met.state.clock);
  if (!state || !consent::is_against(*state)) return std::nullopt;
  segment::Barred out{std::string(consent::to_string(*state)), Instant::never()};
  for (const consent::Ledger* ledger : ledgers) {
    Instant since = Instant::never();  // of this identifier's last answer
    for (const consent::Row& row : ledger->rows()) {
      if (row.purpose == purpose) since = row.state == *state ? row.since : Instant::never();
    }
    out.since = std::min(out.since, since);
  }
  return out;
}

bool all_invented(const Met& met) {
  if (!met.person.simulated) return false;
  return std::ranges::none_of(met.person.atoms, [&](std::uint16_t i) {
    const Timeline& held = flow::timeline_of(met.state, met.component, met.component.atoms[i]);
    return std::ranges::any_of(held.in_order(), [](const Moment& m) {
      return (m.flags & flag_simulated) == 0;
    });
  });
}

std::optional<AtomId> atom_of(std::string_view hex) {
  if (hex.size() != 32) return std::nullopt;
  AtomId out;
  const auto half = [](std::string_view digits, std::uint64_t& to) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + 16, to, 16);
    return error == std::errc() && end == digits.data() + 16;
  };
  if (!half(hex.substr(0, 16), out.hi) || !half(hex.substr(16), out.lo)) return std::nullopt;
  return out;
}

void walk(node::Node& node, const std::function<bool(const Met&)>& visit) {
  bool enough = false;
  for (unsigned p = 0; p < node.partitions() && !enough; ++p) {
    for (std::size_t next = 0;;) {
      std::promise<bool> over;
      node.ask(static_cast<Partition>(p), [&](const flow::PartitionState& s) {
        over.set_value(slice(s, next, enough, visit));
      });
      if (over.get_future().get()) break;
    }
  }
}

}  // namespace hospes::portal
