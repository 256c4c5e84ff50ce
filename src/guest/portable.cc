#include "guest/portable.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "catalog/kinds.h"
#include "digest/digest.h"
#include "flow/evidence.h"
#include "model/imported.h"
#include "portal/json.h"
#include "portal/value_json.h"

namespace hospes::guest {
namespace {

using portal::List;
using portal::Object;

constexpr std::string_view context_mark = "context.";

struct Line {
  Instant at;
  std::string said;   // its JSON object, but for the messageId and the end
  std::string names;  // what makes it this one, in whichever house
  auto order() const { return std::tie(at, said); }
};

using Pair = std::pair<AtomId, AtomId>;
Pair pair_of(AtomId a, AtomId b) { return a < b ? Pair(a, b) : Pair(b, a); }

/// One event on its way to a line.
struct Draft {
  struct Field {
    std::string_view name;
    std::string value;  // JSON
    bool catalogued = false;
  };
  Bearing event;
  Mask serves = 0;  // what the file says that it does
  std::string begins, origin, whole;  // its head; where it is from; all that tells it from others of its instant
  std::vector<Field> fields;
  std::set<AtomId> by_traits;  // named by what stands in it
  std::set<AtomId> who;        // whom it names
  auto order() const { return std::tie(event.moment->happened, whole); }
};

class Lines {
 public:
  Lines(const portal::ConsoleDoors& doors, const flow::Component& component, std::span<const std::uint16_t> atoms, Instant now)
      : doors_(doors), component_(component), now_(now) {
    for (const std::uint16_t i : atoms) {
      const Atom& atom = component.atoms[i].atom;
      const auto identifier = doors.keys.reveal(atom.id);
      const catalog::Kind* kind = catalog::find_kind(atom.kind);
      if (!identifier || kind == nullptr) continue;
      const std::string said = List().add(Object().text("type", kind->name).text("id", identifier->value).done()).done();
      mine_.emplace(
          atom.id, Mine{&component.atoms[i].ledger, catalog::priority_of(atom.kind), std::string(kind->name), identifier->value, said}
      );
    }
  }

  std::string all(std::span<const Bearing> events) {
    std::vector<Line> answers, done;
    for (const auto& [id, one] : mine_) {
      for (const consent::Standing& s : one.ledger->standings())
        if (auto line = answer(id, one, s)) answers.push_back(std::move(*line));
    }
    for (const Bearing& one : events)
      if (one.visible != 0 && mine_.contains(one.owner)) drafts_.push_back(draft(one));
    std::ranges::sort(drafts_, {}, &Draft::order);
    tie();
    for (Draft& one : drafts_)
      if ((one.serves = served(one)) != 0) done.push_back(line_of(one));
    return text(std::move(answers)) + text(std::move(done));
  }

 private:
  struct Mine {
    const consent::Ledger* ledger = nullptr;
    std::uint8_t priority = 0;
    std::string kind, value, said;  // `said`: the identifier alone, as an event names it
  };
  static constexpr std::string_view user_kind = "user_id";

  std::string origin(Instant received, std::string_view source) const {
    return to_string(received).append(" ").append(source).append(", ").append(doors_.catalog.house.name);
  }

  /// A person of many events has few identifiers, and most events name one.
  std::string identifiers(const std::set<AtomId>& who) const {
    if (who.size() == 1) return mine_.at(*who.begin()).said;
    std::vector<const Mine*> in_order;
    for (const AtomId id : who) in_order.push_back(&mine_.at(id));
    std::ranges::sort(in_order, {}, [](const Mine* m) { return std::tie(m->priority, m->kind, m->value); });
    List out;
    for (const Mine* m : in_order) out.add(Object().text("type", m->kind).text("id", m->value).done());
    return out.done();
  }

  /// The answer that stands: a no, or a yes as far back as it reaches unbroken.
  std::optional<Line> answer(AtomId id, const Mine& who, const consent::Standing& s) const {
    const consent::Row* last = nullptr;
    for (const consent::Row& row : who.ledger->rows())
      if (row.purpose == s.purpose && consent::is_answer(row.state)) last = &row;
    const bool yes = s.state == consent::Answer::given;
    if (last == nullptr || !consent::is_answer(s.state) || (yes && s.yes_end <= now_)) return std::nullopt;
    const Instant since = yes ? s.yes_begin : last->since;
    const Instant until = yes ? s.yes_end : last->until;
    // What came out of another house keeps the name of that one.
    const bool brought = parse_instant(std::string_view(last->source).substr(0, last->source.find(' '))).has_value();
    Object context, out;
    context.raw("externalIds", identifiers({id}));
    context.raw("import", Object().text("origin", brought ? last->source : origin(last->acted, last->source)).done());
    out.text("type", "consent").text("purpose", doors_.catalog.purposes.at(s.purpose).name).text("state", to_string(s.state));
    out.text("happened", to_string(since));
    if (until != Instant::never()) out.text("until", to_string(until));
    const consent::Notice& notice = last->notice;
    if (!notice.id.empty())
      out.raw("notice", Object().text("id", notice.id).text("version", notice.version).text("lang", notice.lang).done());
    out.raw("context", context.done());
    Line made{.at = since, .said = out.done(), .names = {}};
    made.said.pop_back();
    made.names = made.said;
    return made;
  }

  bool links(const Draft& d) const { return (d.event.visible & bit(doors_.node.house().link)) != 0; }

  Draft draft(const Bearing& event) const {
    const Moment& m = *event.moment;
    Draft out{.event = event, .serves = 0, .begins = {}, .origin = {}, .whole = {}, .fields = {}, .by_traits = {}, .who = {event.owner}};
    const catalog::EventRow& row = doors_.catalog.events.row(doors_.names.text(m.name));
    std::vector<Name> seen;  // few: faster than a tree
    for (PackedReader in(event.timeline->body(m)); in.next();) {
      const std::string_view name = doors_.names.text(in.name());
      if (name == manifest_field || std::ranges::find(seen, in.name()) != seen.end()) continue;
      seen.push_back(in.name());
      if (name == origin_field) {
        out.origin = in.value().text;
        continue;
      }
      const bool trait = in.value().kind == ValueKind::atom &&
                         (m.type == EventType::identify ? name == "email" || name == "phone" : name == "context.traits.email" || name == "context.traits.phone");
      // An import would tie it to them: only what is firmly theirs is brought.
      if (trait && !mine_.contains(in.value().atom)) continue;
      std::string value = portal::value_json(in.value(), doors_.keys);
      if (in.value().kind == ValueKind::atom && value == "null") continue;  // its key is gone
      if (trait) out.by_traits.insert(in.value().atom);
      out.fields.push_back({name, std::move(value), row.property(name) != nullptr});
    }
    std::ranges::sort(out.fields, {}, &Draft::Field::name);  // each house has them in an order of its own
    if (out.origin.empty()) out.origin = origin(m.received, doors_.names.text(m.source));
    out.who.insert(out.by_traits.begin(), out.by_traits.end());
    Object head;
    head.text("type", to_string(m.type));
    if (m.type == EventType::track) head.text("event", doors_.names.text(m.name));
    out.begins = head.text("timestamp", to_string(m.happened)).done();
    out.whole = out.begins + mine_.at(event.owner).said + out.origin;
    // Without what a house that takes it in would not keep: events of one instant stand in the same order there.
    const bool least = (event.visible & ~doors_.catalog.purposes.catalogued_only()) == 0;
    for (const Draft::Field& field : out.fields)
      if (!least || field.catalogued) out.whole.append(field.name).append(field.value);
    out.whole += std::to_string(event.visible);
    out.begins.pop_back();
    return out;
  }

  /// From here on what this event names is tied where it is taken in.
  void note_ties(const Draft& d) {
    for (const AtomId a : d.who)
      for (const AtomId b : d.who)
        if (a < b) tied_.try_emplace(Pair(a, b), d.event.moment->happened);
  }

  /// What ties two of their identifiers is said by the first event since that could have: so that
  /// wherever it is taken in, the same event is found again.
  void tie() {
    for (const Draft& d : drafts_)
      if (links(d)) note_ties(d);
    std::vector<identity::Edge> edges;
    for (const flow::Evidence& e : component_.edges) {
      if (!mine_.contains(e.a) || !mine_.contains(e.b)) continue;
      const auto edge = flow::standing(component_, e, doors_.node.house().link, now_);
      if (edge && edge->grade != Grade::asserted) edges.push_back(*edge);
    }
    // The strongest first: what names all three of an event ties the weaker two as well.
    const auto place = [&](const identity::Edge& e) {
      const Mine &a = mine_.at(e.a), &b = mine_.at(e.b);
      return std::tuple(e.earliest, std::min(a.priority, b.priority), std::min(a.said, b.said), std::max(a.said, b.said));
    };
    std::ranges::sort(edges, {}, place);
    for (const identity::Edge& e : edges) {
      const auto since = [&](bool own) {
        return std::ranges::find_if(drafts_, [&](const Draft& d) {
          return d.event.moment->start() >= e.earliest && links(d) && could_name(d, e.a) && could_name(d, e.b) &&
                 (!own || d.event.owner == e.a || d.event.owner == e.b);
        });
      };
      // One of the two themselves; else somebody stronger, who names both.
      auto by = since(true);
      if (by == drafts_.end()) by = since(false);
      if (by == drafts_.end()) continue;
      const auto tied = tied_.find(pair_of(e.a, e.b));
      if (tied != tied_.end() && tied->second <= by->event.moment->happened) continue;
      by->who.insert({e.a, e.b});
      tied_.erase(pair_of(e.a, e.b));
      note_ties(*by);
    }
  }

  /// The owner of an event is the strongest that it names.
  bool could_name(const Draft& d, AtomId id) const {
    return d.event.owner == id || mine_.at(d.event.owner).priority < mine_.at(id).priority;
  }

  const consent::Standing* answer_of(AtomId id, PurposeBit purpose) const {
    const auto one = mine_.find(id);
    return one == mine_.end() ? nullptr : one->second.ledger->standing(purpose);
  }

  /// Whose yes opens it wherever the event is taken in: of whom it names, the one that lasts longest, the strongest of equals.
  std::optional<AtomId> opener(const Draft& d, PurposeBit purpose) const {
    const auto strength = [&](AtomId id) {
      const Mine& m = mine_.at(id);
      return std::tie(m.priority, m.kind, m.value);
    };
    std::optional<AtomId> best;
    for (const AtomId id : d.who) {
      const consent::Standing* s = answer_of(id, purpose);
      if (s == nullptr || !s->yes_over(d.event.moment->happened, now_)) continue;
      const Instant end = best ? answer_of(*best, purpose)->yes_end : Instant::beginning();
      if (!best || s->yes_end > end || (s->yes_end == end && strength(id) < strength(*best))) best = id;
    }
    return best;
  }

  /// Of what purposes it rests on somebody's yes, and not on its own word.
  Mask rests(const Draft& d) const {
    Mask out = 0;
    for (const OpenedBy& by : d.event.timeline->opened(*d.event.moment)) out |= bit(by.purpose);
    return out;
  }

  /// What it serves, but for what rests on the yes of another identifier and ends with it: the file does not say of whom else an
  /// event was, and nothing outlives the yes that it rests on.
  Mask served(const Draft& d) const {
    Mask out = d.event.visible;
    const auto lasts = [&](AtomId id, PurposeBit p) {
      const consent::Standing* s = answer_of(id, p);
      return s != nullptr && s->yes_end == Instant::never();
    };
    for (const OpenedBy& by : d.event.timeline->opened(*d.event.moment)) {
      if (by.purpose == doors_.node.house().link) continue;  // judged on both ends, wherever it is taken in
      const bool of_interest = (doors_.catalog.purposes.interest() & bit(by.purpose)) != 0;
      const auto best = opener(d, by.purpose);
      const bool kept = best ? lasts(*best, by.purpose) || (*best == d.event.owner && !of_interest) : lasts(by.atom, by.purpose);
      if (!kept) out &= ~bit(by.purpose);
    }
    return out;
  }

  /// A login told by a server joins by itself (docs/permission.md), and an import is one.
  bool logs_in(const Draft& d) const {
    const EventType type = d.event.moment->type;
    return (type == EventType::identify || type == EventType::alias) && d.who.size() > 1 &&
           std::ranges::any_of(d.who, [&](AtomId id) { return mine_.at(id).kind == user_kind; });
  }

  /// What the event itself says of consent: yes where it serves what no answer in the file opens, no where it does not serve what
  /// something might.
  std::string preferences(const Draft& d) const {
    const catalog::Purposes& purposes = doors_.catalog.purposes;
    const PurposeBit link = doors_.node.house().link;
    const Mask resting = rests(d) & ~purposes.interest() & ~(logs_in(d) ? bit(link) : Mask{0});
    Mask might = purposes.interest() | (logs_in(d) ? bit(link) : Mask{0});
    for (const AtomId id : d.who)
      for (const consent::Standing& s : mine_.at(id).ledger->standings()) might |= bit(s.purpose);
    Object out;
    for (const catalog::Purpose& p : purposes.rows()) {
      const Mask one = bit(p.ordinal);
      if (p.retired || (purposes.heedless() & one) != 0) continue;
      const bool yes = (d.serves & one) != 0;
      if (yes ? (resting & one) == 0 || !opener(d, p.ordinal) : (might & one) != 0) out.truth(p.name, yes);
    }
    return out.done();
  }

  Line line_of(const Draft& d) const {
    std::set<AtomId> said = d.who;
    for (const AtomId id : d.by_traits)
      if (id != d.event.owner) said.erase(id);
    Object context, properties;
    context.raw("externalIds", identifiers(said));
    if (const std::string own = preferences(d); own != "{}")
      context.raw("consent", Object().raw("categoryPreferences", own).done());
    context.raw("import", Object().text("origin", d.origin).done());
    // As the door: what rests on contract, duty and purchases alone keeps its catalogued fields.
    const bool catalogued_only = (d.serves & ~doors_.catalog.purposes.catalogued_only()) == 0;
    for (const Draft::Field& field : d.fields) {
      if (catalogued_only && !field.catalogued) continue;
      if (field.name.starts_with(context_mark))
        context.raw(field.name.substr(context_mark.size()), field.value);
      else
        properties.raw(field.name, field.value);
    }
    const EventType type = d.event.moment->type;
    const bool traits = type == EventType::identify || type == EventType::group;
    const std::string body = properties.done();
    Line made{.at = d.event.moment->happened, .said = d.begins, .names = d.begins + mine_.at(d.event.owner).said + d.origin + body};
    made.said.append(",\"context\":").append(context.done());
    made.said.append(traits ? ",\"traits\":" : ",\"properties\":").append(body);
    return made;
  }

  /// Each under a name of its own that it has in every house: brought twice, it counts once.
  static std::string text(std::vector<Line> lines) {
    std::ranges::sort(lines, {}, &Line::order);
    std::map<std::string, int> times;
    std::string out;
    for (const Line& line : lines) {
      std::string id = "taken-" + hex(view_of(sha256(line.names))).substr(0, 32);
      if (const int before = times[id]++; before > 0) id += "-" + std::to_string(before);
      out.append(line.said).append(",\"messageId\":").append(json_text(id)).append("}\n");
    }
    return out;
  }

  const portal::ConsoleDoors& doors_;
  const flow::Component& component_;
  const Instant now_;
  std::map<AtomId, Mine> mine_;
  std::vector<Draft> drafts_;
  std::map<Pair, Instant> tied_;  // since which event, as the file tells it
};

}  // namespace

std::string portable(
    const portal::ConsoleDoors& doors, const flow::Component& component,
    std::span<const std::uint16_t> atoms, std::span<const Bearing> events, Instant now
) {
  return Lines(doors, component, atoms, now).all(events);
}

}  // namespace hospes::guest
