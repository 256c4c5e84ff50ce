// What whoever approves a campaign sees and does, without a session of the console: a page, and a form.
#include <fmt/format.h>

#include <atomic>

#include "activate/sender.h"
#include "portal/audit.h"
#include "portal/campaign_routes.h"
#include "portal/reads.h"
#include "portal/second.h"

namespace hospes::portal {
namespace {

using catalog::Campaign;

constexpr std::string_view style =
    "body{font:15px/24px system-ui,sans-serif;background:#FAF9F6;color:#1E1C19;margin:0}"
    "main{max-width:40rem;margin:0 auto;padding:32px 20px}h1{font:24px/32px Georgia,serif;margin:0 0 12px}"
    "dl{background:#FFF;border:1px solid #E4E0D8;border-radius:8px;padding:16px;margin:16px 0}"
    "dt{color:#57534B;font-size:13px}dd{margin:0 0 12px}pre{white-space:pre-wrap;font-size:13px;line-height:20px}"
    "label{display:block}input{display:block;width:100%;box-sizing:border-box;height:44px;font:inherit;"
    "border:1px solid #878175;border-radius:6px;padding:0 12px;margin:4px 0 16px;background:#FFF;color:inherit}"
    "button{font:inherit;min-height:44px;padding:0 20px;border:0;border-radius:6px;background:#1F4B8E;color:#FFF}"
    "@media(prefers-color-scheme:dark){body{background:#14151A;color:#ECEAE4}dl,input{background:#1B1D23;"
    "border-color:#7A8090}dt{color:#BBB8B0}button{background:#8FB4EA;color:#10131A}}";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

http::Response page(int status, bool french, std::string_view heading, std::string_view body) {
  http::Response out{
      status, {{"Content-Type", "text/html; charset=utf-8"}},
      fmt::format(
          "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">"
          "<meta name=\"referrer\" content=\"same-origin\"><title>{}"
          "</title><link rel=\"stylesheet\" href=\"/approve/style.css\"></head><body><main><h1>{}</h1>{}"
          "</main></body></html>\n",
          french ? "fr" : "en", escaped(heading), escaped(heading), body
      )};
  out.headers.add(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  );
  out.headers.add("Content-Language", french ? "fr" : "en");
  out.headers.add("Cache-Control", "no-store");
  return out;
}

http::Response told(int status, bool french, std::string_view en, std::string_view fr) {
  return page(
      status, french, french ? "Pas ainsi" : "Not like this",
      fmt::format("<p>{}</p>", escaped(french ? fr : en))
  );
}

std::uint64_t members_of(const ConsoleDoors& doors, std::string_view segment) {
  const auto engine = engine_of(doors.node);
  const auto index = engine ? engine->definitions().find(segment) : std::nullopt;
  if (!index) return 0;
  std::atomic<std::uint64_t> out = 0;
  doors.node.ask_all([&](const flow::PartitionState& s) {
    if (*index < s.members.size()) out += s.members[*index].cardinality();
  });
  return out;
}

http::Response form(const ConsoleDoors& doors, const Campaign& c, bool french) {
  const auto say = [&](std::string_view en, std::string_view fr) { return french ? fr : en; };
  std::string body = fmt::format(
      "<p>{}</p><dl>",
      escaped(say(
          "Somebody asks you to look at this campaign with your own eyes. Nothing leaves without your yes.",
          "On vous demande de regarder cette campagne de vos propres yeux. Rien ne part sans votre oui."
      ))
  );
  const auto row = [&](std::string_view en, std::string_view fr, const std::string& value) {
    body += fmt::format("<dt>{}</dt><dd>{}</dd>", escaped(say(en, fr)), escaped(value));
  };
  row("To whom", "À qui", fmt::format("{}: {} {}", c.segment, members_of(doors, c.segment), say("people now", "personnes à cet instant")));
  row("When (the house's time)", "Quand (heure de la maison)", c.at);
  row("By", "Par", message_of(doors, c).empty() ? c.action : c.action + ", " + message_of(doors, c));
  row("Left alone, to compare", "Laissés tranquilles, pour comparer", fmt::format("{}.{:02} %", c.control / 100, c.control % 100));
  row("Tested", "Testée", c.tested ? to_string(c.tested->at) : std::string(say("no mail to test", "pas de message à tester")));
  body += "</dl>";
  if (doors.sender != nullptr)
    if (const auto* m = doors.sender->messages().find(
            message_of(doors, c), french ? liquid::Language::fr : liquid::Language::en
        ))
      body += fmt::format("<h2>{}</h2><pre>{}</pre>", say("As it is written", "Telle qu’elle est écrite"), escaped(m->source));
  body += fmt::format(
      "<form method=\"post\"><label for=\"by\">{}</label><input id=\"by\" name=\"by\" maxlength=\"80\" required "
      "autocomplete=\"name\"><button>{}</button></form>",
      say("Your name", "Votre nom"), say("Yes, send it then", "Oui, qu’elle parte alors")
  );
  const std::string& title = french && !c.title_fr.empty() ? c.title_fr : c.title_en;
  return page(200, french, title.empty() ? c.name : title, body);
}

std::string name_in(const http::Request& request) {
  constexpr std::size_t most = 80;
  std::string_view rest = request.body;
  if (!rest.starts_with("by=")) return {};
  std::string out = http::percent_decode(rest.substr(3, rest.find('&') - 3), true);
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return out.substr(0, std::min(out.size(), most));
}

http::Response approve(
    const ConsoleDoors& doors, const http::Request& request, const Campaigns::Ask& asked,
    std::string_view code, bool french
) {
  const std::string by = name_in(request);
  if (!http::from_our_page(request))
    return told(403, french, "This form did not come from this page.", "Ce formulaire ne vient pas de cette page.");
  const std::string caller = caller_of(doors, request);
  if (!caller.empty() && caller == asked.asker)
    return told(
        403, french, "Whoever asked cannot approve: give the link to somebody else, in their own browser.",
        "Qui demande n’approuve pas : donnez le lien à quelqu’un d’autre, dans son propre navigateur."
    );
  if (by.empty()) return told(400, french, "Your name is needed.", "Votre nom est nécessaire.");
  const auto c = doors.campaigns->named(asked.campaign);
  if (!c || doors.campaigns->words_of(*c) != asked.words || c->stopped)
    return told(
        409, french, "The campaign was changed since the link was made: ask for another.",
        "La campagne a changé depuis que le lien a été fait : demandez-en un autre."
    );
  if (doors.campaigns->date_of(*c) < doors.clock.now() + approval_lead)
    return told(
        409, french, "Its date is too near, or gone by: set another date.",
        "Sa date est trop proche, ou passée : fixez-en une autre."
    );
  if (const Status done = approve_campaign(doors, asked.campaign, asked.words, by); !done)
    return told(503, french, done.error().message, done.error().message);
  doors.campaigns->use_up(code);
  note_act(doors, {.account = "link", .role = "", .act = "approved", .of = asked.campaign, .what = "campaign, by " + by});
  return page(
      200, french, french ? "C’est approuvé" : "It is approved",
      fmt::format(
          "<p>{}</p>", escaped(french ? "Elle partira à sa date : " + c->at + "." : "It leaves on its date: " + c->at + ".")
      )
  );
}

/// What waits for a second person in a house of one: as the campaign's, for everything else.
http::Response of_waiting(
    const ConsoleDoors& doors, const http::Request& request, const staff::Approval& waits, bool french
) {
  const auto say = [&](std::string_view en, std::string_view fr) { return std::string(french ? fr : en); };
  if (request.method != "POST")
    return page(
        200, french, say("Somebody asks for your yes", "On vous demande votre oui"),
        fmt::format(
            "<dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl><form method=\"post\"><label "
            "for=\"by\">{}</label><input id=\"by\" name=\"by\" maxlength=\"80\" required "
            "autocomplete=\"name\"><button>{}</button></form>",
            say("What", "Quoi"), escaped(waits.wanted.what), say("People", "Personnes"), waits.wanted.people,
            say("Asked by", "Demandé par"), escaped(waits.wanted.by), say("Your name", "Votre nom"),
            say("Yes, once", "Oui, une fois")
        )
    );
  if (!http::from_our_page(request))
    return told(403, french, "This form did not come from this page.", "Ce formulaire ne vient pas de cette page.");
  const bool known = !doors.access.check_person(request, doors.clock.now());
  if (known && person_behind(doors, request) == waits.wanted.by)
    return told(
        403, french, "Whoever asked cannot approve: give the link to somebody else, in their own browser.",
        "Qui demande n’approuve pas : donnez le lien à quelqu’un d’autre, dans son propre navigateur."
    );
  const std::string by = name_in(request);
  if (by.empty()) return told(400, french, "Your name is needed.", "Votre nom est nécessaire.");
  const auto given = doors.access.approvals().answer(waits.id, "link: " + by, true, doors.clock.now());
  if (!given) return told(409, french, given.error().message, given.error().message);
  note_act(doors, {.account = "link", .role = "", .act = "approved", .of = waits.id, .what = waits.wanted.kind + ", by " + by});
  return page(
      200, french, say("It is approved", "C’est approuvé"),
      fmt::format("<p>{}</p>", say("It can be done once, within a day.", "Cela peut se faire une fois, dans la journée."))
  );
}

}  // namespace

Status approve_campaign(
    const ConsoleDoors& doors, std::string_view name, std::string_view words, std::string_view by
) {
  const auto c = TRY(doors.campaigns->named(name));
  if (doors.campaigns->words_of(c) != words || c.stopped)
    return fail(Code::conflict, "the campaign was changed since it was asked for: ask again");
  const Instant now = doors.clock.now();
  if (doors.campaigns->date_of(c) < now + approval_lead)
    return fail(Code::conflict, "its date is too near, or gone by: set another date");
  TRY(mark(doors, c, {.approved = catalog::Mark{std::string(words), now, std::string(by)}}));
  doors.diary.note(diary::Level::info, "campaign.approved", "it is in force from now on", {{"campaign", c.name}});
  return {};
}

http::Response approval(const ConsoleDoors& doors, const http::Request& request) {
  constexpr std::string_view root = "/approve/";
  const std::string_view code = std::string_view(request.path).substr(root.size());
  if (code == "style.css") {
    http::Response out{200, {{"Content-Type", "text/css; charset=utf-8"}}, std::string(style)};
    return out;
  }
  const bool french = request.headers.find("Accept-Language").starts_with("fr");
  if (const auto waits = doors.access.approvals().by_link(code, doors.clock.now()))
    return of_waiting(doors, request, *waits, french);
  const auto asked = doors.campaigns == nullptr ? std::nullopt : doors.campaigns->link(code, doors.clock.now());
  if (!asked)
    return told(
        410, french, "This link was used, or is older than a day. Ask for another.",
        "Ce lien a déjà servi, ou a plus d’un jour. Demandez-en un autre."
    );
  if (request.method == "POST") return approve(doors, request, *asked, code, french);
  const auto c = doors.campaigns->named(asked->campaign);
  if (!c) return told(404, french, c.error().message, c.error().message);
  return form(doors, *c, french);
}

}  // namespace hospes::portal
