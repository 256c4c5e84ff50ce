// The replay against a real server on the loopback that notes what it is told.
#include "demo/replay.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "demo/simulator.h"
#include "http/server.h"

namespace hospes::demo {
namespace {

/// Answers what it is told to, then 200; keeps the bodies it took.
class Shop {
 public:
  Shop() : server_(*http::Server::open({})) {
    server_->start([this](http::Request request, http::Responder responder) {
      const std::lock_guard lock(mutex_);
      http::Response answer = http::json(200, R"({"success":true,"accepted":1,"rejected":[]})");
      if (!before_.empty()) {
        answer = before_.front();
        before_.erase(before_.begin());
      }
      if (answer.status == 200) {
        bodies_.push_back(request.body);
        keys_.emplace_back(request.headers.find("x-write-key"));
      }
      responder.send(std::move(answer));
    });
  }
  ~Shop() { server_->stop(std::chrono::milliseconds(1'000)); }

  void first(http::Response response) { before_.push_back(std::move(response)); }
  http::Client client() { return http::Client({.port = server_->port()}); }
  std::vector<std::string> bodies() {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  std::vector<std::string> keys() {
    const std::lock_guard lock(mutex_);
    return keys_;
  }

 private:
  std::mutex mutex_;
  std::vector<http::Response> before_;
  std::vector<std::string> bodies_, keys_;
  std::unique_ptr<http::Server> server_;
};

std::vector<Order> orders(std::uint32_t count) {
  std::vector<Order> out;
  for (std::uint32_t i = 1; i <= count; ++i) {
    out.push_back({i, 1 + i % 17, 10'000 + static_cast<std::int32_t>(i), 1, 100});
  }
  return out;
}

class ReplayOverHttp : public testing::Test {
 protected:
  void SetUp() override {
    options.position_file =
        (std::filesystem::temp_directory_path() / ("hospes_replay_" + std::to_string(getpid())))
            .string();
    std::filesystem::remove(options.position_file);
    options.orders_per_request = 10;
    options.patience.pause = [this](std::chrono::milliseconds d) { clock.advance(d); };
  }
  void TearDown() override { std::filesystem::remove(options.position_file); }

  Result<Progress> run(
      http::Client& client,
      const std::function<void(const Progress&)>& seen = [](const Progress&) {}
  ) {
    return replay(client, orders(100), clock, options, seen);
  }

  Shop shop;
  ManualClock clock{*parse_instant("2026-11-24T12:00:00Z")};
  ReplayOptions options;
};

std::vector<std::string> order_ids(const std::vector<std::string>& bodies) {
  std::vector<std::string> out;
  for (const std::string& body : bodies) {
    const std::string wanted = "\"order_id\":\"D";
    for (auto at = body.find(wanted); at != std::string::npos; at = body.find(wanted, at + 1)) {
      const auto begin = at + wanted.size();
      out.push_back(body.substr(begin, body.find('"', begin) - begin));
    }
  }
  return out;
}

TEST_F(ReplayOverHttp, GoesOnWhereItWasStopped) {
  http::Client client = shop.client();
  bool stop = false;
  options.patience.stopping = [&] { return stop; };
  const auto first = run(client, [&](const Progress& p) { stop = p.done >= 40; });
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().message, "stopped");
  stop = false;
  clock.advance(std::chrono::hours(24 * 30));  // a month later the dates stay moved as they were
  std::size_t resumed_at = 0;
  const auto second =
      run(client, [&](const Progress& p) { resumed_at = resumed_at == 0 ? p.done : resumed_at; });
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(resumed_at, 50U);
  EXPECT_EQ(second->done, 100U);
  EXPECT_EQ(second->weeks, weeks_to(orders(100), *parse_instant("2026-11-24T12:00:00Z")));
  const auto ids = order_ids(shop.bodies());
  ASSERT_EQ(ids.size(), 100U);
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], std::to_string(i + 1));
  EXPECT_EQ(run(client)->done, 100U);
  EXPECT_EQ(order_ids(shop.bodies()).size(), 100U);  // nothing is sent again
}

TEST_F(ReplayOverHttp, WaitsOutAFullServer) {
  shop.first({.status = 429, .headers = {{"Retry-After", "3"}}, .body = ""});
  shop.first(http::text(503, "not yet\n"));
  http::Client client = shop.client();
  const Instant before = clock.now();
  ASSERT_TRUE(run(client));
  EXPECT_GE(clock.now() - before, std::chrono::seconds(4));
  EXPECT_EQ(order_ids(shop.bodies()).size(), 100U);
}

TEST_F(ReplayOverHttp, SaysWhenTheServerRefusesAnEvent) {
  shop.first(http::json(
      200, R"({"success":true,"accepted":9,"rejected":[{"i":3,"code":"no_identifier"}]})"
  ));
  http::Client client = shop.client();
  const auto out = run(client);
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().message.find("no_identifier"), std::string::npos);
}

TEST_F(ReplayOverHttp, AnswersAreAcknowledgedBeforeWhatTheyOpen) {
  http::Client client = shop.client();
  ASSERT_TRUE(run(client));
  const auto bodies = shop.bodies();
  EXPECT_NE(bodies[0].find("\"consent\""), std::string::npos);
  EXPECT_EQ(bodies[0].find("Order Completed"), std::string::npos);
  EXPECT_EQ(bodies[1].find("\"consent\""), std::string::npos);
}

TEST_F(ReplayOverHttp, VisitorsSpeakWithTheirOwnKeys) {
  http::Client client = shop.client();
  Simulator simulator(1, plan(orders(100), 0), clock.now());
  std::size_t sent = 0;
  for (int i = 0; i < 60; ++i, clock.advance(std::chrono::seconds(1))) {
    const auto out = send_due(client, simulator, clock.now(), {}, options.patience);
    ASSERT_TRUE(out);
    sent += *out;
  }
  EXPECT_GT(sent, 100U);
  const auto keys = shop.keys();
  EXPECT_TRUE(std::ranges::count(keys, "wk_demo_visitors") > 0);
  EXPECT_TRUE(std::ranges::count(keys, "wk_demo_visitors_server") > 0);
  EXPECT_EQ(std::ranges::count(keys, "wk_demo_shop"), 0);
}

}  // namespace
}  // namespace hospes::demo
