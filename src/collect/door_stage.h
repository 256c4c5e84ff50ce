// A small shop's door, for its tests: sources web (public key "pub"), till, strict and slow.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "collect/door.h"
#include "disk/memory.h"
#include "seal/memory_keys.h"

namespace hospes::collect {

inline const Instant now = *parse_instant("2026-11-24T10:00:00Z");

struct Kept : Sink {
  Status append(std::vector<Outgoing> given, std::function<void(Status)> done) override {
    if (refuse) return fail(*refuse, "the log says no");
    for (auto& r : given) records.push_back(std::move(r));
    done({});
    return {};
  }
  const record::Arrived& event(std::size_t i) const {
    return std::get<record::Arrived>(records.at(i).record->body);
  }
  std::optional<Code> refuse;
  std::vector<Outgoing> records;
};

struct Heard : Arrivals {
  void arrived(std::vector<Arrival> arrivals) override {
    std::ranges::move(arrivals, std::back_inserter(all));
  }
  void turned_away(const TurnedAway& request) override {
    away.push_back({request.status, request.source == nullptr ? "" : request.source->name});
  }
  std::vector<Arrival> all;
  std::vector<std::pair<int, std::string>> away;  // status, source
};

class Once : public http::Exchange {
 public:
  void send(http::Response response) override { answer.set_value(std::move(response)); }
  std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }
  std::promise<http::Response> answer;
};

inline catalog::Catalog shop() {
  catalog::Catalog out;
  catalog::Source web{.name = "web"};
  web.keys = {
      {catalog::hash_key("pub"), catalog::KeyUse::public_key, "page", true},
      {catalog::hash_key("old"), catalog::KeyUse::public_key, "old", false}};
  web.origins = {"https://shop.example"};
  web.trusted = catalog::ConsentTool{"cmp", "n", "1", "en"};
  web.categories = {{"tcf:8", bit(*out.purposes.find("measure"))}};
  catalog::Source till{.name = "till"};
  till.keys = {{catalog::hash_key("secret"), catalog::KeyUse::server_key, "till", true}};
  EXPECT_TRUE(out.sources.add(web));
  EXPECT_TRUE(out.sources.add(till));
  catalog::Source strict{.name = "strict", .mode = catalog::CatalogueMode::strict};
  strict.keys = {{catalog::hash_key("strict"), catalog::KeyUse::server_key, "strict", true}};
  EXPECT_TRUE(out.sources.add(strict));
  catalog::Source slow{.name = "slow"};
  slow.keys = {{catalog::hash_key("slow"), catalog::KeyUse::server_key, "slow", true}};
  slow.events_per_s_max = 10;
  EXPECT_TRUE(out.sources.add(slow));
  return out;
}

class DoorTest : public testing::Test {
 protected:
  http::Response ask(http::Request request) {
    request.body.reserve(request.body.size() + http::body_padding);
    auto once = std::make_shared<Once>();
    auto answer = once->answer.get_future();
    door.handle(std::move(request), http::Responder(once));
    return answer.get();
  }
  http::Response post(
      std::string path, std::string key, std::string body, http::Headers more = {}
  ) {
    if (!key.empty()) more.add("X-Write-Key", key);
    return ask(
        {.method = "POST",
         .path = std::move(path),
         .query = {},
         .headers = std::move(more),
         .body = std::move(body)}
    );
  }
  static std::string yes(std::string rest) {
    return R"({"context":{"consent":{"categoryPreferences":{"measure":true}}},)" + rest + "}";
  }
  static std::string said(std::string state, std::string id) {
    return R"({"userId":"ana","purpose":"measure","state":")" + state + R"(","messageId":")" + id +
           R"(","notice":{"id":"n","version":"1","lang":"fr"}})";
  }

  catalog::Catalog catalog = shop();
  LiveSources sources{catalog.sources};
  Names names;
  seal::MemoryKeys keys;
  consent::Permissions permissions;
  Kept sink;
  ManualClock clock{now};
  Heard heard;
  Shapes shapes{names};
  disk::MemoryDisk disk;
  std::unique_ptr<dead_letter::Letters> letters = *dead_letter::Letters::open(disk, keys, {}, now);
  Doors doors{catalog, sources, names, keys, permissions, sink, clock, heard, shapes, letters.get()};
  Door door{{}, doors};
};

}  // namespace hospes::collect
