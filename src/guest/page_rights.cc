// Correcting, keeping everything from use, the requests with their clocks; and the way back from an
// erasure that counts down.
#include <fmt/format.h>

#include <algorithm>

#include "guest/page.h"

namespace hospes::guest {
namespace {

using rights::Right;

const rights::Request* standing(const Known& known, Right right) {
  const auto at = std::ranges::find_if(known.requests, [&](const rights::Request& r) {
    return r.right == right && rights::halts(r);
  });
  return at == known.requests.end() ? nullptr : &*at;
}

std::string upper(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
  if (text.starts_with("ê")) text.replace(0, std::string_view("ê").size(), "Ê");
  return text;
}

std::string what_of(const Sheet& sheet, const rights::Request& r) {
  const auto& purposes = sheet.doors.house.catalog.purposes;
  const auto purpose = purposes.find(r.what);
  return purpose ? sheet.words.purpose(purposes.at(*purpose)) : r.what;
}

std::string under(const Sheet& sheet, const rights::Request& r) {
  const Words& w = sheet.words;
  std::string out = fmt::format(
      fmt::runtime(sheet.say("Asked on {}, ", "Demandé le {}, ")), w.moment(r.made)
  );
  out += r.by == rights::By::guest || r.reason.empty()
             ? sheet.say("by you.", "par vous.")
             : sheet.say("recorded by the house.", "inscrit par la maison.");
  if (r.ends != Instant::never() && rights::is_open(r.state))
    out += fmt::format(fmt::runtime(sheet.say(" Done on {}.", " Fait le {}.")), w.moment(r.ends));
  else if (rights::is_open(r.state))
    out += fmt::format(
        fmt::runtime(sheet.say(" To be answered by {}.", " À répondre avant le {}.")), w.date(r.deadline)
    );
  if (!r.reason.empty())
    out += fmt::format(
        fmt::runtime(sheet.say(" The house says: “{}”", " La maison dit\u00a0: «\u00a0{}\u00a0»")), r.reason
    );
  return out;
}

void button(Html& out, const Sheet& sheet, std::string_view action, std::string_view say, std::string_view text) {
  out.add(form(sheet, action)).raw("<input type=\"hidden\" name=\"from\" value=\"");
  const auto row = std::ranges::find(tabs(), sheet.tab, &TabRow::tab);
  out.raw(row == tabs().end() ? "" : row->path).raw("\"><button class=\"wide\" name=\"say\" value=\"").raw(say).raw("\">");
  out.text(text).raw("</button></form>");
}

}  // namespace

std::string_view state_in_words(const Sheet& sheet, Right right, std::string_view state) {
  if (state == "open")
    return right == Right::erasure ? sheet.say("it counts down", "le compte à rebours court")
                                   : sheet.say("asked, not answered yet", "demandé, pas encore répondu");
  if (state == "extended") return sheet.say("needs more time", "demande plus de temps");
  if (state == "denied") return sheet.say("refused, with a reason", "refusé, avec une raison");
  if (state == "revoked") return sheet.say("taken back by you", "repris par vous");
  return right == Right::restriction ? sheet.say("in force", "en vigueur") : sheet.say("done", "fait");
}

Html halted_note(const Sheet& sheet) {
  Html out;
  if (!sheet.known->halted) return out;
  const rights::Request* erasure = standing(*sheet.known, Right::erasure);
  const rights::Request* frozen = standing(*sheet.known, Right::restriction);
  out.raw("<div class=\"note held\" role=\"status\"><p>");
  if (erasure != nullptr) {
    out.text(fmt::format(
        fmt::runtime(sheet.say(
            "You will be forgotten here on {}. Until then everything is only kept: nothing is used, "
            "nothing is sent.",
            "Vous serez oublié ici le {}. D’ici là tout est seulement gardé\u00a0: rien ne sert, rien "
            "ne part."
        )),
        sheet.words.moment(erasure->ends)
    ));
    out.raw("</p>");
    button(out, sheet, "keep", "keep", sheet.say("I changed my mind: keep everything", "J’ai changé d’avis\u00a0: tout garder"));
  } else {
    out.text(
        frozen != nullptr
            ? fmt::format(
                  fmt::runtime(sheet.say(
                      "Since {} everything is only kept: nothing of yours is used, nothing is sent.",
                      "Depuis le {} tout est seulement gardé\u00a0: rien de vous ne sert, rien ne part."
                  )),
                  sheet.words.moment(frozen->changed)
              )
            : std::string(sheet.say(
                  "Everything is only kept: something that is tied to you says so.",
                  "Tout est seulement gardé\u00a0: quelque chose qui vous est lié le demande."
              ))
    );
    out.raw("</p>");
    if (frozen != nullptr)
      button(out, sheet, "freeze", "no", sheet.say("Let it be used again", "Permettre à nouveau l’usage"));
  }
  return out.raw("</div>");
}

Html rights_section(const Sheet& sheet) {
  Html out;
  out.raw("<section aria-labelledby=\"rights\"><h2 id=\"rights\">");
  out.text(sheet.say("What you asked for", "Ce que vous avez demandé")).raw("</h2>");
  if (sheet.known->requests.empty())
    out.line("p", sheet.say("Nothing yet.", "Rien encore."));
  out.raw("<ul class=\"rows\">");
  for (const rights::Request& r : sheet.known->requests) {
    const rights::RightRow& row = rights::row_of(r.right);
    out.raw("<li><div class=\"head\"><h3 dir=\"auto\">");
    out.text(upper(std::string(sheet.say(row.en, row.fr))));
    if (!r.what.empty()) out.text(sheet.say(": ", "\u00a0: ")).text(what_of(sheet, r));
    out.raw("</h3>").line("span class=\"badge\"", state_in_words(sheet, r.right, to_string(r.state))).raw("</div>");
    out.line("p", under(sheet, r)).raw("</li>");
  }
  out.raw("</ul></section>");
  if (standing(*sheet.known, Right::restriction) != nullptr) return out;
  out.raw("<section aria-labelledby=\"freeze\"><h2 id=\"freeze\">");
  out.text(sheet.say("Keep everything from use", "Geler tout usage")).raw("</h2>");
  out.line(
      "p", sheet.say(
               "Everything stays as it is, and nothing is done with it: no group, no message, no look "
               "by staff, until you let it be used again (GDPR, article 18).",
               "Tout reste tel quel et rien n’en est fait\u00a0: ni groupe, ni message, ni lecture par "
               "la maison, jusqu’à ce que vous permettiez à nouveau l’usage (RGPD, article 18)."
           )
  );
  button(out, sheet, "freeze", "yes", sheet.say("Keep everything from use", "Geler tout usage"));
  return out.raw("</section>");
}

Html correct_section(const Sheet& sheet, const Trait& trait) {
  Html out;
  out.raw("<section aria-labelledby=\"correct\"><h2 id=\"correct\" dir=\"auto\">").text(trait.name).raw("</h2>");
  out.line(
      "p", fmt::format(
               fmt::runtime(sheet.say(
                   "The house holds “{}”, received from “{}” on {}.",
                   "La maison garde «\u00a0{}\u00a0», reçu de «\u00a0{}\u00a0» le {}."
               )),
               trait.value, trait.source, sheet.words.date(trait.at)
           )
  );
  out.add(form(sheet, "correct")).raw("<input type=\"hidden\" name=\"from\" value=\"known\">");
  out.raw("<input type=\"hidden\" name=\"trait\" value=\"").text(trait.name);
  out.raw("\"><p><label for=\"value\">").text(sheet.say("What is right", "Ce qui est juste"));
  out.raw("</label> <input id=\"value\" name=\"value\" maxlength=\"500\" autocomplete=\"off\" required value=\"");
  out.text(trait.value).raw("\"> <button>").text(sheet.say("Correct it", "Corriger")).raw("</button></p></form>");
  out.line(
      "p class=\"under\"",
      sheet.say(
          "It counts at once, everywhere the old word counted, and stays marked as yours. What the "
          "house wrote before stays in the list of things kept. Should a system of the house say "
          "something else later, that is shown here, and you may correct it again.",
          "Cela compte aussitôt, partout où l’ancien mot comptait, et reste marqué comme venant de "
          "vous. Ce que la maison avait écrit reste dans la liste des choses gardées. Si un système "
          "de la maison dit autre chose plus tard, cela se voit ici, et se corrige à nouveau."
      )
  );
  return out.raw("</section>");
}

Html counting_section(
    const Sheet& sheet, std::string_view cancel, std::optional<std::uint64_t> leaf
) {
  Html out;
  out.raw("<section aria-labelledby=\"counting\"><h2 id=\"counting\">");
  out.text(sheet.say("The way back", "Le retour")).raw("</h2>");
  out.line(
      "p", sheet.say(
               "Keep this link: until then it takes the erasure back, without coming in.",
               "Gardez ce lien\u00a0: d’ici là il reprend l’effacement, sans entrer."
           )
  );
  const std::string below(cancel.substr(std::min(cancel.size(), std::string_view("/guest/").size())));
  out.raw("<p class=\"links\"><a href=\"").text(sheet.to(below)).raw("\">");
  out.text(sheet.say("Take the erasure back", "Reprendre l’effacement")).raw("</a>");
  if (leaf) {
    out.raw("<a href=\"").raw(sheet.to("receipts/" + std::to_string(*leaf))).raw("\">");
    out.text(sheet.say("Receipt ", "Reçu ")).text(std::to_string(*leaf)).raw("</a>");
  }
  return out.raw("</p></section>");
}

Html keep_section(const Sheet& sheet, std::string_view token) {
  Html out;
  out.line(
      "p", sheet.say(
               "You asked to be forgotten here. One press, and everything is kept; do nothing, and it "
               "goes as you asked.",
               "Vous avez demandé à être oublié ici. Un appui, et tout est gardé\u202f; sans rien "
               "faire, tout part comme demandé."
           )
  );
  out.raw("<form method=\"post\" action=\"").text(sheet.to("keep/" + std::string(token)));
  out.raw("\"><button class=\"wide main\">").text(sheet.say("Keep everything", "Tout garder"));
  return out.raw("</button></form>");
}

}  // namespace hospes::guest
