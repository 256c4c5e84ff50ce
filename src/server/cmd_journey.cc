// hospes journey check|fmt|simulate: journeys without a server; pause|resume|preview: of a running house.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "catalog/house_folder.h"
#include "base/json_text.h"
#include "journey/json.h"
#include "journey/validate.h"
#include "portal/journey_names.h"
#include "segment/text.h"
#include "server/asking.h"
#include "server/engines.h"
#include "server/settings.h"
#include "server/simulate.h"
#include "server/command.h"

namespace hospes::server {
namespace {

Result<std::string> text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()))
    return fail(Code::not_found, fmt::format("{} cannot be read, or is empty", path.string()));
  return text.str();
}

/// What the folder named knows, else the file's own if it is a house's. Nothing: names are not checked.
Result<journey::Vocabulary> known_to(const std::string& path, const std::string& named) {
  auto folder = std::filesystem::path(named);
  if (named.empty()) folder = std::filesystem::absolute(path).parent_path();
  if (named.empty() && !std::filesystem::exists(folder / "house.toml")) return journey::Vocabulary();
  const auto house = TRY(catalog::read_house_folder(folder.string()));
  journey::Vocabulary out = portal::journey_names(house);
  auto& events = out.events.emplace();
  for (const auto& [name, row] : house.events.rows()) events.push_back(name);
  if (!std::filesystem::exists(folder / "segments.seg")) return out;
  const auto segments = segment::parse(TRY(text_of(folder / "segments.seg")));
  if (!segments) return out;  // `hospes segment check` says what is wrong with it
  auto& ids = out.segments.emplace();
  for (const segment::Definition& d : *segments) {
    ids.push_back(d.id);
    out.segment_purposes[d.id] = d.purpose;
  }
  return out;
}

/// A file of journeys, as text or (`.json`) as JSON.
Result<journey::Parsed<std::vector<journey::Definition>>> read_file(
    const std::string& path, std::string& text
) {
  text = TRY(text_of(path));
  return path.ends_with(".json") ? journey::parse_json(text) : journey::parse(text);
}

int tell(const journey::Mistake& mistake, const std::string& file) {
  fmt::print(stderr, "{}\n", journey::to_string(mistake, file));
  return exit_no;
}

int check_file(const std::string& file, const std::string& house, const Globals& globals) {
  const auto known = known_to(file, house);
  if (!known) return report(known.error());
  std::string text;
  const auto read = read_file(file, text);
  if (!read) return report(read.error());
  if (!*read) return tell(read->error(), file);
  const auto unknown = journey::check(**read, *known, text);
  for (const journey::Mistake& mistake : unknown) tell(mistake, file);
  if (!unknown.empty()) return exit_no;
  fmt::print(
      fmt::runtime(globals.say("{}: {} journeys, no mistake\n", "{} : {} parcours, aucune erreur\n")),
      file, (*read)->size()
  );
  return exit_done;
}

int format_file(const std::string& file, bool write, bool json) {
  std::string text;
  const auto read = read_file(file, text);
  if (!read) return report(read.error());
  if (!*read) return tell(read->error(), file);
  std::string out;
  for (const journey::Definition& d : **read)
    out += (out.empty() ? "" : json ? "," : "\n") + (json ? journey::to_json(d) : journey::format(d));
  if (json) out = "{\"journeys\":[" + out + "]}\n";
  if (!write) {
    fmt::print("{}", out);
    return exit_done;
  }
  std::ofstream to(file, std::ios::binary | std::ios::trunc);
  if (!(to << out << std::flush))
    return report({Code::unavailable, fmt::format("{} cannot be written", file)});
  return exit_done;
}

std::string json_line(const flow::Moved& move, const std::string& who) {
  const auto text = [](std::string_view value) { return value.empty() ? "null" : json_text(value); };
  return fmt::format(
      R"({{"at":"{}","person":{},"journey":{},"from":{},"to":{},"how":"{}","reason":{},"end":"{}"}})",
      to_string(move.at), json_text(who), json_text(move.journey), text(move.from), text(move.to),
      journey::to_string(move.how),
      text(move.reason == outbox::Reason::none ? "" : to_string(move.reason)), journey::to_string(move.end)
  );
}

/// As JSON each move is a line; else they are counted by step.
int simulate_file(const std::string& file, const Globals& globals) {
  const auto settings = settings_of(globals);
  if (!settings) return report(settings.error());
  const auto text = text_of(file);
  if (!text) return report(text.error());
  std::map<std::string, std::map<std::string, std::uint64_t>> sums;
  const auto done = simulate(*settings, *text, [&](const flow::Moved& move, const std::string& who) {
    if (globals.json) return fmt::print("{}\n", json_line(move, who));
    const std::string why = move.reason == outbox::Reason::none ? "" : fmt::format(" ({})", to_string(move.reason));
    const bool began = move.from.empty() && move.end == journey::End::live;
    const std::string what = began ? "entered"
                             : move.to.empty() ? fmt::format("{}: {}{}", move.from, journey::to_string(move.end), why)
                                               : fmt::format("{}: {}{}", move.from, journey::to_string(move.how), why);
    ++sums[move.journey][what];
  });
  if (!done) return report(done.error());
  if (globals.json) return exit_done;
  fmt::print(
      fmt::runtime(globals.say("{} records, {} to {}\n", "{} enregistrements, du {} au {}\n")), done->records,
      to_string(done->from), to_string(done->to)
  );
  for (const auto& [id, moves] : sums) {
    fmt::print("{}\n", id);
    for (const auto& [what, count] : moves) fmt::print("  {:>8}  {}\n", count, what);
  }
  return exit_done;
}

struct Paused {
  AskOptions options;
  std::string journey;
};

int pause(const Globals& globals, const Paused& of, bool paused) {
  const auto house = find_house(globals, of.options);
  if (!house) return report(house.error());
  const std::string path = fmt::format("/v1/journeys/{}/{}", url_escaped(of.journey), paused ? "pause" : "resume");
  const auto said = ask(*house, "POST", path, "{}");
  if (!said) return report(said.error());
  if (globals.json) {
    fmt::print("{}", *said);
    return exit_done;
  }
  const auto one = Json::parse(*said);
  if (!one) return report(one.error());
  fmt::print(
      fmt::runtime(paused ? globals.say("{} is paused: {} people wait\n", "{} est en pause : {} personnes attendent\n")
                          : globals.say("{} goes on: {} people are in it\n", "{} reprend : {} personnes y sont\n")),
      of.journey, (*one)["live"].whole()
  );
  return exit_done;
}

struct Coming {
  AskOptions options;
  std::string file;
};

std::string stand_line(const Globals& globals, const Json& stand) {
  const std::string becomes = stand["becomes"].text(), to = stand["to"].text();
  std::string out = fmt::format(
      "  {:>8}  {} ({}) ", stand["people"].whole(), stand["step"].text(), stand["version"].whole()
  );
  if (becomes == "stay") return out.append(globals.say("finish there\n", "y finissent\n"));
  if (becomes == "end")
    return out.append(globals.say("leave: that step is no more\n", "sortent : cette étape n'est plus\n"));
  out += "-> " + to;
  if (stand["anew"].truth()) out += globals.say(", taken anew", ", reprise à neuf");
  return out + "\n";
}

/// Whom a file would move, of a running house.
int preview(const Globals& globals, const Coming& of) {
  const auto house = find_house(globals, of.options);
  if (!house) return report(house.error());
  std::string text;
  const auto read = read_file(of.file, text);
  if (!read) return report(read.error());
  if (!*read) return tell(read->error(), of.file);
  text.clear();
  for (const journey::Definition& d : **read) text += journey::format(d);
  const auto said = ask(*house, "POST", "/v1/journeys/preview", "{\"text\":" + std::string(json_text(text)) + "}");
  if (!said) return report(said.error());
  if (globals.json) {
    fmt::print("{}", *said);
    return exit_done;
  }
  const auto all = Json::parse(*said);
  if (!all) return report(all.error());
  for (const Json& one : (*all)["journeys"].items()) {
    fmt::print("{} ({}): {}\n", one["journey"].text(), one["version"].whole(), one["change"].text());
    for (const Json& stand : one["stands"].items()) {
      fmt::print("{}", stand_line(globals, stand));
      for (const Json& person : stand["examples"].items()) fmt::print("            {}\n", person["person"].text());
    }
  }
  return exit_done;
}

constexpr Help journey_help{
    "journey", "Journeys: check and format their definitions, see what they would do or would have done, pause one.",
    "Parcours : vérifier et mettre en forme leurs définitions, voir ce qu'ils feraient ou auraient fait, en suspendre un.",
    "hospes journey check house/journeys.jny", "hospes journey check house/journeys.jny"};
constexpr Help journey_check_help{
    "check",
    "Says the first mistake of each file, where it stands and what would do; then every segment, event, action and purpose "
    "that the house does not know, with the nearest that it does.",
    "Dit la première erreur de chaque fichier, son endroit et ce qui conviendrait ; puis chaque segment, événement, action et "
    "finalité que la maison ne connaît pas, avec le plus proche.",
    "hospes journey check house/journeys.jny\n"
    "hospes journey check new.jny --house house   names are checked against that house",
    "hospes journey check house/journeys.jny\n"
    "hospes journey check new.jny --house house   les noms sont vérifiés avec cette maison"};
constexpr Help journey_format_help{
    "fmt", "Prints the canonical form, as text or as JSON; reads both. Comments are not kept.",
    "Écrit la forme canonique, en texte ou en JSON ; lit les deux. Les commentaires ne sont pas gardés.",
    "hospes journey fmt new.jny\nhospes journey fmt new.jny --as-json\nhospes journey fmt new.jny --write",
    "hospes journey fmt new.jny\nhospes journey fmt new.jny --as-json\nhospes journey fmt new.jny --write"};

constexpr Help journey_simulate_help{
    "simulate",
    "What a file of journeys would have done over the house's log, with nothing sent: counts by step, or with --json each move. "
    "The house must be stopped. The log reaches back to the house's beginning until 64 MB of it are recycled.",
    "Ce qu'un fichier de parcours aurait fait sur le journal de la maison, sans rien envoyer : des comptes par étape, ou avec "
    "--json chaque mouvement. La maison doit être arrêtée. Le journal remonte au début tant que 64 Mo n'en ont pas été recyclés.",
    "hospes journey simulate new.jny\nhospes journey simulate new.jny --json",
    "hospes journey simulate new.jny\nhospes journey simulate new.jny --json"};

constexpr Help journey_pause_help{
    "pause",
    "Holds a journey: nobody enters, nobody takes another step, nothing of it leaves. What lets people go, and their own no, act "
    "at once all the same. The pause stands in journeys.jny.",
    "Met un parcours en pause : personne n'y entre, personne ne fait un pas de plus, rien n'en part. Ce qui en fait sortir, et un "
    "refus, agissent aussitôt. La pause est écrite dans journeys.jny.",
    "hospes journey pause second_order", "hospes journey pause second_order"};
constexpr Help journey_resume_help{
    "resume", "Lets a paused journey go on: each from where they stand; what is of no use any more is not sent.",
    "Reprend un parcours en pause : chacun d'où il est ; ce qui n'est plus utile n'est pas envoyé.",
    "hospes journey resume second_order", "hospes journey resume second_order"};
constexpr Help journey_preview_help{
    "preview",
    "Whom a file of journeys would move, were it in force now: how many stand at each step, where they would go on, and ten of "
    "them. Nothing is changed.",
    "Qui un fichier de parcours déplacerait, s'il entrait en vigueur maintenant : combien à chaque étape, où ils continueraient, "
    "et dix d'entre eux. Rien n'est changé.",
    "hospes journey preview new.jny\nhospes journey preview new.jny --json",
    "hospes journey preview new.jny\nhospes journey preview new.jny --json"};

}  // namespace

void add_journey(Command hospes) {
  const Command journey = hospes.command(journey_help);
  journey.needs_command();
  const auto files = std::make_shared<std::vector<std::string>>();
  const auto house = std::make_shared<std::string>();
  const Command check = journey.command(journey_check_help);
  check.option("FILE", *files, "files of journeys (*.jny, or *.json)").required();
  check.option(
      "--house", *house, "the house's folder of definitions; else the file's own, if it is one"
  );
  check.run([files, house](const Globals& globals) {
    int worst = exit_done;
    for (const std::string& file : *files)
      worst = std::max(worst, check_file(file, *house, globals));
    return worst;
  });
  const auto file = std::make_shared<std::string>();
  const auto write = std::make_shared<bool>(false), json = std::make_shared<bool>(false);
  const Command format = journey.command(journey_format_help);
  format.option("FILE", *file, "a file of journeys (*.jny, or *.json)").required();
  format.flag("--write", *write, "replace the file");
  format.flag("--as-json", *json, "as JSON");
  const auto tried = std::make_shared<std::string>();
  const Command simulated = journey.command(journey_simulate_help);
  simulated.option("FILE", *tried, "a file of journeys (*.jny)").required();
  simulated.run([tried](const Globals& globals) { return simulate_file(*tried, globals); });
  for (const bool paused : {true, false}) {
    const auto of = std::make_shared<Paused>();
    const Command held = journey.command(paused ? journey_pause_help : journey_resume_help);
    held.option("JOURNEY", of->journey, "its id in journeys.jny").required();
    add_ask_options(held, of->options);
    held.run([of, paused](const Globals& globals) { return pause(globals, *of, paused); });
  }
  const auto coming = std::make_shared<Coming>();
  const Command previews = journey.command(journey_preview_help);
  previews.option("FILE", coming->file, "a file of journeys (*.jny, or *.json)").required();
  add_ask_options(previews, coming->options);
  previews.run(coming, preview);
  format.run([file, write, json](const Globals&) { return format_file(*file, *write && !*json, *json); });
}

}  // namespace hospes::server
