#include "activate/reading.h"

#include <algorithm>
#include <map>

#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "outbox/permit.h"

namespace hospes::activate {
namespace {

liquid::Value value_of(const ValueView& v, seal::KeyStore& keys) {
  constexpr std::int64_t micro = 1'000'000;
  switch (v.kind) {
    case ValueKind::null:
      return {};
    case ValueKind::boolean:
      return v.truth();
    case ValueKind::number:
      if (v.number.micro % micro == 0) return v.number.micro / micro;
      return v.number;
    case ValueKind::text:
    case ValueKind::json:
      return v.text;
    case ValueKind::atom: {
      const auto identifier = keys.reveal(v.atom);
      return identifier ? liquid::Value(identifier->value) : liquid::Value();
    }
  }
  return {};
}

/// `address.city` becomes an object in an object. Precondition: sorted by name.
class Nest {
 public:
  void add(std::string_view name, liquid::Value value) { put(out_, name, std::move(value)); }
  liquid::Object take() { return close(out_); }

 private:
  struct Branch {
    liquid::Value value;
    std::map<std::string, Branch, std::less<>> below;
  };
  static void put(Branch& at, std::string_view name, liquid::Value value) {
    Branch* here = &at;
    for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.')) {
      here = &here->below[std::string(name.substr(0, dot))];
      name.remove_prefix(dot + 1);
    }
    here->below[std::string(name)].value = std::move(value);
  }
  static liquid::Object close(const Branch& at) {
    liquid::Object out;
    for (const auto& [name, branch] : at.below)
      out.emplace_back(name, branch.below.empty() ? branch.value : liquid::Value(close(branch)));
    return out;
  }
  Branch out_;
};

}  // namespace

std::optional<AtomId> opened_by(
    const flow::Component& c, std::size_t atom, PurposeBit purpose, const flow::House& house,
    Instant now
) {
  const auto person = std::ranges::find_if(c.people, [&](const flow::PersonState& p) {
    return std::ranges::find(p.atoms, atom) != p.atoms.end();
  });
  if (person == c.people.end() || flow::stands_aside(c, c.atoms[atom])) return std::nullopt;
  std::vector<const consent::Ledger*> own, yes;
  for (const auto& list : {person->atoms, person->tied})
    for (const std::uint16_t i : list) own.push_back(&c.atoms[i].ledger);
  auto firm = flow::firmly_tied(c, atom, house.link, now);
  std::ranges::sort(firm, {}, [&](std::uint16_t i) { return std::pair(i != atom, i); });
  for (const std::uint16_t i : firm) yes.push_back(&c.atoms[i].ledger);
  const auto said = outbox::permission({purpose, outbox::Basis::consent, own, yes, now});
  if (!std::holds_alternative<std::monostate>(said)) return std::nullopt;
  for (std::size_t i = 0; i < firm.size(); ++i) {
    const consent::Standing* s = yes[i]->standing(purpose);
    if (s != nullptr && s->yes_over(now, now)) return c.atoms[firm[i]].atom.id;
  }
  return std::nullopt;
}

std::optional<Reading> read_person(
    const flow::PartitionState& state, const flow::ComponentId& component, AtomId anchor,
    Mask purposes, const flow::House& house, seal::KeyStore& keys, Instant now, Mask asked
) {
  const auto found = state.components.find(component.atom);
  if (found == state.components.end() || found->second->moved_to) return std::nullopt;
  const flow::Component& c = *found->second;
  const auto at =
      std::ranges::find(c.atoms, anchor, [](const flow::AtomState& a) { return a.atom.id; });
  if (at == c.atoms.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(at - c.atoms.begin());
  const auto person = std::ranges::find_if(c.people, [&](const flow::PersonState& p) {
    return std::ranges::find(p.atoms, index) != p.atoms.end();
  });
  if (person == c.people.end()) return std::nullopt;
  const consent::Lens lens = flow::lens_of(c, *person, house.heeds_no_answer);
  Reading out;
  const Atom* address = nullptr;
  struct Said {
    const Moment* by = nullptr;
    liquid::Value value;
  };
  std::map<std::string, Said, std::less<>> latest;
  for (const std::uint16_t i : flow::firmly_tied(c, index, house.link, now)) {
    const flow::AtomState& atom = c.atoms[i];
    if (atom.atom.kind == catalog::kind::email && !atom.quarantined && !atom.erased &&
        (address == nullptr || address->born < atom.atom.born))
      address = &atom.atom;
    const Timeline& held = flow::timeline_of(state, c, atom);
    for (const Moment& m : held.in_order()) {
      if (m.type != EventType::identify) continue;
      if ((lens.visible(m, held.opened(m), now) & purposes) == 0) continue;
      for (PackedReader in(held.body(m)); in.next();) {
        const std::string_view name = house.names->text(in.name());
        if (name.starts_with("context.")) continue;
        Said& said = latest[std::string(name)];
        if (said.by != nullptr && m.key() < said.by->key()) continue;
        said = {&m, value_of(in.value(), keys)};
      }
    }
  }
  Nest traits;
  for (auto& [name, said] : latest) {
    if (name == "language" && said.value.text() != nullptr) out.language = said.value.text()->text;
    traits.add(name, std::move(said.value));
  }
  if (address != nullptr) {
    if (const auto identifier = keys.reveal(address->id)) {
      out.address = identifier->value;
      out.address_atom = address->id;
      traits.add("email", out.address);
    }
  }
  out.person = traits.take();
  for (PurposeBit p = 0; p < 64 && asked >> p != 0; ++p)
    if ((asked & bit(p)) != 0 && opened_by(c, index, p, house, now)) out.open |= bit(p);
  return out;
}

}  // namespace hospes::activate
