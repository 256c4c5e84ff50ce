// The outbox: from an event that moves somebody to the webhook that its action calls and the record of
// what came of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/house.h"
#include "bench/load.h"
#include "bench/options.h"
#include "bench/server_stage.h"
#include "bench/stats.h"
#include "http/server.h"

namespace hospes::bench {
namespace {

constexpr std::string_view segments = R"(segment buyers
  purpose market
  name en "Buyers" fr "Acheteurs"
  sentence en "Ordered." fr "A commandé."
  where
    count("Order Completed") >= 1
)";

std::string actions_to(std::uint16_t port, unsigned connections) {
  return fmt::format(
      "[[destination]]\nname = \"sink\"\nurl = \"http://127.0.0.1:{}/hook\"\nconnections = {}\n"
      "secret_file = \"sink.secret\"\n[[action]]\nname = \"bought\"\nwhen = \"enters\"\n"
      "segment = \"buyers\"\npurpose = \"market\"\ndestination = \"sink\"\n",
      port, connections
  );
}

/// The same passage told to another destination as well.
std::string beside(std::string actions, std::uint16_t port) {
  return actions + fmt::format(
                       "[[destination]]\nname = \"other\"\nurl = \"http://127.0.0.1:{}/hook\"\n[[action]]\nname = \"told\"\n"
                       "when = \"enters\"\nsegment = \"buyers\"\npurpose = \"market\"\ndestination = \"other\"\n",
                       port
                   );
}

/// First orders of people whom nobody knew.
std::string orders(std::uint64_t first, unsigned count) {
  std::string body = "{\"batch\":[";
  for (unsigned i = 0; i < count; ++i) {
    fmt::format_to(
        std::back_inserter(body),
        "{}{{\"type\":\"track\",\"userId\":\"u{}\",\"event\":\"Order Completed\",\"messageId\":\"m{}\","
        "\"properties\":{{\"order_id\":\"o{}\",\"total\":12.5,\"currency\":\"EUR\"}}}}",
        i > 0 ? "," : "", first + i, first + i, first + i
    );
  }
  return body + "]}";
}

struct Run {
  double seconds = 0, server_us = 0;
};

/// How many effects have been performed.
using Performed = std::function<Result<std::uint64_t>()>;

Result<Run> run_once(
    House& house, std::uint64_t first, std::uint64_t effects, unsigned batch, unsigned connections,
    const Performed& performed
) {
  const std::uint64_t before = TRY(performed());
  const double cpu_before = TRY(cpu_us_of(house.pid()));
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t sent = 0;
  LoadOptions load{.port = house.port(), .connections = connections, .lasts = std::chrono::minutes(5)};
  const auto next = [&](std::string& request, std::uint64_t) {
    if (sent >= effects) return false;
    const auto count = static_cast<unsigned>(std::min<std::uint64_t>(batch, effects - sent));
    request = http_post("/v1/batch", house_key, orders(first + sent, count));
    sent += count;
    return true;
  };
  const LoadResult done = TRY(send_load(load, next));
  if (done.accepted != done.answered || done.broken > 0)
    return fail(Code::unavailable, "an order was refused: " + done.refusal);
  const auto end = began + std::chrono::minutes(5);
  while (TRY(performed()) < before + effects) {
    if (std::chrono::steady_clock::now() > end)
      return fail(Code::unavailable, "not every effect was performed within five minutes");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double cpu = TRY(cpu_us_of(house.pid())) - cpu_before;
  return Run{took.count(), cpu / static_cast<double>(effects)};
}

/// A house whose first destination takes all, beside one that does so too, or that takes connections and
/// never answers.
struct Neighbours {
  std::unique_ptr<http::Server> sink, other;
  std::shared_ptr<std::atomic<std::uint64_t>> calls = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::vector<http::Responder> unanswered;  // of the other's one thread
  std::optional<House> house;
  std::vector<double> rates;

  Status open(const Options& options, bool dead) {
    sink = TRY(http::Server::open({}));
    other = TRY(http::Server::open({}));
    sink->start([count = calls](http::Request, http::Responder responder) {
      ++*count;
      responder.send({204, {}, ""});
    });
    other->start([this, dead](http::Request, http::Responder responder) {
      if (dead) {
        unanswered.push_back(std::move(responder));
      } else {
        responder.send({204, {}, ""});
      }
    });
    HouseOptions made{.binary = options.text("hospes"), .folder = options.text("folder")};
    made.segments = segments;
    made.actions = beside(actions_to(sink->port(), static_cast<unsigned>(TRY(options.number("out", 1, 256)))), other->port());
    made.settings = {"act.allow=[\"127.0.0.0/8\"]", "store.partitions=" + options.text("partitions")};
    house.emplace(TRY(House::make(std::move(made))));
    return house->start();
  }
};

/// What is left of a destination's rate while another one is dead: rounds of the two houses by turns, so
/// that what else the machine does falls on both.
Result<Report> beside_dead(const Options& options) {
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  const auto effects = static_cast<std::uint64_t>(TRY(options.number("effects", 1, 1e8)));
  const auto batch = static_cast<unsigned>(TRY(options.number("batch", 1, 2'500)));
  const auto connections = static_cast<unsigned>(TRY(options.number("connections", 1, 1'000)));
  constexpr double least = 0.95;
  std::array<Neighbours, 2> both;  // beside one that lives, beside one that is dead
  TRY(both[0].open(options, false));
  TRY(both[1].open(options, true));
  for (unsigned i = 0; i < runs; ++i) {
    for (Neighbours& one : both) {
      const Run run = TRY(run_once(*one.house, i * effects, effects, batch, connections, [&]() -> Result<std::uint64_t> {
        return one.calls->load();
      }));
      one.rates.push_back(static_cast<double>(effects) / run.seconds);
    }
  }
  std::vector<double> shares;
  for (unsigned i = 0; i < runs; ++i) shares.push_back(both[1].rates[i] / both[0].rates[i]);
  Report report;
  report.text("workload", "outbox beside a dead destination");
  report.whole("runs", runs);
  report.whole("effects_a_run", effects);
  report.number("effects_per_second", median(both[0].rates));
  report.number("effects_per_second_beside_dead", median(both[1].rates));
  report.number("share_left", median(shares));
  for (Neighbours& one : both) {
    TRY(one.house->stop());
    one.sink->stop(std::chrono::seconds(1));
    one.other->stop(std::chrono::seconds(1));
  }
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  if (median(shares) < least)
    return fail(Code::over_limit, fmt::format("beside a dead destination {:.3f} of the rate is left, less than {}", median(shares), least));
  return report;
}

}  // namespace

Result<Report> outbox_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"hospes", ""}, {"folder", "."}, {"runs", "5"}, {"effects", "60000"},
              {"connections", "8"}, {"batch", "20"}, {"partitions", "64"}, {"out", "32"}, {"beside", ""}}
  ));
  if (options.text("beside") == "dead") return beside_dead(options);
  if (!options.text("beside").empty())
    return fail(Code::invalid_input, "--beside dead, or nothing: a destination beside it that never answers");
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  const auto effects = static_cast<std::uint64_t>(TRY(options.number("effects", 1, 1e8)));
  const auto batch = static_cast<unsigned>(TRY(options.number("batch", 1, 2'500)));
  const auto connections = static_cast<unsigned>(TRY(options.number("connections", 1, 1'000)));
  std::atomic<std::uint64_t> calls{0};
  const auto sink = TRY(http::Server::open({}));
  sink->start([&](http::Request, http::Responder responder) {
    ++calls;
    responder.send({204, {}, ""});
  });
  HouseOptions house_options{.binary = options.text("hospes"), .folder = options.text("folder")};
  house_options.segments = segments;
  house_options.actions =
      actions_to(sink->port(), static_cast<unsigned>(TRY(options.number("out", 1, 256))));
  house_options.settings = {
      "act.allow=[\"127.0.0.0/8\"]", "store.partitions=" + options.text("partitions")};
  House house = TRY(House::make(std::move(house_options)));
  TRY(house.start());
  std::vector<double> rates, cpu;
  for (unsigned i = 0; i < runs; ++i) {
    const Run run = TRY(run_once(house, i * effects, effects, batch, connections, [&] {
      return house.metric("hospes_activate_done_total");
    }));
    rates.push_back(static_cast<double>(effects) / run.seconds);
    cpu.push_back(run.server_us);
  }
  if (calls != runs * effects)
    return fail(
        Code::corrupt, fmt::format("{} effects made {} calls", runs * effects, calls.load())
    );
  Report report;
  report.text("workload", "outbox");
  report.whole("runs", runs);
  report.whole("effects_a_run", effects);
  report.number("effects_per_second", median(rates));
  report.number("effects_per_second_least", *std::ranges::min_element(rates));
  report.number("server_cpu_us_per_effect", median(cpu));
  report.number("stop_ms", TRY(house.stop()));
  sink->stop(std::chrono::seconds(1));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
