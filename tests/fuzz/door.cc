// A whole request through the door's desk, with everything behind it in memory. The input is a
// head of lines (path, query, then headers), an empty line, and the body.
#include <simdjson.h>

#include "collect/desk.h"
#include "record/codec.h"
#include "seal/memory_keys.h"
#include "target.h"

namespace hospes::collect {
namespace {

using fuzz::must;

struct NoSink : Sink {
  Status append(std::vector<Outgoing>, std::function<void(Status)>) override { return {}; }
};
struct NoOne : Arrivals {
  void arrived(std::vector<Arrival>) override {}
};

catalog::Catalog shop() {
  catalog::Catalog out;
  catalog::Source web{.name = "web"};
  web.keys = {{catalog::hash_key("pub"), catalog::KeyUse::public_key, "page", true}};
  web.origins = {"https://shop.example"};
  web.trusted = catalog::ConsentTool{"cmp", "n", "1", "en"};
  web.events_per_s_max = 10'000'000;
  catalog::Source till{.name = "till", .without_answer = out.purposes.interest()};
  till.keys = {{catalog::hash_key("secret"), catalog::KeyUse::server_key, "till", true}};
  till.events_per_s_max = 10'000'000;
  must(out.sources.add(web).has_value() && out.sources.add(till).has_value(), "the shop stands");
  return out;
}

/// A house that is new for every input, so that an input alone says what happens.
struct House {
  static const catalog::Catalog& catalog() {
    static const catalog::Catalog made = shop();
    return made;
  }
  Names names;
  seal::MemoryKeys keys;
  consent::Permissions permissions;
  NoSink sink;
  ManualClock clock{*parse_instant("2026-11-24T10:00:00Z")};
  NoOne no_one;
  Shapes shapes{names};
  const collect::LiveSources sources{catalog().sources};
  Desk desk{{catalog(), sources, names, keys, permissions, sink, clock, no_one, shapes}};
};

std::string_view line_of(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

http::Request request_of(std::string_view text) {
  http::Request out{.method = "POST", .path = "/v1/" + std::string(line_of(text))};
  out.query = std::string(line_of(text));
  for (auto line = line_of(text); !line.empty(); line = line_of(text)) {
    const auto colon = std::min(line.find(':'), line.size());
    out.headers.add(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  out.body = std::string(text);
  out.body.reserve(out.body.size() + http::body_padding);
  return out;
}

void look_at_answer(const Prepared& prepared) {
  const http::Response& r = prepared.response;
  must(!r.body.empty(), "an answer says something");
  if (r.status != 200) {
    must(prepared.records.empty() && prepared.answers.empty(), "what is refused leaves nothing");
    const int known[] = {400, 401, 403, 404, 413, 415};
    must(std::ranges::find(known, r.status) != std::end(known), "an answer of the contract");
    return;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  must(parser.parse(r.body).get(answer) == simdjson::SUCCESS, "a 200 is JSON");
  std::uint64_t accepted = 0;
  simdjson::dom::array rejected, withheld;
  must(answer["accepted"].get(accepted) == simdjson::SUCCESS, "it counts");
  must(answer["rejected"].get(rejected) == simdjson::SUCCESS, "it lists");
  const bool told = answer["withheld"].get(withheld) == simdjson::SUCCESS;
  const std::size_t verdicts = accepted + rejected.size() + (told ? withheld.size() : 0);
  must(verdicts == prepared.arrivals.size(), "each item has one verdict");
}

}  // namespace
}  // namespace hospes::collect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  using namespace hospes::collect;
  const auto house = std::make_unique<House>();
  const http::Request request = request_of(fuzz::text_of(data, size));
  // Twice: what the first wrote is known to the second.
  Hash128 first;
  for (int time = 0; time < 2; ++time) {
    const Prepared prepared = house->desk.take(request, house->clock.now());
    look_at_answer(prepared);
    for (const Outgoing& out : prepared.records) {
      const auto bytes = record::encode(*out.record, house->names, house->keys);
      must(bytes.has_value(), "a record can be written");
      const auto back = record::decode(*bytes, house->names, house->keys);
      must(back && *back == *out.record, "a record that is written reads back");
      const auto* event = std::get_if<record::Arrived>(&out.record->body);
      if (event == nullptr) continue;
      must(event->event.mask != 0, "an event that may serve nothing is not stored");
      must(event->event.happened <= event->event.received, "nothing happens after its receipt");
      if (prepared.records.size() > 1) continue;
      if (time == 0) first = event->event.message;
      if (time == 1 && first != Hash128{})
        must(event->event.message == first, "sent again, it is the same message");
    }
    for (const consent::Row& row : prepared.answers) house->permissions.add(row);
    house->clock.advance(std::chrono::seconds(1));
  }
  return 0;
}
