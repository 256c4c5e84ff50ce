#include "portal/tell.h"

#include <algorithm>
#include <future>

#include "flow/cold.h"
#include "portal/called.h"
#include "portal/json.h"
#include "portal/people.h"

namespace hospes::portal {
namespace {

std::string_view word(flow::Why why) {
  switch (why) {
    case flow::Why::time:
      return "time";
    case flow::Why::join:
      return "join";
    case flow::Why::split:
      return "split";
    case flow::Why::restriction:
      return "restriction";
    case flow::Why::erasure:
      return "erasure";
    case flow::Why::answer:
      return "permission";
    case flow::Why::definition:
      return "definition";
    case flow::Why::event:
    case flow::Why::rebuild:
      return "event";
  }
  return "event";
}

std::string or_null(std::string_view text) { return text.empty() ? "null" : json_text(text); }

struct Who {
  std::string person, id, called;
};
struct Segment {
  std::string id;
  std::string name = R"({"en":"","fr":""})";  // JSON
  std::string from;  // the stage that was left for it
};

class Tellers {
 public:
  Tellers(const ConsoleDoors& doors, std::span<const Feed::Item> items)
      : doors_(doors), items_(items), who_(items.size()), segments_(items.size()) {
    for (const Feed::Item& item : items) arrivals_.push_back(arrival_of(item));
  }

  std::vector<ToldItem> all() {
    ask_passages();
    ask_owners();
    std::vector<ToldItem> out;
    for (std::size_t i = 0; i < items_.size(); ++i) out.push_back(told(i));
    return out;
  }

 private:
  /// Of a passage, of the event that caused it.
  collect::Arrival arrival_of(const Feed::Item& item) const {
    if (const auto* a = std::get_if<collect::Arrival>(&item.what)) return *a;
    Hash128 message{};
    if (const auto* t = passage_of(item)) message = t->message;
    if (const auto* r = std::get_if<Feed::Repeat>(&item.what)) message = r->message;
    if (message == Hash128{}) return {};
    return doors_.feed.arrival(message).value_or(collect::Arrival{});
  }

  static const flow::Transition* passage_of(const Feed::Item& item) {
    return std::get_if<flow::Transition>(&item.what);
  }

  Who who(const Met& met) const {
    return {
        name_of(met, doors_.keys), to_hex(met.person.id.atom),
        called(met, doors_.names, doors_.node.house().heeds_no_answer)};
  }

  void ask_passages() {
    std::vector<Partition> partitions;
    for (const Feed::Item& item : items_)
      if (const auto* t = passage_of(item)) partitions.push_back(t->partition);
    std::ranges::sort(partitions);
    const auto twice = std::ranges::unique(partitions);
    partitions.erase(twice.begin(), twice.end());
    for (const Partition p : partitions) {
      std::promise<void> over;
      doors_.node.ask(p, [&](const flow::PartitionState& s) {
        for (std::size_t i = 0; i < items_.size(); ++i) {
          const flow::Transition* t = passage_of(items_[i]);
          if (t != nullptr && t->partition == p) hear(s, i, *t);
        }
        flow::make_room(s);
        over.set_value();
      });
      over.get_future().get();
    }
  }

  void hear(const flow::PartitionState& s, std::size_t i, const flow::Transition& t) {
    if (s.engine && t.segment < s.engine->definitions().size()) {
      const auto& d = s.engine->definitions().at(t.segment).definition;
      segments_[i] = {d.id, Object().text("en", d.name_en).text("fr", d.name_fr).done(), {}};
      if (t.from && *t.from < s.engine->definitions().size())
        segments_[i].from = s.engine->definitions().at(*t.from).definition.id;
    }
    const flow::PersonRef ref = s.dense[t.dense];
    who_[i] = ref.component == nullptr  // joined to somebody since
                  ? Who{name_of(t.person.atom, doors_.keys), to_hex(t.person.atom), ""}
                  : who(Met{s, *ref.component, ref.component->people[ref.index]});
  }

  void ask_owners() {
    std::vector<AtomId> owners;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (passage_of(items_[i]) != nullptr || arrivals_[i].owner.empty()) continue;
      owners.push_back(atom_of(arrivals_[i].owner).value_or(AtomId{}));
      places.push_back(i);
      who_[i].person = name_of(owners.back(), doors_.keys);
    }
    find_atoms(doors_.node, owners, [&](std::size_t at, const Place& place) {
      if (place.person == nullptr) return;
      const std::string named = std::move(who_[places[at]].person);
      who_[places[at]] = who({place.state, place.component, *place.person});
      who_[places[at]].person = named;  // as the event named them
    });
  }

  ToldItem told(std::size_t i) const {
    if (const flow::Transition* t = passage_of(items_[i]))
      return {Told::transition, t->simulated, passage(i, *t)};
    if (const auto* e = std::get_if<Feed::Effect>(&items_[i].what))
      return {Told::effect, e->effected.simulated, effect(i, *e)};
    if (const auto* m = std::get_if<flow::Moved>(&items_[i].what))
      return {Told::move, m->simulated, move(i, *m)};
    return {Told::arrival, arrivals_[i].simulated, arrival(i)};
  }

  std::string passage(std::size_t i, const flow::Transition& t) const {
    return Object()
        .text("id", doors_.feed.id(items_[i].number))
        .text("at", to_string(t.at))
        .text("segment", segments_[i].id)
        .raw("name", segments_[i].name)
        .text("person", who_[i].person)
        .text("person_id", who_[i].id)
        .raw("called", or_null(who_[i].called))
        .text("to", t.entered ? "in" : "out")
        .raw("from", or_null(segments_[i].from))
        .text("cause", word(t.why))
        .raw("message_id", or_null(arrivals_[i].message_id))
        .raw("event", or_null(arrivals_[i].name))
        .truth("simulated", t.simulated)
        .done();
  }

  std::string effect(std::size_t i, const Feed::Effect& what) const {
    const outbox::Effect& e = what.effected.effect;
    return Object()
        .text("id", doors_.feed.id(items_[i].number))
        .text("at", to_string(what.at))
        .text("effect", to_hex(e.key))
        .text("action", e.rule)
        .text("destination", e.destination)
        .text("segment", e.passage.segment)
        .text("to", e.passage.entered ? "in" : "out")
        .text("person", name_of(what.effected.anchor.id, doors_.keys))
        .text("person_id", to_hex(what.effected.person.atom))
        .text("state", to_string(e.state))
        .raw("reason", or_null(e.reason == outbox::Reason::none ? "" : to_string(e.reason)))
        .truth("simulated", what.effected.simulated)
        .done();
  }

  std::string move(std::size_t i, const flow::Moved& m) const {
    return Object()
        .text("id", doors_.feed.id(items_[i].number))
        .text("at", to_string(m.at))
        .text("journey", m.journey)
        .number("version", m.version)
        .text("person", name_of(m.anchor.id, doors_.keys))
        .text("person_id", to_hex(m.person.atom))
        .raw("from", or_null(m.from))
        .raw("to", or_null(m.to))
        .text("how", journey::to_string(m.how))
        .raw("reason", or_null(m.reason == outbox::Reason::none ? "" : to_string(m.reason)))
        .text("end", journey::to_string(m.end))
        .truth("simulated", m.simulated)
        .done();
  }

  std::string arrival(std::size_t i) const {
    const collect::Arrival& a = arrivals_[i];
    const auto* repeat = std::get_if<Feed::Repeat>(&items_[i].what);
    List missing, closed;
    for (std::size_t p = 0; p < a.missing.size(); ++p) {
      missing.add(json_text(a.missing[p]));
      closed.add(
          Object().text("purpose", a.missing[p]).text("why", to_string(a.closed[p])).done()
      );
    }
    return Object()
        .text("id", doors_.feed.id(items_[i].number))
        .text("at", to_string(repeat != nullptr ? repeat->at : a.at))
        .text("source", a.source)
        .raw("message_id", or_null(a.message_id))
        .text("type", a.type)
        .text("event", a.name)
        .raw("who", or_null(who_[i].person))
        .raw("person_id", or_null(who_[i].id))
        .raw("called", or_null(who_[i].called))
        .text("verdict", repeat != nullptr ? "duplicate" : verdict_word(a.verdict))
        .raw("missing", missing.done())
        .raw("closed", closed.done())
        .raw("rule", or_null(a.rule))
        .text("change", a.detail)
        .raw("bytes", a.bytes == 0 ? "null" : std::to_string(a.bytes))
        .raw("letter", a.letter ? json_text(to_hex(*a.letter)) : "null")
        .truth("simulated", a.simulated)
        .done();
  }

  const ConsoleDoors& doors_;
  const std::span<const Feed::Item> items_;
  std::vector<Who> who_;
  std::vector<Segment> segments_;
  std::vector<collect::Arrival> arrivals_;
};

}  // namespace

std::string_view verdict_word(collect::Verdict verdict) {
  switch (verdict) {
    case collect::Verdict::accepted:
      return "accepted";
    case collect::Verdict::withheld:
      return "withheld";
    case collect::Verdict::rejected:
      return "refused";
  }
  return "unknown";
}

std::vector<ToldItem> tell(const ConsoleDoors& doors, std::span<const Feed::Item> items) {
  return Tellers(doors, items).all();
}

std::string tell_list(const ConsoleDoors& doors, std::span<const Feed::Item> items) {
  List out;
  for (const ToldItem& item : tell(doors, items)) out.add(item.json);
  return out.done();
}

}  // namespace hospes::portal
