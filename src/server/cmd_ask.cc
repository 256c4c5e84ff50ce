// Commands that ask a running house about one person or its segments: why, why-not, profile,
// segment list.
#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Ask {
  AskOptions options;
  std::string person, segment;
};

struct Listed {
  std::string id, en, fr, purpose, state, wrong_at, wrong;
  std::int64_t members = 0;
};

std::vector<Listed> listed(const Json& answer) {
  std::vector<Listed> out;
  for (const Json& s : answer["segments"].items()) {
    out.push_back(
        {s["id"].text(), s["name"]["en"].text(), s["name"]["fr"].text(), s["purpose"].text(), s["state"].text(),
         s["last_error"]["at"].text(), s["last_error"]["what"].text(), s["members"].whole()}
    );
  }
  return out;
}

/// The id of what was typed: an id, or a name in either language.
Result<std::string> segment_id(const House& house, const std::string& typed) {
  const std::string body = TRY(get(house, "/v1/segments"));
  const Json answer = TRY(Json::parse(body));
  std::vector<std::string> words;
  for (const Listed& s : listed(answer)) {
    if (typed == s.id || typed == s.en || typed == s.fr) return s.id;
    words.insert(words.end(), {s.id, s.en, s.fr});
  }
  return fail(
      Code::not_found,
      fmt::format(
          "no segment \"{}\"{}. All: hospes segment list", typed, nearest_hint(typed, words)
      )
  );
}

int print(const Result<std::string>& body) {
  if (!body) {
    const int code = report(body.error());
    return body.error().code == Code::not_found ? exit_no : code;
  }
  fmt::print("{}{}", *body, body->ends_with('\n') ? "" : "\n");
  return exit_done;
}

int why(const Globals& globals, const Ask& ask) {
  const auto house = find_house(globals, ask.options);
  if (!house) return report(house.error());
  const auto id = segment_id(*house, ask.segment);
  if (!id) return print(std::unexpected(id.error()));
  const std::string form = globals.json ? "" : fmt::format("?text={}", globals.say("en", "fr"));
  return print(
      get(*house,
          fmt::format("/v1/profiles/{}/why/{}{}", url_escaped(ask.person), url_escaped(*id), form))
  );
}

int why_not(const Globals& globals, const Ask& ask) {
  const auto house = find_house(globals, ask.options);
  if (!house) return report(house.error());
  const std::string form = globals.json ? "" : fmt::format("&text={}", globals.say("en", "fr"));
  const auto of_action = get(
      *house, fmt::format("/v1/effects/{}?action={}{}", url_escaped(ask.person), url_escaped(ask.segment), form)
  );
  if (of_action || of_action.error().code != Code::not_found) return print(of_action);
  const auto of_journey = get(
      *house,
      fmt::format("/v1/journeys/of/{}?journey={}{}", url_escaped(ask.person), url_escaped(ask.segment), form)
  );
  return print(of_journey ? of_journey : of_action);
}

int profile(const Globals& globals, const Ask& ask) {
  const auto house = find_house(globals, ask.options);
  if (!house) return report(house.error());
  return print(get(*house, "/v1/profiles/" + url_escaped(ask.person)));
}

std::string with_commas(std::int64_t n) {
  std::string out = std::to_string(n);
  for (std::size_t at = out.size(); at > 3 && n >= 0;) out.insert(at -= 3, ",");
  return out;
}

/// Letters, not bytes: names are UTF-8.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
    return (c & 0xc0) != 0x80;
  }));
}

std::string_view state_of(const Globals& globals, const Listed& s) {
  if (s.state == "switching") return globals.say("being counted anew", "en cours de recompte");
  if (s.state == "waiting") return globals.say("waits for a threshold", "attend un seuil");
  return globals.say("in force", "en vigueur");
}

int list(const Globals& globals, const Ask& ask) {
  const auto house = find_house(globals, ask.options);
  if (!house) return report(house.error());
  const auto body = get(*house, "/v1/segments");
  if (!body || globals.json) return print(body);
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  auto segments = listed(*answer);
  std::ranges::stable_sort(segments, std::ranges::greater{}, &Listed::members);
  std::size_t wide = 8;
  for (const Listed& s : segments) wide = std::max(wide, width(s.en + " / " + s.fr));
  fmt::print(
      fmt::runtime(globals.say(
          "{} segments, as of {}, {} ms behind\n\n", "{} segments, au {}, en retard de {} ms\n\n"
      )),
      segments.size(), (*answer)["as_of"].text(), (*answer)["lag_ms"].text()
  );
  const auto padded = [](std::string_view text, std::size_t to) {
    return std::string(text) + std::string(to - std::min(to, width(text)), ' ');
  };
  constexpr std::size_t states = 21;  // letters of the longest
  fmt::print(
      "  {} {:>9}  {} {} {}\n", padded(globals.say("segment", "segment"), wide),
      globals.say("people", "personnes"), padded(globals.say("purpose", "finalité"), 12),
      padded(globals.say("state", "état"), states), "id"
  );
  for (const Listed& s : segments)
    fmt::print(
        "  {} {:>9}  {} {} {}\n", padded(s.en + " / " + s.fr, wide), with_commas(s.members),
        padded(s.purpose, 12), padded(state_of(globals, s), states), s.id
    );
  for (const Listed& s : segments)
    if (!s.wrong.empty()) fmt::print("\n  {}: {}, {}\n", s.id, s.wrong, s.wrong_at);
  return exit_done;
}

constexpr Help why_help{
    "why", "Why a person is in a segment, or not, and what would change it.",
    "Pourquoi une personne est dans un segment ou non, et ce qui y changerait quelque chose.",
    "hospes why user_id:08231 \"Loyal, going quiet\"\n"
    "hospes why email:ann@shop.example active --json\n"
    "PERSON is a kind of identifier and its value. SEGMENT is an id or a name.",
    "hospes why user_id:08231 \"Fidèles qui se taisent\"\n"
    "hospes why email:ann@shop.example active --json\n"
    "PERSON est un type d'identifiant et sa valeur. SEGMENT est un identifiant ou un nom."};
constexpr Help why_not_help{
    "why-not", "What became of an action for a person and what stands in its way now; or where a journey has led them.",
    "Ce qu'une action a donné pour une personne et ce qui s'y oppose maintenant ; ou jusqu'où un parcours l'a menée.",
    "hospes why-not user_id:08231 welcome\n"
    "hospes why-not email:ann@shop.example welcome --json\n"
    "ACTION is a name in the house's actions.toml, or the id of a journey of journeys.jny.",
    "hospes why-not user_id:08231 bienvenue\n"
    "hospes why-not email:ann@shop.example bienvenue --json\n"
    "ACTION est un nom du fichier actions.toml de la maison, ou l'identifiant d'un parcours de journeys.jny."};
constexpr Help profile_help{
    "profile",
    "Everything known about one person, as JSON: identifiers, traits, answers, segments, timeline.",
    "Tout ce qui est connu d'une personne, en JSON : identifiants, traits, réponses, segments.",
    "hospes profile user_id:08231\nThe look is noted in the house's diary: the kind, never the "
    "value.",
    "hospes profile user_id:08231\nLa consultation est notée au journal : le type, jamais la "
    "valeur."};
constexpr Help ask_list_help{
    "list", "The segments in force with the people in each now, largest first; how far behind, their state, what went wrong last.",
    "Les segments en vigueur et leurs effectifs, du plus grand au plus petit ; retard, état, dernière erreur.",
    "hospes segment list\nhospes segment list --json",
    "hospes segment list\nhospes segment list --json"};

}  // namespace

void add_ask(Command hospes) {
  const auto ask = std::make_shared<Ask>();
  const Command of_segment = hospes.command(why_help);
  of_segment.option("PERSON", ask->person, "such as user_id:08231").required();
  of_segment.option("SEGMENT", ask->segment, "its id or its name").required();
  of_segment.run(ask, why);
  const Command of_action = hospes.command(why_not_help);
  of_action.option("PERSON", ask->person, "such as user_id:08231").required();
  of_action.option("ACTION", ask->segment, "its name in actions.toml").required();
  of_action.run(ask, why_not);
  const Command whole = hospes.command(profile_help);
  whole.option("PERSON", ask->person, "such as user_id:08231").required();
  whole.run(ask, profile);
  for (const Command& command : {of_segment, of_action, whole}) add_ask_options(command, ask->options);
}

void add_segment_list(Command hospes) {
  const auto ask = std::make_shared<Ask>();
  const Command command = hospes.command("segment").command(ask_list_help);
  add_ask_options(command, ask->options);
  command.run(ask, list);
}

}  // namespace hospes::server
