// hospes journey check|fmt|simulate: journeys without a server.
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
#include "segment/text.h"
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
  journey::Vocabulary out = vocabulary_of(house);
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

constexpr Help journey_help{
    "journey", "Journeys: check and format their definitions, and see what they would have done.",
    "Parcours : vérifier et mettre en forme leurs définitions, et voir ce qu'ils auraient fait.",
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
  format.run([file, write, json](const Globals&) { return format_file(*file, *write && !*json, *json); });
}

}  // namespace hospes::server
