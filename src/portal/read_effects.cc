// GET /v1/actions: what the house does when somebody moves, and how its destinations are.
// GET /v1/effects/{kind}:{value}: what was done about one person, and why (not).
#include <algorithm>
#include <array>
#include <future>

#include "activate/sender.h"
#include "catalog/kinds.h"
#include "flow/effects.h"
#include "flow/evidence.h"
#include "portal/audit.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

/// Scheme and host: a path may be a secret of its own.
std::string host_of(std::string_view url) {
  const auto path = url.find('/', url.find("//") + 2);
  return std::string(url.substr(0, path));
}

std::string or_null(Instant at) {
  return at == Instant{} || at == Instant::beginning() || at == Instant::never()
             ? "null"
             : json_text(to_string(at));
}

std::string time_of_day(std::int64_t us) {
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(us / 3'600'000'000) + ":" + two(us / 60'000'000 % 60);
}

std::string rule_json(const outbox::Rule& r) {
  const std::string quiet =
      r.quiet ? json_text(time_of_day(r.quiet->from_us) + "-" + time_of_day(r.quiet->until_us))
              : "null";
  return Object()
      .text("name", r.name)
      .number("version", r.version)
      .text("when", r.by_journey ? "journey" : r.on_enter ? "enters" : "leaves")
      .text("segment", r.segment)
      .text("purpose", r.purpose_name)
      .text("destination", r.destination)
      .truth("reaches", r.contact.has_value())
      .number("cap_per_day", r.cap_per_day)
      .raw("quiet", quiet)
      .number("holdout_per_10000", r.holdout)
      .text("valid_for", hospes::to_string(r.valid_for))
      .done();
}

/// Of a destination that sends mail: how many complained, and what that did.
std::string complaints_json(const ConsoleDoors& doors, std::string_view destination) {
  const catalog::Destination* d = doors.catalog.actions.destination(destination);
  const mail::Complaints* complaints = doors.sender->complaints();
  if (d == nullptr || !d->mail || complaints == nullptr) return "null";
  const auto s = complaints->of(destination, doors.clock.now());
  return Object()
      .number("sent", s.sent)
      .number("complaints", s.complaints)
      .truth("stopped", s.stopped)
      .raw("since", s.stopped ? or_null(s.since) : "null")
      .raw("reopened", s.reopened_by.empty() ? "null" : or_null(s.reopened))
      .raw("reopened_by", s.reopened_by.empty() ? "null" : json_text(s.reopened_by))
      .done();
}

std::string lane_json(const ConsoleDoors& doors, const activate::LaneState& l) {
  return Object()
      .text("name", l.name)
      .text("host", host_of(l.url))
      .text("standing", l.standing)
      .raw("until", l.standing == "open" || l.standing == "off" ? "null" : or_null(l.until))
      .number("queued", l.queued)
      .number("under_way", l.under_way)
      .number("done", l.done)
      .number("failed", l.failed)
      .number("uncertain", l.uncertain)
      .number("refused", l.refused)
      .number("again", l.again)
      .text("trouble", l.trouble)
      .raw("complaints", complaints_json(doors, l.name))
      .done();
}

std::string effect_json(const outbox::Effect& e) {
  const bool waits = e.state == outbox::State::planned;
  return Object()
      .text("effect", to_hex(e.key))
      .text("action", e.rule)
      .number("version", e.version)
      .text("purpose", e.purpose)
      .text("destination", e.destination)
      .text("segment", e.passage.segment)
      .text("to", e.passage.entered ? "in" : "out")
      .raw("journey", e.passage.journey.empty() ? "null" : json_text(e.passage.journey))
      .raw("step", e.passage.step.empty() ? "null" : json_text(e.passage.step))
      .text("at", to_string(e.passage.at))
      .text("state", to_string(e.state))
      .raw("reason", reason_json(e.reason))
      .raw("since", e.reason == outbox::Reason::none ? "null" : or_null(e.since))
      .raw("source", e.source.empty() ? "null" : json_text(e.source))
      .text("decided", to_string(e.decided))
      .raw("due", waits ? or_null(e.due) : "null")
      .raw("claimed", or_null(e.claimed))
      .raw("released", or_null(e.released))
      .raw("finished", or_null(e.finished))
      .number("attempts", e.attempts)
      .number("status", e.status)
      .done();
}

/// Of all identifiers of the person, newest first.
std::vector<const outbox::Effect*> effects_of(const Met& met, std::string_view action) {
  std::vector<const outbox::Effect*> out;
  for (const std::uint16_t i : met.person.atoms)
    for (const outbox::Effect& e : met.component.atoms[i].effects)
      if (action.empty() || e.rule == action) out.push_back(&e);
  std::ranges::sort(out, std::ranges::greater{}, [](const outbox::Effect* e) {
    return std::pair(e->decided, e->key);
  });
  return out;
}

struct Blocker {
  outbox::Reason reason = outbox::Reason::none;
  Instant since, until = Instant::never();
  std::string source;
};

/// What stands in the way of the action for this person now, should its passage come.
Blocker blocker_now(const ConsoleDoors& doors, const Met& met, const outbox::Rule& rule) {
  const auto answer = flow::would(
      met.state, met.component, flow::anchor_of(met.component, met.person), rule,
      doors.node.house(), now_of(doors, met.state)
  );
  if (const auto* no = std::get_if<outbox::Deny>(&answer)) return {no->reason, no->since, Instant::never(), no->source};
  if (const auto* later = std::get_if<outbox::Defer>(&answer))
    return {later->reason, Instant::beginning(), later->until, {}};
  return {};
}

std::string now_json(const Blocker& b) {
  return Object()
      .truth("permitted", b.reason == outbox::Reason::none)
      .raw("reason", reason_json(b.reason))
      .raw("since", or_null(b.since))
      .raw("until", or_null(b.until))
      .raw("source", b.source.empty() ? "null" : json_text(b.source))
      .done();
}

outbox::Choice level_of(const ConsoleDoors& doors, const Met& met) {
  const auto firm = flow::firmly_tied(
      met.component, flow::anchor_of(met.component, met.person), doors.node.house().link,
      now_of(doors, met.state)
  );
  return flow::chosen_by(met.component, met.person, firm);
}

std::string level_json(const outbox::Choice& c) {
  const bool said = c.level != outbox::Level::unset;
  return Object()
      .text("level", outbox::to_string(c.level))
      .raw("since", said ? or_null(c.since) : "null")
      .raw("source", c.source.empty() ? "null" : json_text(c.source))
      .done();
}

std::string level_told(const outbox::Choice& c, bool french) {
  if (c.level == outbox::Level::unset) return {};
  constexpr std::array<std::string_view, 5> fr = {"", "tout", "comme d'habitude", "moins", "le nécessaire"};
  const std::string_view name =
      french ? fr[static_cast<std::size_t>(c.level)] : outbox::to_string(c.level);
  return std::string(french ? "Niveau d'engagement choisi : " : "Engagement level they chose: ")
      .append(name).append(", ").append(to_string(c.since)).append(" (").append(c.source).append(")\n");
}

/// Two or three lines a person can read.
std::string told(
    const std::vector<const outbox::Effect*>& effects, const outbox::Rule* rule, const Blocker& now,
    const outbox::Choice& level, bool french
) {
  const auto words = [&](outbox::Reason reason) {
    return std::string(french ? outbox::words_of(reason).fr : outbox::words_of(reason).en);
  };
  const auto when = [](Instant at) {
    return at == Instant{} || at == Instant::beginning() ? "" : ", " + to_string(at);
  };
  std::string out;
  if (effects.empty()) {
    out = french ? "Rien n'a été décidé : aucun passage n'a déclenché cette action.\n"
                 : "Nothing was decided: no passage has set this action off.\n";
  } else {
    const outbox::Effect& e = *effects.front();
    const std::string_view state = to_string(e.state);
    out.append(state).append(when(e.finished != Instant{} ? e.finished : e.decided));
    if (e.reason != outbox::Reason::none) out += ": " + words(e.reason) + when(e.since);
    if (!e.source.empty()) out += " (" + e.source + ")";
    if (e.state == outbox::State::planned) out += (french ? "; pas avant " : "; not before ") + to_string(e.due);
    out += "\n";
  }
  if (rule == nullptr) return out + words(outbox::Reason::retired) + "\n";
  out += french ? "Maintenant : " : "Now: ";
  out += words(now.reason) + when(now.since);
  if (!now.source.empty()) out += " (" + now.source + ")";
  return out + "\n" + level_told(level, french);
}

http::Response drawn(const ConsoleDoors& doors, const Met& met, const http::Request& request) {
  const std::string action(request.query_value("action").value_or(""));
  const auto effects = effects_of(met, action);
  const outbox::Rule* rule =
      met.state.rules && !action.empty() ? met.state.rules->find(action) : nullptr;
  if (!action.empty() && rule == nullptr && effects.empty())
    return problem(404, "not_found", "no action is called \"" + action + "\"; GET /v1/actions lists them");
  const Blocker now = rule != nullptr ? blocker_now(doors, met, *rule) : Blocker{};
  const outbox::Choice level = level_of(doors, met);
  if (const auto text = request.query_value("text"))
    return http::text(200, told(effects, rule, now, level, *text == "fr"));
  List list;
  for (const outbox::Effect* e : effects) list.add(effect_json(*e));
  Object out;
  out.text("person", name_of(met, doors.keys));
  out.raw("effects", list.done());
  if (!action.empty()) out.raw("now", rule != nullptr ? now_json(now) : "null");
  out.raw("level", level_json(level));
  return http::json(200, out.done() + "\n");
}

}  // namespace

std::string reason_json(outbox::Reason reason) {
  if (reason == outbox::Reason::none) return "null";
  const outbox::Words& w = outbox::words_of(reason);
  return Object().text("code", w.name).text("en", w.en).text("fr", w.fr).done();
}

http::Response read_actions(const ConsoleDoors& doors) {
  std::promise<std::shared_ptr<const outbox::Rules>> rules;
  doors.node.ask(0, [&](const flow::PartitionState& s) { rules.set_value(s.rules); });
  const auto in_force = rules.get_future().get();
  List actions, destinations;
  std::string caps = "null";
  if (in_force) {
    const outbox::Caps& c = in_force->caps();
    caps = Object().number("per_day", c.per_day).number("per_week", c.per_week).number("less_per_week", c.less_per_week).done();
  }
  if (in_force)
    for (const outbox::Rule& r : in_force->all()) actions.add(rule_json(r));
  if (doors.sender != nullptr)
    for (const activate::LaneState& l : doors.sender->lanes()) destinations.add(lane_json(doors, l));
  return http::json(
      200,
      Object().raw("actions", actions.done()).raw("destinations", destinations.done()).raw("caps", caps).raw("tees", doors.tees ? doors.tees() : "[]").done() + "\n"
  );
}

http::Response reopen_destination(const ConsoleDoors& doors, const http::Request& request) {
  const std::string name(*between(request.path, "/v1/destinations/", "/reopen"));
  const catalog::Destination* d = doors.catalog.actions.destination(name);
  if (d == nullptr || !d->mail || doors.sender == nullptr || doors.sender->complaints() == nullptr)
    return problem(404, "not_found", "no destination of mail is called so: GET /v1/actions lists them");
  const Access::Session session = doors.access.session(request);
  const std::string who = session.token ? "token" : session.account;
  const Status done = doors.sender->complaints()->reopen(name, who, doors.clock.now());
  if (!done) return problem(done.error());
  note_act(doors, request, {.act = "destination_reopened", .of = name});
  return http::json(200, complaints_json(doors, name) + "\n");
}

http::Response read_effects(const ConsoleDoors& doors, const http::Request& request) {
  constexpr std::string_view root = "/v1/effects/";
  const auto atom = atom_asked(doors, std::string_view(request.path).substr(root.size()));
  if (!atom) return problem(atom.error());
  http::Response out = problem(404, "not_found", "nobody bears this identifier");
  if (!*atom) return out;
  look_at(doors, request, **atom, "effects");
  find_atom(doors.node, **atom, [&](const Place& place) {
    if (auto no = of_nobody(place, "nothing is done about it")) {
      out = std::move(*no);
    } else {
      out = drawn(doors, Met{place.state, place.component, *place.person}, request);
    }
  });
  return out;
}

}  // namespace hospes::portal
