#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "segment/plan.h"

namespace hospes::segment {

namespace {

/// Fills one group from the programs filed under it.
class Filler {
 public:
  Filler(const Plan& plan, Group& group, const std::vector<Rank>& ranks)
      : plan_(plan), group_(group), ranks_(ranks) {}

  void fill() {
    number_atoms();
    for (const Rank rank : ranks_) program(rank);
    for (std::size_t a = 0; a < group_.atoms.size(); ++a) {
      group_.atoms[a].asks = static_cast<std::uint32_t>(group_.asks.size());
      group_.asks.insert(group_.asks.end(), asks_[a].begin(), asks_[a].end());
      group_.atoms[a].asks_end = static_cast<std::uint32_t>(group_.asks.size());
    }
    for (Local s = 0; s < group_.streams.size(); ++s) file(s);
    const auto key = [](const EventUse::Filed& f) { return std::tuple(f.field, f.key, f.stream); };
    for (EventUse& use : group_.events) {
      std::ranges::sort(use.equal, {}, key);
      std::ranges::sort(use.above, {}, key);
    }
    group_.statics_at = static_cast<std::uint32_t>(group_.streams.size());
    group_.open_at = group_.statics_at + group_.statics;
    group_.in_at = group_.open_at + static_cast<std::uint32_t>(group_.programs.size());
    group_.words = (group_.in_at + static_cast<std::uint32_t>(group_.programs.size()) + 63) / 64;
    std::ranges::sort(group_.by_slot);
    std::ranges::sort(group_.slow);
    group_.slow.erase(std::ranges::unique(group_.slow).begin(), group_.slow.end());
    rest();
  }

 private:
  /// Static ones first, then those of one stream side by side, then the others.
  void number_atoms() {
    std::vector<AtomIndex> atoms;
    for (const Rank rank : ranks_) {
      for (const auto& [a, polarity] : plan_.programs[rank].atoms) atoms.push_back(a);
    }
    const auto key = [&](AtomIndex a) {
      const Atom& atom = plan_.atoms[a];
      const int class_of = is_static(atom.kind) ? 0 : has_cell(atom.kind) ? 1 : 2;
      return std::tuple(class_of, class_of == 1 ? atom.stream : 0, a);
    };
    std::ranges::sort(atoms, {}, key);
    atoms.erase(std::ranges::unique(atoms).begin(), atoms.end());
    asks_.resize(atoms.size());
    for (const AtomIndex a : atoms) add(a);
  }

  void add(AtomIndex a) {
    const Atom& atom = plan_.atoms[a];
    const auto local = static_cast<Local>(group_.atoms.size());
    local_[a] = local;
    group_.atoms.push_back(
        {.kind = atom.kind,
         .earliest = atom.earliest,
         .of_nothing = atom.kind == AtomKind::sum && atom.x <= 0,
         .k = static_cast<std::uint16_t>(atom.k),
         .atom = a,
         .from_us = atom.from_us,
         .to_us = atom.to_us}
    );
    if (is_static(atom.kind)) group_.statics = local + 1;
    if (has_cell(atom.kind)) {
      if (group_.streams.empty() || group_.streams.back().stream != atom.stream)
        add_stream(atom.stream, local);
      group_.streams.back().atoms_end = local + 1;
      group_.atoms.back().stream = static_cast<Local>(group_.streams.size() - 1);
    }
    if (atom.kind == AtomKind::trait || atom.kind == AtomKind::date)
      group_.by_slot.emplace_back(atom.slot, local);
    if (atom.kind == AtomKind::date) group_.dates.push_back(local);
    if (atom.kind == AtomKind::slow) {
      for (const BoundNamed* look : atom.looks) group_.slow.emplace_back(look->event, a);
      if (atom.heeds_identify) group_.slow.emplace_back(atom.node->clock->identify, a);
      if (atom.looks.empty()) group_.slow.emplace_back(no_name, a);
    }
  }

  void add_stream(std::uint32_t index, Local first) {
    const Stream& stream = plan_.streams[index];
    group_.streams.push_back(
        {.rule = stream.rule,
         .property = stream.property,
         .atoms = first,
         .purpose = stream.purpose,
         .stream = index}
    );
  }

  void program(Rank rank) {
    const Program& program = plan_.programs[rank];
    LocalProgram out{.rank = rank, .segment = program.segment};
    out.root = static_cast<std::uint32_t>(group_.ops.size());
    for (Op op : program.ops) {
      op.at = op.kind == BoundKind::trait ? local_.at(op.at) : op.at + out.root;
      group_.ops.push_back(op);
    }
    out.timed = static_cast<std::uint32_t>(group_.timed.size());
    for (const auto& [a, polarity] : program.atoms) {
      const AtomKind kind = plan_.atoms[a].kind;
      asks_[local_.at(a)].push_back({static_cast<Local>(group_.programs.size()), polarity});
      if (has_cell(kind) || kind == AtomKind::date)
        group_.timed.emplace_back(local_.at(a), polarity);
    }
    out.timed_end = static_cast<std::uint32_t>(group_.timed.size());
    group_.programs.push_back(out);
  }

  EventUse& use(Name event) {
    const auto at = std::ranges::find(group_.events, event, &EventUse::event);
    if (at != group_.events.end()) return *at;
    return group_.events.emplace_back(EventUse{.event = event});
  }

  std::uint32_t field(Name name) const { return plan_.field_of_name[name] - 1U; }

  /// Files a stream under its most telling clause.
  void file(Local local) {
    const BoundNamed& select = plan_.streams[group_.streams[local].stream].select;
    EventUse& into = use(select.event);
    if (select.where.empty()) return into.plain.push_back(local);
    const bool verify = select.where.size() > 1;
    for (const BoundClause& c : select.where) {
      if (c.test != Test::eq || c.values[0].kind != ValueKind::text) continue;
      const std::uint32_t f = field(c.name);
      const std::int64_t literal = plan_.fields[f].literal(c.values[0].text);
      return into.equal.push_back({f, literal, local, verify});
    }
    for (const BoundClause& c : select.where) {
      if (c.test != Test::ge && c.test != Test::gt) continue;
      const std::int64_t least = c.values[0].number.micro;
      if (c.test == Test::gt && least == std::numeric_limits<std::int64_t>::max()) continue;
      return into.above.push_back(
          {field(c.name), c.test == Test::gt ? least + 1 : least, local, verify}
      );
    }
    into.others.push_back(local);
  }

  /// What an atom says of somebody of whom nothing is known. Nothing: it depends on their other memberships, or on the
  /// evaluator, and has to be asked.
  std::optional<bool> at_rest(Local local) const {
    const LocalAtom& atom = group_.atoms[local];
    switch (atom.kind) {
      case AtomKind::constant:
        return plan_.atoms[atom.atom].truth;
      case AtomKind::member:
      case AtomKind::slow:
        return std::nullopt;
      default:
        return atom.of_nothing;
    }
  }

  /// Kleene's logic over the leaves; nothing: unknown. `leaf` answers for an atom.
  template <class Leaf>
  std::optional<bool> say(std::uint32_t op, const Leaf& leaf) const {
    const Op& o = group_.ops[op];
    if (o.kind == BoundKind::trait) return leaf(o.at);
    if (o.kind == BoundKind::negation) {
      const std::optional<bool> inner = say(o.at, leaf);
      return inner ? std::optional(!*inner) : inner;
    }
    const bool decides = o.kind == BoundKind::any;
    std::optional<bool> out = !decides;
    for (std::uint32_t i = 0; i < o.count; ++i) {
      const std::optional<bool> part = say(o.at + i, leaf);
      if (part == decides) return part;
      if (!part) out = part;
    }
    return out;
  }

  void rest() {
    group_.at_rest.resize(group_.words);
    const auto set = [&](std::size_t bit) { group_.at_rest[bit / 64] |= std::uint64_t{1} << (bit % 64); };
    for (Local a = 0; a < group_.statics; ++a) {
      if (at_rest(a) == true) set(group_.statics_at + a);
      if (group_.atoms[a].kind == AtomKind::identifier) group_.identifiers.push_back(a);
    }
    for (Local p = 0; p < group_.programs.size(); ++p) {
      const std::uint32_t root = group_.programs[p].root;
      const auto of_statics = [&](Local a) { return a < group_.statics ? at_rest(a) : std::nullopt; };
      if (!say(root, of_statics)) set(group_.open_at + p);
      if (say(root, [&](Local a) { return at_rest(a); }) != false) group_.suspects.push_back(p);
    }
  }

  const Plan& plan_;
  Group& group_;
  const std::vector<Rank>& ranks_;
  std::map<AtomIndex, Local> local_;
  std::vector<std::vector<Ask>> asks_;  // by local atom
};

}  // namespace

void fill_groups(Plan& plan) {
  std::vector<std::vector<Rank>> filed(plan.groups.size());
  for (Rank r = 0; r < plan.programs.size(); ++r) {
    for (const GroupIndex g : plan.programs[r].groups) filed[g].push_back(r);
  }
  for (GroupIndex g = 0; g < filed.size(); ++g) Filler(plan, plan.groups[g], filed[g]).fill();
}

}  // namespace hospes::segment
