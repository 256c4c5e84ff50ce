// hospes tail: what arrives and who passes from segment to segment, as it happens.
#include <fmt/format.h>

#include "base/json_text.h"
#include "server/asking.h"
#include "server/command.h"

namespace hospes::server {
namespace {

struct Tail {
  AskOptions options;
  std::string kinds, segment;
  std::uint64_t count = 0;  // 0: for ever
  bool real_only = false;
};

/// Server-sent events (html.spec.whatwg.org, 9.2) as the house writes them: one data line each.
class Events {
 public:
  struct Event {
    std::string kind, data;
  };
  /// Whole events so far; what is cut off waits for the next chunk.
  std::vector<Event> add(std::string_view chunk) {
    std::vector<Event> out;
    held_ += chunk;
    for (std::size_t end = held_.find('\n'); end != held_.npos; end = held_.find('\n')) {
      std::string line = held_.substr(0, end);
      held_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      if (line.empty()) {
        if (!now_.data.empty()) out.push_back(std::move(now_));
        now_ = {};
      } else if (line.starts_with("event: ")) {
        now_.kind = line.substr(7);
      } else if (line.starts_with("data: ")) {
        now_.data += line.substr(6);
      }
    }
    return out;
  }

 private:
  std::string held_;
  Event now_;
};

std::string time_of(const Json& data) {  // 2026-11-24T09:00:00.123456Z, of which the clock is read
  const std::string at = data["at"].text();
  return at.size() < 19 ? at : at.substr(11, 8);
}

std::string badge(const Json& data) { return data["simulated"].truth() ? " [sim]" : ""; }

std::string missing(const Json& data) {
  std::string out;
  for (const Json& purpose : data["missing"].items())
    out += (out.empty() ? "" : ", ") + purpose.text();
  return out;
}

std::string_view colour_of(std::string_view verdict) {
  if (!colours()) return "";
  return verdict == "accepted" || verdict == "in" ? green : verdict == "refused" ? red : yellow;
}

void arrival(const Globals& globals, const Json& data) {
  const std::string verdict = data["verdict"].text();
  fmt::print(
      "{}  {}{:<9}{}  {:<10} {}  {}{}", time_of(data), colour_of(verdict), verdict,
      colours() ? plain : "", data["source"].text(),
      data["event"].text().empty() ? data["type"].text() : data["event"].text(), data["who"].text(),
      badge(data)
  );
  if (verdict == "refused") {
    fmt::print("\n          {} {}\n", globals.say("refused:", "refusé :"), data["change"].text());
    return;
  }
  const auto reasons = reasons_in(data["change"].text());
  if (reasons.empty() && !data["missing"].items().empty())
    fmt::print("  {} {}", globals.say("missing:", "manque :"), missing(data));
  fmt::print("\n");
  for (const std::string& reason : reasons)
    fmt::print("          {} {}\n", globals.say("missing:", "manque :"), reason);
}

void transition(const Globals& globals, const Json& data) {
  const std::string to = data["to"].text();
  const Json name = data["name"];
  fmt::print(
      "{}  {}{:<9}{}  {}  {}  ({}){}\n", time_of(data), colour_of(to),
      to == "in" ? globals.say("enters", "entre") : globals.say("leaves", "sort"),
      colours() ? plain : "",
      globals.language == Language::fr ? name["fr"].text() : name["en"].text(),
      data["person"].text(), data["cause"].text(), badge(data)
  );
}

class Teller {
 public:
  Teller(const Globals& globals, const Tail& tail) : globals_(globals), tail_(tail) {}

  /// False: enough.
  bool chunk(std::string_view bytes) {
    for (const Events::Event& event : events_.add(bytes)) {
      if (!tell(event)) continue;
      std::fflush(stdout);
      if (tail_.count != 0 && ++told_ >= tail_.count) return false;
    }
    return true;
  }

 private:
  bool tell(const Events::Event& event) {
    const auto data = Json::parse(event.data);
    if (!data) return false;
    if (tail_.real_only && (*data)["simulated"].truth()) return false;
    if (!tail_.segment.empty() && event.kind != "gap" && (*data)["segment"].text() != tail_.segment)
      return false;
    if (globals_.json) {
      fmt::print("{{\"kind\":{},\"data\":{}}}\n", json_text(event.kind), event.data);
    } else if (event.kind == "arrival") {
      arrival(globals_, *data);
    } else if (event.kind == "transition") {
      transition(globals_, *data);
    } else if (event.kind == "gap") {
      fmt::print(
          fmt::runtime(globals_.say(
              "          … {} not shown: this reader was too slow\n",
              "          … {} non montrés : ce lecteur était trop lent\n"
          )),
          (*data)["dropped"].whole()
      );
    }
    return true;
  }

  const Globals& globals_;
  const Tail& tail_;
  Events events_;
  std::uint64_t told_ = 0;
};

int follow(const Globals& globals, const Tail& tail) {
  auto house = find_house(globals, tail.options);
  if (!house) return report(house.error());
  // The house says ": alive" every 15 s; three of them missing mean that it is gone.
  house->console.timeout = std::chrono::seconds(45);
  std::string kinds = tail.kinds;
  if (kinds.empty()) kinds = tail.segment.empty() ? "arrivals,transitions" : "transitions";
  http::Client client(house->console);
  Teller teller(globals, tail);
  const auto ended =
      client.stream("/v1/live?kinds=" + kinds, house->headers(), [&](std::string_view bytes) {
        return teller.chunk(bytes);
      });
  if (!ended) return report(ended.error());
  if (ended->status != 200) return report({Code::unavailable, reason_in(*ended)});
  return exit_done;
}

constexpr Help tail_help{
    "tail", "Shows what arrives and who enters or leaves a segment, as it happens, until Ctrl-C.",
    "Montre ce qui arrive et qui entre ou sort d'un segment, en direct, jusqu'à Ctrl-C.",
    "hospes tail\n"
    "hospes tail --segment active          who enters and leaves this one\n"
    "hospes tail --kinds arrivals --json   one JSON object a line\n"
    "A withheld event shows what permission was missing and where to change it, never its payload.",
    "hospes tail\n"
    "hospes tail --segment active          qui entre et sort de celui-ci\n"
    "hospes tail --kinds arrivals --json   un objet JSON par ligne\n"
    "Un événement retenu montre la permission qui manque et où la changer, jamais son contenu."};

}  // namespace

void add_tail(Command hospes) {
  const auto tail = std::make_shared<Tail>();
  const Command command = hospes.command(tail_help);
  command.option("--kinds", tail->kinds, "arrivals, transitions, or both with a comma");
  command.option("--segment", tail->segment, "only passages of this segment (its id)");
  command.option("--count", tail->count, "stop after so many lines");
  command.flag("--real-only", tail->real_only, "without simulated people");
  add_ask_options(command, tail->options);
  command.run(tail, follow);
}

}  // namespace hospes::server
