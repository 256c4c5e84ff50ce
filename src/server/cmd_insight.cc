// hospes insight NAME FILE…: reports and models on plain files, without a server; with --house on
// the orders of a running house.
#include <fmt/format.h>

#include <fstream>
#include <memory>

#include "base/json_text.h"
#include "base/nearest.h"
#include "insight/files.h"
#include "insight/input.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Asked {
  bool house = false;
  AskOptions where;
  std::string name;
  std::vector<std::string> files, columns, settings, only;
  std::string plot, scores, dates, purpose;
};

insight::Language language_of(const Globals& globals) {
  return globals.language == Language::fr ? insight::Language::fr : insight::Language::en;
}

int list_all(const Globals& globals) {
  const auto l = language_of(globals);
  if (globals.json) {
    std::string out;
    for (const auto& one : insight::insights())
      out += fmt::format(
          "{}{{\"name\":\"{}\",\"means\":{}}}", out.empty() ? "" : ",", one.name,
          json_text(one.means.en)
      );
    fmt::print("{{\"insights\":[{}]}}\n", out);
    return exit_done;
  }
  for (const auto& one : insight::insights())
    fmt::print("  {:<13} {}\n", one.name, one.means.in(l));
  return exit_done;
}

int teach(const insight::Insight& one, const Globals& globals) {
  const auto l = language_of(globals);
  fmt::print(
      "{}\n\n{}\n", one.means.in(l),
      globals.say("columns (--columns NAME=COLUMN)", "colonnes (--columns NOM=COLONNE)")
  );
  for (const auto& role : one.roles)
    fmt::print(
        "  {:<12} {}{}\n", role.name, role.means.in(l),
        role.required ? "" : globals.say(" (may be absent)", " (facultatif)")
    );
  if (!one.settings.empty())
    fmt::print("{}\n", globals.say("settings (--with NAME=VALUE)", "réglages (--with NOM=VALEUR)"));
  for (const auto& s : one.settings)
    fmt::print(
        "  {:<12} {}{}\n", s.name, s.means.in(l),
        s.value.empty() ? "" : fmt::format(" [{}]", s.value)
    );
  return exit_done;
}

/// `name=value` words; `value` may hold commas only in --with.
Result<std::map<std::string, std::string>> pairs_of(
    const std::vector<std::string>& words, std::string_view option
) {
  std::map<std::string, std::string> out;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(Code::invalid_input, fmt::format("{} {}: write NAME=VALUE", option, word));
    out[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

Status write(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (out << text << std::flush) return {};
  return fail(Code::unavailable, path + " cannot be written");
}

/// `a.svg`, then `a-2.svg`… where a report has several plots.
std::string numbered(const std::string& path, std::size_t n) {
  if (n == 0) return path;
  const auto dot = path.rfind('.');
  const auto cut = dot == std::string::npos ? path.size() : dot;
  return fmt::format("{}-{}{}", path.substr(0, cut), n + 1, path.substr(cut));
}

Result<insight::Wishes> wishes_of(const Asked& asked) {
  insight::Wishes out;
  out.columns = TRY(pairs_of(asked.columns, "--columns"));
  out.settings = TRY(pairs_of(asked.settings, "--with"));
  if (asked.dates == "dmy") out.dates = insight::DateOrder::day_first;
  if (asked.dates == "mdy") out.dates = insight::DateOrder::month_first;
  out.purpose = asked.purpose;
  return out;
}

Status compute(const insight::Insight& one, const Asked& asked, const Globals& globals) {
  const auto l = language_of(globals);
  const insight::Wishes wishes = TRY(wishes_of(asked));
  insight::Columns table = TRY(insight::read_files(asked.files));
  const auto only = TRY(pairs_of(asked.only, "--only"));
  for (const auto& [column, value] : only) TRY(table.keep(column, value));
  insight::Report report = TRY(insight::run(one, table, wishes));
  report.card.computed = today();
  if (report.card.purpose.empty())
    report.card.purpose = globals.say(
        "not said: a plain file; --purpose says it", "non dite : simple fichier ; --purpose la dit"
    );
  if (!asked.plot.empty() && report.plots.empty())
    report.notes.push_back({"nothing to draw", "rien à dessiner"});
  for (std::size_t i = 0; i < report.plots.size() && !asked.plot.empty(); ++i)
    TRY(write(numbered(asked.plot, i), insight::svg(report.plots[i], l)));
  if (!asked.scores.empty()) TRY(write(asked.scores, insight::to_csv(report.scores)));
  fmt::print(
      "{}{}", globals.json ? insight::to_json(report) : insight::to_text(report, l),
      globals.json ? "\n" : ""
  );
  return {};
}

/// What only a file needs: its columns, dates, rows and purpose are known of a house.
std::string_view of_files_only(const Asked& asked) {
  if (!asked.files.empty()) return "FILE";
  if (!asked.columns.empty()) return "--columns";
  if (!asked.only.empty()) return "--only";
  if (!asked.dates.empty()) return "--dates";
  return asked.purpose.empty() ? "" : "--purpose";
}

Status ask_house(const Asked& asked, const Globals& globals) {
  if (const auto word = of_files_only(asked); !word.empty())
    return fail(
        Code::invalid_input,
        fmt::format("{} is for files; --house reads the orders of the house as they are", word)
    );
  const House house = TRY(find_house(globals, asked.where));
  std::string settings;
  for (const auto& [name, value] : TRY(pairs_of(asked.settings, "--with")))
    settings += fmt::format("&{}={}", url_escaped(name), url_escaped(value));
  const std::string path = "/v1/insight/" + url_escaped(asked.name);
  const std::string_view lang = globals.say("en", "fr");
  const std::string told =
      TRY(get(house, path + (globals.json ? "?" : fmt::format("?text={}", lang)) + settings));
  if (!asked.plot.empty()) {
    const auto drawn = TRY(get(house, fmt::format("{}/plot?lang={}{}", path, lang, settings)));
    TRY(write(asked.plot, drawn));
  }
  if (!asked.scores.empty()) {
    const auto scores = TRY(get(house, path + "?scores=1" + settings));
    TRY(write(asked.scores, scores));
  }
  fmt::print("{}", told);
  return {};
}

int run(const Asked& asked, const Globals& globals) {
  if (asked.name.empty() || asked.name == "list") return list_all(globals);
  std::vector<std::string_view> names;
  for (const auto& one : insight::insights()) {
    names.push_back(one.name);
    if (one.name != asked.name) continue;
    if (asked.house) {
      const Status told = ask_house(asked, globals);
      return told ? exit_done : report(told.error());
    }
    if (asked.files.empty()) return teach(one, globals);
    const Status done = compute(one, asked, globals);
    return done ? exit_done : report(done.error());
  }
  return report(
      {Code::invalid_input, fmt::format(
                                "no insight \"{}\"{}. All: hospes insight list", asked.name,
                                nearest_hint(asked.name, names)
                            )}
  );
}

constexpr Help insight_help{
    "insight",
    "Reports and models on plain files (CSV, also gzip): what a customer is worth, what worked, "
    "who "
    "did not answer; each with its uncertainty and a card.",
    "Rapports et modèles sur de simples fichiers (CSV, aussi gzip) : ce que vaut un client, ce qui "
    "a "
    "marché, qui n'a pas répondu ; chacun avec son incertitude et une carte.",
    "hospes insight list                                what can be asked\n"
    "hospes insight clv                                 which columns and settings it takes\n"
    "hospes insight clv orders.csv --plot clv.svg       the forecast, and its picture\n"
    "hospes insight cards --house                       three cards on the running house's orders\n"
    "hospes insight clv lines.csv.gz --columns customer=CustomerID --columns "
    "value=Quantity*UnitPrice",
    "hospes insight list                                ce qui peut se demander\n"
    "hospes insight clv                                 colonnes et réglages\n"
    "hospes insight clv orders.csv --plot clv.svg       la prévision, et son image\n"
    "hospes insight cards --house                       trois cartes sur les commandes de la maison\n"
    "hospes insight clv lines.csv.gz --columns customer=CustomerID --columns "
    "value=Quantity*UnitPrice"};

}  // namespace

void add_insight(Command hospes) {
  const Command command = hospes.command(insight_help);
  const auto asked = std::make_shared<Asked>();
  command.option(
      "NAME", asked->name,
      "the report; list shows all", "le rapport ; list les montre"
  );
  command.option(
      "FILE", asked->files,
      "CSV files with the same header", "fichiers CSV de même en-tête"
  );
  command.flag(
      "--house", asked->house,
      "the orders of the running house instead of files: cards, clv, rfm, power, cohorts",
          "les commandes de la maison au lieu de fichiers : cards, clv, rfm, power, cohorts"
  );
  add_ask_options(command, asked->where);
  command.option(
          "--columns", asked->columns,
          "ROLE=COLUMN, where the guess is wrong", "RÔLE=COLONNE, si l'on devine mal"
      )
      .delimiter(',')
      .once_each();
  command.option(
          "--with", asked->settings, "SETTING=VALUE", "RÉGLAGE=VALEUR"
      )
      .once_each();
  command.option(
          "--only", asked->only,
          "COLUMN=VALUE: only those rows", "COLONNE=VALEUR : ces lignes seulement"
      )
      .once_each();
  command.option(
          "--dates", asked->dates,
          "dmy or mdy, where dates read both ways",
              "dmy ou mdy, si les dates se lisent des deux façons"
      )
      .among({"dmy", "mdy"});
  command.option(
      "--purpose", asked->purpose,
      "under which purpose this data is read; goes on the card",
          "la finalité sous laquelle ces données sont lues ; va sur la carte"
  );
  command.option(
      "--plot", asked->plot,
      "an SVG file to draw into", "un fichier SVG où dessiner"
  );
  command.option(
      "--scores", asked->scores,
      "a CSV file for the figures of each person",
          "un fichier CSV pour les chiffres de chaque personne"
  );
  command.run([asked](const Globals& globals) { return run(*asked, globals); });
}

}  // namespace hospes::server
