// hospes law, hospes notices: the rules a house lives under, and what they find in its notices.
#include <fmt/format.h>

#include "base/json_text.h"
#include "catalog/house_folder.h"
#include "catalog/pack.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct LawWords {
  std::string folder = "house";
};

std::string listed(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

int law(const Globals& globals, const LawWords& words) {
  // Without a house: the pack alone.
  auto house = catalog::read_house_folder(words.folder);
  if (!house && house.error().code != Code::not_found) return report(house.error());
  const catalog::Catalog ours = house ? std::move(*house) : catalog::Catalog();
  const catalog::Pack& pack = catalog::fr_eu_pack();
  fmt::print("{}{}\n\n", pack.pinned(), house ? "" : std::string(globals.say(" (no house here: the pack alone)", " (pas de maison ici : le recueil seul)")));
  for (const catalog::Purpose& p : ours.purposes.rows()) {
    const bool of_pack = p.ordinal < pack.purposes.size();
    fmt::print(
        "  {:<16} {:<9} {}\n", p.name, catalog::to_string(p.basis),
        of_pack ? pack.purposes[p.ordinal].source : std::string(globals.say("the house's own", "propre à la maison"))
    );
  }
  fmt::print("\n");
  for (const catalog::NoticeRule& rule : pack.notice_rules)
    fmt::print("  {:<16} {} ({})\n", rule.code, globals.say(rule.en, rule.fr), rule.source);
  fmt::print("\n");
  for (const catalog::PurposeLimit& limit : pack.limits)
    fmt::print(
        "  {:<16} {} {} ({})\n", limit.purpose, globals.say("has nothing for longer than", "n'a rien au-delà de"),
        catalog::to_string(limit.at_most), limit.source
    );
  fmt::print("\n");
  for (const catalog::EvidenceRule& rule : pack.evidence)
    fmt::print(
        "  {:<16} {} {} ({})\n", rule.of, globals.say("is kept as evidence after an erasure for", "reste en preuve après un effacement pendant"),
        catalog::to_string(rule.keep), rule.source
    );
  return exit_done;
}

std::string as_json(const catalog::Catalog& house) {
  std::string out;
  for (const auto& [notice, findings] : house.notices.all()) {
    std::string found;
    for (const catalog::Finding& f : findings) {
      std::string purposes;
      for (const std::string_view p : house.purposes.names(f.purposes))
        purposes.append(purposes.empty() ? "" : ",").append(json_text(p));
      found += fmt::format(
          "{}{{\"code\":{},\"en\":{},\"fr\":{},\"source\":{},\"purposes\":[{}]}}", found.empty() ? "" : ",", json_text(f.code),
          json_text(f.en), json_text(f.fr), json_text(f.source), purposes
      );
    }
    out += fmt::format(
        "{}{{\"id\":{},\"version\":{},\"findings\":[{}]}}", out.empty() ? "" : ",", json_text(notice.id), json_text(notice.version), found
    );
  }
  return fmt::format("{{\"pack\":{},\"notices\":[{}]}}\n", json_text(house.purposes.pack()), out);
}

int notices(const Globals& globals, const LawWords& words) {
  const auto house = catalog::read_house_folder(words.folder);
  if (!house) return report(house.error());
  std::size_t bad = 0;
  for (const auto& [notice, findings] : house->notices.all()) {
    bad += findings.empty() ? 0 : 1;
    if (globals.json) continue;
    fmt::print("{} {}: {}\n", notice.id, notice.version, findings.empty() ? globals.say("a yes under it counts", "un oui donné ainsi compte") : globals.say("a yes under it is stored as invalid", "un oui donné ainsi est tenu pour nul"));
    for (const catalog::Finding& f : findings)
      fmt::print("  {} [{}] {} ({})\n", f.code, listed(house->purposes.names(f.purposes)), globals.say(f.en, f.fr), f.source);
  }
  if (globals.json) fmt::print("{}", as_json(*house));
  if (!globals.json && house->notices.all().empty())
    fmt::print("{}\n", globals.say("no notices.toml: nothing is judged", "pas de notices.toml : rien n'est jugé"));
  return bad == 0 ? exit_done : exit_no;
}

constexpr Help law_help{
    "law", "The rules of law the house lives under, with their date and sources.",
    "Les règles de droit sous lesquelles vit la maison, avec leur date et leurs sources.",
    "hospes law\nhospes law house", "hospes law\nhospes law maison"};
constexpr Help notices_help{
    "notices", "What the law finds in the house's notices: a yes under one that fails counts for nothing.",
    "Ce que le droit trouve dans les avis de la maison : un oui sous un avis fautif est nul.",
    "hospes notices house\nEnds with 1 when one of them fails.", "hospes notices maison\nFinit par 1 quand l'un d'eux échoue."};

}  // namespace

void add_law(Command hospes) {
  const auto words = std::make_shared<LawWords>();
  const Command rules = hospes.command(law_help), texts = hospes.command(notices_help);
  for (const Command& command : {rules, texts})
    command.option("FOLDER", words->folder, "the house's folder", "le dossier de la maison").shows_default();
  rules.run(words, law);
  texts.run(words, notices);
}

}  // namespace hospes::server
