// hospes compare: an export of the old pipeline against the house, while both run.
#include <fmt/format.h>

#include <fstream>
#include <map>

#include "base/json_text.h"
#include "intake/text_file.h"
#include "server/asking.h"
#include "server/carry_commands.h"
#include "server/command.h"

namespace hospes::server {
namespace {

constexpr std::size_t rows_max = 100'000;  // events and days; beyond: over_limit

struct Compare {
  AskOptions options;
  std::string file, source;
};

/// Of one event on one day.
struct Count {
  std::uint64_t there = 0, here = 0;
};

struct Tally {
  std::map<std::pair<std::string, std::string>, Count> rows;  // event, day
  std::map<std::string, std::uint64_t> reasons;               // of what is missing
  std::uint64_t lines = 0, compared = 0, missing = 0, unreadable = 0, nameless = 0;
};

/// Empty: the house has it. Else why not, and the sentence for the list.
struct Fate {
  std::string reason, told;
};

std::string name_of(const Json& event) {
  const std::string name = event["event"].text();
  return name.empty() ? event["type"].text() : name;
}

Result<Fate> fate_of(
    http::Client& client, const House& house, const std::string& id, const std::string& source
) {
  std::string target = "/v1/events/" + url_escaped(id);
  if (!source.empty()) target += "?source=" + url_escaped(source);
  const auto answer = TRY(client.send("GET", target, house.headers(), ""));
  if (answer.status != 200 && answer.status != 404)
    return fail(Code::unavailable, reason_in(answer));
  const Json told = TRY(Json::parse(answer.body));
  Fate out{"unknown", "the house knows no such message: it never came, or over 35 days ago"};
  for (const Json& one : told["found"].items()) {
    const std::string state = one["state"].text();
    if (state == "accepted" || state == "duplicate") return Fate{};
    if (state == "withheld") out = {"withheld", one["change"].text()};
    if (state == "refused") out = {"refused", one["change"].text()};
  }
  return out;
}

class Comparison {
 public:
  Comparison(House house, const Compare& compare)
      : house_(std::move(house)), client_(house_.console), compare_(compare) {}

  Result<Tally> run() {
    const std::string list = compare_.file + ".compare.tsv";
    missing_.open(list, std::ios::trunc);
    if (!missing_) return fail(Code::unavailable, "cannot write " + list);
    intake::Lines lines(TRY(intake::TextFile::open(compare_.file)));
    for (std::string_view line;;) {
      const auto next = TRY(lines.next(line));
      if (next == intake::Next::end) break;
      ++tally_.lines;
      if (next == intake::Next::too_long) ++tally_.unreadable;
      if (next == intake::Next::line) TRY(one(line, lines.number()));
    }
    if (!missing_.flush()) return fail(Code::unavailable, "cannot write " + list);
    return std::move(tally_);
  }

 private:
  Status one(std::string_view line, std::uint64_t number) {
    const auto event = Json::parse(line);
    if (!event || !event->is_object()) return ++tally_.unreadable, Status{};
    const std::string id = (*event)["messageId"].text();
    if (id.empty()) return ++tally_.nameless, Status{};
    std::string when = (*event)["timestamp"].text();
    if (when.empty()) when = (*event)["originalTimestamp"].text();
    if (tally_.rows.size() >= rows_max)
      return fail(Code::over_limit, "over 100,000 events and days; compare a shorter export");
    Count& count = tally_.rows[{name_of(*event), when.substr(0, 10)}];
    ++count.there;
    ++tally_.compared;
    const Fate fate = TRY(fate_of(client_, house_, id, compare_.source));
    if (fate.reason.empty()) return ++count.here, Status{};
    ++tally_.missing;
    ++tally_.reasons[fate.reason];
    missing_ << number << '\t' << id << '\t' << fate.reason << '\t' << fate.told << '\n';
    return {};
  }

  const House house_;
  http::Client client_;
  const Compare& compare_;
  std::ofstream missing_;
  Tally tally_;
};

void print_json(const Compare& compare, const Tally& tally) {
  std::string rows, reasons;
  for (const auto& [key, count] : tally.rows)
    rows += fmt::format(
        R"({}{{"event":{},"day":{},"there":{},"here":{}}})", rows.empty() ? "" : ",",
        json_text(key.first), json_text(key.second), count.there, count.here
    );
  for (const auto& [reason, n] : tally.reasons)
    reasons += fmt::format("{}{}:{}", reasons.empty() ? "" : ",", json_text(reason), n);
  fmt::print(
      R"({{"lines":{},"compared":{},"missing":{},"unreadable":{},"without_message_id":{},"reasons":{{{}}},"rows":[{}],"list":{}}})"
      "\n",
      tally.lines, tally.compared, tally.missing, tally.unreadable, tally.nameless, reasons, rows,
      json_text(compare.file + ".compare.tsv")
  );
}

void print(const Globals& globals, const Compare& compare, const Tally& tally) {
  fmt::print(
      "  {:<32} {:<12} {:>10} {:>10} {:>10}\n", globals.say("event", "événement"),
      globals.say("day (UTC)", "jour (UTC)"), globals.say("there", "là-bas"),
      globals.say("here", "ici"), globals.say("missing", "manquent")
  );
  for (const auto& [key, count] : tally.rows)
    fmt::print(
        "  {:<32} {:<12} {:>10} {:>10} {:>10}\n", key.first, key.second, count.there, count.here,
        count.there - count.here
    );
  fmt::print(
      fmt::runtime(globals.say(
          "{} of {} events are missing here", "il manque ici {} événements sur {}"
      )),
      tally.missing, tally.compared
  );
  for (const auto& [reason, n] : tally.reasons) fmt::print("   {} {}", n, reason);
  if (tally.missing > 0)
    fmt::print(
        fmt::runtime(globals.say(
            "\n  each with its reason: {}.compare.tsv", "\n  chacun avec sa raison : {}.compare.tsv"
        )),
        compare.file
    );
  if (tally.unreadable + tally.nameless > 0)
    fmt::print(
        fmt::runtime(globals.say(
            "\n  not compared: {} lines that are no JSON object, {} without messageId",
            "\n  non comparés : {} lignes qui ne sont pas un objet JSON, {} sans messageId"
        )),
        tally.unreadable, tally.nameless
    );
  fmt::print("\n");
}

int compare(const Globals& globals, const Compare& compare) {
  auto house = find_house(globals, compare.options);
  if (!house) return report(house.error());
  const auto tally = Comparison(std::move(*house), compare).run();
  if (!tally) return report(tally.error());
  if (globals.json)
    print_json(compare, *tally);
  else
    print(globals, compare, *tally);
  return tally->missing == 0 ? exit_done : exit_no;
}

}  // namespace

void add_compare(Command hospes) {
  const auto asked = std::make_shared<Compare>();
  const Command command = hospes.command({"compare",
       "An export of the old pipeline (NDJSON in Segment's shape) against this house: counts per "
       "event and day, which messages are missing here, and why. One question a message, so export "
       "a day or two; the house remembers messages for 35 days.",
       "Un export de l'ancien pipeline (NDJSON à la forme de Segment) face à cette maison : comptes "
       "par événement et par jour, quels messages manquent ici, et pourquoi. Une question par "
       "message : exportez un jour ou deux ; la maison se souvient des messages 35 jours.",
       "hospes compare --with export.ndjson.gz --source web",
       "hospes compare --with export.ndjson.gz --source web"}
  );
  add_ask_options(command, asked->options);
  command.option(
          "--with", asked->file,
          "the export, plain or gzip", "l'export, simple ou gzip"
      )
      .required();
  command.option(
      "--source", asked->source,
      "only what came by it", "seulement ce qui est venu par elle"
  );
  command.run(asked, compare);
}

}  // namespace hospes::server
