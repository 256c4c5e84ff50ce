// hospes campaign list|show|check|test|ask|stop: one segment, one message, one date. docs/campaigns.md.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "base/json_text.h"
#include "catalog/campaigns.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Named {
  AskOptions options;
  std::string name, person;
};

std::string percent(const std::string& share) {
  return fmt::format("{:+.1f} %", 100 * std::strtod(share.c_str(), nullptr));
}

int list(const Globals& globals, const Named& asked) {
  const auto house = find_house(globals, asked.options);
  if (!house) return report(house.error());
  const auto body = get(*house, "/v1/campaigns");
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const auto all = (*answer)["campaigns"].items();
  if (all.empty())
    fmt::print("{}\n", globals.say("No campaign yet: write campaigns.toml in the house's folder.",
                                   "Aucune campagne : écrivez campaigns.toml dans le dossier de la maison."));
  for (const Json& c : all)
    fmt::print("{}  {:<9} {:<24} {} -> {}\n", c["wall"].text(), c["state"].text(), c["name"].text(),
               c["segment"].text(), c["action"].text());
  return exit_done;
}

void print_arm(const Globals& globals, std::string_view en, std::string_view fr, const Json& arm) {
  fmt::print("  {:<28} {:>9}   {} {}", globals.say(en, fr), arm["people"].whole(), arm["bought"].whole(),
             globals.say("bought", "ont acheté"));
  if (arm["unknown"].whole() > 0)
    fmt::print(", {} {}", arm["unknown"].whole(), globals.say("may not be known any more", "qu'on ne peut plus connaître"));
  fmt::print("\n");
}

void print_reasons(const Globals& globals, const Json& list) {
  for (const Json& r : list.items())
    fmt::print("    {:>9}  {}\n", r["people"].whole(), r["reason"][globals.say("en", "fr")].text());
}

void print_result(const Globals& globals, const Json& r) {
  const auto line = [&](std::string_view en, std::string_view fr, std::string_view key) {
    fmt::print("  {:<28} {:>9}\n", globals.say(en, fr), r[key].whole());
  };
  line("targeted", "visés", "targeted");
  print_reasons(globals, r["kept_out"]);
  print_arm(globals, "control, left alone", "témoins, laissés tranquilles", r["control"]);
  print_arm(globals, "to be written to", "à qui écrire", r["written_to"]);
  line("permitted", "permis", "permitted");
  print_reasons(globals, r["refused"]);
  line("waiting", "en attente", "waiting");
  line("delivered", "remis", "delivered");
  const Json effect = r["effect"];
  if (effect.is_null()) {
    fmt::print("{}\n", globals.say("Too few to tell: ten in each arm are needed.",
                                   "Trop peu pour le dire : il en faut dix de chaque côté."));
  } else {
    fmt::print("{}: {}  (95 %: {} … {}; Newcombe)\n",
               globals.say("bought more than the control group", "ont acheté de plus que les témoins"),
               percent(effect["difference"].text()), percent(effect["low"].text()), percent(effect["high"].text()));
  }
  if (!r["final"].truth())
    fmt::print("{} {}\n", globals.say("so far,", "à cette heure,"), r["as_of"].text());
}

int print_whole(const Globals& globals, const Result<std::string>& body) {
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const Json& c = *answer;
  fmt::print("{}: {}, {} ({})\n  {} -> {}\n", c["name"].text(), c["state"].text(), c["wall"].text(),
             c["at"].text(), c["segment"].text(), c["action"].text());
  if (!c["approved"].is_null())
    fmt::print("  {} {}, {}\n", globals.say("approved by", "approuvée par"), c["approved"]["by"].text(),
               c["approved"]["at"].text());
  if (!c["trouble"].is_null()) fmt::print("! {}\n", c["trouble"].text());
  if (c["result"]["targeted"].whole() > 0) print_result(globals, c["result"]);
  return exit_done;
}

Result<std::string> post(const Globals& globals, const Named& asked, std::string_view what, const std::string& body) {
  const auto house = TRY(find_house(globals, asked.options));
  return ask(house, "POST", "/v1/campaigns/" + url_escaped(asked.name) + "/" + std::string(what), body);
}

int show(const Globals& globals, const Named& asked) {
  const auto house = find_house(globals, asked.options);
  if (!house) return report(house.error());
  return print_whole(globals, get(*house, "/v1/campaigns/" + url_escaped(asked.name)));
}

int test(const Globals& globals, const Named& asked) {
  return print_whole(globals, post(globals, asked, "test", "{\"person\":" + json_text(asked.person) + "}"));
}

int stop(const Globals& globals, const Named& asked) {
  return print_whole(globals, post(globals, asked, "stop", "{}"));
}

int ask_for(const Globals& globals, const Named& asked) {
  const auto house = find_house(globals, asked.options);
  if (!house) return report(house.error());
  const auto body = ask(*house, "POST", "/v1/campaigns/" + url_escaped(asked.name) + "/ask", "{}");
  if (!body) return report(body.error());
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const std::string link =
      fmt::format("http://{}:{}{}", house->console.host, house->console.port, (*answer)["path"].text());
  if (globals.json) {
    fmt::print("{{\"link\":{},\"until\":{}}}\n", json_text(link), json_text((*answer)["until"].text()));
  } else {
    fmt::print("{}\n{}\n", link,
               globals.say("Give it to somebody else: good once, for a day. They see whom, what and when, and say yes.",
                           "Donnez-le à quelqu'un d'autre : valable une fois, un jour. On y voit à qui, quoi et quand, et "
                           "l'on dit oui."));
  }
  return exit_done;
}

int check(const Globals& globals, const Named& asked) {
  std::ifstream in(asked.name, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()))
    return report({Code::not_found, asked.name + " cannot be read, or is empty"});
  const auto all = catalog::read_campaigns(text.str());
  if (!all) {
    fmt::print(stderr, "{}\n", all.error().message);
    return exit_no;
  }
  fmt::print(fmt::runtime(globals.say("{}: {} campaigns, no mistake\n", "{} : {} campagnes, aucune erreur\n")),
             asked.name, all->size());
  return exit_done;
}

constexpr Help campaign_help{
    "campaign", "Campaigns: one segment, one message, one date, and what it brought.",
    "Campagnes : un segment, un message, une date, et ce qu'elle a apporté.",
    "hospes campaign list\nhospes campaign show winter_sale",
    "hospes campaign list\nhospes campaign show soldes_hiver"};
constexpr Help campaign_list_help{"list", "Every campaign, its date and where it stands.", "Chaque campagne, sa date et où elle en est.",
                         "hospes campaign list", "hospes campaign list"};
constexpr Help campaign_show_help{
    "show", "One campaign, and what it brought: targeted, permitted, delivered, bought, against the control group.",
    "Une campagne et ce qu'elle a apporté : visés, permis, remis, ayant acheté, face aux témoins.",
    "hospes campaign show winter_sale\nhospes campaign show winter_sale --json",
    "hospes campaign show soldes_hiver\nhospes campaign show soldes_hiver --json"};
constexpr Help campaign_check_help{"check", "Says the first mistake of a campaigns.toml, where it stands and what would do.",
                          "Dit la première erreur d'un campaigns.toml, son endroit et ce qui conviendrait.",
                          "hospes campaign check house/campaigns.toml", "hospes campaign check maison/campaigns.toml"};
constexpr Help campaign_test_help{
    "test", "Sends its message, as this person would get it, to each address of its test list.",
    "Envoie son message, tel que cette personne le recevrait, à chaque adresse de sa liste d'essai.",
    "hospes campaign test winter_sale user_id:08231", "hospes campaign test soldes_hiver user_id:08231"};
constexpr Help campaign_ask_help{
    "ask", "Makes a link for a second person, who approves it or does not: good once, for a day.",
    "Fait un lien pour une deuxième personne, qui approuve ou non : valable une fois, un jour.",
    "hospes campaign ask winter_sale", "hospes campaign ask soldes_hiver"};
constexpr Help campaign_stop_help{
    "stop", "Who has not been written to will not be, and nobody is watched any more. Not undone.",
    "Qui n'a pas reçu ne recevra pas, et plus personne n'est suivi. Sans retour.",
    "hospes campaign stop winter_sale", "hospes campaign stop soldes_hiver"};

}  // namespace

void add_campaign(Command hospes) {
  const Command campaign = hospes.command(campaign_help);
  campaign.needs_command();
  const auto add = [&](const Help& of, int (*what)(const Globals&, const Named&)) {
    const auto named = std::make_shared<Named>();
    const Command command = campaign.command(of);
    add_ask_options(command, named->options);
    command.run(named, what);
    return std::pair(command, named);
  };
  add(campaign_list_help, list);
  const auto add_named = [&](const Help& of, int (*what)(const Globals&, const Named&)) {
    const auto [command, named] = add(of, what);
    command.option("NAME", named->name, "its name in campaigns.toml").required();
  };
  add_named(campaign_show_help, show);
  add_named(campaign_ask_help, ask_for);
  add_named(campaign_stop_help, stop);
  const auto [tests, tested] = add(campaign_test_help, test);
  tests.option("NAME", tested->name, "its name in campaigns.toml").required();
  tests.option("PERSON", tested->person, "such as user_id:08231").required();
  const auto file = std::make_shared<Named>();
  const Command checks = campaign.command(campaign_check_help);
  checks.option("FILE", file->name, "a campaigns.toml").required();
  checks.run(file, check);
}

}  // namespace hospes::server
