// hospes lifecycle: the stages of the house's life cycles, who stands where, and how people pass.
#include <fmt/format.h>

#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Named {
  AskOptions options;
  std::string id;
  bool real_only = false;
};

std::string span(const Json& seconds) {
  if (seconds.is_null()) return "-";
  const double s = static_cast<double>(seconds.whole());
  if (s >= 2 * 86'400) return fmt::format("{:.0f} d", s / 86'400);
  if (s >= 2 * 3'600) return fmt::format("{:.1f} h", s / 3'600);
  return s >= 120 ? fmt::format("{:.0f} min", s / 60) : fmt::format("{:.0f} s", s);
}

std::string stage(const Globals& globals, const Json& id) {
  return id.is_null() ? std::string(globals.say("(outside)", "(hors étapes)")) : id.text();
}

void print(const Globals& globals, const Json& l) {
  fmt::print(
      "{}  {}  ({} {})\n", l["id"].text(), l["name"][globals.say("en", "fr")].text(),
      globals.say("counted since", "compté depuis"), l["since"].text()
  );
  fmt::print(
      "  {:<26} {:>10} {:>10} {:>10} {:>12}\n", globals.say("stage", "étape"),
      globals.say("here", "présents"), globals.say("in, 30 d", "entrés 30 j"),
      globals.say("out, 30 d", "partis 30 j"), globals.say("median stay", "durée méd.")
  );
  for (const Json& s : l["stages"].items())
    fmt::print(
        "  {:<26} {:>10} {:>10} {:>10} {:>12}\n", s["id"].text(), s["here"].whole(),
        s["entered"]["last_30_days"].whole(), s["left"]["last_30_days"].whole(),
        span(s["left"]["median_seconds"])
    );
  const auto ways = l["ways"].items();
  if (ways.empty())
    fmt::print("  {}\n", globals.say("Nobody has passed yet.", "Personne n'est encore passé."));
  for (const Json& w : ways)
    fmt::print(
        "    {} -> {}  {} {}, {:.1f} % {}, {} {}{}\n", stage(globals, w["from"]),
        stage(globals, w["to"]), w["moved"].whole(), globals.say("passed", "passages"),
        static_cast<double>(w["of_those_who_left"].whole()) / 10,
        globals.say("of who left", "des départs"), globals.say("median", "médiane"),
        span(w["median_seconds"]),
        w["regrouped"].whole() > 0
            ? fmt::format(
                  "; {} {}", w["regrouped"].whole(),
                  globals.say("more by joins, new definitions and late events", "de plus par rapprochement, redéfinition ou événement tardif")
              )
            : ""
    );
}

int show(const Globals& globals, const Named& asked) {
  const auto house = find_house(globals, asked.options);
  if (!house) return report(house.error());
  const auto body = get(
      *house, "/v1/lifecycle" + (asked.id.empty() ? "" : "/" + url_escaped(asked.id)) +
                  (asked.real_only ? "?real_only=1" : "")
  );
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const auto all = (*answer)["lifecycles"].items();
  if (all.empty())
    fmt::print(
        "{}\n", globals.say(
                    "No life cycle yet: write `lifecycle customer stages …` in segments.seg; docs/segments.md shows how.",
                    "Aucun cycle de vie : écrivez `lifecycle client stages …` dans segments.seg ; docs/segments.md montre comment."
                )
    );
  for (const Json& l : all) print(globals, l);
  return exit_done;
}

constexpr Help lifecycle_help{
    "lifecycle", "Life cycles: who stands in which stage, how many pass to the next, how long they stayed.",
    "Cycles de vie : qui est à quelle étape, combien passent à la suivante, combien de temps ils restent.",
    "hospes lifecycle\nhospes lifecycle customer --json",
    "hospes lifecycle\nhospes lifecycle client --json"};

}  // namespace

void add_lifecycle(Command hospes) {
  const Command command = hospes.command(lifecycle_help);
  const auto asked = std::make_shared<Named>();
  command.option("LIFECYCLE", asked->id, "its id; all when left out");
  command.flag("--real-only", asked->real_only, "without invented people");
  add_ask_options(command, asked->options);
  command.run([asked](const Globals& globals) { return show(globals, *asked); });
}

}  // namespace hospes::server
