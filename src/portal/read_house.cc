// GET /v1/house: what the house has agreed on; GET /v1/session: who is asking.
#include "catalog/kinds.h"
#include "portal/json.h"
#include "portal/portrait.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

std::string listed(const std::vector<std::string>& words) {
  List out;
  for (const std::string& word : words) out.add(json_text(word));
  return out.done();
}

std::string purposes_json(const catalog::Purposes& purposes) {
  List out;
  for (const catalog::Purpose& p : purposes.rows())
    out.add(Object()
                .text("name", p.name)
                .text("basis", to_string(p.basis))
                .raw("serves", Object().text("en", p.serves_en).text("fr", p.serves_fr).done())
                .truth("catalogued_only", p.catalogued_only)
                .done());
  return out.done();
}

/// What a yes under the notice does not open, and why.
std::string notices_json(const catalog::Catalog& c) {
  List out;
  for (const auto& [notice, findings] : c.notices.all()) {
    List found;
    for (const catalog::Finding& f : findings)
      found.add(Object()
                    .text("code", f.code)
                    .text("en", f.en)
                    .text("fr", f.fr)
                    .text("source", f.source)
                    .raw("purposes", purpose_names(c.purposes, f.purposes))
                    .done());
    out.add(Object().text("id", notice.id).text("version", notice.version).raw("findings", found.done()).done());
  }
  return out.done();
}

std::string source_json(const catalog::Source& source, const catalog::Catalog& c) {
  const catalog::Purposes& purposes = c.purposes;
  List keys;
  for (const catalog::WriteKey& key : source.keys)
    keys.add(Object()
                 .text("use", to_string(key.use))
                 .text("label", key.label)
                 .truth("enabled", key.enabled)
                 .done());
  Object categories;
  for (const auto& [name, mask] : source.categories)
    categories.raw(name, purpose_names(purposes, mask));
  std::string tool = "null";
  if (source.trusted)
    tool = Object()
               .text("name", source.trusted->name)
               .text("notice", source.trusted->notice_id)
               .text("version", source.trusted->notice_version)
               .text("lang", source.trusted->notice_lang)
               .raw("voided", purpose_names(c.purposes, c.notices.voided(source.trusted->notice_id, source.trusted->notice_version)))
               .done();
  return Object()
      .text("name", source.name)
      .truth("enabled", source.enabled)
      .truth("simulated", source.simulated)
      .raw("keys", keys.done())
      .raw("origins", listed(source.origins))
      .raw("categories", categories.done())
      .raw("without_answer", purpose_names(purposes, source.without_answer))
      .raw("consent_tool", tool)
      .number("events_per_s_max", source.events_per_s_max)
      .text("catalogue", to_string(source.mode))
      .done();
}

}  // namespace

http::Response read_house(const ConsoleDoors& doors) {
  const catalog::Catalog& c = doors.catalog;
  List sources, kinds;
  const auto in_force = doors.sources.now();
  for (const auto& [name, source] : in_force->rows())
    sources.add(source_json(source, c));
  for (const catalog::Kind& kind : catalog::kinds()) kinds.add(json_text(kind.name));
  return http::json(
      200, Object().text("name", c.house.name)
                   .text("time_zone", c.house.time_zone)
                   .text("currency", c.house.currency)
                   .raw("languages", listed(c.house.languages))
                   .text("week_start", to_string(c.house.week_start))
                   .text("collect", doors.public_url)
                   .text("pack", c.purposes.pack())
                   .raw("purposes", purposes_json(c.purposes))
                   .raw("notices", notices_json(c))
                   .raw("sources", sources.done())
                   .raw("kinds", kinds.done())
                   .text("started", to_string(doors.pulse.started()))
                   .done() +
               "\n"
  );
}

http::Response read_session(const ConsoleDoors& doors, const http::Request& request) {
  const Access::Session session = doors.access.session(request);
  const auto or_null = [&](const std::string& text) {
    return session.token ? std::string("null") : json_text(text);
  };
  List rights;
  for (const staff::RightRow& row : staff::rights())
    if (!Access::check_right(session, row.right)) rights.add(json_text(row.name));
  const auto account = doors.access.accounts().find(session.account);
  return http::json(
      200, Object().text("role", staff::row_of(session.role).name)
                   .text("by", session.token ? "token" : "session")
                   .text("account", session.account)
                   .raw("called", account ? json_text(account->called) : "null")
                   .raw("rights", rights.done())
                   .raw("since", or_null(to_string(session.since)))
                   .raw("until", or_null(to_string(session.until)))
                   .raw("page", or_null(session.page))
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
