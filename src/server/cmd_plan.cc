// hospes plan DIR and hospes apply DIR: what the segments.seg of a folder would change in a running house, and doing it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/json_text.h"
#include "segment/text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Planned {
  AskOptions options;
  std::string folder;
};

/// What the house says of one segment in force.
struct Standing {
  std::string text;
  std::int64_t members = 0;
  std::vector<std::string> askers;  // segments, journeys, actions, …
};

struct Change {
  const segment::Definition* now = nullptr;  // null: it goes
  const Standing* before = nullptr;          // null: it comes
  bool by_others = false;                    // itself unchanged, it asks about one that changes
};

Result<std::string> file_in(const std::string& folder) {
  const auto path = std::filesystem::path(folder) / "segments.seg";
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()))
    return fail(Code::not_found, fmt::format("{} cannot be read, or is empty", path.string()));
  return text.str();
}

/// Nothing when the file holds a mistake, which has been printed.
std::optional<segment::InForce> read_file(const std::string& text) {
  auto file = segment::parse_file(text);
  std::optional<segment::Mistake> mistake;
  if (!file) mistake = file.error();
  if (file) mistake = segment::mistake_in(*file);
  if (!mistake) return std::move(*file);
  fmt::print(stderr, "{}\n", segment::to_string(*mistake, "segments.seg"));
  return std::nullopt;
}

Result<std::map<std::string, Standing>> in_force(const House& house) {
  const std::string body = TRY(get(house, "/v1/segments"));
  const Json answer = TRY(Json::parse(body));
  std::map<std::string, Standing> out;
  for (const Json& s : answer["segments"].items()) {
    Standing& one = out[s["id"].text()];
    one.text = s["definition"].text();
    one.members = s["members"].whole();
    for (const char* by : {"used_in", "named_by"})
      for (const Json& asker : s[by].items()) one.askers.push_back(asker.text());
  }
  return out;
}

void asked(const segment::Node& node, std::set<std::string>& out) {
  if (const auto* in = std::get_if<segment::InSegment>(&node.is)) out.insert(in->id);
  if (const auto* of = segment::children(node))
    for (const segment::Node& child : *of) asked(child, out);
}

/// What changes, and what asks about that, in the order of the file; then what goes.
std::vector<Change> changes(const segment::InForce& file, const std::map<std::string, Standing>& before) {
  std::set<std::string> moved;
  const auto standing = [&](const std::string& id) -> const Standing* {
    const auto found = before.find(id);
    return found == before.end() ? nullptr : &found->second;
  };
  for (const segment::Definition& d : file.definitions) {
    const Standing* was = standing(d.id);
    if (!d.draft && (was == nullptr || was->text != segment::format(d))) moved.insert(d.id);
  }
  const std::set<std::string> own = moved;
  for (std::size_t more = 0; more != moved.size();) {
    more = moved.size();
    for (const segment::Definition& d : file.definitions) {
      std::set<std::string> others;
      asked(d.predicate, others);
      if (!d.draft && std::ranges::any_of(others, [&](const std::string& id) { return moved.contains(id); }))
        moved.insert(d.id);
    }
  }
  std::vector<Change> out;
  std::set<std::string> kept;
  for (const segment::Definition& d : file.definitions) {
    if (d.draft) continue;
    kept.insert(d.id);
    if (moved.contains(d.id)) out.push_back({&d, standing(d.id), !own.contains(d.id)});
  }
  for (const auto& [id, was] : before)
    if (!kept.contains(id)) out.push_back({nullptr, &was, false});
  return out;
}

/// The tests of an explanation, those that hold first in each line's mark.
void print_why(const Globals& globals, const Json& reason, unsigned indent) {
  if (const auto parts = reason["parts"].items(); !parts.empty()) {
    for (const Json& part : parts) print_why(globals, part, indent);
    return;
  }
  fmt::print(
      "{:>{}}{} {}{}{}\n", "", indent, reason["truth"].truth() ? globals.say("yes", "oui") : globals.say("no ", "non"),
      reason["subject"].text(),
      reason["needs"].is_null() ? "" : fmt::format("   {}   {} {}", reason["value"].text(), globals.say("needs", "il faut"), reason["needs"].text()),
      reason["changes"].is_null() ? "" : fmt::format("   {} {}", globals.say("until", "jusqu'au"), reason["changes"].text())
  );
}

void print_people(const Globals& globals, std::string_view title, const Json& people) {
  const auto list = people.items();
  if (list.empty()) return;
  fmt::print("    {}\n", title);
  for (const Json& one : list) {
    fmt::print("      {}\n", one["person"].text());
    print_why(globals, one["why"]["why"], 8);
  }
}

void print_counts(const Globals& globals, const Change& change, const Json& answer) {
  fmt::print(
      "    {} {} {} {}\n", answer["members"].whole(), globals.say("members of", "membres sur"), answer["people"].whole(),
      globals.say("people", "personnes")
  );
  if (const auto n = answer["not_counted"]["people"].whole(); n > 0)
    fmt::print(
        "    {} {} ({} {})\n", n, globals.say("not counted for lack of permission", "non comptées faute de permission"),
        answer["not_counted"]["against"].whole(), globals.say("said no", "ont dit non")
    );
  if (change.before != nullptr) {
    fmt::print(
        "    {} {}, {} {}\n", answer["change"]["enter"].whole(), globals.say("would enter", "entreraient"),
        answer["change"]["leave"].whole(), globals.say("would leave", "sortiraient")
    );
    print_people(globals, globals.say("who would enter", "qui entrerait"), answer["change"]["entering"]);
    print_people(globals, globals.say("who would leave", "qui sortirait"), answer["change"]["leaving"]);
  } else {
    print_people(globals, globals.say("who would be in it", "qui en serait"), answer["examples"]);
  }
  for (const Json& note : answer["notes"].items()) fmt::print("    ! {}\n", note.text());
}

std::string touched(const Standing& was) {
  std::string out;
  for (const std::string& asker : was.askers) out += (out.empty() ? "" : ", ") + asker;
  return out;
}

/// Text of all others of the change, for the house to know them.
std::string among(const std::vector<Change>& all, const segment::Definition* but) {
  std::string out;
  for (const Change& c : all)
    if (c.now != nullptr && c.now != but) out += segment::format(*c.now);
  return out;
}

Status print_change(const Globals& globals, const House& house, const std::vector<Change>& all, const Change& change, std::string& json) {
  if (change.now == nullptr) {
    const std::string id = TRY([&]() -> Result<std::string> {
      const auto was = segment::parse(change.before->text);
      return was && !was->empty() ? was->front().id : std::string("?");
    }());
    json += fmt::format("{}{{\"segment\":{},\"archived\":true,\"members\":{}}}", json.empty() ? "" : ",", json_text(id), change.before->members);
    if (globals.json) return {};
    fmt::print("- {}: {} {}\n", id, change.before->members, globals.say("members would leave; it goes", "membres sortiraient ; il disparaît"));
    if (const std::string by = touched(*change.before); !by.empty())
      fmt::print("    {}: {}\n", globals.say("used in", "utilisé par"), by);
    return {};
  }
  const std::string body = fmt::format(
      "{{\"text\":{},\"among\":{}}}", json_text(segment::format(*change.now)), json_text(among(all, change.now))
  );
  const std::string told = TRY(ask(house, "POST", "/v1/segments/preview", body));
  json += (json.empty() ? "" : ",") + told.substr(0, told.find_last_not_of('\n') + 1);
  if (globals.json) return {};
  const Json answer = TRY(Json::parse(told));
  fmt::print(
      "{} {}{}\n", change.before == nullptr ? "+" : "~", change.now->id,
      change.by_others ? globals.say("  (by what it asks about)", "  (par ce dont il dépend)") : ""
  );
  print_counts(globals, change, answer);
  if (change.before != nullptr)
    if (const std::string by = touched(*change.before); !by.empty())
      fmt::print("    {}: {}\n", globals.say("used in", "utilisé par"), by);
  return {};
}

int plan(const Globals& globals, const Planned& planned) {
  const auto text = file_in(planned.folder);
  if (!text) return report(text.error());
  const auto file = read_file(*text);
  if (!file) return exit_no;
  const auto house = find_house(globals, planned.options);
  if (!house) return report(house.error());
  const auto before = in_force(*house);
  if (!before) return report(before.error());
  const auto all = changes(*file, *before);
  std::string json;
  for (const Change& change : all)
    if (const Status done = print_change(globals, *house, all, change, json); !done) return report(done.error());
  if (globals.json) fmt::print("{{\"changes\":[{}]}}\n", json);
  if (!globals.json && all.empty())
    fmt::print("{}\n", globals.say("Nothing would change.", "Rien ne changerait."));
  return exit_done;
}

int apply(const Globals& globals, const Planned& planned) {
  const auto text = file_in(planned.folder);
  if (!text) return report(text.error());
  if (!read_file(*text)) return exit_no;
  const auto house = find_house(globals, planned.options);
  if (!house) return report(house.error());
  const auto body = ask(*house, "PUT", "/v1/segments", *text);
  if (!body) return report(body.error());
  if (globals.json) {
    fmt::print("{}", *body);
    return exit_done;
  }
  const auto answer = Json::parse(*body);
  if (!answer) return report(answer.error());
  std::string gone;
  for (const Json& id : (*answer)["archived"].items()) gone += (gone.empty() ? "" : ", ") + id.text();
  fmt::print(
      "{} {}{}\n", (*answer)["segments"].whole(), globals.say("segments are in force", "segments sont en vigueur"),
      gone.empty() ? "" : fmt::format("; {}: {}", globals.say("archived", "archivés"), gone)
  );
  return exit_done;
}

constexpr Help plan_help{
    "plan", "What the segments.seg of a folder would change in the running house: who would enter and leave, and why. Nothing is kept.",
    "Ce que le segments.seg d'un dossier changerait dans la maison : qui entrerait et sortirait, et pourquoi. Rien n'est gardé.",
    "hospes plan house\nhospes plan house --json",
    "hospes plan maison\nhospes plan maison --json"};
constexpr Help apply_help{
    "apply", "Puts the segments.seg of a folder in force, all of it at one instant.",
    "Met en vigueur le segments.seg d'un dossier, en entier et au même instant.",
    "hospes apply house", "hospes apply maison"};

}  // namespace

void add_plan(Command hospes) {
  for (const bool does : {false, true}) {
    const Command command = hospes.command(does ? apply_help : plan_help);
    const auto planned = std::make_shared<Planned>();
    command.option("DIR", planned->folder, "a folder with segments.seg", "un dossier avec segments.seg").required();
    add_ask_options(command, planned->options);
    command.run([planned, does](const Globals& globals) { return does ? apply(globals, *planned) : plan(globals, *planned); });
  }
}

}  // namespace hospes::server
