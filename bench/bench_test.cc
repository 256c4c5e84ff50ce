#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "bench/crowd.h"
#include "bench/load.h"
#include "bench/machine.h"
#include "bench/report.h"
#include "bench/stats.h"
#include "bench/visitors.h"
#include "http/server.h"

namespace hospes::bench {
namespace {

constexpr Instant noon{1'772'366'400'000'000};

TEST(Stats, NearestRank) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(percentile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 99), 10);
  EXPECT_EQ(percentile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 50), 5);
}

TEST(Crowd, TheSameSeedSendsTheSameBytes) {
  Crowd a({.seed = 7, .people = 1'000}), b({.seed = 7, .people = 1'000}),
      c({.seed = 8, .people = 1'000});
  Batch x, y, z;
  for (int i = 0; i < 50; ++i) {
    a.next(noon, x);
    b.next(noon, y);
    c.next(noon, z);
    ASSERT_EQ(x.body, y.body);
    ASSERT_NE(x.body, z.body);
    ASSERT_EQ(x.messages.size(), 20U);
    for (std::size_t e = 0; e < x.messages.size(); ++e) {
      ASSERT_NE(x.body.find("\"" + a.message_id(x.messages[e]) + "\""), std::string::npos);
      ASSERT_NE(x.body.find("\"" + Crowd::user_id(x.people[e]) + "\""), std::string::npos);
    }
  }
}

TEST(Crowd, ThreeInTenAreFirstSeenAndTheRestFollowZipf) {
  Crowd crowd({.seed = 1, .people = 1'000});
  Batch batch;
  std::uint64_t events = 0, newcomers = 0, first_ten = 0;
  std::set<std::uint32_t> distinct;
  for (int i = 0; i < 2'000; ++i) {
    crowd.next(noon, batch);
    for (const std::uint32_t person : batch.people) {
      ++events;
      newcomers += person >= 1'000 ? 1 : 0;
      first_ten += person < 10 ? 1 : 0;
      distinct.insert(person);
    }
  }
  EXPECT_EQ(crowd.distinct(), distinct.size());
  EXPECT_NEAR(static_cast<double>(newcomers) / static_cast<double>(events), 0.30, 0.01);
  // Sum of 1/r^0.99 for r = 1…10 over the same for r = 1…1,000, of the 70 % who are known: 0.70
  // × 2.956 / 7.727 = 0.268.
  EXPECT_NEAR(static_cast<double>(first_ten) / static_cast<double>(events), 0.268, 0.015);
}

TEST(Visitors, TheSameSeedSendsTheSameBytesAndEachEventOnce) {
  Visitors a({.seed = 7, .regulars = 1'000}), b({.seed = 7, .regulars = 1'000}),
      c({.seed = 8, .regulars = 1'000});
  std::string x, y, z;
  std::set<std::string> messages;
  std::size_t bytes = 0;
  for (int i = 0; i < 500; ++i) {
    a.next(noon, x);
    b.next(noon, y);
    c.next(noon, z);
    ASSERT_EQ(x, y);
    ASSERT_NE(x, z);
    bytes += x.size();
    static constexpr std::string_view key = R"("messageId":")";
    for (std::size_t at = x.find(key); at != x.npos; at = x.find(key, at + 1))
      ASSERT_TRUE(messages.insert(x.substr(at + key.size(), 24)).second);
  }
  EXPECT_EQ(messages.size(), 10'000U);
  EXPECT_EQ(a.events(), 10'000U);
  EXPECT_NEAR(static_cast<double>(a.first_seen()) / 10'000, 0.30, 0.01);
  EXPECT_NEAR(static_cast<double>(bytes) / 10'000, 785, 60);
}

TEST(Visitors, AreIntroducedOnceEach) {
  Visitors people({.seed = 1, .regulars = 250});
  std::string body;
  EXPECT_EQ(people.introduce(noon, 100, body), 100U);
  EXPECT_EQ(people.introduce(noon, 100, body), 100U);
  EXPECT_EQ(people.introduce(noon, 100, body), 50U);
  EXPECT_NE(body.find(R"("userId":"u000000249")"), body.npos);
  EXPECT_EQ(people.introduce(noon, 100, body), 0U);
}

TEST(Crowd, PostsCarryTheKey) {
  const std::string request = http_post("/v1/batch", "wk_demo", "{}");
  EXPECT_NE(request.find("Authorization: Basic d2tfZGVtbzo=\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("Content-Length: 2\r\n\r\n{}"));
}

std::unique_ptr<http::Server> serve(http::Handler handler) {
  auto server = http::Server::open({});
  EXPECT_TRUE(server) << server.error().message;
  (*server)->start(std::move(handler));
  return std::move(*server);
}

TEST(Load, EveryRequestIsAnsweredOnceAndCounted) {
  std::atomic<std::uint64_t> arrived = 0;
  std::atomic<std::uint64_t> bytes = 0;
  const auto server = serve([&](http::Request request, http::Responder responder) {
    bytes += request.body.size();
    responder.send(http::text(++arrived % 4 == 0 ? 503 : 200, "ok\n"));
  });
  const std::string body(300'000, 'x');  // more than a socket takes at once
  std::vector<int> answers(400, 0);
  const auto result = send_load(
      {.port = server->port(), .connections = 7, .requests_max = answers.size()},
      [&](std::string& request, std::uint64_t) {
        request = http_post("/v1/batch", "k", body);
        return true;
      },
      [&](std::uint64_t tag, int) { ++answers[tag]; }
  );
  server->stop(std::chrono::milliseconds(1'000));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(answers, std::vector<int>(400, 1));
  EXPECT_EQ(arrived, 400U);
  EXPECT_EQ(bytes, 400U * body.size());
  EXPECT_EQ(result->answered, 400U);
  EXPECT_EQ(result->accepted, 300U);
  EXPECT_EQ(result->waits_ms.size(), 300U);
  EXPECT_EQ(result->broken, 0U);
}

TEST(Load, AnOpenLoopKeepsItsPace) {
  const auto server =
      serve([](http::Request, http::Responder responder) { responder.send(http::text(200, "")); });
  const auto result = send_load(
      {.port = server->port(), .connections = 4, .requests_max = 200, .requests_per_second = 500},
      [&](std::string& request, std::uint64_t) {
        request = http_post("/", "k", "{}");
        return true;
      }
  );
  server->stop(std::chrono::milliseconds(1'000));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->accepted, 200U);
  EXPECT_GE(result->seconds, 0.39);  // the last is due 199/500 s after the first
}

TEST(Load, ADyingServerLeavesItsRequestsUnknown) {
  std::vector<http::Responder> held;
  std::mutex mutex;
  std::uint64_t unknown = 0;
  auto server = serve([&](http::Request, http::Responder responder) {
    const std::lock_guard lock(mutex);
    held.push_back(std::move(responder));  // never answered while the client waits
  });
  const auto result = send_load(
      {.port = server->port(),
       .connections = 3,
       .requests_max = 3,
       .patience = std::chrono::milliseconds(200)},
      [&](std::string& request, std::uint64_t) {
        request = http_post("/", "k", "{}");
        return true;
      },
      [&](std::uint64_t, int status) { unknown += status == 0 ? 1 : 0; }
  );
  held.clear();
  server->stop(std::chrono::milliseconds(1'000));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->accepted, 0U);
  EXPECT_EQ(result->broken, 3U);
  EXPECT_EQ(unknown, 3U);
}

TEST(Load, NobodyListens) {
  const auto server =
      serve([](http::Request, http::Responder responder) { responder.send(http::text(200, "")); });
  const std::uint16_t port = server->port();
  server->stop(std::chrono::milliseconds(1'000));
  const auto result = send_load({.port = port}, [](std::string&, std::uint64_t) { return false; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unavailable);
}

TEST(Machine, ProbesSayWhatTheyCan) {
  EXPECT_GT(this_machine().cores, 0U);
  const auto disk = probe_disk(testing::TempDir(), 20);
  ASSERT_TRUE(disk) << disk.error().message;
  EXPECT_GT(disk->p99_ms, 0);
  EXPECT_GE(disk->p99_ms, disk->p50_ms);
  EXPECT_FALSE(probe_disk("no/such/folder"));
  EXPECT_GT(calibrate_us(), 100);
  EXPECT_GT(cpu_us_of(getpid()).value(), 0);
  EXPECT_GT(resident_bytes_of(getpid()).value(), 1'000'000U);
}

TEST(Report, IsJson) {
  Report inner;
  inner.text("cpu", "a \"fast\" one\n");
  Report report;
  report.whole("runs", 5);
  report.number("rate", 1234.5);
  report.object("on", inner);
  EXPECT_EQ(report.json(), R"({"runs":5,"rate":1234.5,"on":{"cpu":"a \"fast\" one\u000a"}})");
}

}  // namespace
}  // namespace hospes::bench
