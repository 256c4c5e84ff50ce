// "What we know, and why": facts with their source and use, what is deduced
// with its rule, what is not proved to be the guest's and stays masked.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/kinds.h"
#include "guest/page.h"

namespace hospes::guest {
namespace {

constexpr std::size_t shown_on_all = 6;  // rows of a list on the page that has everything
constexpr std::size_t done_a_page = 20;

/// What it is used for now, or that nothing may use it.
std::string serving(const Sheet& sheet, Mask serves) {
  if (sheet.known->halted)
    return std::string(sheet.say(
        "Nothing uses it now: it is only kept.", "Rien ne s’en sert\u00a0: c’est seulement gardé."
    ));
  if (serves == 0)
    return std::string(sheet.say(
        "Nothing may use it any more: you said no.",
        "Plus rien ne peut s’en servir\u00a0: vous avez dit non."
    ));
  std::string out(sheet.say("Used to: ", "Sert à\u00a0: "));
  const auto& purposes = sheet.doors.house.catalog.purposes;
  bool first = true;
  for (const catalog::Purpose& p : purposes.rows()) {
    if ((serves & bit(p.ordinal)) == 0) continue;
    std::string name = sheet.words.purpose(p);
    if (!name.empty() && name.front() >= 'A' && name.front() <= 'Z') name.front() += 'a' - 'A';
    out.append(first ? "" : ", ").append(name);
    first = false;
  }
  return out + ".";
}

/// Until when it is kept; empty: the house set no end.
std::string kept(const Sheet& sheet, const KeptUntil& until) {
  if (!until.at) return "";
  return " " + fmt::format(
                   fmt::runtime(
                       until.moves ? sheet.say(
                                         "Gone on {}, later if you do something before.",
                                         "Disparaît le {}, plus tard si vous agissez d’ici là."
                                     )
                                   : sheet.say("Gone on {}.", "Disparaît le {}.")
                   ),
                   sheet.words.date(*until.at)
               );
}

void row(Html& out, std::string_view heading, std::string_view badge, std::string_view under) {
  out.raw("<li><div class=\"head\"><h3 dir=\"auto\">").text(heading).raw("</h3>");
  if (!badge.empty()) out.line("span class=\"badge\"", badge);
  out.raw("</div>").line("p", under);
}

std::string meaning(const Sheet& sheet, std::string_view event) {
  const catalog::EventRow& known = sheet.doors.house.catalog.events.row(event);
  const std::string& said = sheet.words.french() ? known.means_fr : known.means_en;
  std::string out = said.empty() ? std::string(event) : said;
  if (!out.empty() && out.front() >= 'a' && out.front() <= 'z') out.front() -= 'a' - 'A';
  return out;
}

void habit(Html& out, const Sheet& sheet, const Habit& habit) {
  const Words& w = sheet.words;
  std::string heading = fmt::format(
      "{}{} {}", habit.event, sheet.say(":", "\u00a0:"),
      fmt::format(
          fmt::runtime(
              habit.times == 1 ? sheet.say("once", "une fois") : sheet.say("{} times", "{} fois")
          ),
          w.count(habit.times)
      )
  );
  if (habit.total)
    heading.append(", ").append(w.money(*habit.total, sheet.doors.house.catalog.house.currency));
  const std::string when =
      habit.times == 1
          ? fmt::format(fmt::runtime(sheet.say("On {}.", "Le {}.")), w.date(habit.first))
          : fmt::format(
                fmt::runtime(sheet.say("From {} to {}.", "Du {} au {}.")), w.date(habit.first),
                w.date(habit.last)
            );
  row(out, heading, "",
      fmt::format(
          "{}. {} {}{}", meaning(sheet, habit.event), when, serving(sheet, habit.serves),
          kept(sheet, habit.kept)
      ));
  out.raw("</li>");
}

void trait(Html& out, const Sheet& sheet, const Trait& trait) {
  const bool mine = trait.source == source_name;
  row(out, fmt::format("{}{} {}", trait.name, sheet.say(":", "\u00a0:"), trait.value),
      mine ? sheet.say("corrected by you", "corrigé par vous") : "",
      mine ? fmt::format(
                 fmt::runtime(sheet.say("Corrected by you on {}. {}", "Corrigé par vous le {}. {}")),
                 sheet.words.date(trait.at), serving(sheet, trait.serves) + kept(sheet, trait.kept)
             )
           : fmt::format(
                 fmt::runtime(sheet.say(
                     "Said on {}, received from “{}”. {}", "Dit le {}, reçu de «\u00a0{}\u00a0». {}"
                 )),
                 sheet.words.date(trait.at), trait.source,
                 serving(sheet, trait.serves) + kept(sheet, trait.kept)
             ));
  if (trait.correctable) {
    out.raw("<p class=\"links\"><a href=\"").text(sheet.to("correct?trait=" + url_escaped(trait.name)));
    out.raw("\">").text(sheet.say("Correct", "Corriger")).raw("<span class=\"hidden\"> ");
    out.text(trait.name).raw("</span></a></p>");
  }
  out.raw("</li>");
}

void identifier(Html& out, const Sheet& sheet, const KnownIdentifier& k) {
  const std::string why =
      k.login ? std::string(sheet.say("It let you in here.", "Il vous a ouvert ces pages."))
      : k.grade == Grade::proved
          ? std::string(sheet.say("Proved to be yours.", "Prouvé comme vôtre."))
          : std::string(sheet.say(
                "The house’s own systems name it as yours.",
                "Les systèmes de la maison le disent vôtre."
            ));
  row(out, k.value, sheet.words.kind(k.kind),
      fmt::format(
          fmt::runtime(sheet.say("Known since {}. {}", "Connu depuis le {}. {}")),
          sheet.words.date(k.since), why
      ));
  out.raw("</li>");
}

void deduced(Html& out, const Sheet& sheet, const Deduced& d) {
  const catalog::Purpose& purpose = sheet.doors.house.catalog.purposes.at(d.purpose);
  std::string under = d.since ? fmt::format(
                                    fmt::runtime(sheet.say("Since {}. ", "Depuis le {}. ")),
                                    sheet.words.date(*d.since)
                                )
                              : "";
  under += fmt::format(
      fmt::runtime(sheet.say(
          "Computed from what you did, to: {}. Ends if you say no to it.",
          "Calculé d’après ce que vous avez fait, pour\u00a0: {}. S’arrête si "
          "vous y dites non."
      )),
      sheet.words.purpose(purpose)
  );
  row(out, sheet.words.french() ? d.name_fr : d.name_en, sheet.say("computed", "calculé"), under);
  out.raw("<p class=\"links\"><a href=\"").text(sheet.to("why/" + d.id)).raw("\">");
  out.text(sheet.say("Why", "Pourquoi")).raw("<span class=\"hidden\"> ");
  out.text(sheet.words.french() ? d.name_fr : d.name_en).raw("</span></a></p></li>");
}

void unproved(Html& out, const Sheet& sheet, const Unproved& u) {
  row(out,
      fmt::format(
          "{}{}", sheet.words.kind(u.kind),
          sheet.say(": is it yours?", "\u00a0: est-ce le vôtre\u202f?")
      ),
      sheet.say("to confirm", "à confirmer"),
      fmt::format(
          fmt::runtime(sheet.say(
              "Since {} it presents itself under your name, "
              "which anybody’s could. What it holds "
              "stays masked.",
              "Depuis le {}, il se présente sous votre nom, "
              "ce que n’importe qui peut faire. Son "
              "contenu reste masqué."
          )),
          sheet.words.date(u.since)
      ));
  out.raw("</li>");
}

/// What a condition saw: how much, when, and the value that it compared.
std::string witness(const Sheet& sheet, const WhyLine& line) {
  const Words& w = sheet.words;
  std::string out;
  if (line.events > 0 && line.first && line.last) {
    out = fmt::format(
        fmt::runtime(sheet.say("Seen: {}, from {} to {}.", "Vu\u00a0: {}, du {} au {}.")),
        w.count(line.events), w.date(*line.first), w.date(*line.last)
    );
  }
  if (line.value.empty()) return out;
  std::string value = line.value;
  if (const auto number = parse_decimal(value))
    value = w.number(*number);
  else if (const auto instant = parse_instant(value))
    value = w.date(*instant);
  return out.append(out.empty() ? "" : " ")
      .append(sheet.say("Value: ", "Valeur\u00a0: "))
      .append(value)
      .append(".");
}

void why_line(Html& out, const Sheet& sheet, const WhyLine& line) {
  out.raw("<li class=\"d").raw(std::to_string(std::min(line.depth, 3U))).raw("\"><p class=\"");
  out.raw(line.truth ? "holds\">✓" : "fails\">✕").raw("<span class=\"hidden\"> ");
  out.text(line.truth ? sheet.say("yes", "oui") : sheet.say("no", "non")).raw("</span> ");
  out.text(sheet.words.french() ? line.fr : line.en).raw("</p>");
  if (const std::string seen = witness(sheet, line); !seen.empty()) out.line("p", seen);
  out.raw("</li>");
}

/// What would change it, and what it rests on.
std::string ending(const Sheet& sheet, const Deduced& d) {
  const Words& w = sheet.words;
  std::string out;
  if (d.ends)
    out = fmt::format(
        fmt::runtime(sheet.say(
            "It ends on {} if nothing happens. ", "Cela s’arrête le {} si rien ne se passe. "
        )),
        w.date(*d.ends)
    );
  out += fmt::format(
      fmt::runtime(sheet.say(
          "Looked at: {} of {} things kept; what you do not allow "
          "is not looked at. It ends at once "
          "if you say no to: {}.",
          "Regardé\u00a0: {} des {} choses gardées\u202f; ce que "
          "vous ne permettez pas n’est pas regardé. "
          "Cela s’arrête aussitôt si vous dites non à\u00a0: {}."
      )),
      w.count(d.read), w.count(d.read + d.hidden),
      w.purpose(sheet.doors.house.catalog.purposes.at(d.purpose))
  );
  return out;
}

template <class List, class Draw>
void rows(Html& out, const Sheet& sheet, const List& list, bool whole, Draw draw) {
  const std::size_t shown = whole ? list.size() : std::min(list.size(), shown_on_all);
  for (std::size_t i = 0; i < shown; ++i) draw(out, sheet, list[i]);
}

}  // namespace

Html known_section(const Sheet& sheet, bool whole) {
  const Known& k = *sheet.known;
  Html out;
  out.raw("<section aria-labelledby=\"known\"><h2 id=\"known\">");
  out.text(sheet.say("What we know, and why", "Ce que nous savons, et pourquoi"))
      .raw("</h2><ul class=\"rows\">");
  rows(out, sheet, k.habits, whole, habit);
  rows(out, sheet, k.identifiers, whole, identifier);
  rows(out, sheet, k.traits, whole, trait);
  rows(out, sheet, k.deduced, whole, deduced);
  rows(out, sheet, k.unproved, whole, unproved);
  out.raw("</ul>");
  if (k.deduced_masked > 0) {
    out.line(
        "p class=\"under\"", fmt::format(
                                 fmt::runtime(sheet.say(
                                     "{} more deductions rest on a browser that is not proved to "
                                     "be yours; they stay masked.",
                                     "{} autres déductions reposent sur un navigateur qui n’est "
                                     "pas prouvé comme vôtre\u202f; elles restent masquées."
                                 )),
                                 k.deduced_masked
                             )
    );
  }
  const std::string more = fmt::format(
      fmt::runtime(sheet.say(
          "See all, and the {} things kept one by one",
          "Tout voir, et les {} choses gardées une à une"
      )),
      sheet.words.count(k.done_in_all)
  );
  if (!whole)
    out.raw("<p class=\"links\"><a href=\"")
        .raw(sheet.to("known"))
        .raw("\">")
        .text(more)
        .raw("</a></p>");
  return out.raw("</section>");
}

namespace {

/// `running the contract: order, payment…` without what follows the colon.
std::string purposes_in_words(const Sheet& sheet, Mask mask) {
  std::string out;
  for (const catalog::Purpose& p : sheet.doors.house.catalog.purposes.rows())
    if ((mask & bit(p.ordinal)) != 0 && !p.retired)
      out.append(out.empty() ? "" : ", ").append(sheet.words.purpose(p));
  return out;
}

}  // namespace

Html schedules_section(const Sheet& sheet) {
  Html out;
  if (!sheet.known->scheduled) return out;
  const catalog::Retention& said = sheet.doors.house.catalog.retention;
  out.raw("<section aria-labelledby=\"long\"><h2 id=\"long\">");
  out.text(sheet.say("How long we keep it", "Combien de temps nous le gardons"));
  out.raw("</h2><ul class=\"rows\">");
  for (const catalog::RetentionClass& c : said.classes) {
    std::string heading;
    for (const std::string& event : c.events) heading.append(heading.empty() ? "" : ", ").append(event);
    if (heading.empty()) heading = sheet.say("Everything else", "Tout le reste");
    out.raw("<li><h3 dir=\"auto\">").text(heading).raw("</h3><dl>");
    for (const auto& k : c.keep)
      if (const std::string uses = purposes_in_words(sheet, k.purposes); !uses.empty())
        out.raw("<div>").line("dt", uses).line("dd", catalog::in_words(k.period, sheet.words.french())).raw("</div>");
    out.raw("</dl></li>");
  }
  out.raw("</ul>").line(
      "p class=\"under\"",
      fmt::format(
          fmt::runtime(sheet.say(
              "When nothing is left of you, what names you goes as well, {}: with a receipt, as if you had asked for it. A no to "
              "what we may do without asking stays, for it protects you.",
              "Quand il ne reste rien de vous, ce qui vous nomme disparaît aussi, {}\u00a0: avec un reçu, comme si vous l’aviez "
              "demandé. Un non à ce que nous pouvons faire sans demander reste, car il vous protège."
          )),
          catalog::in_words(said.answers, sheet.words.french())
      )
  );
  return out.raw("</section>");
}

Html why_section(const Sheet& sheet, std::string_view segment) {
  Html out;
  const auto at = std::ranges::find(sheet.known->deduced, segment, &Deduced::id);
  if (at == sheet.known->deduced.end()) return out;
  out.raw("<section aria-labelledby=\"why\"><h2 id=\"why\" dir=\"auto\">");
  out.text(sheet.words.french() ? at->name_fr : at->name_en).raw("</h2><ul class=\"rows why\">");
  for (const WhyLine& line : at->why) why_line(out, sheet, line);
  out.raw("</ul>").line("p class=\"under\"", ending(sheet, *at));
  out.raw("<p class=\"links\"><a href=\"").raw(sheet.to("known")).raw("\">");
  out.text(sheet.say("Back to what we know", "Revenir à ce que nous savons"));
  return out.raw("</a></p></section>");
}

Html done_section(const Sheet& sheet, std::size_t skipped) {
  const Known& k = *sheet.known;
  Html out;
  out.raw("<section aria-labelledby=\"kept\"><h2 id=\"kept\">");
  out.text(sheet.say("Kept one by one", "Gardé une à une")).raw("</h2>");
  if (k.done.empty()) {
    out.line("p", sheet.say("Nothing has arrived yet.", "Rien n’est encore arrivé."));
    return out.raw("</section>");
  }
  out.raw("<ul class=\"rows\">");
  for (const Done& d : k.done) {
    row(out, d.event.empty() ? d.type : d.event, "",
        fmt::format(
            fmt::runtime(sheet.say("{}, from “{}”. {}", "{}, de «\u00a0{}\u00a0». {}")),
            sheet.words.moment(d.at), d.source, serving(sheet, d.serves) + kept(sheet, d.kept)
        ));
    if (!d.properties.empty()) {
      out.raw("<details><summary>")
          .text(sheet.say("What it says", "Ce qu’il dit"))
          .raw("</summary><dl>");
      for (const auto& [name, value] : d.properties)
        out.raw("<div>").line("dt", name).line("dd dir=\"auto\"", value).raw("</div>");
      out.raw("</dl></details>");
    }
    out.raw("</li>");
  }
  out.raw("</ul><p class=\"links\">");
  if (skipped > 0) {
    out.raw("<a href=\"")
        .raw(sheet.to("known"))
        .raw("\">")
        .text(sheet.say("The newest", "Les plus récentes"))
        .raw("</a>");
  }
  if (skipped + k.done.size() < k.done_in_all) {
    out.raw("<a href=\"")
        .raw(sheet.to("known?from=" + std::to_string(skipped + done_a_page)))
        .raw("\">");
    out.text(sheet.say("Older", "Plus anciennes")).raw("</a>");
  }
  return out.raw("</p></section>");
}

}  // namespace hospes::guest
