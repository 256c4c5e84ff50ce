// POST /v1/journeys/{id}/pause and /resume: who is in it waits, and goes on.
// POST /v1/journeys/preview: whom a text would move, before it is in force. Nothing is written.
// PUT /v1/journeys/{id}: it comes or changes while the house runs.
#include <algorithm>
#include <expected>
#include <mutex>

#include "flow/journeys.h"
#include "journey/text.h"
#include "outbox/effect.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/called.h"
#include "portal/journey_names.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

using journey::Bound;

constexpr std::size_t examples_max = 10;
constexpr std::size_t drawn_from_max = 2'000;  // of a partition's instances: it writes nothing meanwhile

/// Who stands at one step of one version.
struct Stand {
  std::uint64_t people = 0;
  std::vector<std::pair<Hash128, AtomId>> examples;  // of the smallest instances: their ids are random

  void draw(Hash128 instance, AtomId person) {
    examples.insert(std::ranges::upper_bound(examples, std::pair(instance, person)), {instance, person});
    if (examples.size() > examples_max) examples.pop_back();
  }
};
using Stands = std::map<std::pair<std::uint32_t, std::uint16_t>, Stand>;  // by version and step

void draw_examples(const flow::PartitionState& s, std::string_view id, Stands& out) {
  std::size_t looked_at = 0;
  for (const auto& one : s.led.live) {
    const Hash128 instance = one.first;
    if (++looked_at > drawn_from_max) return;
    const auto component = s.components.find(s.led.place_of(instance)->component);
    if (component == s.components.end()) continue;
    for (const flow::PersonState& person : component->second->people)
      flow::visit_led(*component->second, person, [&](const flow::AtomState&, const journey::Instance& led) {
        if (led.id == instance && led.journey == id && led.live())
          out[{led.version, led.step}].draw(led.id, person.id.atom);
      });
  }
}

Stands stands_in(node::Node& node, const std::string& id) {
  std::mutex mutex;
  Stands out;
  node.ask_all([&](const flow::PartitionState& s) {
    Stands some;
    for (const auto& [version, steps] : s.led.here)
      if (version.first == id)
        for (const auto& [step, people] : steps) some[{version.second, step}].people = people;
    if (!some.empty()) draw_examples(s, id, some);
    const std::lock_guard lock(mutex);
    for (const auto& [at, stand] : some) {
      out[at].people += stand.people;
      for (const auto& [instance, person] : stand.examples) out[at].draw(instance, person);
    }
  });
  return out;
}

struct Asker {
  const ConsoleDoors& doors;
  const http::Request& request;
  const bool names = names_people(doors, request);

  std::string examples(const Stand& stand, std::string_view journey) const {
    List out;
    std::vector<AtomId> seen;
    for (const auto& [instance, person] : stand.examples) {
      seen.push_back(person);
      find_atom(doors.node, person, [&](const Place& place) {
        if (place.person == nullptr) return;
        const Met met{place.state, place.component, *place.person};
        const std::string called_ = names ? called(met, doors.names, doors.node.house().heeds_no_answer) : "";
        out.add(Object()
                    .text("person", names ? name_of(met, doors.keys) : "person:" + to_hex(person))
                    .text("person_id", to_hex(person))
                    .raw("called", called_.empty() ? "null" : json_text(called_))
                    .truth("simulated", place.person->simulated)
                    .done());
      });
    }
    look_at(doors, request, seen, "waiting", journey);
    return out.done();
  }
};

/// What becomes of who stands there: `move` to a step of the next version, `end`, or `stay` in their own.
std::string stand_json(
    const Asker& asker, const journey::Book& book, const journey::Definition& next, bool comes,
    const std::pair<std::uint32_t, std::uint16_t>& at, const Stand& stand
) {
  const Bound* from = book.find(next.id, at.first);
  const bool known = from != nullptr && at.second < from->said.definition.steps.size();
  const journey::Step* step = known ? &from->said.definition.steps[at.second] : nullptr;
  const auto to = comes && known ? journey::comes_to(next, step->id) : std::nullopt;
  return Object()
      .number("version", at.first)
      .raw("step", known ? json_text(step->id) : "null")
      .text("becomes", !comes ? "stay" : to ? "move" : "end")
      .raw("to", to ? json_text(next.steps[*to].id) : "null")
      .truth("anew", to && !(next.steps[*to] == *step))
      .number("people", stand.people)
      .raw("examples", asker.examples(stand, next.id))
      .done();
}

std::string_view change_of(const Bound* open, const journey::Definition& next) {
  if (open == nullptr) return "new";
  journey::Definition before = open->said.definition;
  const bool was_paused = std::exchange(before.paused, next.paused);
  if (!(before == next)) return "edited";
  return was_paused == next.paused ? "none" : next.paused ? "paused" : "resumed";
}

std::string journey_json(const Asker& asker, const journey::Book& book, const journey::Definition& next) {
  const Bound* open = book.open(next.id);
  const std::string_view change = change_of(open, next);
  const bool comes = change == "edited" && next.waiting.come;
  List stands;
  std::uint64_t moves = 0, ends = 0, stays = 0;
  for (const auto& [at, stand] : stands_in(asker.doors.node, next.id)) {
    const Bound* from = book.find(next.id, at.first);
    const bool there = comes && from != nullptr && at.second < from->said.definition.steps.size() &&
                       journey::comes_to(next, from->said.definition.steps[at.second].id);
    (!comes ? stays : there ? moves : ends) += stand.people;
    stands.add(stand_json(asker, book, next, comes, at, stand));
  }
  return Object()
      .text("journey", next.id)
      .text("change", change)
      .raw("version", open == nullptr ? "1" : std::to_string(open->said.version + (change == "edited" ? 1U : 0U)))
      .number("move", moves)
      .number("end", ends)
      .number("stay", stays)
      .text("waiting", next.waiting.come ? "move" : "stay")
      .truth("asked_again", comes && open->said.definition.purpose != next.purpose)
      .raw("stands", stands.done())
      .done();
}

/// The journeys of a body's `text`, and what the sender read before, when they say it.
struct Sent {
  std::string text;
  std::optional<std::string> instead_of;
  std::vector<journey::Definition> journeys;
};

/// They read, and name nothing that the house does not know; else what to answer.
std::expected<Sent, http::Response> sent(const ConsoleDoors& doors, const http::Request& request) {
  const auto fields = read_object(request.body);
  if (!fields) return std::unexpected(problem(fields.error()));
  Sent out;
  for (const Field& field : *fields) {
    if (field.name == "text" && field.text)
      out.text = field.value;
    else if (field.name == "instead_of" && field.text && request.method == "PUT")
      out.instead_of = field.value;
    else
      return std::unexpected(problem(422, "invalid_input", "there is no " + field.name + " in {\"text\":\"journey …\"}"));
  }
  auto list = journey::parse(out.text);
  if (!list) return std::unexpected(mistake(list.error()));
  out.journeys = std::move(*list);
  if (out.journeys.empty())
    return std::unexpected(problem(422, "invalid_input", "send {\"text\":\"journey …\"}: journeys as journeys.jny has them"));
  const auto engine = engine_of(doors.node);
  const auto unknown = engine ? journey::check(out.journeys, journey_names(doors.catalog, engine->definitions()), out.text)
                              : std::vector<journey::Mistake>();
  if (!unknown.empty()) return std::unexpected(mistake(unknown.front()));
  return out;
}

/// Nothing, when what the sender read is what is in force.
std::optional<http::Response> overtaken(const Sent& sent, const Bound* open) {
  if (!sent.instead_of || *sent.instead_of == (open ? journey::format(open->said.definition) : "")) return std::nullopt;
  return problem(
      409, "conflict",
      open == nullptr            ? "the journey is there no more: somebody took it out since you read it"
      : sent.instead_of->empty() ? "a journey of this id is there already: choose another id, or change that one"
                                 : "somebody changed the journey since you read it: read it again, then change it"
  );
}

}  // namespace

http::Response preview_journeys(const ConsoleDoors& doors, const http::Request& request) {
  const auto asked = sent(doors, request);
  if (!asked) return asked.error();
  const auto book = book_of(doors.node);
  if (!book) return problem(409, "conflict", "no definitions are in force yet");
  const Asker asker{doors, request};
  List out;
  for (const journey::Definition& next : asked->journeys) out.add(journey_json(asker, *book, next));
  return http::json(200, Object().raw("journeys", out.done()).done() + "\n");
}

http::Response keep_journey(const ConsoleDoors& doors, const http::Request& request) {
  const std::string id(*between(request.path, "/v1/journeys/", ""));
  const auto asked = sent(doors, request);
  if (!asked) return asked.error();
  if (asked->journeys.size() > 1 || asked->journeys.front().id != id)
    return problem(422, "invalid_input", "send one journey, the one that the address names: " + id);
  if (id.starts_with(outbox::campaign_prefix))
    return problem(409, "conflict", "this id is of a campaign's journey: change the campaign instead");
  const auto book = book_of(doors.node);
  const Bound* open = book ? book->open(id) : nullptr;
  if (open == nullptr || !(open->said.definition == asked->journeys.front())) {
    if (auto no = overtaken(*asked, open)) return std::move(*no);
    if (const Status kept = doors.definitions.keep_journey(asked->text); !kept) return problem(kept.error());
    doors.diary.note(diary::Level::info, "journey.kept", "a journey is in force as it says from now on", {{"journey", id}});
  }
  http::Response out = read_journey(doors, request);
  if (open == nullptr && out.status == 200) out.status = 201;
  return out;
}

http::Response pause_journey(const ConsoleDoors& doors, const http::Request& request) {
  const auto pauses = between(request.path, "/v1/journeys/", "/pause");
  const std::string id(pauses ? *pauses : *between(request.path, "/v1/journeys/", "/resume"));
  const auto book = book_of(doors.node);
  const Bound* open = book ? book->open(id) : nullptr;
  if (open == nullptr) return problem(404, "not_found", "no journey has this id; GET /v1/journeys lists them");
  if (id.starts_with(outbox::campaign_prefix))
    return problem(409, "conflict", "this is a campaign's journey: stop the campaign instead");
  if (open->said.definition.paused != pauses.has_value()) {
    const Status done = doors.definitions.pause(id, pauses.has_value());
    if (!done) return problem(done.error());
    note_act(doors, request, {.act = pauses ? "journey_paused" : "journey_resumed", .of = id});
    doors.diary.note(
        diary::Level::info, pauses ? "journey.paused" : "journey.resumed",
        pauses ? "who is in it waits" : "who is in it goes on", {{"journey", id}}
    );
  }
  http::Request again = request;
  again.path = "/v1/journeys/" + id;
  return read_journey(doors, again);
}

}  // namespace hospes::portal
