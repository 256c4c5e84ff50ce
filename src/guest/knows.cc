#include "guest/knows.h"

#include <algorithm>
#include <map>

#include "flow/cold.h"
#include "flow/effects.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "flow/retention.h"
#include "guest/portable.h"
#include "identity/people.h"
#include "portal/called.h"
#include "portal/people.h"
#include "portal/requests.h"
#include "segment/explain.h"
#include "segment/sentence.h"

namespace hospes::guest {
namespace {

std::string text_of(const ValueView& v, seal::KeyStore& keys) {
  switch (v.kind) {
    case ValueKind::null:
      return "";
    case ValueKind::boolean:
      return v.truth() ? "true" : "false";
    case ValueKind::number:
      return to_string(v.number);
    case ValueKind::text:
    case ValueKind::json:
      return std::string(v.text);
    case ValueKind::atom:
      if (const auto identifier = keys.reveal(v.atom)) return identifier->value;
  }
  return "";
}

/// A reason has the shape of its predicate (segment/explain.h).
void why_lines(
    std::vector<WhyLine>& out, const segment::Node& node, const segment::Reason& reason,
    unsigned depth
) {
  WhyLine line{.depth = depth, .truth = reason.truth};
  // "Still" is told as one condition.
  const auto* members =
      std::holds_alternative<segment::Still>(node.is) ? nullptr : segment::children(node);
  if (members == nullptr) {
    line.en = segment::to_sentence(node, segment::Language::en);
    line.fr = segment::to_sentence(node, segment::Language::fr);
    line.value =
        reason.value.kind == ValueKind::number ? to_string(reason.value.number) : reason.value.text;
    line.events = reason.events;
    line.first = reason.first;
    line.last = reason.last;
    out.push_back(std::move(line));
    return;
  }
  const bool any = std::holds_alternative<segment::Any>(node.is);
  const bool none = std::holds_alternative<segment::Not>(node.is);
  line.en = none ? "This does not hold:" : any ? "At least one of these:" : "All of these:";
  line.fr = none  ? "Ceci n’est pas le cas\u00a0:"
            : any ? "Au moins l’une de ces conditions\u00a0:"
                  : "Toutes ces conditions\u00a0:";
  out.push_back(std::move(line));
  const std::size_t count = std::min(members->size(), reason.parts.size());
  for (std::size_t i = 0; i < count; ++i) why_lines(out, (*members)[i], reason.parts[i], depth + 1);
}

/// One question, on the partition's thread.
class Gathering {
 public:
  Gathering(const portal::ConsoleDoors& doors, const portal::Place& place, const Wanted& wanted)
      : doors_(doors),
        place_(place),
        wanted_(wanted),
        heedless_(doors.node.house().heeds_no_answer),
        now_(std::max(place.state.clock, doors.clock.now())),
        firm_(firm_person()),
        lens_(flow::lens_of(place.component, firm_, heedless_)),
        halted_(flow::stands_aside(place.component, place.atom)) {}

  Known all() {
    Known out{.login = place_.atom.atom.id};
    out.called = portal::called(met(), doors_.names, heedless_);
    out.as_of = place_.state.clock;
    identifiers(out);
    events(out);
    deduced(out);
    permissions(out);
    out.level = flow::chosen_by(
        component(), place_.person != nullptr ? *place_.person : firm_, firm_.atoms
    );
    out.requests = portal::requests_of(place_, doors_.node.house().link);
    out.scheduled = place_.state.keeping != nullptr;
    out.halted = halted_;
    return out;
  }

 private:
  const flow::Component& component() const { return place_.component; }
  portal::Met met() const { return {place_.state, place_.component, firm_}; }
  /// The partition's clock, or ours when it is later: what has ended by either is over.
  Instant now() const { return now_; }

  std::optional<std::uint16_t> index_of(AtomId id) const {
    const auto at = std::ranges::find_if(component().atoms, [&](const flow::AtomState& a) {
      return a.atom.id == id;
    });
    if (at == component().atoms.end() || at->erased) return std::nullopt;
    return static_cast<std::uint16_t>(at - component().atoms.begin());
  }

  /// The firm person of the login, less the devices that are shared in the live
  /// reading (rule 5).
  flow::PersonState firm_person() const {
    flow::PersonState out;
    if (place_.person != nullptr) {
      out.id = place_.person->id;
      out.tied = place_.person->tied;
      out.page = place_.person->page;
    }
    const AtomId login = place_.atom.atom.id;
    const auto people =
        flow::people_of(component(), identity::Reading::firm, doors_.node.house().link, now());
    std::vector<AtomId> ids = {login};
    for (const identity::Group& group : people.groups)
      if (std::ranges::find(group.atoms, login) != group.atoms.end()) ids = group.atoms;
    for (const AtomId id : ids) {
      if (id != login && std::ranges::find(component().shared, id) != component().shared.end())
        continue;
      if (const auto i = index_of(id)) out.atoms.push_back(*i);
    }
    std::ranges::sort(out.atoms);
    return out;
  }

  bool is_firm(std::uint16_t i) const {
    return std::ranges::find(firm_.atoms, i) != firm_.atoms.end();
  }

  /// The best grade of what ties it to another identifier of the guest.
  Grade grade_of(AtomId id) const {
    Grade best = Grade::asserted;
    for (const flow::Evidence& e : component().edges) {
      if (e.a != id && e.b != id) continue;
      const auto other = index_of(e.a == id ? e.b : e.a);
      if (!other || !is_firm(*other)) continue;
      if (const auto edge = flow::standing(component(), e, doors_.node.house().link, now()))
        best = std::max(best, edge->grade);
    }
    return best;
  }

  void identifiers(Known& out) const {
    for (const std::uint16_t i : firm_.atoms) {
      const Atom& atom = component().atoms[i].atom;
      const auto identifier = doors_.keys.reveal(atom.id);
      if (!identifier) continue;
      const bool login = atom.id == out.login;
      out.identifiers.push_back(
          {atom.id, atom.kind, identifier->value, atom.born, grade_of(atom.id), login}
      );
    }
    std::ranges::stable_sort(out.identifiers, {}, [](const KnownIdentifier& k) {
      return std::pair(!k.login, catalog::priority_of(k.kind));
    });
    if (place_.person == nullptr) return;
    for (const std::uint16_t i : place_.person->atoms) {
      const Atom& atom = component().atoms[i].atom;
      if (!is_firm(i)) out.unproved.push_back({atom.id, atom.kind, atom.born});
    }
  }

  struct Held : Bearing {
    KeptUntil kept;
  };

  /// By what may see it now.
  Mask serves(const Held& h) const { return halted_ ? 0 : h.visible; }

  /// Everything that is stored, newest first: also what an answer closed, for
  /// it is the guest's.
  std::vector<Held> held() const {
    std::vector<Held> out;
    const flow::Keeping* keeping = place_.state.keeping.get();
    const auto& bearer = place_.person != nullptr ? place_.person->atoms : firm_.atoms;
    const Instant act =
        keeping == nullptr ? now() : flow::last_act(place_.state, component(), bearer);
    for (const std::uint16_t i : firm_.atoms) {
      const Timeline& timeline = flow::timeline_of(place_.state, component(), component().atoms[i]);
      for (const Moment& m : timeline.in_order()) {
        Held one{{component().atoms[i].atom.id, &m, &timeline, lens_.visible(m, timeline.opened(m), now())}, {}};
        if (keeping != nullptr) {
          // Also what is kept from use goes then, once it may go.
          const auto end = keeping->end(m, m.mask, act);
          one.kept = {end.at, end.moves};
          one.visible &= ~keeping->ended(m, act, now());
          if (end.at <= now() && !halted_) continue;  // its turn has come
        }
        out.push_back(one);
      }
    }
    std::ranges::sort(out, [](const Held& a, const Held& b) {
      return b.moment->key() < a.moment->key();
    });
    return out;
  }

  Done done(const Held& h) const {
    Done out{.at = h.moment->happened, .received = h.moment->received};
    out.type = to_string(h.moment->type);
    out.event = doors_.names.text(h.moment->name);
    out.source = doors_.names.text(h.moment->source);
    out.serves = serves(h);
    out.kept = h.kept;
    for (PackedReader in(h.timeline->body(*h.moment)); in.next();)
      out.properties.emplace_back(doors_.names.text(in.name()), text_of(in.value(), doors_.keys));
    return out;
  }

  void trait(std::map<std::string_view, Trait>& latest, const Held& h) const {
    for (PackedReader in(h.timeline->body(*h.moment)); in.next();) {
      const std::string_view name = doors_.names.text(in.name());
      if (name.starts_with("context.") || latest.contains(name)) continue;  // newest first
      latest.emplace(
          name,
          Trait{
              std::string(name), text_of(in.value(), doors_.keys),
              std::string(doors_.names.text(h.moment->source)), h.moment->happened,
              in.value().kind != ValueKind::atom, serves(h), h.kept}
      );
    }
  }

  void habit(std::map<std::string_view, Habit>& habits, const Held& h) const {
    Habit& one = habits[doors_.names.text(h.moment->name)];
    if (one.times == 0) one.last = h.moment->happened;
    one.first = h.moment->happened;
    one.serves |= serves(h);
    if (one.times == 0 || one.kept.at < h.kept.at) one.kept = h.kept;
    const ValueView total = find_property(h.timeline->body(*h.moment), doors_.names.find("total"));
    const bool money = total.kind == ValueKind::number;
    if (one.times == 0 && money) one.total = Decimal{};
    std::int64_t sum = 0;
    if (!money || !one.total || __builtin_add_overflow(one.total->micro, total.number.micro, &sum))
      one.total.reset();
    else
      one.total->micro = sum;
    ++one.times;
  }

  void events(Known& out) const {
    std::map<std::string_view, Trait> latest;
    std::map<std::string_view, Habit> habits;
    const auto all = held();
    out.done_in_all = all.size();
    for (const Held& h : all) {
      if (h.moment->type == EventType::identify)
        trait(latest, h);
      else
        habit(habits, h);
    }
    const std::size_t from = std::min(wanted_.done_skip, all.size());
    const std::size_t many = std::min(wanted_.done_max, all.size() - from);
    for (const Held& h : std::span(all).subspan(from, many)) out.done.push_back(done(h));
    if (wanted_.portable) {
      const std::vector<Bearing> bearings(all.begin(), all.end());
      out.portable = portable(doors_, component(), firm_.atoms, bearings, now());
    }
    for (auto& [name, one] : latest) out.traits.push_back(std::move(one));
    for (auto& [name, one] : habits) {
      one.event = name;
      out.habits.push_back(std::move(one));
    }
    std::ranges::stable_sort(out.habits, std::greater(), &Habit::times);
  }

  /// What the definitions say of the firm person alone: whose evidence is all
  /// the guest's to see.
  void deduced(Known& out) const {
    if (!place_.state.engine || halted_) return;
    const flow::Look look(place_.state, component(), firm_, heedless_, now());
    const auto& definitions = place_.state.engine->definitions();
    const auto held = segment::evaluate_all(definitions, look.person(), now());
    for (segment::SegmentIndex i = 0; i < held.in.size(); ++i) {
      const auto since = firm_.page.since(i);
      if (!held.in[i]) {
        if (since) ++out.deduced_masked;
        continue;
      }
      const auto& entry = definitions.at(i);
      Deduced one{
          .id = entry.definition.id,
          .name_en = entry.definition.name_en,
          .name_fr = entry.definition.name_fr,
          .purpose = entry.purpose,
          .since = since};
      if (wanted_.why == one.id) {
        const auto told = segment::explain(
            definitions, i, look.person(), since, now(),
            portal::barred(met(), entry.purpose, heedless_)
        );
        why_lines(one.why, entry.definition.predicate, told.reason, 0);
        one.ends = told.passes;
        one.read = told.events - told.hidden;
        one.hidden = told.hidden;
        one.why_en = segment::to_text(told, definitions, segment::Language::en);
        one.why_fr = segment::to_text(told, definitions, segment::Language::fr);
      }
      out.deduced.push_back(std::move(one));
    }
  }

  /// The last row of each purpose decides for its identifier; among identifiers
  /// the most restrictive, those of the live person and those firmly tied
  /// included: a no counts in both readings.
  void permissions(Known& out) const {
    std::vector<std::uint16_t> said = firm_.atoms;
    if (place_.person != nullptr) {
      said.insert(said.end(), place_.person->atoms.begin(), place_.person->atoms.end());
      said.insert(said.end(), place_.person->tied.begin(), place_.person->tied.end());
    }
    std::ranges::sort(said);
    said.erase(std::ranges::unique(said).begin(), said.end());
    for (const catalog::Purpose& p : doors_.catalog.purposes.rows()) {
      if (p.retired) continue;
      Permission one{.purpose = p.ordinal};
      for (const std::uint16_t i : said) answer(component().atoms[i].ledger, !is_firm(i), one);
      out.permissions.push_back(one);
    }
  }

  void answer(const consent::Ledger& ledger, bool elsewhere, Permission& out) const {
    const consent::Row* last = nullptr;
    for (const consent::Row& row : ledger.rows())
      if (row.purpose == out.purpose && consent::is_answer(row.state)) last = &row;
    if (last == nullptr) return;
    const bool yes = last->state == consent::Answer::given;
    if (yes && last->until <= now()) return;  // ended: unset
    if (yes && elsewhere) return;             // nobody else's yes is shown as the guest's
    if (out.answer && *out.answer < last->state) return;
    if (out.answer == last->state && out.since >= last->acted) return;
    out.answer = last->state;
    out.since = last->acted;
    out.until = last->until;
    out.notice = last->notice;
    out.source = last->source;
    out.message = last->message;
    out.elsewhere = elsewhere;
  }

  const portal::ConsoleDoors& doors_;
  const portal::Place& place_;
  const Wanted& wanted_;
  const Mask heedless_;
  const Instant now_;
  const flow::PersonState firm_;
  const consent::Lens lens_;
  const bool halted_;
};

}  // namespace

std::vector<AtomId> Known::atoms() const {
  std::vector<AtomId> out;
  for (const KnownIdentifier& k : identifiers) out.push_back(k.id);
  return out;
}

std::optional<Known> known(const portal::ConsoleDoors& doors, AtomId login, const Wanted& wanted) {
  std::optional<Known> out;
  portal::find_atom(doors.node, login, [&](const portal::Place& place) {
    if (!place.atom.erased) out = Gathering(doors, place, wanted).all();
  });
  return out;
}

}  // namespace hospes::guest
