// POST /v1/destinations/{name}/replay: what failed there, or what nobody knows of, once more: after an
// outage, or when a receiver lost what it had. Each goes under its own key and id again, so whoever
// has it already knows the repetition, and is asked again before it leaves.
#include <algorithm>
#include <array>
#include <future>

#include "activate/sender.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr std::size_t replayed_max = 10'000;  // in one call; the answer says whether there are more

struct Wish {
  Duration within = std::chrono::hours(24);  // of when they ended
  bool uncertain = false;                    // those too: a receiver without de-duplication has them twice
};

Result<Wish> wished(const http::Request& request) {
  Wish out;
  if (request.body.empty()) return out;
  for (const Field& field : TRY(read_object(request.body))) {
    const auto span = field.name == "within" && field.text ? parse_duration(field.value) : std::nullopt;
    if (span && *span > Duration(0)) {
      out.within = *span;
    } else if (field.name == "uncertain" && (field.value == "true" || field.value == "false")) {
      out.uncertain = field.value == "true";
    } else {
      return fail(
          Code::invalid_input, "ask with {\"within\":\"2h\",\"uncertain\":true}, each if you like: what failed "
                               "within 24h is usual, and nothing that is uncertain"
      );
    }
  }
  return out;
}

struct Found {
  std::vector<flow::Effected> effects;
  bool more = false;
};

Found found(const ConsoleDoors& doors, std::string_view destination, const Wish& wish) {
  using outbox::State;
  Found out;
  const Instant since = doors.clock.now() - wish.within;
  walk_atoms(doors.node, [&](const Place& place) {
    for (const outbox::Effect& e : place.atom.effects) {
      const bool ended = e.state == State::failed || (wish.uncertain && e.state == State::uncertain);
      if (!ended || e.destination != destination || e.finished < since) continue;
      if (out.effects.size() == replayed_max) {
        out.more = true;
        return false;
      }
      out.effects.push_back({.component = place.component.id, .anchor = place.atom.atom, .effect = e});
    }
    return true;
  });
  return out;
}

}  // namespace

http::Response replay_destination(const ConsoleDoors& doors, const http::Request& request) {
  const std::string name(*between(request.path, "/v1/destinations/", "/replay"));
  if (doors.catalog.actions.destination(name) == nullptr)
    return problem(404, "not_found", "no destination is called so: GET /v1/actions lists them");
  const auto wish = wished(request);
  if (!wish) return problem(wish.error());
  const Found ended = found(doors, name, *wish);
  std::vector<node::Node::Addressed> records;
  for (const flow::Effected& what : ended.effects)
    records.push_back(activate::addressed(
        doors.node, what,
        record::Performed{.anchor = what.anchor, .effect = what.effect.key, .attempt = what.effect.attempts,
                          .outcome = record::Performed::Outcome::anew},
        doors.clock.now()
    ));
  if (!records.empty()) {
    std::promise<Status> durable;
    const Status begun = doors.node.append(std::move(records), [&](const Status& s) { durable.set_value(s); });
    if (!begun) return problem(begun.error());
    if (const Status done = durable.get_future().get(); !done) return problem(done.error());
  }
  note_act(doors, request, {.act = "destination_replayed", .of = name, .what = std::to_string(ended.effects.size())});
  return http::json(200, Object().number("replayed", ended.effects.size()).truth("more", ended.more).done() + "\n");
}

}  // namespace hospes::portal
