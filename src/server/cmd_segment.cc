// hospes segment check|fmt: definitions as text, without a server.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "base/nearest.h"
#include "catalog/house_folder.h"
#include "catalog/kinds.h"
#include "segment/check.h"
#include "segment/kin.h"
#include "segment/packaged.h"
#include "segment/text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

Result<std::string> text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()))
    return fail(Code::not_found, fmt::format("{} cannot be read, or is empty", path));
  return text.str();
}

/// The names that a house's folder of definitions knows.
segment::Vocabulary names_of(const catalog::Catalog& house) {
  segment::Vocabulary out;
  out.segments.emplace();  // those of the file know each other
  auto& events = out.events.emplace();
  for (const auto& [name, row] : house.events.rows()) {
    events.push_back({.name = name});
    std::vector<segment::Known> properties;
    for (const catalog::PropertyRow& p : row.properties) properties.push_back({.name = p.name});
    if (name == to_string(EventType::identify)) out.traits = properties;
    if (!properties.empty()) out.properties.emplace(name, std::move(properties));
  }
  auto& purposes = out.purposes.emplace();
  for (const catalog::Purpose& p : house.purposes.rows()) purposes.push_back({.name = p.name});
  auto& kinds = out.kinds.emplace();
  for (const catalog::Kind& k : catalog::kinds()) kinds.push_back({.name = std::string(k.name)});
  return out;
}

/// The folder named, else the file's own if it is a house's. Nothing: names are not checked.
Result<std::optional<segment::Vocabulary>> house_of(
    const std::string& path, const std::string& named
) {
  auto folder = std::filesystem::path(named);
  if (named.empty()) folder = std::filesystem::absolute(path).parent_path();
  if (named.empty() && !std::filesystem::exists(folder / "house.toml"))
    return std::optional<segment::Vocabulary>();
  const auto house = TRY(catalog::read_house_folder(folder.string()));
  catalog::use(house.kinds);
  return std::optional(names_of(house));
}

/// Nothing when the file holds a mistake, which has been printed.
Result<std::optional<segment::InForce>> definitions_of(
    const std::string& path, const segment::Vocabulary& known
) {
  const std::string text = TRY(text_of(path));
  auto parsed = segment::parse_file(text);
  std::vector<segment::Mistake> mistakes;
  if (!parsed) {
    mistakes.push_back(parsed.error());
  } else if (auto wrong = segment::mistake_in(*parsed)) {
    mistakes.push_back(std::move(*wrong));
  } else {
    mistakes = segment::check(parsed->definitions, known, text);
  }
  for (const auto& mistake : mistakes) fmt::print(stderr, "{}\n", segment::to_string(mistake, path));
  if (!mistakes.empty()) return std::optional<segment::InForce>();
  return std::optional(std::move(*parsed));
}

/// Segments of one file that say the same: no mistake, but seldom meant.
void warn_of_twins(
    const std::vector<segment::Definition>& list, const std::string& file, const Globals& globals
) {
  std::map<std::pair<std::string, std::string>, std::string> seen;
  for (const auto& d : list) {
    const auto [at, fresh] = seen.emplace(std::pair(d.purpose, segment::essence(d.predicate)), d.id);
    if (fresh) continue;
    fmt::print(
        stderr,
        fmt::runtime(globals.say(
            "{}:{}: warning: segment {} says the same as {}\n",
            "{}:{} : attention, le segment {} dit la même chose que {}\n"
        )),
        file, d.place.line, d.id, at->second
    );
  }
}

int check_files(
    const std::vector<std::string>& files, const std::string& house, const Globals& globals
) {
  int worst = exit_done;
  for (const auto& file : files) {
    const auto known = house_of(file, house);
    if (!known) return report(known.error());
    const auto found = definitions_of(file, known->value_or(segment::Vocabulary{}));
    if (!found) return report(found.error());
    if (!*found) {
      worst = exit_no;
      continue;
    }
    warn_of_twins((*found)->definitions, file, globals);
    fmt::print(
        fmt::runtime(
            globals.say("{}: {} segments, no mistake\n", "{} : {} segments, aucune erreur\n")
        ),
        file, (*found)->definitions.size()
    );
  }
  return worst;
}

int format_file(const std::string& file, bool write) {
  const auto found = definitions_of(file, {});
  if (!found) return report(found.error());
  if (!*found) return exit_no;
  std::string text;
  const auto add = [&](const std::string& one) { text += (text.empty() ? "" : "\n") + one; };
  for (const auto& definition : (*found)->definitions) add(segment::format(definition));
  for (const auto& lifecycle : (*found)->lifecycles) add(segment::format(lifecycle));
  if (!write) {
    fmt::print("{}", text);
    return exit_done;
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  if (!(out << text << std::flush))
    return report({Code::unavailable, fmt::format("{} cannot be written", file)});
  return exit_done;
}

struct Package {
  std::string id, event = "Order Completed", purpose = "market", window = "90d";
};

int print_packaged(const Globals& globals, const Package& asked) {
  if (asked.id.empty()) {
    for (const std::string_view id : segment::packaged_ids()) {
      const auto made = segment::packaged(id);
      fmt::print("{:<16} {}\n", id, globals.say(made->sentence_en, made->sentence_fr));
    }
    return exit_done;
  }
  const auto window = parse_duration(asked.window);
  if (!window) return report({Code::invalid_input, "--window is a duration such as 90d"});
  const auto made = segment::packaged(asked.id, {asked.event, *window, asked.purpose});
  if (!made) {
    const auto ids = segment::packaged_ids();
    return report({Code::not_found, "no packaged definition \"" + asked.id + "\"" + nearest_hint(asked.id, ids)});
  }
  if (const auto wrong = segment::validate(*made)) return report({Code::invalid_input, wrong->message});
  fmt::print("{}", segment::format(*made));
  return exit_done;
}

struct Valued {
  AskOptions options;
  std::string id, of = "sum(\"Order Completed\".total)";
  bool real_only = false;
};

std::string percent(const Json& share) {
  return share.is_null() ? "-" : fmt::format("{:.1f} %", 100 * std::stod(share.text()));
}

int print_value(const Globals& globals, const Valued& asked) {
  const auto house = find_house(globals, asked.options);
  if (!house) return report(house.error());
  const auto body = get(
      *house, fmt::format(
                  "/v1/segments/{}/value?of={}{}", url_escaped(asked.id), url_escaped(asked.of),
                  asked.real_only ? "&real_only=1" : ""
              )
  );
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto a = Json::parse(*body);
  if (!a) return report(a.error());
  fmt::print(
      fmt::runtime(globals.say(
          "{} of {} people ({}) carry {} of {}\ntop fifth of all: {}; Gini {}\n",
          "{} personnes sur {} ({}) portent {} de {}\npremier cinquième : {} ; Gini {}\n"
      )),
      (*a)["members"].whole(), (*a)["people"].whole(), percent((*a)["share_of_people"]), percent((*a)["share"]),
      asked.of, percent((*a)["top_fifth_share"]), (*a)["gini"].is_null() ? "-" : fmt::format("{:.3f}", std::stod((*a)["gini"].text()))
  );
  for (const Json& point : (*a)["curve"].items()) {
    const auto pair = point.items();
    const double people = std::stod(pair[0].text()), value = std::stod(pair[1].text());
    fmt::print("  {:>4.0f} %  {:>5.1f} %  {}\n", 100 * people, 100 * value, std::string(static_cast<std::size_t>(40 * value + .5), '#'));
  }
  return exit_done;
}

constexpr Help packaged_help{
    "packaged", "Definitions that come with hospes, made for an event of the house.",
    "Définitions livrées avec hospes, faites pour un événement de la maison.",
    "hospes segment packaged\nhospes segment packaged power_users --event \"Product Viewed\" --window 30d >> house/segments.seg",
    "hospes segment packaged\nhospes segment packaged power_users --event \"Product Viewed\" --window 30d >> maison/segments.seg"};
constexpr Help value_help{
    "value", "What the members of a segment carry of a value, and how unevenly the house carries it (Pareto, Gini).",
    "Ce que les membres d'un segment portent d'une valeur, et l'inégalité de la maison (Pareto, Gini).",
    "hospes segment value power_users\nhospes segment value power_users --of 'count(\"Order Completed\", 365d)'",
    "hospes segment value power_users\nhospes segment value power_users --of 'count(\"Order Completed\", 365d)'"};

constexpr Help segment_help{
    "segment", "Segments: check and format definitions, list those in force.",
    "Segments : vérifier et mettre en forme les définitions, lister ceux en vigueur.",
    "hospes segment check house/segments.seg\nhospes segment list",
    "hospes segment check house/segments.seg\nhospes segment list"};
constexpr Help segment_check_help{
    "check",
    "Says the first mistake of each file, where it stands and what would do; then every name that "
    "the house does not know, with the nearest that it does.",
    "Dit la première erreur de chaque fichier, son endroit et ce qui conviendrait ; puis chaque "
    "nom "
    "que la maison ne connaît pas, avec le plus proche.",
    "hospes segment check house/segments.seg\n"
    "hospes segment check new.seg --house house   names are checked against that house",
    "hospes segment check house/segments.seg\n"
    "hospes segment check new.seg --house house   les noms sont vérifiés avec cette maison"};
constexpr Help segment_format_help{
    "fmt", "Prints the canonical form; comments are not kept.",
    "Écrit la forme canonique ; les commentaires ne sont pas gardés.",
    "hospes segment fmt new.seg\nhospes segment fmt new.seg --write",
    "hospes segment fmt new.seg\nhospes segment fmt new.seg --write"};

}  // namespace

void add_segment(Command hospes) {
  const Command segment = hospes.command(segment_help);
  segment.needs_command();
  const auto files = std::make_shared<std::vector<std::string>>();
  const Command check = segment.command(segment_check_help);
  const auto house = std::make_shared<std::string>();
  check.option("FILE", *files, "segment files (*.seg)").required();
  check.option(
      "--house", *house, "the house's folder of definitions; else the file's own, if it is one"
  );
  check.run([files, house](const Globals& globals) {
    return check_files(*files, *house, globals);
  });

  const auto package = std::make_shared<Package>();
  const Command packaged = segment.command(packaged_help);
  packaged.option("ID", package->id, "which; all are listed when left out", "laquelle ; toutes sinon");
  packaged.option("--event", package->event, "what they do", "ce que font les gens").shows_default();
  packaged.option("--window", package->window, "in the last …", "sur une durée de …").shows_default();
  packaged.option("--purpose", package->purpose, "what it serves", "sa finalité").shows_default();
  packaged.run([package](const Globals& globals) { return print_packaged(globals, *package); });

  const auto valued = std::make_shared<Valued>();
  const Command value = segment.command(value_help);
  value.option("SEGMENT", valued->id, "its id", "son id").required();
  value.option("--of", valued->of, "a measure of the segment language", "une mesure du langage").shows_default();
  value.flag("--real-only", valued->real_only, "without invented people", "sans les personnes inventées");
  add_ask_options(value, valued->options);
  value.run([valued](const Globals& globals) { return print_value(globals, *valued); });

  const auto write = std::make_shared<bool>(false);
  const auto file = std::make_shared<std::string>();
  const Command format = segment.command(segment_format_help);
  format.option("FILE", *file, "a segment file").required();
  format.flag("--write", *write, "replace the file");
  format.run([file, write](const Globals&) { return format_file(*file, *write); });
}

}  // namespace hospes::server
