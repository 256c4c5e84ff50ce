// Reads JSON lines on standard input and prints memberships by the engine and by the naive
// evaluator.
//   {"definitions": […JSON form…], "purposes": {"market": 0}, "kinds": {"user_id": 0},
//   "thresholds": [{purpose, test, value}]}                                          first line
//   {"person": "7", "kinds": 1, "events": [{message, happened, received, name, type, mask,
//   properties}], "answers": [{at, purpose, said, until}], "instants": [us]}
// Events in order of receipt, repeats included; instants ascending. A probe at t sees what was
// received up to t. Out: `person TAB instant TAB engine's members TAB evaluator's members`, indices
// joined by commas. With --json FILE: the JSON form of a text file of segments.
#include <simdjson.h>

#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "segment/engine.h"
#include "segment/json.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

namespace od = simdjson::ondemand;

std::map<std::string, std::uint8_t> read_bits(od::value in) {
  std::map<std::string, std::uint8_t> out;
  for (auto field : in.get_object()) {
    const std::string key(std::string_view(field.unescaped_key()));
    out[key] = static_cast<std::uint8_t>(std::uint64_t(field.value().get_uint64()));
  }
  return out;
}

using Bits = std::map<std::string, std::uint8_t>;

std::shared_ptr<const Definitions> read_definitions(
    std::string_view line, Names& names, Bits& known_purposes
) {
  const simdjson::padded_string padded(line);
  od::parser parser;
  auto document = parser.iterate(padded);
  auto parsed = parse_json(std::string_view(document["definitions"].raw_json()));
  if (!parsed) {
    std::cerr << parsed.error().message << "\n";
    return nullptr;
  }
  const auto purposes = read_bits(document["purposes"].value());
  const auto kinds = read_bits(document["kinds"].value());
  const auto find = [](const auto& table, std::string_view key) -> std::optional<std::uint8_t> {
    const auto at = table.find(std::string(key));
    return at == table.end() ? std::nullopt : std::optional(at->second);
  };
  std::vector<Threshold> thresholds;
  od::array recorded;
  if (document["thresholds"].get_array().get(recorded) == simdjson::SUCCESS) {
    for (auto item : recorded) {
      Threshold& t = thresholds.emplace_back();
      t.purpose = std::string_view(item["purpose"]);
      t.ranked = format(*parse_json_predicate(std::string_view(item["test"].raw_json())));
      t.value = *parse_decimal(std::string_view(item["value"].raw_json_token()));
    }
  }
  known_purposes = purposes;
  auto bound = segment::bind(
      *std::move(parsed), {.names = &names,
                           .purpose = [&](std::string_view p) { return find(purposes, p); },
                           .kind = [&](std::string_view k) { return find(kinds, k); }},
      {}, thresholds
  );
  if (!bound) std::cerr << bound.error().message << "\n";
  return bound ? *bound : nullptr;
}

Value read_value(od::value in) {
  switch (od::json_type(in.type())) {
    case od::json_type::string:
      return Value::of(std::string_view(in.get_string()));
    case od::json_type::boolean:
      return Value::of(bool(in.get_bool()));
    case od::json_type::number: {
      std::string_view raw = in.raw_json_token();
      while (!raw.empty() && raw.back() <= ' ') raw.remove_suffix(1);
      const auto number = parse_decimal(raw);
      return number ? Value::of(*number) : Value::of(raw);
    }
    default:
      return {};
  }
}

Event read_event(od::object in, Names& names) {
  Event e;
  e.message = {0, in["message"].get_uint64()};
  e.happened = {in["happened"].get_int64()};
  e.received = {in["received"].get_int64()};
  e.name = *names.intern(std::string_view(in["name"]));
  const std::string_view type = in["type"];
  e.type = type == "identify" ? EventType::identify : EventType::track;
  e.mask = in["mask"].get_uint64();
  for (auto field : in["properties"].get_object()) {
    const Name name = *names.intern(std::string_view(field.unescaped_key()));
    e.properties.push_back({name, read_value(field.value())});
  }
  return e;
}

struct Reply {
  Instant at;
  Answered answered;
};

Reply read_reply(od::object in, const Bits& purposes) {
  Reply out{.at = {in["at"].get_int64()}};
  out.answered.since = out.at;
  out.answered.purpose = purposes.at(std::string(std::string_view(in["purpose"])));
  const std::string_view said = in["said"];
  for (const Said s : {Said::given, Said::refused, Said::withdrawn, Said::objected}) {
    if (to_string(s) == said) out.answered.said = s;
  }
  std::int64_t until = 0;
  if (in["until"].get_int64().get(until) == simdjson::SUCCESS) out.answered.until = {until};
  return out;
}

/// One person as a partition keeps them: repeats dropped, timers fired when due.
struct Life {
  const Engine& engine;
  std::uint64_t kinds = 0;
  std::vector<Answered> answers;
  Timeline timeline;
  std::set<Hash128> messages;
  Page page;
  Flips flips;

  std::vector<Seen> seen() const {
    std::vector<Seen> out;
    for (const Moment& m : timeline.in_order()) out.push_back({&m, timeline.body(m), m.mask});
    return out;
  }
  void rebuild(Instant now, Cause cause) {
    const auto all = seen();
    engine.rebuild(page, {all, kinds, answers}, now, flips, cause);
  }
  void wait(Instant now) {
    while (engine.due(page) <= now) {
      const Instant due = engine.due(page);
      if (engine.fire(page, due, flips) == Added::needs_rebuild) rebuild(due, Cause::time);
    }
  }
  void answer(const Reply& reply) {
    wait(reply.at);
    std::erase_if(answers, [&](const Answered& a) { return a.purpose == reply.answered.purpose; });
    answers.push_back(reply.answered);
    rebuild(reply.at, Cause::rebuild);
  }
  void arrive(const Event& event) {
    if (!messages.insert(event.message).second) return;
    wait(event.received);
    timeline.add(event);
    const auto all = seen();
    for (const Seen& s : all) {
      if (s.moment->message != event.message) continue;
      if (engine.add(page, s, kinds, event.received, flips) == Added::needs_rebuild) {
        rebuild(event.received, Cause::event);
      }
      return;
    }
  }
  void print(std::string_view person, Instant now) {
    std::cout << person << '\t' << now.us << '\t';
    const char* comma = "";
    for (const Member& m : page.members()) {
      std::cout << comma << m.segment;
      comma = ",";
    }
    const auto all = seen();
    const Memberships truth = evaluate_all(engine.definitions(), {all, kinds, answers}, now);
    std::cout << '\t';
    comma = "";
    for (SegmentIndex i = 0; i < truth.in.size(); ++i) {
      if (!truth.in[i]) continue;
      std::cout << comma << i;
      comma = ",";
    }
    std::cout << '\n';
  }
};

void live(const std::string& line, const Engine& engine, Names& names, const Bits& purposes) {
  const simdjson::padded_string padded(line);
  od::parser parser;
  auto document = parser.iterate(padded);
  const std::string person{std::string_view(document["person"])};
  Life life{.engine = engine, .kinds = document["kinds"].get_uint64()};
  std::vector<Event> events;
  for (auto item : document["events"].get_array())
    events.push_back(read_event(item.get_object(), names));
  std::vector<Reply> replies;
  od::array answers;
  if (document["answers"].get_array().get(answers) == simdjson::SUCCESS) {
    for (auto item : answers) replies.push_back(read_reply(item.get_object(), purposes));
  }
  std::size_t next = 0;
  std::size_t said = 0;
  // Nothing was asked before anything was there: a calendar would count the days since 1970.
  Instant first = events.empty() ? Instant{0} : events[0].received;
  if (!replies.empty()) first = std::min(first, replies[0].at);
  life.rebuild(first, Cause::rebuild);
  for (auto item : document["instants"].get_array()) {
    const Instant now{item.get_int64()};
    for (;;) {
      const Instant event = next < events.size() ? events[next].received : Instant::never();
      const Instant reply = said < replies.size() ? replies[said].at : Instant::never();
      if (std::min(event, reply) > now) break;
      if (event <= reply)
        life.arrive(events[next++]);
      else
        life.answer(replies[said++]);
    }
    life.wait(now);
    life.print(person, now);
  }
}

int run(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--json") {
    std::ifstream in(argv[2]);
    std::stringstream text;
    text << in.rdbuf();
    const auto parsed = parse(text.str());
    if (!parsed) {
      std::cerr << to_string(parsed.error(), argv[2]) << "\n";
      return 1;
    }
    const char* separator = "[";
    for (const Definition& d : *parsed) {
      std::cout << separator << to_json(d);
      separator = ",\n";
    }
    std::cout << "]\n";
    return 0;
  }
  Names names;
  std::string line;
  std::getline(std::cin, line);
  Bits purposes;
  const auto definitions = read_definitions(line, names, purposes);
  if (!definitions) return 1;
  const Engine engine(definitions);
  while (std::getline(std::cin, line)) live(line, engine, names, purposes);
  return 0;
}

}  // namespace
}  // namespace hospes::segment

int main(int argc, char** argv) {
  try {
    return hospes::segment::run(argc, argv);
  } catch (const simdjson::simdjson_error& error) {
    std::cerr << "input: " << error.what() << "\n";
    return 1;
  }
}
