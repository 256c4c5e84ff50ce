// "What you allow" and "your pace": one act to say yes, the same one to say no.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "guest/page.h"

namespace hospes::guest {
namespace {

bool is_contact(const catalog::Purpose& p) { return p.name.starts_with("contact:"); }

bool is_on(const catalog::Purpose& p, const Permission& said) {
  if (said.answer) return *said.answer == consent::Answer::given;
  return p.basis != catalog::Basis::consent;
}

std::string_view tab_path(Tab tab) {
  const auto at = std::ranges::find(tabs(), tab, &TabRow::tab);
  return at == tabs().end() ? std::string_view() : at->path;
}

/// Whom effects under that purpose tell of the guest. A mail goes to the guest alone.
std::string recipients(const Sheet& sheet, const catalog::Purpose& p) {
  const catalog::Actions& actions = sheet.doors.house.catalog.actions;
  std::vector<std::string_view> names;
  for (const catalog::Action& a : actions.actions) {
    const catalog::Destination* to = actions.destination(a.destination);
    const bool tells = a.purpose == p.ordinal && to != nullptr && !to->mail;
    if (tells && std::ranges::find(names, a.destination) == names.end()) names.push_back(a.destination);
  }
  std::string out;
  for (const std::string_view name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

/// Soon enough to be asked: a yes that ends by itself.
bool ends_soon(const Sheet& sheet, const Permission& said) {
  return said.answer == consent::Answer::given && said.until < sheet.known->as_of + std::chrono::days(30);
}

/// One question, and both answers equally visible: neither is the louder, or the nearer.
void question(Html& out, const Sheet& sheet, std::string_view id) {
  out.raw("<div class=\"pair\">");
  for (const bool yes : {true, false}) {
    out.raw("<button class=\"wide\" name=\"say\" value=\"").raw(yes ? "yes" : "no");
    out.raw("\" aria-describedby=\"").raw(id).raw("\">");
    out.text(yes ? sheet.say("Yes, go on", "Oui, continuez") : sheet.say("No, stop", "Non, arrêtez"));
    out.raw("</button>");
  }
  out.raw("</div></form></li>");
}

/// One purpose: its name, where it stands in words, and one button that turns it.
void line(Html& out, const Sheet& sheet, const catalog::Purpose& p, const Permission& said) {
  const std::string id = "p" + std::to_string(p.ordinal);
  const bool on = is_on(p, said), asked = ends_soon(sheet, said);
  out.raw(asked ? "<li><div><h3 id=\"" : "<li class=\"switch\"><div><h3 id=\"")
      .raw(id)
      .raw("\">")
      .text(sheet.words.purpose(p))
      .raw("</h3><p>");
  out.text(sheet.words.standing(p, said.answer, said.since));
  if (asked)
    out.text(fmt::format(
        fmt::runtime(sheet.say(". It ends on {}. Shall it go on?", ". Ce oui prend fin le {}. Doit-il continuer\u202f?")),
        sheet.words.date(said.until)
    ));
  if (said.elsewhere)
    out.text(sheet.say(
        ". Said through something that is not proved to be yours; a no counts all the same",
        ". Dit par un moyen qui n’est pas prouvé comme vôtre\u202f; un non compte quand même"
    ));
  if (const std::string told = recipients(sheet, p); !told.empty())
    // Known before anybody says yes (GDPR art. 13(1)(e), 19): none of them takes a word to forget.
    out.text(fmt::format(
        fmt::runtime(sheet.say(
            ". What happens here is told to “{}”, which we cannot make forget: ask there as well",
            ". Ce qui se passe ici est transmis à «\u00a0{}\u00a0», que nous ne pouvons pas faire oublier\u00a0: demandez-le aussi là-bas"
        )),
        told
    ));
  else if (p.name.starts_with("share:"))
    out.text(sheet.say(". Nothing is passed on from here yet", ". Rien n’est encore transmis d’ici")
    );
  out.raw("</p></div>");
  if (p.basis == catalog::Basis::contract || p.basis == catalog::Basis::duty) {
    out.raw("</li>");
    return;
  }
  out.add(form(sheet, "allow"))
      .raw("<input type=\"hidden\" name=\"purpose\" value=\"")
      .text(p.name);
  out.raw("\"><input type=\"hidden\" name=\"from\" value=\"").raw(tab_path(sheet.tab));
  out.raw("\">");
  if (asked) return question(out, sheet, id);
  out.raw("<button role=\"switch\" name=\"say\" value=\"")
      .raw(on ? "no" : "yes")
      .raw("\" aria-checked=\"");
  out.raw(on ? "true" : "false")
      .raw("\" aria-labelledby=\"")
      .raw(id)
      .raw("\"><span></span></button></form></li>");
}

void list(Html& out, const Sheet& sheet, bool contact) {
  out.raw("<ul class=\"rows\">");
  for (const Permission& said : sheet.known->permissions) {
    const catalog::Purpose& p = sheet.doors.house.catalog.purposes.at(said.purpose);
    if (is_contact(p) == contact) line(out, sheet, p, said);
  }
  out.raw("</ul>");
}

}  // namespace

Html allow_section(const Sheet& sheet) {
  Html out;
  out.raw("<section aria-labelledby=\"allow\"><h2 id=\"allow\">");
  out.text(sheet.say("What you allow", "Ce que vous permettez")).raw("</h2>");
  list(out, sheet, false);
  out.line("h2", sheet.say("Writing to you, calling you", "Vous écrire, vous appeler"));
  list(out, sheet, true);
  out.line(
      "p class=\"under\"", sheet.say(
                               "One act suffices, both ways. It is in force when this page comes "
                               "back, and you get a receipt.",
                               "Un geste suffit, dans les deux sens. Il vaut dès que cette page "
                               "revient, et vous avez un reçu."
                           )
  );
  return out.raw("</section>");
}

LevelWords level_words(const Sheet& sheet, std::string_view level) {
  if (level == "all")
    return {sheet.say("Everything", "Tout"),
            sheet.say("Whatever we have for you, whenever we have it.",
                      "Tout ce que nous avons pour vous, dès que nous l’avons.")};
  if (level == "less")
    return {sheet.say("Less", "Moins"),
            sheet.say("The rare message that matters; the rest we keep to ourselves.",
                      "Le rare message qui compte\u202f; le reste, nous le gardons pour nous.")};
  if (level == "none")
    return {sheet.say("Only what I need", "Le nécessaire"),
            sheet.say("Your orders and your account, and nothing besides.",
                      "Vos commandes et votre compte, et rien d’autre.")};
  return {sheet.say("As usual", "Comme d’habitude"),
          sheet.say("Now and then, as we do with everyone.",
                    "De temps en temps, comme avec tout le monde.")};
}

namespace {

/// Four ways, one act each; the one in force is on.
void levels(Html& out, const Sheet& sheet) {
  const outbox::Level now = sheet.known->level.level;
  const outbox::Level held = now == outbox::Level::unset ? outbox::Level::usual : now;
  out.line("h2 id=\"level\"", sheet.say("How often", "À quelle fréquence"));
  out.raw("<ul class=\"rows\" aria-labelledby=\"level\">");
  for (const outbox::Level one : {outbox::Level::all, outbox::Level::usual, outbox::Level::less, outbox::Level::none}) {
    const std::string_view name = outbox::to_string(one);
    const LevelWords words = level_words(sheet, name);
    out.raw("<li class=\"switch\"><div><h3 id=\"l-").raw(name).raw("\">").text(words.name);
    out.raw("</h3><p>").text(words.about);
    if (one == now)
      out.text(fmt::format(
          fmt::runtime(sheet.say(" Chosen on {}.", " Choisi le {}.")), sheet.words.date(sheet.known->level.since)
      ));
    if (one == held && now == outbox::Level::unset)
      out.text(sheet.say(" So it is while you have not chosen.", " Il en est ainsi tant que vous n’avez pas choisi."));
    out.raw("</p></div>").add(form(sheet, "level"));
    out.raw("<input type=\"hidden\" name=\"from\" value=\"").raw(tab_path(sheet.tab));
    out.raw("\"><button role=\"switch\" name=\"level\" value=\"").raw(name).raw("\" aria-checked=\"");
    out.raw(one == held ? "true" : "false").raw("\" aria-labelledby=\"l-").raw(name);
    out.raw("\"><span></span></button></form></li>");
  }
  out.raw("</ul>").line(
      "p class=\"under\"",
      sheet.say(
          "Your choice is above every rule of ours. What waits for you already is asked again at once.",
          "Votre choix passe avant toutes nos règles. Ce qui vous attend déjà est réexaminé aussitôt."
      )
  );
}

}  // namespace

Html pace_section(const Sheet& sheet) {
  std::vector<std::string> on;
  for (const Permission& said : sheet.known->permissions) {
    const catalog::Purpose& p = sheet.doors.house.catalog.purposes.at(said.purpose);
    if (is_contact(p) && is_on(p, said)) on.push_back(sheet.words.purpose(p));
  }
  Html out;
  out.raw("<section aria-labelledby=\"pace\"><h2 id=\"pace\">");
  out.text(sheet.say("Your pace", "Votre rythme")).raw("</h2>");
  if (on.empty()) {
    out.line(
        "p", sheet.say(
                 "Nothing: we do not write to you or call you. What concerns an order of yours "
                 "still comes.",
                 "Rien\u00a0: nous ne vous écrivons ni ne vous appelons. Ce qui concerne une "
                 "commande arrive toujours."
             )
    );
    out.raw("<p class=\"links\"><a href=\"").raw(sheet.to("allow")).raw("\">");
    return out.text(sheet.say("Choose a channel", "Choisir un canal")).raw("</a></p></section>");
  }
  std::string channels;
  for (const std::string& one : on) channels.append(channels.empty() ? "" : ", ").append(one);
  out.line(
      "p",
      fmt::format(
          fmt::runtime(sheet.say(
              "You allow us to reach you: {}.", "Vous nous permettez de vous joindre\u00a0: {}."
          )),
          channels
      )
  );
  out.add(form(sheet, "stop"))
      .raw("<input type=\"hidden\" name=\"from\" value=\"")
      .raw(tab_path(sheet.tab));
  out.raw("\"><button class=\"wide\">")
      .text(sheet.say("Nothing any more, on any channel", "Plus rien, sur aucun canal"));
  out.raw("</button></form>");
  levels(out, sheet);
  return out.raw("</section>");
}

}  // namespace hospes::guest
