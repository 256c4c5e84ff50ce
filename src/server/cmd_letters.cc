// hospes letters: what was permitted and could not be taken; read, repaired, sent again, thrown away.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "base/json_text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Which {
  AskOptions options;
  std::vector<std::string> ids;
  std::string source, rule, event;
  bool dry = false;
  std::string patch;
  std::vector<std::string> numbers;  // paths that become numbers
  std::string decimal;

  /// The body of a call, without its end: more may follow.
  std::string body(const std::string& after) const {
    std::string out = "{\"dry_run\":" + std::string(dry ? "true" : "false");
    const auto put = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) out.append(",\"").append(name).append("\":").append(json_text(value));
    };
    put("source", source);
    put("rule", rule);
    put("event", event);
    put("after", after);
    std::string list;
    for (const std::string& id : ids) list.append(list.empty() ? "" : ",").append(json_text(id));
    if (!list.empty()) out += ",\"ids\":[" + list + "]";
    return out;
  }
};

int print_list(const Globals& globals, const Which& which) {
  const auto house = find_house(globals, which.options);
  if (!house) return report(house.error());
  const auto body = get(
      *house, fmt::format(
                  "/v1/dead-letters?source={}&rule={}&event={}", url_escaped(which.source),
                  url_escaped(which.rule), url_escaped(which.event)
              )
  );
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  const Json kept = (*answer)["kept"];
  fmt::print(
      fmt::runtime(globals.say(
          "{} dead letters, {} kB of {} MB, kept {} days; {} did not fit\n",
          "{} lettres en souffrance, {} ko sur {} Mo, gardées {} jours ; {} n'ont pas tenu\n"
      )),
      kept["letters"].whole(), kept["bytes"].whole() / 1'000, kept["bytes_max"].whole() >> 20,
      kept["days"].whole(), kept["full"].whole() + kept["failed"].whole()
  );
  for (const Json& group : (*answer)["groups"].items()) {
    fmt::print(
        "\n{:>7}  {}  {}  {}\n         {} {}  {} hospes letters show {}\n", group["letters"].whole(),
        group["source"].text(), group["rule"].text(), group["event"].text(),
        globals.say("last", "la dernière"), group["last"].text(), globals.say("one:", "l'une :"),
        group["newest"].text()
    );
  }
  return exit_done;
}

int show(const Globals& globals, const Which& which) {
  const auto house = find_house(globals, which.options);
  if (!house) return report(house.error());
  const auto body = get(*house, "/v1/dead-letters/" + url_escaped(which.ids.front()));
  if (!body) return report(body.error());
  fmt::print("{}", *body);
  return exit_done;
}

/// The patch as it was typed, or the file behind `@`, with the conversions that --number asks for.
Result<std::string> patch_of(const Which& which) {
  std::string text = which.patch;
  if (text.starts_with('@')) {
    std::ifstream file(text.substr(1));
    if (!file) return fail(Code::not_found, "no file " + text.substr(1) + " to read the patch from");
    std::stringstream read;
    read << file.rdbuf();
    text = read.str();
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  if (text.empty()) text = "[]";
  if (!text.starts_with('[') || !text.ends_with(']'))
    return fail(Code::invalid_input, "a patch is a list of operations (RFC 6902), or @FILE that holds one");
  for (const std::string& path : which.numbers) {
    std::string operation = R"({"op":"convert","to":"number","path":)" + json_text(path);
    if (!which.decimal.empty()) operation += ",\"decimal\":" + json_text(which.decimal);
    const bool first = text.find_first_not_of(" \n\t", 1) == text.size() - 1;
    text.insert(text.size() - 1, (first ? "" : ",") + operation + "}");
  }
  return text;
}

int resend(const Globals& globals, const Which& which) {
  const auto house = find_house(globals, which.options);
  if (!house) return report(house.error());
  const auto patch = patch_of(which);
  if (!patch) return report(patch.error());
  std::int64_t accepted = 0, withheld = 0, refused = 0;
  std::string after;
  do {
    std::string question = which.body(after);
    if (*patch != "[]") question += ",\"patch\":" + *patch;
    const auto body = ask(*house, "POST", "/v1/dead-letters/resend", question + "}");
    if (!body) return report(body.error());
    if (globals.json) fmt::print("{}", *body);
    const auto answer = Json::parse(*body);
    if (!answer) return report(answer.error());
    accepted += (*answer)["accepted"].whole();
    withheld += (*answer)["withheld"].whole();
    refused += (*answer)["refused"].whole();
    for (const Json& one : (*answer)["not_taken"].items()) {
      if (!globals.json)
        fmt::print("{}  {}  {}  {}\n", one["id"].text(), one["became"].text(), one["rule"].text(), one["detail"].text());
    }
    after = (*answer)["next"].text();
  } while (!after.empty());
  if (!globals.json) {
    fmt::print(
        fmt::runtime(
            which.dry ? globals.say(
                            "would be accepted {}, withheld {}, refused again {}; nothing was sent\n",
                            "seraient acceptées {}, retenues {}, refusées encore {} ; rien n'est parti\n"
                        )
                      : globals.say(
                            "accepted {}, withheld {}, refused again {}\n",
                            "acceptées {}, retenues {}, refusées encore {}\n"
                        )
        ),
        accepted, withheld, refused
    );
  }
  return refused > 0 ? exit_no : exit_done;
}

int discard(const Globals& globals, const Which& which) {
  const auto house = find_house(globals, which.options);
  if (!house) return report(house.error());
  std::int64_t count = 0;
  std::string after;
  do {
    const auto body = ask(*house, "POST", "/v1/dead-letters/discard", which.body(which.dry ? after : "") + "}");
    if (!body) return report(body.error());
    const auto answer = Json::parse(*body);
    if (!answer) return report(answer.error());
    count += (*answer)["discarded"].whole();
    after = (*answer)["next"].text();
  } while (!after.empty());
  if (globals.json) {
    fmt::print("{{\"discarded\":{}}}\n", count);
  } else {
    fmt::print(fmt::runtime(globals.say("discarded {}\n", "jetées {}\n")), count);
  }
  return exit_done;
}

constexpr Help letters_help{
    "letters", "Dead letters: events that were permitted and malformed, kept sealed for some days.",
    "Lettres en souffrance : événements permis mais mal formés, gardés scellés quelques jours.",
    "hospes letters list\nhospes letters resend --source till --rule property_type --number /properties/total",
    "hospes letters list\nhospes letters resend --source caisse --rule property_type --number /properties/total"};
constexpr Help letters_list_help{
    "list", "How many there are, by source, rule and event.",
    "Combien il y en a, par source, règle et événement.",
    "hospes letters list --source till", "hospes letters list --source caisse"};
constexpr Help letters_show_help{
    "show", "One letter, opened: the event as it came, and what was wrong.",
    "Une lettre, ouverte : l'événement tel qu'il est venu, et ce qui n'allait pas.",
    "hospes letters show 0f5c…\nOnly while its people's answers leave one of its purposes open.",
    "hospes letters show 0f5c…\nSeulement tant que les réponses de la personne laissent ouvert un de ses usages."};
constexpr Help letters_resend_help{
    "resend", "Repairs letters and sends them again, each once, at its own time.",
    "Répare des lettres et les renvoie, chacune une fois, à son heure à elle.",
    "hospes letters resend --rule not_catalogued                         once events.toml lists what was unknown\n"
    "hospes letters resend --rule property_type --number /properties/total --dry-run\n"
    "hospes letters resend --source app --patch '[{\"op\":\"move\",\"from\":\"/properties/totl\",\"path\":\"/properties/total\"}]'",
    "hospes letters resend --rule not_catalogued                         une fois events.toml complété\n"
    "hospes letters resend --rule property_type --number /properties/total --dry-run\n"
    "hospes letters resend --source app --patch '[{\"op\":\"move\",\"from\":\"/properties/totl\",\"path\":\"/properties/total\"}]'"};
constexpr Help letters_discard_help{
    "discard", "Throws letters away; their bytes leave the disk at once.",
    "Jette des lettres ; leurs octets quittent le disque aussitôt.",
    "hospes letters discard --source staging", "hospes letters discard --source recette"};

void add_where(Command command, Which& which) {
  command.option("--source", which.source, "letters of this source", "les lettres de cette source");
  command.option("--rule", which.rule, "refused by this rule, such as bad_time", "refusées par cette règle, comme bad_time");
  command.option("--event", which.event, "of this event", "de cet événement");
}

}  // namespace

void add_letters(Command hospes) {
  const Command letters = hospes.command(letters_help);
  letters.needs_command();
  struct Sub {
    const Help& help;
    int (*run)(const Globals&, const Which&);
    bool ids, where, sends;
  };
  for (const Sub& sub : {Sub{letters_list_help, print_list, false, true, false}, Sub{letters_show_help, show, true, false, false},
                         Sub{letters_resend_help, resend, true, true, true}, Sub{letters_discard_help, discard, true, true, false}}) {
    const auto which = std::make_shared<Which>();
    const Command command = letters.command(sub.help);
    if (sub.ids) {
      const Option ids = command.option("ID", which->ids, "as list gives it", "tel que list le donne");
      if (!sub.where) Option(ids).required();
    }
    if (sub.where) add_where(command, *which);
    if (sub.sends) {
      command.option("--patch", which->patch, "repairs, as JSON Patch (RFC 6902), or @FILE", "réparations, en JSON Patch (RFC 6902), ou @FICHIER");
      command.option("--number", which->numbers, "the text at this place becomes a number", "le texte à cet endroit devient un nombre");
      command.option("--decimal", which->decimal, "the sign before its fraction: . or ,", "le signe avant sa fraction : . ou ,");
      command.flag("--dry-run", which->dry, "only says what would become of them", "dit seulement ce qu'elles deviendraient");
    }
    add_ask_options(command, which->options);
    command.run(which, sub.run);
  }
}

}  // namespace hospes::server
