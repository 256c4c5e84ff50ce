// GET /v1/sources, /v1/sources/{name}: how each source is, and what it says otherwise than before.
#include "portal/day.h"
#include "portal/health.h"
#include "portal/json.h"
#include "portal/portrait.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr std::size_t cookieless_days = 30;  // shown; more are kept

std::string counts_json(const Health::Counts& counts) {
  return Object()
      .number("accepted", counts.accepted)
      .number("withheld", counts.withheld)
      .number("refused", counts.refused)
      .done();
}

std::string last_json(const std::optional<Health::Last>& last) {
  if (!last) return "null";
  return Object()
      .text("at", to_string(last->at))
      .text("event", last->event)
      .text("verdict", last->verdict)
      .done();
}

std::string lag_json(const Health::Report& report) {
  if (!report.lag_median) return "null";
  const auto ms = [](Duration d) { return std::to_string(d.count() / 1000); };
  return Object()
      .raw("median_ms", ms(*report.lag_median))
      .raw("max_ms", ms(*report.lag_max))
      .done();
}

std::string errors_json(const std::map<int, Health::Errors>& errors) {
  List out;
  for (const auto& [status, error] : errors) {
    Object one;
    one.number("status", static_cast<std::uint64_t>(status))
        .number("times", error.times)
        .text("last", to_string(error.last))
        .text("reason", error.reason);
    if (!error.origin.empty()) one.text("origin", error.origin);
    out.add(one.done());
  }
  return out.done();
}

std::string rules_json(const std::map<std::string, std::uint64_t>& rules) {
  List out;
  for (const auto& [code, times] : rules)
    out.add(Object().text("code", code).number("times", times).done());
  return out.done();
}

std::string text_or_null(const std::string& text) {
  return text.empty() ? "null" : json_text(text);
}

std::string drift_json(const std::vector<collect::Drift>& drifts) {
  List out;
  for (const collect::Drift& drift : drifts)
    out.add(Object()
                .text("kind", to_string(drift.kind))
                .text("event", drift.event)
                .raw("property", text_or_null(drift.property))
                .raw("was", text_or_null(drift.was))
                .raw("is", text_or_null(drift.is))
                .truth("catalogued", drift.catalogued)
                .text("first_at", to_string(drift.first))
                .text("first_message_id", drift.first_message)
                .text("last_at", to_string(drift.last))
                .number("times", drift.times)
                .number("of", drift.of)
                .number("per_min", drift.per_min)
                .done());
  return out.done();
}

std::string heard_json(const std::vector<collect::HeardEvent>& events) {
  List out;
  for (const collect::HeardEvent& event : events) {
    List properties;
    for (const auto& property : event.properties)
      properties.add(Object()
                         .text("name", property.name)
                         .text("type", to_string(property.type))
                         .number("values", property.values)
                         .done());
    out.add(Object()
                .text("event", event.event)
                .truth("catalogued", event.catalogued)
                .number("events", event.events)
                .raw("properties", properties.done())
                .done());
  }
  return out.done();
}

std::string visitors_json(const std::vector<Pulse::Visitors>& days) {
  List out;
  for (const Pulse::Visitors& day : days)
    out.add(Object()
                .text("day", date_text(day.day))
                .number("people", day.people)
                .number("views", day.views)
                .truth("at_most", day.at_most)
                .done());
  return out.done();
}

Object source_json(const ConsoleDoors& doors, const catalog::Source& source, Instant now) {
  const Health::Report report = doors.health.report(source.name, now);
  Object out;
  out.text("name", source.name)
      .text("mode", to_string(source.mode))
      .truth("enabled", source.enabled)
      .truth("simulated", source.simulated)
      .number("events_per_min", report.per_min)
      .raw("lag", lag_json(report))
      .raw("last", last_json(report.last))
      .raw("since_start", counts_json(report.since_start))
      .raw("last_hour", counts_json(report.last_hour))
      .raw("refused_by", rules_json(report.rules))
      .raw("errors", errors_json(report.errors))
      .raw("cookieless", visitors_json(doors.pulse.visitors(source.name, cookieless_days)))
      .number("drifts", doors.shapes.drifts(source.name, now).size());
  return out;
}

std::string texts_json(const std::vector<std::string>& texts) {
  List out;
  for (const std::string& text : texts) out.add(json_text(text));
  return out.done();
}

std::string keys_json(const ConsoleDoors& doors, const catalog::Source& source, Instant now) {
  List out;
  for (const catalog::WriteKey& key : source.keys) {
    std::vector<std::string> held;
    for (const catalog::Scope scope : catalog::scopes)
      if (key.use == catalog::KeyUse::server_key && (key.scopes & scope_bit(scope)) != 0)
        held.emplace_back(to_string(scope));
    const auto used = doors.health.last_use(source.name, key.hash);
    out.add(Object()
                .text("fingerprint", fingerprint(key))
                .text("use", to_string(key.use))
                .text("label", key.label)
                .raw("scopes", texts_json(held))
                .truth("taken", source.enabled && key.enabled && now < key.until)
                .raw("until", key.until == Instant::never() ? "null" : json_text(to_string(key.until)))
                .raw("last_used", used ? json_text(to_string(*used)) : "null")
                .done());
  }
  return out.done();
}

}  // namespace

std::string fingerprint(const catalog::WriteKey& key) {
  constexpr std::size_t digits = 12;  // of the hash: enough to tell a source's keys apart
  return catalog::to_hex(key.hash).substr(0, digits);
}

std::string source_whole(const ConsoleDoors& doors, const catalog::Source& source) {
  const Instant now = doors.clock.now();
  return source_json(doors, source, now)
      .text("as_of", to_string(now))
      .raw("keys", keys_json(doors, source, now))
      .raw("origins", texts_json(source.origins))
      .raw("without_answer", purpose_names(doors.catalog.purposes, source.without_answer))
      .number("events_per_s_max", source.events_per_s_max)
      .raw("drift", drift_json(doors.shapes.drifts(source.name, now)))
      .raw("heard", heard_json(doors.shapes.heard(source.name)))
      .done();
}

http::Response read_sources(const ConsoleDoors& doors, const http::Request& request) {
  const Instant now = doors.clock.now();
  const auto in_force = doors.sources.now();
  if (const auto name = between(request.path, "/v1/sources/", "")) {
    const auto source = in_force->named(*name);
    if (!source) return problem(source.error());
    return http::json(200, source_whole(doors, **source) + "\n");
  }
  List sources;
  for (const auto& [name, source] : in_force->rows())
    sources.add(source_json(doors, source, now).done());
  const Health::Report nobody = doors.health.report("", now);
  return http::json(
      200, Object()
                   .text("as_of", to_string(now))
                   .text("started", to_string(doors.pulse.started()))
                   .raw("sources", sources.done())
                   .raw("nobodys", errors_json(nobody.errors))
                   .number("beyond", doors.shapes.beyond())
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
