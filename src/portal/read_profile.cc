// GET /v1/profiles/{kind}:{value} and …/why/{segment}.
#include "catalog/kinds.h"
#include "portal/audit.h"
#include "portal/portrait.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr std::size_t timeline_usual = 200;
constexpr std::size_t timeline_max = 1'000;  // moments of one answer

struct Asked {
  std::string_view who;
  std::string_view segment;  // empty: the whole person
};

Asked asked(std::string_view path) {
  Asked out{.who = path.substr(std::string_view("/v1/profiles/").size())};
  const auto why = out.who.rfind("/why/");
  if (why == std::string_view::npos) return out;
  out.segment = out.who.substr(why + 5);
  out.who = out.who.substr(0, why);
  return out;
}

Result<TimelinePage> page_of(const http::Request& request) {
  TimelinePage page;
  page.limit = TRY(limit_of(request, timeline_usual, timeline_max));
  page.event = request.query_value("event").value_or("");
  const auto after = request.query_value("after");
  if (!after) return page;
  const auto cursor = parse_cursor(*after);
  if (!cursor) return fail(Code::invalid_input, "after is not what an earlier answer gave as next");
  page.after = *cursor;
  return page;
}

/// What one place shows: a body, or why there is none.
http::Response drawn(
    const ConsoleDoors& doors, const Place& place, const Asked& wanted, const TimelinePage& page,
    const http::Request& request
) {
  if (auto no = of_nobody(place, "its own events belong to nobody; ask for one of them"))
    return std::move(*no);
  const Met met{place.state, place.component, *place.person};
  const Portrait portrait(doors, met, std::string(wanted.who), real_only(request));
  if (wanted.segment.empty()) {
    auto whole = portrait.whole(page);
    if (!whole) return problem(404, "not_found", "all of this person is invented, and real_only hides it");
    return http::json(200, std::move(*whole));
  }
  const auto text = request.query_value("text");
  const auto index =
      met.state.engine ? met.state.engine->definitions().find(wanted.segment) : std::nullopt;
  if (!index) return no_segment();
  const std::string body = portrait.why(*index, text);
  return text ? http::text(200, body) : http::json(200, body);
}

}  // namespace

Result<std::optional<AtomId>> atom_asked(const ConsoleDoors& doors, std::string_view who) {
  constexpr std::string_view person = "person:";
  if (who.starts_with(person)) {
    const auto id = atom_of(who.substr(person.size()));
    if (!id) return fail(Code::invalid_input, "a person's id is 32 hexadecimal digits");
    return id;
  }
  const Identifier identifier = TRY(catalog::parse_identifier(who));
  const auto atom = TRY(doors.keys.find(identifier));
  if (!atom) return std::optional<AtomId>();
  return std::optional(atom->id);
}

http::Response read_profile(const ConsoleDoors& doors, const http::Request& request) {
  const Asked wanted = asked(request.path);
  const auto page = page_of(request);
  if (!page) return problem(page.error());
  const auto atom = atom_asked(doors, wanted.who);
  if (!atom) return problem(atom.error());
  http::Response out = problem(404, "not_found", "nobody bears this identifier");
  if (!*atom) return out;
  look_at(doors, request, **atom, wanted.segment.empty() ? "profile" : "why");
  find_atom(doors.node, **atom, [&](const Place& place) {
    out = drawn(doors, place, wanted, *page, request);
  });
  return out;
}

}  // namespace hospes::portal
