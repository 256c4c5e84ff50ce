// The other freedoms: devices, taking away, erasing, who looked, receipts; and the way in.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/pack.h"
#include "digest/digest.h"
#include "guest/link_by_mail.h"
#include "guest/page.h"
#include "staff/role.h"

namespace hospes::guest {
namespace {

Html not_mine(const Sheet& sheet, AtomId id, std::string_view of) {
  Html out = form(sheet, "devices");
  out.raw("<input type=\"hidden\" name=\"atom\" value=\"")
      .raw(to_hex(id))
      .raw("\"><button class=\"plain\">");
  out.text(sheet.say("This is not me", "Ce n’est pas moi"))
      .raw("<span class=\"hidden\">")
      .text(sheet.say(": ", "\u00a0: "))
      .text(of);
  return out.raw("</span></button></form>");
}

std::string what_was_looked_at(const Sheet& sheet, const Leaf& leaf) {
  const std::string_view what = leaf.of("what");
  if (what == "profile") return std::string(sheet.say("your whole page", "votre page entière"));
  if (what == "why")
    return std::string(sheet.say("why you are in a group", "pourquoi vous êtes dans un groupe"));
  if (what == "joins")
    return std::string(
        sheet.say("how your devices hang together", "comment vos appareils sont reliés")
    );
  if (what == "effects")
    return std::string(
        sheet.say("what was sent to you, and why", "ce qui vous a été envoyé, et pourquoi")
    );
  if (const auto colon = what.find(':'); colon != what.npos) {
    const auto right = rights::find(what.substr(colon + 1));
    const std::string name(right ? sheet.say(rights::row_of(*right).en, rights::row_of(*right).fr)
                                 : what.substr(colon + 1));
    return std::string(
               what.starts_with("asked:") ? sheet.say("wrote down for you: ", "a inscrit pour vous\u00a0: ")
                                          : sheet.say("answered your request: ", "a répondu à votre demande\u00a0: ")
           ) +
           name;
  }
  if (what == "find") return std::string(sheet.say("searched for you", "vous a cherché"));
  if (what == "event") return std::string(sheet.say("one thing you did", "une chose que vous avez faite"));
  if (what == "decisions" || what == "journeys")
    return std::string(
        what == "journeys" ? sheet.say("which journeys you are in", "dans quels parcours vous êtes")
                           : sheet.say("what was chosen for you, and why", "ce qui a été choisi pour vous, et pourquoi")
    );
  if (what == "message") return std::string(sheet.say("a message as you would get it", "un message tel que vous le recevriez"));
  if (what == "members" || what == "sample" || what == "waiting")
    return std::string(
        what == "waiting" ? sheet.say("a list of who waits in a journey", "une liste de qui attend dans un parcours")
                          : sheet.say("a list with you in it", "une liste où vous figurez")
    );
  if (what == "guest_link")
    return std::string(sheet.say(
        "made a link for you to come in here", "a créé un lien pour vous faire entrer ici"
    ));
  return std::string(what);
}

/// The role of who looked, never their name. Before there were accounts it said `session`.
std::string who_looked(const Sheet& sheet, std::string_view by) {
  if (by == "token") return std::string(sheet.say("A program of the house", "Un programme de la maison"));
  const auto role = staff::find_role(by);
  const std::string house(sheet.say("Somebody of the house", "Quelqu’un de la maison"));
  if (!role) return house;
  const staff::RoleRow& row = staff::row_of(*role);
  return house + std::string(sheet.say(": ", "\u00a0: ")) + std::string(sheet.say(row.en, row.fr));
}

std::string what_it_proves(const Sheet& sheet, const Leaf& leaf) {
  const std::string_view kind = leaf.of("kind");
  if (kind == "consent") {
    const auto& purposes = sheet.doors.house.catalog.purposes;
    const auto p = purposes.find(leaf.of("purpose"));
    const std::string name =
        p ? sheet.words.purpose(purposes.at(*p)) : std::string(leaf.of("purpose"));
    return name + std::string(sheet.say(": ", "\u00a0: ")) +
           std::string(
               leaf.of("state") == "given" ? sheet.say("yes", "oui") : sheet.say("no", "non")
           );
  }
  if (kind == "level")
    return std::string(sheet.say("How often we write to you: ", "À quelle fréquence nous vous écrivons\u00a0: ")) +
           std::string(level_words(sheet, leaf.of("level")).name);
  if (const auto right = rights::find(leaf.of("right")); kind == "request" && right) {
    const rights::RightRow& row = rights::row_of(*right);
    return std::string(sheet.say(row.en, row.fr)) + std::string(sheet.say(": ", "\u00a0: ")) +
           std::string(state_in_words(sheet, *right, leaf.of("state")));
  }
  if (kind == "export")
    return std::string(sheet.say("You took everything away", "Vous avez tout emporté"));
  return std::string(kind);
}

void receipt_line(Html& out, const Sheet& sheet, const Leaf& leaf) {
  out.raw("<li><div class=\"head\"><h3>").text(what_it_proves(sheet, leaf)).raw("</h3><a href=\"");
  out.raw(sheet.to("receipts/" + std::to_string(leaf.number)))
      .raw("\">")
      .text(sheet.say("Receipt ", "Reçu "));
  out.text(std::to_string(leaf.number)).raw("</a></div>");
  const std::string_view source = leaf.of("source");
  std::string under = sheet.words.moment(leaf.at());
  if (!source.empty()) {
    under +=
        source == source_name
            ? std::string(sheet.say(", by you, on these pages", ", par vous, sur ces pages"))
            : fmt::format(
                  fmt::runtime(sheet.say(", recorded by “{}”", ", inscrit par «\u00a0{}\u00a0»")),
                  source
              );
  }
  out.line("p", under).raw("</li>");
}

}  // namespace

Html devices_section(const Sheet& sheet) {
  Html out;
  out.raw("<section aria-labelledby=\"devices\"><h2 id=\"devices\">");
  out.text(sheet.say("What we take for you", "Ce que nous prenons pour vous"))
      .raw("</h2><ul class=\"rows\">");
  for (const KnownIdentifier& k : sheet.known->identifiers) {
    out.raw("<li><div class=\"head\"><h3 dir=\"auto\">").text(k.value).raw("</h3>");
    out.line("span class=\"badge\"", sheet.words.kind(k.kind)).raw("</div>");
    out.line(
        "p", fmt::format(
                 fmt::runtime(sheet.say("Since {}.", "Depuis le {}.")), sheet.words.date(k.since)
             )
    );
    if (!k.login) out.add(not_mine(sheet, k.id, k.value));
    out.raw("</li>");
  }
  for (const Unproved& u : sheet.known->unproved) {
    const std::string kind = sheet.words.kind(u.kind);
    out.raw("<li><div class=\"head\"><h3>").text(kind).raw("</h3>");
    out.line("span class=\"badge\"", sheet.say("to confirm", "à confirmer")).raw("</div>");
    out.line(
        "p", fmt::format(
                 fmt::runtime(sheet.say(
                     "Since {}. Not proved to be yours: what it holds stays masked.",
                     "Depuis le {}. Pas prouvé comme vôtre\u00a0: son contenu reste masqué."
                 )),
                 sheet.words.date(u.since)
             )
    );
    out.add(not_mine(sheet, u.id, kind)).raw("</li>");
  }
  out.raw("</ul>").line(
      "p class=\"under\"",
      sheet.say(
          "What you part from stays parted. Every no of yours goes with both sides.",
          "Ce dont vous vous séparez le reste. Chacun de vos non vaut des deux côtés."
      )
  );
  return out.raw("</section>");
}

Html take_section(const Sheet& sheet) {
  Html out;
  out.raw("<section aria-labelledby=\"take\"><h2 id=\"take\">")
      .text(sheet.say("Take back", "Reprendre"))
      .raw("</h2>");
  out.add(form(sheet, "take"))
      .raw("<button class=\"wide\">")
      .text(sheet.say("Take everything away", "Tout emporter"));
  out.raw("<span class=\"aside\">")
      .text(sheet.say("a zip, readable anywhere", "un zip, lisible partout"));
  out.raw("</span></button></form><p class=\"links\"><a class=\"wide\" href=\"")
      .raw(sheet.to("erase"))
      .raw("\">");
  out.text(sheet.say("Erase everything", "Tout effacer")).raw("<span class=\"aside\">");
  out.text(sheet.say("first see what that takes", "voir d’abord ce que cela emporte"));
  return out.raw("</span></a></p></section>");
}

Html erase_section(const Sheet& sheet) {
  const Known& k = *sheet.known;
  Html out;
  out.raw("<section aria-labelledby=\"erase\"><h2 id=\"erase\">")
      .text(sheet.say("Erase everything", "Tout effacer"))
      .raw("</h2>");
  out.line(
      "p", fmt::format(
               fmt::runtime(sheet.say(
                   "For good: {} things kept, {} identifiers, your answers, every group. From now on "
                   "nothing is used and nothing is sent; at the end of the time you choose the keys "
                   "are destroyed, so no copy can be read, but with a backup of the keys until it "
                   "ages out.",
                   "Pour toujours\u00a0: {} choses gardées, {} identifiants, vos réponses, tous les "
                   "groupes. Dès maintenant rien ne sert et rien ne part\u202f; au bout du délai que "
                   "vous choisissez, les clés sont détruites\u00a0: aucune copie ne s’en lira plus, "
                   "sauf avec une sauvegarde des clés jusqu’à ce qu’elle expire."
               )),
               sheet.words.count(k.done_in_all), k.identifiers.size()
           )
  );
  out.raw("<div class=\"note held\"><p>")
      .text(sheet.say(
          "What stays: in the log of proofs, a number that names nobody. What has left this house "
          "before: it cannot be called back from here. After the time you choose there is no way back.",
          "Ce qui reste\u00a0: au journal des preuves, un nombre qui ne nomme personne. Ce qui a "
          "quitté cette maison avant\u00a0: on ne peut le rappeler d’ici. Après le délai, il n’y a pas de "
          "retour."
      ))
      .raw("</p>");
  for (const catalog::EvidenceRule& rule : catalog::fr_eu_pack().evidence) {
    const bool asked = rule.of == "request";
    out.line(
        "p", fmt::format(
                 fmt::runtime(
                     asked ? sheet.say("As proof that you asked and that it was done, under no name and a key apart: {} ({}).",
                                       "En preuve que vous l’avez demandé et que ce fut fait, sans nom et sous une clé à part\u00a0: {} ({}).")
                           : sheet.say("As proof of what you had answered, likewise: {} ({}).",
                                       "En preuve de ce que vous aviez répondu, de même\u00a0: {} ({}).")
                 ),
                 catalog::in_words(rule.keep, sheet.words.code() == "fr"), rule.source
             )
    );
  }
  out.raw("</div>");
  const auto choice = [&](std::string_view hours, std::string_view text, std::string_view aside) {
    out.add(form(sheet, "erase")).raw("<button class=\"wide\" name=\"hours\" value=\"").raw(hours).raw("\">");
    out.text(text).raw("<span class=\"aside\">").text(aside).raw("</span></button></form>");
  };
  const std::string_view until = sheet.say("until then you may change your mind", "d’ici là vous pouvez changer d’avis");
  choice("72", sheet.say("Erase everything in three days", "Tout effacer dans trois jours"), until);
  choice("24", sheet.say("Erase everything in one day", "Tout effacer dans un jour"), until);
  choice("0", sheet.say("Erase everything now", "Tout effacer maintenant"), sheet.say("at once, without a way back", "aussitôt, sans retour"));
  out.raw("<p class=\"links\"><a href=\"");
  out.raw(sheet.to("take"))
      .raw("\">")
      .text(sheet.say("Rather take it away first", "Plutôt l’emporter d’abord"));
  return out.raw("</a></p></section>");
}

Html looked_section(const Sheet& sheet, std::size_t most) {
  Html out;
  out.raw("<section aria-labelledby=\"looked\"><h2 id=\"looked\">")
      .text(sheet.say("Who looked", "Qui a regardé"))
      .raw("</h2>");
  const auto seen = leaves(sheet.doors.house.receipts, sheet.known->atoms(), "look", most);
  if (seen.empty()) {
    out.line("p", sheet.say("Nobody opened your page.", "Personne n’a ouvert votre page."));
    return out.raw("</section>");
  }
  out.raw("<ul class=\"rows\">");
  for (const Leaf& leaf : seen) {
    out.raw("<li><div class=\"head\"><h3>")
        .text(who_looked(sheet, leaf.of("by")));
    out.raw("</h3><span class=\"when\">")
        .text(sheet.words.moment(leaf.at()))
        .raw("</span></div><p>");
    out.text(what_was_looked_at(sheet, leaf));
    const std::string_view reason = leaf.of("reason");
    if (reason.empty()) {
      out.text(sheet.say(". No reason was given", ". Aucune raison n’a été donnée"));
    } else {
      out.text(sheet.say(": “", "\u00a0: «\u00a0")).text(reason).text(sheet.say("”", "\u00a0»"));
    }
    out.raw("</p></li>");
  }
  out.raw("</ul>").line(
      "p class=\"under\"",
      sheet.say(
          "One line for ten minutes of looking. What streams by (the live page) is not told here.",
          "Une ligne pour dix minutes de lecture. Ce qui défile (la page en direct) n’y figure pas."
      )
  );
  return out.raw("</section>");
}

Html receipts_section(const Sheet& sheet, std::size_t most) {
  Html out;
  out.raw("<section aria-labelledby=\"receipts\"><h2 id=\"receipts\">")
      .text(sheet.say("Your receipts", "Vos reçus"))
      .raw("</h2>");
  const auto list = leaves(sheet.doors.house.receipts, sheet.known->atoms(), "", most);
  if (list.empty()) {
    out.line(
        "p", sheet.say(
                 "None yet. Each answer of yours brings one.",
                 "Aucun encore. Chacune de vos réponses en donne un."
             )
    );
    return out.raw("</section>");
  }
  out.raw("<ul class=\"rows\">");
  for (const Leaf& leaf : list) receipt_line(out, sheet, leaf);
  out.raw("</ul>").line(
      "p class=\"under\"", sheet.say(
                               "Keep them: each proves, without us, what you said and when. Check "
                               "one with “hospes verify”.",
                               "Gardez-les\u00a0: chacun prouve, sans nous, ce que vous avez dit "
                               "et quand. «\u00a0hospes verify\u00a0» le vérifie."
                           )
  );
  return out.raw("</section>");
}

Html farewell_section(const Sheet& sheet, const std::vector<std::string>& receipts) {
  Html out;
  out.raw("<div class=\"note yes\" role=\"status\"><p><strong>✓ ")
      .text(sheet.say("Done.", "C’est fait."))
      .raw("</strong> ");
  out.text(sheet.say(
      "Nothing of you can be read here any more. Keep these receipts: they are the only trace, and "
      "they are yours.",
      "Plus rien de vous ne se lit ici. Gardez ces reçus\u00a0: ils sont la seule trace, et elle "
      "est à vous."
  ));
  out.raw("</p></div><ul class=\"rows\">");
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    out.raw("<li><a download=\"receipt-erasure-")
        .raw(number)
        .raw(".json\" href=\"data:application/json;base64,");
    out.raw(base64(receipts[i]))
        .raw("\">")
        .text(sheet.say("Receipt of the erasure ", "Reçu de l’effacement "));
    out.raw(number).raw("</a></li>");
  }
  return out.raw("</ul>");
}

Html enter_section(const Sheet& sheet, std::string_view code) {
  Html out;
  out.line(
      "p", sheet.say(
               "Your link is good. It is used up when you press the button, and not before.",
               "Votre lien est bon. Il sert quand vous pressez le bouton, et pas avant."
           )
  );
  out.add(form(sheet, "enter/" + std::string(code))).raw("<button class=\"wide main\">");
  return out.text(sheet.say("Come in", "Entrer")).raw("</button></form>");
}

Html outside_section(const Sheet& sheet) {
  Html out;
  out.line(
      "p", sheet.say(
               "One comes in here with a link that is good once. Ask the house for one: by mail, "
               "by phone or at the till.",
               "On entre ici avec un lien qui sert une fois. Demandez-en un à la maison\u00a0: par "
               "courrier, par téléphone ou en caisse."
           )
  );
  if (!LinkByMail::possible(sheet.doors)) return out;
  out.add(form(sheet, "link")).raw("<p><label for=\"email\">");
  out.text(sheet.say("Or have one sent to your address", "Ou recevez-en un à votre adresse"));
  out.raw("</label> <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required> ");
  out.raw("<button>").text(sheet.say("Send it", "Envoyer")).raw("</button></p></form>");
  return out;
}

}  // namespace hospes::guest
