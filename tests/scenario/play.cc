#include "scenario/play.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/json_text.h"
#include "catalog/house_folder.h"

namespace hospes::scenario {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view nothing = "(none)";
constexpr std::string_view own_kind = "user_id:";

std::string joined(std::vector<std::string> items) {
  if (items.empty()) return std::string(nothing);
  std::ranges::sort(items);
  return fmt::format("{}", fmt::join(items, ", "));
}

/// `marie` is user_id:marie.
std::string identifier(std::string_view who) {
  return std::string(who.find(':') == who.npos ? own_kind : "").append(who);
}
std::string short_name(std::string_view who) {
  return std::string(who.starts_with(own_kind) ? who.substr(own_kind.size()) : who);
}

/// Numbers and truths as they are, all else as text.
std::string json_value(std::string_view written) {
  if (written.starts_with('"')) return std::string(written);
  const bool number = !written.empty() && written.find_first_not_of("0123456789.-") == written.npos;
  if (number || written == "true" || written == "false") return std::string(written);
  return json_text(written);
}

/// What a line says about the message itself and not about its content.
const std::set<std::string, std::less<>> envelope = {"via",   "id",     "happened", "consent",
                                                     "since", "until",  "notice",   "previous",
                                                     "gpc",   "received", "zone"};

class Player {
 public:
  Player(const Script& script, const Way& way, std::uint64_t seed)
      : script_(script), way_(way), seed_(seed) {}

  Played play() {
    for (const Step& step : script_.steps) {
      if (!take(step)) break;
    }
    if (house_) played_.digest = house_->digest();
    return std::move(played_);
  }

 private:
  bool failed(const Step& step, std::string why) {
    played_.failures.push_back(fmt::format("line {}: {}", step.line, why));
    return false;
  }

  /// False: nothing after it makes sense.
  bool take(const Step& step) {
    if (step.verb == "at" && !house_) return begins(step);
    if (!house_ && step.verb == "action") return declares(step);
    if (!house_ && step.verb == "offer") return offers(step);
    if (!house_ && step.verb == "house") return folder_ = step.words.at(0), true;
    if (!house_ && step.verb == "zone") return zone_ = step.words.at(0), true;
    if (!house_) return failed(step, "a script begins with: at INSTANT");
    if (step.verb == "at") return failed(step, "a script begins once; go on with: advance 2h");
    if (step.verb == "expect") return expects(step);
    if (step.verb == "advance") {
      const auto span = step.words.empty() ? std::nullopt : parse_duration(step.words[0]);
      if (!span) return failed(step, "advance needs a duration such as 2h");
      house_->set_clock(house_->now() + *span);
    } else if (step.verb == "back") {
      const auto span = step.words.empty() ? std::nullopt : parse_duration(step.words[0]);
      if (!span) return failed(step, "back needs a duration such as 2h");
      house_->set_clock_back(*span);
    } else if (step.verb == "segment") {
      const std::string id = step.words[0].substr(0, step.words[0].find(' '));
      const auto kept =
          house_->read("PUT", "/v1/segments/" + id, "", "segment " + step.words[0] + "\n");
      if (kept.status != 200 && kept.status != 201) return failed(step, kept.body);
    } else if (step.verb == "journey") {
      journeys_[step.words[0].substr(0, step.words[0].find(' '))] = "journey " + step.words[0] + "\n";
      if (!leads(step)) return false;
    } else if (step.verb == "take") {
      house_->take(step.words.at(0), step.words.at(1));
    } else if (step.verb == "stop") {
      journeys_.erase(step.words[0]);
      if (!leads(step)) return false;
    } else if (step.verb == "split" || step.verb == "join" || step.verb == "forget") {
      if (!staff(step)) return false;
    } else if (step.verb == "archive") {
      const auto gone = house_->read("DELETE", "/v1/segments/" + step.words[0], "", "");
      if (gone.status != 204) return failed(step, gone.body);
    } else if (!sends(step)) {
      return false;
    }
    house_->calm();
    house_->rest();
    return true;
  }

  bool begins(const Step& step) {
    const auto at = step.words.empty() ? std::nullopt : parse_instant(step.words[0]);
    if (!at) return failed(step, "at needs an instant such as 2026-03-01T09:00:00Z");
    // Two sources every script may use: a shop's server, and its pages with a consent banner.
    catalog::Catalog catalog;
    Files files;
    if (Status read = reads_house(catalog, files); !read) return failed(step, read.error().message);
    catalog::Source server{.name = "server"};
    server.keys = {{catalog::hash_key("server"), catalog::KeyUse::server_key, "server", true}};
    server.without_answer =
        bit(*catalog.purposes.find("market")) | bit(*catalog.purposes.find("secure"));
    catalog::Source page{.name = "page"};
    page.keys = {{catalog::hash_key("page"), catalog::KeyUse::public_key, "page", true}};
    page.trusted = catalog::ConsentTool{"banner", "notice", "1", "en"};
    if (!zone_.empty()) catalog.house.time_zone = zone_;
    if (!actions_.empty()) {
      auto read = catalog::read_actions(
          "[[destination]]\nname = \"twin\"\nurl = \"https://twin.example/\"\n" + actions_, catalog.purposes
      );
      if (!read) return failed(step, read.error().message);
      catalog.actions = std::move(*read);
    }
    if (!offers_.empty()) {
      std::string text = offers_;
      for (const std::string& name : placements_) text += "[[placement]]\nname = " + json_text(name) + "\n";
      auto read = catalog::read_decisions(text, catalog.purposes);
      if (!read) return failed(step, read.error().message);
      catalog.decisions = std::move(*read);
    }
    if (!catalog.sources.add(server) || !catalog.sources.add(page))
      return failed(step, "the sources are not valid");
    house_ = std::make_unique<House>(std::move(catalog), files, way_, *at, seed_);
    return true;
  }

  /// `house disquaire`: the house as it lies in house/, and acts as its demo does.
  Status reads_house(catalog::Catalog& catalog, Files& files) const {
    if (folder_.empty()) return {};
    const std::string folder = HOSPES_HOUSES "/" + folder_;
    catalog = TRY(catalog::read_house_folder(folder));
    catalog.actions = TRY(catalog::read_actions(text_of(folder + "/acts/actions.toml"), catalog.purposes));
    files = {text_of(folder + "/segments.seg"), text_of(folder + "/acts/journeys.jny")};
    return {};
  }
  static std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// `action hello cap_per_day=3`: asked for by a step of a journey, under `market`, to the twin.
  bool declares(const Step& step) {
    std::map<std::string, std::string> said = {{"when", "journey"}, {"purpose", "market"}};
    for (const auto& [name, value] : step.values) said[name] = value;
    actions_ += "[[action]]\nname = " + json_text(step.words.at(0)) + "\ndestination = \"twin\"\n";
    for (const auto& [name, value] : said) actions_ += name + " = " + json_value(value) + "\n";
    return true;
  }

  /// `offer vinyl placement=home cap_total=1`: of purpose `market`.
  bool offers(const Step& step) {
    std::map<std::string, std::string> said = {{"purpose", "market"}};
    for (const auto& [name, value] : step.values) said[name] = value;
    const std::string placement = std::exchange(said["placement"], "");
    said.erase("placement");
    placements_.insert(placement);
    offers_ += "[[offer]]\nname = " + json_text(step.words.at(0)) + "\nplacements = [" + json_text(placement) + "]\n";
    for (const auto& [name, value] : said) offers_ += name + " = " + json_value(value) + "\n";
    offers_ += "payload.en = { title = " + json_text(step.words.at(0)) + " }\n";
    return true;
  }

  bool leads(const Step& step) {
    std::string text;
    for (const auto& [id, journey] : journeys_) text += journey;
    const Status led = house_->lead(text);
    return led ? true : failed(step, led.error().message);
  }

  /// As the console does: split A B, join A B, forget A.
  bool staff(const Step& step) {
    const std::string who = "/v1/persons/" + identifier(step.words.at(0));
    std::string body = "{\"commit\":true";
    if (step.verb != "forget") body += ",\"with\":" + json_text(identifier(step.words.at(1)));
    const auto done = house_->read(
        "POST", who + (step.verb == "join" ? "/merge" : step.verb == "split" ? "/split" : "/forget"), "", body + "}"
    );
    return done.status == 200 ? true : failed(step, done.body);
  }

  std::string instant(const std::string& text) {
    if (const auto ago = parse_duration(text.starts_with('-') ? text.substr(1) : text); ago)
      return to_string(text.starts_with('-') ? house_->now() - *ago : house_->now() + *ago);
    return text;
  }

  struct Named {
    std::string fields;    // userId and anonymousId, each with a comma behind it
    std::string external;  // what stands in externalIds
  };
  /// `marie+anonymous_id:phone` as a call names them.
  static Named named(std::string_view who) {
    Named out;
    while (!who.empty()) {
      const std::string_view one = who.substr(0, who.find('+'));
      who.remove_prefix(std::min(who.size(), one.size() + 1));
      const std::string full = identifier(one);
      const std::string kind = full.substr(0, full.find(':'));
      const std::string value = full.substr(kind.size() + 1);
      if (kind == "user_id" || kind == "anonymous_id") {
        out.fields += fmt::format(
            "\"{}\":{},", kind == "user_id" ? "userId" : "anonymousId", json_text(value)
        );
      } else {
        out.external += fmt::format(
            "{}{{\"id\":{},\"type\":{},\"collection\":\"users\"}}",
            out.external.empty() ? "" : ",", json_text(value), json_text(kind)
        );
      }
    }
    return out;
  }

  bool sends(const Step& step) {
    static const std::map<std::string, std::string, std::less<>> answers = {
        {"grant", "given"}, {"refuse", "refused"}, {"withdraw", "withdrawn"}, {"object", "objected"}};
    const auto answer = answers.find(step.verb);
    const bool names_event = step.verb == "event";
    if (step.words.size() < (names_event || answer != answers.end() ? 2U : 1U))
      return failed(step, step.verb + " says whom, and what");
    std::string body = "{";
    std::string path = "/v1/consent";
    if (answer != answers.end()) {
      const std::string full = identifier(step.words[0]);
      const std::string kind = full.substr(0, full.find(':'));
      const std::string field = kind == "user_id" ? "userId" : kind == "anonymous_id" ? "anonymousId" : kind;
      body += fmt::format(
          "{}:{},\"purpose\":{},\"state\":\"{}\"", json_text(field),
          json_text(full.substr(kind.size() + 1)), json_text(step.words[1]), answer->second
      );
      if (const auto* since = step.value("since"))
        body += ",\"happened\":" + json_text(instant(*since));
      if (const auto* until = step.value("until")) body += ",\"until\":" + json_text(instant(*until));
    } else {
      path = step.verb == "event" ? "/v1/track" : "/v1/" + step.verb;
      body += event_body(step);
    }
    const auto* id = step.value("id");
    body += ",\"messageId\":" + json_text(id != nullptr ? *id : fmt::format("line-{}", step.line)) + "}";
    const auto* via = step.value("via");
    const std::string key = via != nullptr ? *via : "server";
    const http::Response first = house_->post(path, key, body);
    if (way_.twice) house_->post(path, key, body);
    last_ = summary(first);
    return true;
  }

  std::string event_body(const Step& step) {
    const Named who = named(step.words[0]);
    std::string said;
    for (const auto& [name, value] : step.values) {
      if (envelope.contains(name)) continue;
      said += fmt::format("{}{}:{}", said.empty() ? "" : ",", json_text(name), json_value(value));
    }
    std::string consent;
    if (const auto* signal = step.value("consent")) {
      std::string_view rest = *signal;
      while (!rest.empty()) {
        std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        const bool no = one.starts_with('!');
        if (no) one.remove_prefix(1);
        consent += fmt::format("{}{}:{}", consent.empty() ? "" : ",", json_text(one), no ? "false" : "true");
      }
    }
    const auto* happened = step.value("happened");
    const auto* zone = step.value("zone");
    const std::string now = to_string(house_->now());
    std::string body = who.fields;
    if (step.verb == "event") body += fmt::format("\"event\":{},", json_text(step.words[1]));
    if (const auto* previous = step.value("previous"))
      body += fmt::format("\"previousId\":{},", json_text(*previous));
    return body + fmt::format(
                      "\"timestamp\":\"{}\",\"sentAt\":\"{}\",\"{}\":{{{}}},\"context\":{{{}\"consent\":{{"
                      "\"categoryPreferences\":{{{}}}}},\"externalIds\":[{}]}}",
                      happened != nullptr ? instant(*happened) : now, now,
                      step.verb == "identify" ? "traits" : "properties", said,
                      zone != nullptr ? "\"timezone\":" + json_text(*zone) + "," : "", consent, who.external
                  );
  }

  /// "accepted 1", "withheld: market: …", "refused: no_identifier: …", "401: …".
  static std::string summary(const http::Response& response) {
    std::string body = response.body.substr(0, response.body.find('\n'));
    if (response.status != 200) return fmt::format("{}: {}", response.status, body);
    dom::parser parser;
    dom::element told = parser.parse(body);
    dom::array rejected, withheld;
    if (told["rejected"].get(rejected) == simdjson::SUCCESS && rejected.size() > 0)
      return fmt::format(
          "refused: {}: {}", std::string_view(rejected.at(0)["code"]), std::string_view(rejected.at(0)["reason"])
      );
    if (told["withheld"].get(withheld) == simdjson::SUCCESS && withheld.size() > 0)
      return fmt::format("withheld: {}", std::string_view(withheld.at(0)["missing"]));
    return fmt::format("accepted {}", std::uint64_t(told["accepted"]));
  }

  bool expects(const Step& step) {
    if (step.words.empty()) return failed(step, "expect what?");
    const std::string answer = answer_of(step);
    played_.answers[step.line] = answer;
    if (answer != step.expected)
      failed(step, fmt::format("{}\n    is {}", script_.lines[step.line - 1], answer));
    return true;
  }

  std::string answer_of(const Step& step) {
    const std::string& what = step.words[0];
    const std::string one = step.words.size() > 1 ? step.words[1] : "";
    const std::string two = step.words.size() > 2 ? step.words[2] : "";
    if (what == "answer") return last_;
    if (what == "members") return members(one);
    if (what == "passages") return passages();
    if (what == "why") return why(one, two);
    if (what == "sent") return sent();
    if (what == "journey" || what == "way") return led(what, one, two);
    if (what == "journeys") return led_by(one);
    if (what == "shown") return shown(one);
    if (what == "slot") return slot(one, two);
    if (what == "find") return found(one, two);
    const http::Response profile =
        house_->read("GET", "/v1/profiles/" + identifier(one), "", "");
    if (profile.status != 200) return "nobody";
    dom::parser parser;
    const dom::element person = parser.parse(profile.body);
    if (what == "identifiers") return identifiers(person);
    if (what == "traits") return traits(person);
    if (what == "timeline") return timeline(person);
    if (what == "permission") return permission(person, two);
    if (what == "segments") return names_of(person["segments"], "id");
    return "no such thing to expect: " + what;
  }

  static std::string names_of(dom::array rows, const char* field) {
    std::vector<std::string> out;
    for (const dom::element row : rows) out.push_back(short_name(std::string_view(row[field])));
    return joined(std::move(out));
  }
  std::string members(const std::string& segment) {
    const auto answer = house_->read("GET", "/v1/segments/" + segment + "/members", "limit=1000", "");
    if (answer.status != 200) return fmt::format("{}", answer.status);
    dom::parser parser;
    return names_of(parser.parse(answer.body)["members"], "person");
  }
  std::string found(const std::string& kind, const std::string& value) {
    const auto answer = house_->read(
        "POST", "/v1/find", "", fmt::format("{{{}:{}}}", json_text(kind), json_text(value))
    );
    if (answer.status != 200) return fmt::format("{}", answer.status);
    dom::parser parser;
    return names_of(parser.parse(answer.body)["people"], "person");
  }
  static std::string identifiers(dom::element person) {
    std::vector<std::string> out;
    for (const dom::element row : dom::array(person["identifiers"]))
      out.push_back(short_name(fmt::format("{}:{}", std::string_view(row["kind"]), std::string_view(row["value"]))));
    return joined(std::move(out));
  }
  static std::string traits(dom::element person) {
    std::vector<std::string> out;
    for (const auto [name, said] : dom::object(person["traits"]))
      out.push_back(fmt::format("{}={}", name, simdjson::minify(said["value"])));
    return joined(std::move(out));
  }
  /// Oldest first, with the time; what nobody may see any more is "closed".
  static std::string timeline(dom::element person) {
    std::vector<std::string> out;
    for (const dom::element row : dom::array(person["timeline"])) {
      std::string_view event;
      if (row["event"].get(event) != simdjson::SUCCESS) event = "closed";
      out.push_back(fmt::format("{} {}", std::string_view(row["at"]), event));
    }
    return joined(std::move(out));
  }
  static std::string permission(dom::element person, std::string_view purpose) {
    for (const dom::element row : dom::array(person["permissions"])) {
      if (std::string_view(row["purpose"]) == purpose) return std::string(std::string_view(row["state"]));
    }
    return "no such purpose";
  }
  /// The explanation's lines as one.
  std::string why(const std::string& who, const std::string& segment) {
    const auto answer = house_->read(
        "GET", "/v1/profiles/" + identifier(who) + "/why/" + segment, "text=en", ""
    );
    std::string out;
    for (std::string_view rest = answer.body; !rest.empty();) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      if (!line.empty()) out.append(out.empty() ? "" : " | ").append(line);
    }
    return out;
  }

  /// Since the last time: when, to whom, by which action.
  std::string sent() {
    std::vector<std::string> out;
    for (std::string& line : house_->take_sent()) {
      const std::size_t at = line.find(own_kind);
      out.push_back(at == line.npos ? line : line.erase(at, own_kind.size()));
    }
    return joined(std::move(out));
  }
  /// Of the newest: where they stand; or the whole way.
  std::string led(const std::string& what, const std::string& who, const std::string& journey) {
    const auto answer = house_->read("GET", "/v1/journeys/of/" + identifier(who), "", "");
    if (answer.status != 200) return fmt::format("{}", answer.status);
    dom::parser parser;
    for (const dom::element one : dom::array(parser.parse(answer.body)["journeys"])) {
      if (std::string_view(one["journey"]) != journey) continue;
      return what == "way" ? way(one) : stand(one);
    }
    return std::string(nothing);
  }
  static std::string text_or(dom::element e, std::string_view other) {
    std::string_view text;
    return std::string(e.get(text) == simdjson::SUCCESS ? text : other);
  }
  static std::string reason(dom::element e) {
    std::string_view code;
    return e["code"].get(code) == simdjson::SUCCESS ? fmt::format(" ({})", code) : "";
  }
  static std::string stand(dom::element one) {
    const std::string end = text_or(one["end"], "?");
    if (end != "live") return fmt::format("{} {}{}", end, text_or(one["ended"], "?"), reason(one["reason"]));
    const dom::element waits = one["waits"];
    return fmt::format(
        "{} since {} until {}{}{}", text_or(one["step"], "?"), text_or(one["since"], "?"),
        text_or(waits["until"], "-"), reason(waits["reason"]), bool(waits["asleep"]) ? " asleep" : ""
    );
  }
  static std::string way(dom::element one) {
    std::string out;
    for (const dom::element move : dom::array(one["way"]))
      out += fmt::format(
          "{}{} {} {}{}", out.empty() ? "" : " | ", text_or(move["at"], "?"), text_or(move["step"], "?"),
          text_or(move["how"], "?"), reason(move["reason"])
      );
    return out;
  }
  /// Counts: entered, live, each end, who was kept out.
  std::string led_by(const std::string& journey) {
    const auto answer = house_->read("GET", "/v1/journeys/" + journey, "", "");
    if (answer.status != 200) return fmt::format("{}", answer.status);
    dom::parser parser;
    const dom::element one = parser.parse(answer.body);
    return fmt::format(
        "version {} entered {} live {} ended {} kept_out {}", std::uint64_t(one["version"]),
        std::uint64_t(one["entered"]), std::uint64_t(one["live"]), simdjson::minify(one["ended"]),
        simdjson::minify(one["kept_out"])
    );
  }

  /// Newest first: what in which placement, with what probability, why.
  std::string shown(const std::string& who) {
    const auto answer = house_->read("GET", "/v1/decisions/of/" + identifier(who), "", "");
    if (answer.status != 200) return fmt::format("{}", answer.status);
    dom::parser parser;
    std::string out;
    for (const dom::element one : dom::array(parser.parse(answer.body)["shown"])) {
      out += fmt::format("{}{} {}", out.empty() ? "" : " | ", text_or(one["seen"], "?"), text_or(one["placement"], "?"));
      for (const dom::element item : dom::array(one["items"]))
        out += fmt::format(" {} {}", text_or(item["id"], "?"), simdjson::minify(item["propensity"]));
      out += fmt::format(" {}", text_or(one["reason"]["code"], "?"));
    }
    return out.empty() ? std::string(nothing) : out;
  }

  /// What a page of hers is answered there now; nothing is counted by it.
  std::string slot(const std::string& who, const std::string& placement) {
    const std::string full = identifier(who);
    const std::size_t colon = full.find(':');
    const std::string body = fmt::format(
        R"({{"subject":{{{}:{}}},"placements":[{{"key":{}}}],"mode":"prefetch","deadline_ms":1000}})",
        json_text(full.substr(0, colon)), json_text(full.substr(colon + 1)), json_text(placement)
    );
    dom::parser parser;
    for (int tries = 0; tries < 20; ++tries) {
      const auto answer = house_->decide(body);
      if (answer.status != 200) return fmt::format("{}: {}", answer.status, answer.body);
      const dom::element one = dom::array(parser.parse(answer.body)["decisions"]).at(0);
      if (one["late"].error() == simdjson::SUCCESS) continue;  // the machine is busy elsewhere
      return fmt::format("{} {}", names_of(one["items"], "id"), text_or(one["reason"], "?"));
    }
    return "late";
  }

  /// Since the last time: when, who, in or out of what, by what.
  std::string passages() {
    std::vector<std::string> out;
    for (const flow::Transition& t : house_->take_passages()) {
      out.push_back(fmt::format(
          "{} {} {} ({})", to_string(t.at), t.entered ? "in" : "out", house_->segment_id(t),
          flow::to_string(t.why)
      ));
    }
    return joined(std::move(out));
  }

  const Script& script_;
  const Way way_;
  const std::uint64_t seed_;
  std::unique_ptr<House> house_;
  std::string folder_, offers_;
  std::set<std::string> placements_;
  std::string actions_, zone_;                  // until the house opens
  std::map<std::string, std::string> journeys_;  // text by id
  std::string last_;      // what the last request was answered
  Played played_;
};

}  // namespace

Played play(const Script& script, const Way& way, std::uint64_t seed) {
  return Player(script, way, seed).play();
}

}  // namespace hospes::scenario
