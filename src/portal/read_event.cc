// GET /v1/events/{messageId}: what became of one event, source by source.
#include <algorithm>
#include <mutex>

#include "catalog/kinds.h"
#include "collect/hash.h"
#include "consent/stamp.h"
#include "flow/cold.h"
#include "flow/look.h"
#include "portal/audit.h"
#include "portal/called.h"
#include "portal/json.h"
#include "portal/nested.h"
#include "portal/portrait.h"
#include "portal/reads.h"
#include "portal/tell.h"
#include "portal/value_json.h"

namespace hospes::portal {
namespace {

/// Where the partitions' memory of messages has it: exact for 35 days by receipt.
std::optional<flow::Seen> seen(node::Node& node, Hash128 message) {
  std::mutex mutex;
  std::optional<flow::Seen> out;
  node.ask_all([&](const flow::PartitionState& s) {
    const auto here = flow::seen(s, message);
    if (!here) return;
    const std::lock_guard lock(mutex);
    out = here;
  });
  return out;
}

std::string or_null(const std::optional<Instant>& at) {
  return at ? json_text(to_string(*at)) : "null";
}

/// Why each purpose that may not see it now may not.
class Closed {
 public:
  Closed(const ConsoleDoors& doors, const Place& place, const Moment& m)
      : doors_(doors),
        moment_(m),
        named_{{place.atom.atom, &place.atom.ledger}},
        sources_(doors.sources.now()),
        source_(sources_->find(doors.names.text(m.source))) {}

  std::string list(Mask visible) const {
    List out;
    for (const catalog::Purpose& p : doors_.catalog.purposes.rows()) {
      if ((visible & bit(p.ordinal)) != 0) continue;
      const Why found = why(p.ordinal);
      out.add(Object()
                  .text("purpose", p.name)
                  .text("why", found.code)
                  .text("text", found.sentence)
                  .done());
    }
    return out.done();
  }

 private:
  struct Why {
    std::string_view code;
    std::string sentence;
  };

  Why why(PurposeBit p) const {
    if ((moment_.mask & bit(p)) != 0)
      return {
          "since_then",
          "open at the door; since then an answer against it came, or the yes it rested on ended"};
    if (source_ == nullptr)
      return {"source_gone", "closed at the door; its source is no longer in sources.toml"};
    const consent::Question question{
        .named = named_,
        .signal = {},
        .event = doors_.catalog.events.row(doors_.names.text(moment_.name)),
        .source = *source_,
        .purposes = doors_.catalog.purposes,
        .key = catalog::KeyUse::server_key,
        .attested_login = false,
        .start = moment_.start(),
        .receipt = moment_.received};
    for (const consent::Missing& m : consent::missing(question))
      if (m.purpose == p) return {consent::to_string(m.why), consent::explain(m, question)};
    return {
        "at_the_door",
        "closed at the door: the event itself said no, or what opens it now was recorded later"};
  }

  const ConsoleDoors& doors_;
  const Moment& moment_;
  const std::vector<consent::Named> named_;
  std::shared_ptr<const catalog::Sources> sources_;
  const catalog::Source* source_;
};

/// The event as it is kept, in the shape in which it is sent; what was sent is kept nowhere.
std::string raw_json(
    const ConsoleDoors& doors, const Atom& owner, const Moment& m, std::string_view body
) {
  Nested properties, context;
  for (PackedReader in(body); in.next();) {
    constexpr std::string_view apart = "context.";
    const std::string_view name = doors.names.text(in.name());
    std::string value = value_json(in.value(), doors.keys);
    if (name.starts_with(apart)) {
      context.put(name.substr(apart.size()), std::move(value));
    } else {
      properties.put(name, std::move(value));
    }
  }
  Object out;
  out.text("type", to_string(m.type));
  if (m.type == EventType::track) out.text("event", doors.names.text(m.name));
  const auto identifier = doors.keys.reveal(owner.id);
  if (identifier && owner.kind == catalog::kind::user_id) {
    out.text("userId", identifier->value);
  } else if (identifier && owner.kind == catalog::kind::anonymous_id) {
    out.text("anonymousId", identifier->value);
  }
  out.text("timestamp", to_string(m.happened))
      .raw(m.type == EventType::identify ? "traits" : "properties", properties.json());
  if (!context.empty()) out.raw("context", context.json());
  return out.done();
}

void add_event(
    Object& out, const ConsoleDoors& doors, const Place& place, const Moment& m,
    const Feed::Trace& trace
) {
  const flow::Component& c = place.component;
  const Mask visible = place.person == nullptr
                           ? 0
                           : flow::lens_of(c, *place.person, doors.node.house().heeds_no_answer)
                                 .visible(m, place.atom.held.opened(m), place.state.clock);
  out.text("type", to_string(m.type)).truth("simulated", (m.flags & flag_simulated) != 0);
  if (visible != 0) out.text("event", doors.names.text(m.name));
  if (place.person != nullptr) {
    const Met met{place.state, c, *place.person};
    const std::string name = called(met, doors.names, doors.node.house().heeds_no_answer);
    out.text("person", name_of(met, doors.keys))
        .text("person_id", to_hex(place.person->id.atom))
        .raw("called", name.empty() ? "null" : json_text(name));
  } else {
    out.raw("person", "null")
        .text(
            "nobody", flow::stands_aside(c, place.atom)
                          ? "its person keeps their data from every use"
                          : "its device is shared by several people"
        );
  }
  out.raw("purposes", purpose_names(doors.catalog.purposes, visible))
      .raw("closed", Closed(doors, place, m).list(visible));
  const bool sent = trace.arrival && trace.arrival->verdict == collect::Verdict::accepted;
  Object times;
  times.text("happened", to_string(m.happened))
      .text("received", to_string(m.received))
      .raw("original", or_null(sent ? std::optional(trace.arrival->original) : std::nullopt))
      .raw("sent", or_null(sent ? std::optional(trace.arrival->sent) : std::nullopt))
      .truth("future_brought_back", (m.flags & flag_clamped) != 0);
  out.raw("times", times.done());
  if (visible == 0) return;
  const std::string_view body = place.atom.held.body(m);
  out.raw("properties", properties_json(body, doors.names, doors.keys))
      .raw("raw", raw_json(doors, place.atom.atom, m, body));
}

void add_place(
    Object& out, const ConsoleDoors& doors, const Place& place, Hash128 message,
    const Feed::Trace& trace
) {
  const Timeline& held = flow::timeline_of(place.state, place.component, place.atom);
  for (const Moment& m : held.in_order())
    if (m.message == message) return add_event(out, doors, place, m, trace);
  for (const consent::Row& row : place.atom.ledger.rows()) {
    if (row.message != message) continue;
    out.text("type", "consent")
        .text("purpose", doors.catalog.purposes.at(row.purpose).name)
        .text("answer", to_string(row.state))
        .text("proof", row.actor)
        .text("person", name_of(row.atom, doors.keys));
    return;
  }
  out.text("note", "accepted; its person's partition has not taken it yet, or it was erased");
}

/// Nothing when this source never sent it, as far as anybody remembers.
std::optional<std::string> told(
    const ConsoleDoors& doors, const std::string& source, std::string_view id, std::vector<AtomId>& of
) {
  const Hash128 message = collect::message_hash(doors.keys.house_secret(), source, id);
  const auto where = seen(doors.node, message);
  const Feed::Trace trace = doors.feed.trace(message);
  if (!where && !trace.arrival) return std::nullopt;
  Object out;
  out.text("source", source);
  if (!where) {
    const bool withheld = trace.arrival->verdict == collect::Verdict::withheld;
    List missing, closed;
    const collect::Arrival& a = *trace.arrival;
    for (std::size_t i = 0; i < a.missing.size(); ++i) {
      missing.add(json_text(a.missing[i]));
      closed.add(Object().text("purpose", a.missing[i]).text("why", to_string(a.closed[i])).done());
    }
    out.text("state", withheld ? "withheld" : "accepted")
        .text("type", a.type)
        .text("event", a.name)
        .truth("simulated", a.simulated)
        .text("received", to_string(a.at))
        .raw("missing", missing.done())
        .raw("closed", closed.done())
        .text("change", trace.arrival->detail);
    return out.done();
  }
  out.text("state", trace.repeats > 0 ? "duplicate" : "accepted").number("repeats", trace.repeats);
  of.push_back(where->owner);
  const bool found = find_atom(doors.node, where->owner, [&](const Place& place) {
    add_place(out, doors, place, message, trace);
  });
  if (!found) out.text("note", "accepted; the identifier it belongs to has been erased");
  out.raw("transitions", tell_list(doors, trace.transitions));
  return out.done();
}

std::string unknown(const ConsoleDoors& doors) {
  const Instant since = doors.feed.trace({}).since;
  return Object()
      .text("state", "unknown")
      .text(
          "why",
          "no source sent it within the last 35 days and was accepted. It may never have left the "
          "sender, may carry another messageId (without one hospes makes its own), may have been "
          "refused with an error the sender was told, or have been withheld before what is "
          "remembered of the door"
      )
      .raw(
          "door_remembered_since",
          or_null(since == Instant::never() ? std::nullopt : std::optional(since))
      )
      .done();
}

}  // namespace

http::Response read_event(const ConsoleDoors& doors, const http::Request& request) {
  const std::string id(*between(request.path, "/v1/events/", ""));
  std::vector<std::string> sources;
  if (const auto asked = request.query_value("source")) {
    const auto source = doors.sources.now()->named(*asked);
    if (!source) return problem(422, "invalid_input", source.error().message);
    sources.push_back(*asked);
  } else {
    for (const auto& [name, source] : doors.sources.now()->rows()) sources.push_back(name);
  }
  List found;
  std::vector<AtomId> of;
  bool any = false;
  for (const std::string& source : sources) {
    const auto one = told(doors, source, id, of);
    if (!one) continue;
    found.add(*one);
    any = true;
  }
  if (!any) found.add(unknown(doors));
  for (const AtomId owner : of) look_at(doors, request, owner, "event");
  return http::json(200, Object().text("message_id", id).raw("found", found.done()).done() + "\n");
}

}  // namespace hospes::portal
