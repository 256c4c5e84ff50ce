// GET /v1/journeys, /v1/journeys/{id}: what the house leads people through, and where they are.
// GET /v1/journeys/{id}/waiting: who waits there, the next to move first.
// GET /v1/journeys/of/{kind}:{value}: where one person is, since when, what for, and the way so far.
#include <algorithm>
#include <future>
#include <mutex>

#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/journeys.h"
#include "journey/json.h"
#include "portal/audit.h"
#include "portal/called.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

using journey::Bound;
using journey::End;
using journey::Instance;

/// Of one version, over all partitions.
struct Figures {
  std::map<std::uint16_t, std::uint64_t> here;
  std::map<flow::Led::Sum, std::uint64_t> sums;

  std::uint64_t live() const {
    std::uint64_t out = 0;
    for (const auto& [step, count] : here) out += count;
    return out;
  }
  std::uint64_t count(flow::Led::Sum::What what) const {
    std::uint64_t out = 0;
    for (const auto& [sum, n] : sums) out += sum.what == what ? n : 0;
    return out;
  }
};
using AllFigures = std::map<flow::Led::Version, Figures>;

AllFigures figures_of(node::Node& node) {
  std::mutex mutex;
  AllFigures out;
  node.ask_all([&](const flow::PartitionState& s) {
    const std::lock_guard lock(mutex);
    for (const auto& [version, steps] : s.led.here)
      for (const auto& [step, count] : steps) out[version].here[step] += count;
    for (const auto& [version, sums] : s.led.sums)
      for (const auto& [sum, count] : sums) out[version].sums[sum] += count;
  });
  return out;
}

std::string languages(const std::string& en, const std::string& fr) {
  return Object().text("en", en).text("fr", fr).done();
}
std::string or_null(Instant at) {
  return at == Instant{} || at == Instant::never() ? "null" : json_text(to_string(at));
}

/// How they ended, by word; of all versions of the journey.
std::string ended_json(const AllFigures& all, const std::string& id) {
  std::map<std::uint8_t, std::uint64_t> ends;
  for (const auto& [version, figures] : all)
    for (const auto& [sum, n] : figures.sums)
      if (version.first == id && sum.what == flow::Led::Sum::ended) ends[sum.how] += n;
  Object out;
  for (const auto& [end, n] : ends) out.number(journey::to_string(static_cast<End>(end)), n);
  return out.done();
}

/// Who asked to enter and may not, by reason; `again` is the journey's own rule.
std::string kept_out_json(const AllFigures& all, const std::string& id) {
  std::map<std::uint8_t, std::uint64_t> reasons;
  for (const auto& [version, figures] : all)
    for (const auto& [sum, n] : figures.sums)
      if (version.first == id && sum.what == flow::Led::Sum::kept_out) reasons[sum.reason] += n;
  Object out;
  for (const auto& [reason, n] : reasons)
    out.number(reason == 0 ? "again" : to_string(static_cast<outbox::Reason>(reason)), n);
  return out.done();
}

Object head(const Bound& b, const AllFigures& all) {
  const journey::Definition& d = b.said.definition;
  std::uint64_t live = 0, entered = 0;
  for (const auto& [version, figures] : all) {
    if (version.first != d.id) continue;
    live += figures.live();
    entered += figures.count(flow::Led::Sum::entered);
  }
  Object out;
  out.text("id", d.id)
      .number("version", b.said.version)
      .raw("name", languages(d.name_en, d.name_fr))
      .raw("sentence", languages(d.sentence_en, d.sentence_fr))
      .text("purpose", d.purpose)
      .number("holdout_per_10000", d.holdout)
      .truth("paused", d.paused)
      .number("live", live)
      .number("entered", entered)
      .raw("ended", ended_json(all, d.id))
      .raw("kept_out", kept_out_json(all, d.id));
  return out;
}

std::string step_json(const Bound& b, std::size_t i, const Figures& figures) {
  const journey::Step& step = b.said.definition.steps[i];
  const auto here = figures.here.find(static_cast<std::uint16_t>(i));
  List left;
  for (const auto& [sum, n] : figures.sums) {
    if (sum.what != flow::Led::Sum::step || sum.at != i) continue;
    left.add(Object()
                 .text("how", journey::to_string(static_cast<journey::How>(sum.how)))
                 .raw("reason", reason_json(static_cast<outbox::Reason>(sum.reason)))
                 .number("people", n)
                 .done());
  }
  return Object()
      .text("id", step.id)
      .text("says", journey::format(step.action))
      .raw("does", journey::to_json(step))
      .number("here", here == figures.here.end() ? 0 : here->second)
      .raw("left", left.done())
      .done();
}

std::string steps_json(const Bound& b, const Figures& figures) {
  List out;
  for (std::size_t i = 0; i < b.said.definition.steps.size(); ++i) out.add(step_json(b, i, figures));
  return out.done();
}

std::string way_json(const Bound* b, const Instance& one) {
  List out;
  for (const journey::Move& m : one.way()) {
    const bool known = b != nullptr && m.step < b->said.definition.steps.size();
    out.add(Object()
                .text("step", known ? b->said.definition.steps[m.step].id : std::to_string(m.step))
                .text("at", to_string(m.arrived))
                .raw("left", or_null(m.left))
                .text("how", journey::to_string(m.how))
                .raw("reason", reason_json(m.reason))
                .done());
  }
  return out.done();
}

/// What it waits for: an instant, what comes before it, or an effect and what holds that.
std::string waits_json(const Met& met, const Bound* b, const Instance& one) {
  if (!one.live()) return "null";
  const outbox::Effect* effect = nullptr;
  for (const flow::AtomState& atom : met.component.atoms)
    for (const outbox::Effect& e : atom.effects)
      if (one.effect != Hash128{} && e.key == one.effect) effect = &e;
  const bool known = b != nullptr && one.step < b->said.definition.steps.size();
  const auto held = b != nullptr && b->said.definition.paused ? outbox::Reason::paused : outbox::Reason::none;
  Object out;
  out.text("says", known ? journey::format(b->said.definition.steps[one.step].action) : "")
      .raw("until", effect != nullptr && effect->state == outbox::State::planned ? or_null(effect->due)
                                                                                : or_null(one.due))
      .raw("effect", effect != nullptr ? json_text(to_hex(effect->key)) : "null")
      .raw("reason", reason_json(effect != nullptr ? effect->reason : held))
      .truth("asleep", one.asleep);
  return out.done();
}

/// One who waits, with the instant that puts them in their place.
struct Waiter {
  Instant until;
  Hash128 instance;
  std::string json;
  AtomId person;
};

/// Without a timer or an effect: it waits for the end of a pause.
bool is_held(const flow::PartitionState& s, const flow::OpenEffect& where, Hash128 instance) {
  const auto component = s.components.find(where.component);
  if (component == s.components.end()) return false;
  for (const flow::AtomState& atom : component->second->atoms)
    for (const Instance& one : atom.journeys)
      if (one.id == instance) return one.live() && one.due == Instant::never() && one.effect == Hash128{};
  return false;
}

/// Of one partition: by their timers, then those whom an effect holds. At most `max` of each.
void waiters_of(
    const ConsoleDoors& doors, const flow::PartitionState& s, std::string_view id, std::size_t max,
    bool names, std::vector<Waiter>& out
) {
  constexpr std::size_t looked_at_max = 50'000;  // of all journeys, in one partition
  const auto add = [&](Hash128 instance, Instant until) {
    const auto place = s.led.place_of(instance);
    if (!place) return false;
    const auto component = s.components.find(place->component);
    if (component == s.components.end()) return false;
    for (const flow::PersonState& person : component->second->people) {
      bool found = false;
      flow::visit_led(*component->second, person, [&](const flow::AtomState&, const Instance& one) {
        if (one.id != instance || one.journey != id || found) return;
        found = true;
        const Met met{s, *component->second, person};
        const Bound* b = s.led.book ? s.led.book->find(one.journey, one.version) : nullptr;
        const bool known = b != nullptr && one.step < b->said.definition.steps.size();
        const std::string called_ =
            names ? called(met, doors.names, doors.node.house().heeds_no_answer) : "";
        out.push_back({until, instance,
                       Object()
                           .text("person", names ? name_of(met, doors.keys) : "person:" + to_hex(person.id.atom))
                           .text("person_id", to_hex(person.id.atom))
                           .raw("called", called_.empty() ? "null" : json_text(called_))
                           .truth("simulated", person.simulated)
                           .raw("step", known ? json_text(b->said.definition.steps[one.step].id) : "null")
                           .text("since", to_string(one.arrived))
                           .raw("waits", waits_json(met, b, one))
                           .done(),
                       person.id.atom});
      });
      if (found) return true;
    }
    return false;
  };
  std::size_t looked_at = 0, found = 0;
  s.led.waits.visit([&](const flow::Wait& wait) {
    if (found >= max || ++looked_at > looked_at_max) return false;
    found += add(wait.instance, wait.due) ? 1 : 0;
    return true;
  });
  // Of a paused one also who waits for nothing but its end.
  const Bound* paused = s.led.book ? s.led.book->open(id) : nullptr;
  if (paused != nullptr && !paused->said.definition.paused) paused = nullptr;
  for (auto at = s.led.live.begin(); paused != nullptr && at != s.led.live.end(); ++at) {
    if (found >= 2 * max || ++looked_at > 2 * looked_at_max) break;
    if (is_held(s, *s.led.place_of(at->first), at->first)) found += add(at->first, Instant::never()) ? 1 : 0;
  }
  found = 0;
  for (const flow::Held& held : s.held) {
    if (found >= max || ++looked_at > 3 * looked_at_max) break;
    const auto open = s.open_effects.find(held.effect);
    if (open == s.open_effects.end()) continue;
    const auto component = s.components.find(open->second.component);
    if (component == s.components.end()) continue;
    for (const flow::AtomState& atom : component->second->atoms)
      for (const outbox::Effect& e : atom.effects)
        if (e.key == held.effect && e.passage.journey == id)
          found += add(e.passage.message, held.due) ? 1 : 0;
  }
}

std::string led_json(const Met& met, const Instance& one) {
  const Bound* b = met.state.led.book ? met.state.led.book->find(one.journey, one.version) : nullptr;
  const bool known = b != nullptr && one.step < b->said.definition.steps.size();
  const journey::Definition nothing;
  const journey::Definition& d = b != nullptr ? b->said.definition : nothing;
  return Object()
      .text("journey", one.journey)
      .number("version", one.version)
      .raw("name", languages(d.name_en, d.name_fr))
      .raw("key", one.key().empty() ? "null" : json_text(one.key()))
      .text("entered", to_string(one.entered))
      .text("end", journey::to_string(one.end))
      .raw("reason", reason_json(one.reason))
      .raw("ended", one.live() ? "null" : json_text(to_string(one.ended)))
      .raw("step", known ? json_text(d.steps[one.step].id) : "null")
      .text("since", to_string(one.arrived))
      .raw("waits", waits_json(met, b, one))
      .raw("way", way_json(b, one))
      .done();
}

/// A line a person can read.
std::string line_of(const Met& met, const Instance& one, bool french) {
  const auto words = [&](outbox::Reason reason) {
    return std::string(french ? outbox::words_of(reason).fr : outbox::words_of(reason).en);
  };
  const Bound* b = met.state.led.book ? met.state.led.book->find(one.journey, one.version) : nullptr;
  std::string out = std::string(one.journey) + " (" + std::to_string(one.version) + "): ";
  if (!one.live()) {
    out.append(journey::to_string(one.end)).append(", ").append(to_string(one.ended));
    return one.reason == outbox::Reason::none ? out + "\n" : out + ": " + words(one.reason) + "\n";
  }
  const journey::Step* step = b != nullptr ? &b->said.definition.steps[one.step] : nullptr;
  out += (step != nullptr ? step->id : "?") + (french ? ", depuis " : ", since ") + to_string(one.arrived);
  if (step != nullptr) out += ": " + journey::format(step->action);
  if (b != nullptr && b->said.definition.paused) out += " (" + words(outbox::Reason::paused) + ")";
  Instant until = one.due;
  for (const flow::AtomState& atom : met.component.atoms)
    for (const outbox::Effect& e : atom.effects)
      if (one.effect != Hash128{} && e.key == one.effect) {
        until = e.state == outbox::State::planned ? e.due : Instant::never();
        if (e.reason != outbox::Reason::none && e.reason != outbox::Reason::paused) out += " (" + words(e.reason) + ")";
      }
  if (until != Instant::never()) out += (french ? ", jusqu'à " : ", until ") + to_string(until);
  return out + "\n";
}

std::string all_led(const ConsoleDoors& doors, const Met& met, const http::Request& request) {
  const std::string wanted(request.query_value("journey").value_or(""));
  std::vector<const Instance*> list;
  flow::visit_led(met.component, met.person, [&](const flow::AtomState&, const Instance& one) {
    if (wanted.empty() || one.journey == wanted) list.push_back(&one);
  });
  std::ranges::sort(list, std::ranges::greater{}, [](const Instance* i) {
    return std::tuple(i->live(), i->entered, i->id);
  });
  if (const auto text = request.query_value("text")) {
    const bool french = *text == "fr";
    std::string lines;
    for (const Instance* one : list) lines += line_of(met, *one, french);
    if (!lines.empty()) return lines;
    return french ? "Aucun parcours n'a commencé pour cette personne.\n"
                  : "No journey has begun for this person.\n";
  }
  List out;
  for (const Instance* one : list) out.add(led_json(met, *one));
  return Object().text("person", name_of(met, doors.keys)).raw("journeys", out.done()).done() + "\n";
}

}  // namespace

std::shared_ptr<const journey::Book> book_of(node::Node& node) {
  std::promise<std::shared_ptr<const journey::Book>> told;
  node.ask(0, [&](const flow::PartitionState& s) { told.set_value(s.led.book); });
  return told.get_future().get();
}

http::Response read_journeys(const ConsoleDoors& doors) {
  const auto book = book_of(doors.node);
  const AllFigures all = figures_of(doors.node);
  List out;
  if (book)
    for (const auto& b : book->all())
      if (b->open()) {
        const auto mine = all.find({b->id(), b->said.version});
        out.add(head(*b, all)
                    .raw("steps", steps_json(*b, mine == all.end() ? Figures{} : mine->second))
                    .done());
      }
  return http::json(200, Object().raw("journeys", out.done()).done() + "\n");
}

http::Response read_journey(const ConsoleDoors& doors, const http::Request& request) {
  const std::string_view id = std::string_view(request.path).substr(std::string_view("/v1/journeys/").size());
  const auto book = book_of(doors.node);
  const Bound* b = book ? book->open(id) : nullptr;
  if (b == nullptr)
    return problem(404, "not_found", "no journey has this id; GET /v1/journeys lists them");
  const AllFigures all = figures_of(doors.node);
  List versions;
  for (const auto& one : book->all()) {
    if (one->id() != id || one->said.ended) continue;
    const auto at = all.find({one->id(), one->said.version});
    const Figures figures = at == all.end() ? Figures{} : at->second;
    versions.add(Object()
                     .number("version", one->said.version)
                     .truth("closed", one->said.closed)
                     .number("live", figures.live())
                     .raw("steps", steps_json(*one, figures))
                     .text("text", journey::format(one->said.definition))
                     .done());
  }
  return http::json(200, head(*b, all).raw("versions", versions.done()).done() + "\n");
}

http::Response read_waiting(const ConsoleDoors& doors, const http::Request& request) {
  const auto id = between(request.path, "/v1/journeys/", "/waiting");
  const auto limit = limit_of(request, 50, 500);
  if (!limit) return problem(limit.error());
  const auto book = book_of(doors.node);
  if (!id || !book || book->open(*id) == nullptr)
    return problem(404, "not_found", "no journey has this id; GET /v1/journeys lists them");
  const bool names = names_people(doors, request);
  std::mutex mutex;
  std::vector<Waiter> all;
  doors.node.ask_all([&](const flow::PartitionState& s) {
    std::vector<Waiter> some;
    waiters_of(doors, s, *id, *limit, names, some);
    flow::make_room(s);
    const std::lock_guard lock(mutex);
    std::ranges::move(some, std::back_inserter(all));
  });
  std::ranges::sort(all, {}, [](const Waiter& w) { return std::pair(w.until, w.instance); });
  List out;
  std::vector<AtomId> seen;
  for (std::size_t i = 0; i < std::min(all.size(), *limit); ++i) {
    out.add(all[i].json);
    seen.push_back(all[i].person);
  }
  look_at(doors, request, seen, "waiting", *id);
  return http::json(200, Object().raw("waiting", out.done()).done() + "\n");
}

http::Response read_led(const ConsoleDoors& doors, const http::Request& request) {
  constexpr std::string_view root = "/v1/journeys/of/";
  const auto atom = atom_asked(doors, std::string_view(request.path).substr(root.size()));
  if (!atom) return problem(atom.error());
  const auto wanted = request.query_value("journey");
  const auto book = book_of(doors.node);
  if (wanted && (!book || book->open(*wanted) == nullptr))
    return problem(404, "not_found", "no journey has this id; GET /v1/journeys lists them");
  http::Response out = problem(404, "not_found", "nobody bears this identifier");
  if (!*atom) return out;
  look_at(doors, request, **atom, "journeys");
  find_atom(doors.node, **atom, [&](const Place& place) {
    if (auto no = of_nobody(place, "nobody is led by it")) {
      out = std::move(*no);
    } else {
      std::string body = all_led(doors, Met{place.state, place.component, *place.person}, request);
      out = request.query_value("text") ? http::text(200, std::move(body)) : http::json(200, std::move(body));
    }
  });
  return out;
}

}  // namespace hospes::portal
