// hospes sql: a question to the house's lake, for one purpose.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "base/json_text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

constexpr std::chrono::seconds patience{150};  // beyond what the house gives a question

struct Sql {
  AskOptions options;
  std::string question, purpose, format, out;
  std::uint64_t rows_max = 0;
  bool fresh = false;
};

/// The words themselves; `-` reads them from standard input, `@FILE` from a file.
Result<std::string> question_of(const Sql& asked) {
  if (asked.question == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  if (!asked.question.starts_with('@')) return asked.question;
  std::ifstream in(asked.question.substr(1));
  if (!in) return fail(Code::not_found, asked.question.substr(1) + " cannot be read");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string format_of(const Globals& globals, const Sql& asked) {
  if (!asked.format.empty()) return asked.format;
  if (asked.out.ends_with(".csv")) return globals.language == Language::fr ? "csv-fr" : "csv";
  return globals.json || asked.out.ends_with(".json") ? "json" : "text";
}

Status tell_tables(const Globals& globals, const House& house) {
  const std::string told = TRY(get(house, "/v1/lake"));
  if (globals.json) return fmt::print("{}", told), Status();
  const Json lake = TRY(Json::parse(told));
  fmt::print(
      fmt::runtime(globals.say("{} rows in {} files, {} bytes, as of {}\n\n", "{} lignes en {} fichiers, {} octets, au {}\n\n")),
      lake["rows"].text(), lake["files"].text(), lake["bytes"].text(),
      lake["as_of"].is_null() ? globals.say("the next cut", "la prochaine coupe") : lake["as_of"].text()
  );
  for (const Json& table : lake["tables"].items()) {
    fmt::print("  {}\n", table["name"].text());
    for (const Json& column : table["columns"].items())
      fmt::print("    {:<12} {}\n", column["name"].text(), column["type"].text());
  }
  fmt::print("\n{}\n", globals.say("Ask: hospes sql \"SELECT event, count(*) FROM events GROUP BY ALL\" --purpose measure",
                                   "Demander : hospes sql \"SELECT event, count(*) FROM events GROUP BY ALL\" --purpose measure"));
  return {};
}

Status run(const Globals& globals, const Sql& asked) {
  House house = TRY(find_house(globals, asked.options));
  house.console.timeout = patience;
  if (asked.question.empty()) return tell_tables(globals, house);
  if (asked.purpose.empty())
    return fail(Code::invalid_input, "say what the answer is for: --purpose measure (or market, personalise, …); only what it may see is counted");
  const std::string question = TRY(question_of(asked));
  std::string body = fmt::format(
      R"({{"sql":{},"purpose":{},"format":"{}")", json_text(question), json_text(asked.purpose), format_of(globals, asked)
  );
  if (asked.rows_max > 0) body += fmt::format(R"(,"rows_max":{})", asked.rows_max);
  if (asked.fresh) body += R"(,"fresh":true)";
  const std::string told = TRY(ask(house, "POST", "/v1/sql", body + "}"));
  if (asked.out.empty()) {
    std::fwrite(told.data(), 1, told.size(), stdout);
    return {};
  }
  std::ofstream out(asked.out, std::ios::binary);
  if (!(out << told).flush()) return fail(Code::unavailable, asked.out + " cannot be written");
  return {};
}

int sql(const Globals& globals, const Sql& asked) {
  const Status done = run(globals, asked);
  return done ? exit_done : report(done.error());
}

constexpr Help sql_help{
    "sql",
    "Asks the house's lake in SQL, for one purpose: what that purpose may not see now is not there.",
    "Interroge en SQL le lac de la maison, pour une finalité : ce qu'elle ne peut voir maintenant n'y est pas.",
    "hospes sql                                                    the tables and their columns\n"
    "hospes sql \"SELECT event, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC\" --purpose measure\n"
    "hospes sql @orders.sql --purpose market --out orders.csv\n"
    "hospes sql \"SELECT * FROM people\" --purpose market --format csv-fr --out people.csv     opens in French Excel",
    "hospes sql                                                    les tables et leurs colonnes\n"
    "hospes sql \"SELECT event, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC\" --purpose measure\n"
    "hospes sql @commandes.sql --purpose market --out commandes.csv\n"
    "hospes sql \"SELECT * FROM people\" --purpose market --format csv-fr --out gens.csv     s'ouvre dans Excel"};

}  // namespace

void add_sql(Command hospes) {
  const auto asked = std::make_shared<Sql>();
  const Command command = hospes.command(sql_help);
  command.option(
      "QUESTION", asked->question, "one SELECT; @FILE reads it from a file, - from standard input",
      "un SELECT ; @FICHIER le lit d'un fichier, - de l'entrée standard"
  );
  command.option(
      "--purpose", asked->purpose, "what the answer is for: measure, market, …", "à quoi sert la réponse : measure, market, …"
  );
  command.option("--format", asked->format, "text, json, csv or csv-fr", "text, json, csv ou csv-fr")
      .among({"text", "json", "csv", "csv-fr"});
  command.option("--out", asked->out, "a file to write to", "un fichier où écrire");
  command.option("--rows", asked->rows_max, "at most so many rows; else 10,000", "au plus tant de lignes ; sinon 10 000");
  command.flag(
      "--fresh", asked->fresh, "cut the lake first: everything that was accepted until now is in the answer",
      "couper d'abord : tout ce qui a été accepté jusqu'ici est dans la réponse"
  );
  add_ask_options(command, asked->options);
  command.run(asked, sql);
}

}  // namespace hospes::server
