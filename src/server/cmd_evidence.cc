// hospes evidence: what is kept of somebody who was erased, because the law asks for proof.
#include <fmt/format.h>

#include <filesystem>

#include "base/json_text.h"
#include "catalog/house_folder.h"
#include "catalog/kinds.h"
#include "clock/clock.h"
#include "disk/posix.h"
#include "evidence/evidence.h"
#include "server/command.h"
#include "server/settings.h"
#include "server/staff_commands.h"

namespace hospes::server {
namespace {

struct EvidenceAsk {
  std::string who;
};

Result<std::vector<evidence::Entry>> kept_of(const Globals& globals, const std::string& who) {
  const auto settings = TRY(settings_of(globals));
  const auto house = TRY(catalog::read_house_folder(settings.house_folder));
  catalog::use(house.kinds);
  const Identifier of = TRY(catalog::parse_identifier(who));
  const std::string named = std::string(catalog::find_kind(of.kind)->name) + ":" + of.value;
  for (const std::string* folder : {&settings.data_folder, &settings.keys_folder})
    if (std::error_code error; !std::filesystem::exists(*folder, error)) return fail(Code::not_found, *folder + " is no folder of a house");
  const auto data = TRY(disk::open_posix_disk(settings.data_folder));
  const auto keys = TRY(disk::open_posix_disk(settings.keys_folder));
  return evidence::find(*data, *keys, named, SystemClock().now());
}

int evidence_of(const Globals& globals, const EvidenceAsk& asked) {
  const auto kept = kept_of(globals, asked.who);
  if (!kept) return report(kept.error());
  std::string out;
  for (const evidence::Entry& one : *kept) {
    const std::string until = to_string(one.until).substr(0, 10);
    if (globals.json)
      out += fmt::format(
          "{}{{\"ground\":{},\"until\":\"{}\",\"kept\":{}}}", out.empty() ? "" : ",", json_text(one.ground), until, one.what
      );
    else
      fmt::print("{} {} ({})\n  {}\n", globals.say("until", "jusqu'au"), until, one.ground, one.what);
  }
  if (globals.json)
    fmt::print("[{}]\n", out);
  else if (kept->empty())
    fmt::print("{}\n", globals.say("nothing is kept of them", "rien n'est gardé d'eux"));
  return kept->empty() ? exit_no : exit_done;
}

constexpr Help evidence_help{
    "evidence",
    "What is kept of somebody who was erased, because the law asks for proof: that it was asked and done, what they had "
    "answered; with its ground and its end. Read on the house's machine, beside a house that runs too.",
    "Ce qui est gardé d'une personne effacée, parce que la loi en demande la preuve : que ce fut demandé et fait, ce qu'elle "
    "avait répondu ; avec son fondement et sa fin. Lu sur la machine de la maison, aussi quand elle tourne.",
    "hospes evidence user_id:me\nhospes evidence email:me@example.org --json",
    "hospes evidence user_id:moi\nhospes evidence email:moi@example.org --json"};

}  // namespace

void add_evidence(Command hospes) {
  const auto asked = std::make_shared<EvidenceAsk>();
  const Command command = hospes.command(evidence_help);
  command.option("who", asked->who, "whom, as KIND:VALUE", "qui : GENRE:VALEUR").required();
  command.run(asked, evidence_of);
}

}  // namespace hospes::server
