// `hospes-bench crash`: kill -9 of the real server under load, at a random instant, again and
// again. What was acknowledged must be there after each restart, once, and readable with its key.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/dice.h"
#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/house.h"
#include "bench/load.h"
#include "bench/options.h"
#include "bench/stats.h"

namespace hospes::bench {
namespace {

using std::chrono::milliseconds;

constexpr unsigned events_of_request = 4;
constexpr unsigned requests_of_person = 10;  // all events of a person fit into one profile page
constexpr unsigned people_read = 5;          // after each restart
constexpr milliseconds patience{60'000};

std::string message_of(std::uint64_t kill, std::uint64_t tag, unsigned i) {
  return fmt::format("k{}-r{}-{}", kill, tag, i);
}
std::string person_of(std::uint64_t kill, std::uint64_t tag) {
  return fmt::format("k{}-p{}", kill, tag / requests_of_person);
}

/// A function of (kill, tag), so that what was acknowledged can be sent again without being kept.
/// New identifiers all the time: new keys, and joins across partitions.
std::string request_of(std::uint64_t kill, std::uint64_t tag) {
  std::string items;
  for (unsigned i = 0; i < events_of_request; ++i) {
    const std::string message = message_of(kill, tag, i);
    items += fmt::format(
        "{}{{\"type\":\"track\",\"userId\":\"{}\",\"event\":\"Crash\",\"messageId\":\"{}\"{},"
        "\"properties\":{{\"mark\":\"{}\"}},"
        "\"context\":{{\"consent\":{{\"categoryPreferences\":{{\"personalise\":true}}}}}}}}",
        items.empty() ? "" : ",", person_of(kill, tag), message,
        i == 0 ? fmt::format(",\"anonymousId\":\"dev-{}\"", message) : "", message
    );
  }
  return http_post("/v1/batch", house_key, "{\"batch\":[" + items + "]}");
}

class Crashes {
 public:
  Crashes(House& house, unsigned connections, std::uint64_t seed) : house_(house), dice_(seed) {
    load_.connections = connections;
    load_.lasts = patience;
  }

  Status kill_once(std::uint64_t kill) {
    acknowledged_.emplace_back();
    auto& mine = acknowledged_.back();
    load_.port = house_.port();
    const milliseconds lives(20 + static_cast<std::int64_t>(dice_.below(380)));
    std::thread killer([&] {
      std::this_thread::sleep_for(lives);
      house_.kill();
    });
    const auto load = send_load(
        load_,
        [&](std::string& request, std::uint64_t given) {
          request = request_of(kill, given);
          return true;
        },
        [&](std::uint64_t answered, int status) {
          if (status == 200) mine.push_back(answered);
        }
    );
    killer.join();
    if (!load) return std::unexpected(load.error());
    events += mine.size() * events_of_request;
    const auto began = std::chrono::steady_clock::now();
    TRY(house_.start());
    restart_ms.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count()
    );
    TRY(check(kill, kill + 1));
    return read_some(kill);
  }

  /// What was acknowledged in these rounds is known: sent again it changes nothing.
  Status check(std::uint64_t from, std::uint64_t to) {
    const std::uint64_t before = TRY(house_.settled("hospes_flow_events_total"));
    if (TRY(house_.metric("hospes_flow_erased_total")) != 0)
      return fail(Code::corrupt, "a record cannot be read: its key is gone");
    std::uint64_t kill = from;
    std::size_t at = 0;
    std::uint64_t refused = 0;
    load_.port = house_.port();
    const auto load = send_load(
        load_,
        [&](std::string& request, std::uint64_t) {
          while (kill < to && at >= acknowledged_[kill].size()) ++kill, at = 0;
          if (kill >= to) return false;
          request = request_of(kill, acknowledged_[kill][at++]);
          return true;
        },
        [&](std::uint64_t, int status) { refused += status != 200; }
    );
    if (!load) return std::unexpected(load.error());
    if (refused != 0) return fail(Code::unavailable, "the server refused what it had acknowledged");
    const std::uint64_t after = TRY(house_.settled("hospes_flow_events_total"));
    if (after != before) {
      return fail(
          Code::corrupt, fmt::format("{} acknowledged events were lost by a kill", after - before)
      );
    }
    known = after;
    if (known >= events) return {};
    return fail(Code::corrupt, fmt::format("{} events acknowledged, {} known", events, after));
  }

  std::vector<double> restart_ms;
  std::uint64_t events = 0;  // acknowledged
  std::uint64_t known = 0;   // applied, as the house last said: those, and what was cut off unheard

 private:
  /// Some people of this round, whole: each acknowledged event once.
  Status read_some(std::uint64_t kill) {
    const auto& mine = acknowledged_[kill];
    for (unsigned n = 0; n < people_read && !mine.empty(); ++n) {
      const std::uint64_t chosen = mine[dice_.below(mine.size())] / requests_of_person;
      const std::string body =
          TRY(house_.get("/v1/profiles/user_id:" + person_of(kill, chosen * requests_of_person)));
      for (const std::uint64_t tag : mine) {
        if (tag / requests_of_person != chosen) continue;
        for (unsigned i = 0; i < events_of_request; ++i) {
          const std::string wanted = "\"mark\":\"" + message_of(kill, tag, i) + "\"";
          const std::size_t at = body.find(wanted);
          if (at == body.npos || body.find(wanted, at + 1) != body.npos)
            return fail(Code::corrupt, wanted + " is not there exactly once");
        }
      }
    }
    return {};
  }

  House& house_;
  Dice dice_;
  LoadOptions load_;
  std::vector<std::vector<std::uint64_t>> acknowledged_;  // by kill: tags of requests
};

}  // namespace

Result<Report> crash_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"kills", "500"},
              {"seed", "20261124"},
              {"connections", "8"},
              {"hospes", ""},
              {"folder", "."},
              {"checkpoint_s", "1"}}
  ));
  const auto kills = static_cast<std::uint64_t>(TRY(options.number("kills", 1, 1e6)));
  const auto seed = static_cast<std::uint64_t>(TRY(options.number("seed", 0, 1e15)));
  const auto connections = static_cast<unsigned>(TRY(options.number("connections", 1, 1'000)));
  House house = TRY(House::make(
      {.binary = options.text("hospes"),
       .folder = options.text("folder"),
       .segments = "",
       .settings =
           {"store.partitions=16", "disk.floor_mb=64",
            "store.checkpoint_s=" + options.text("checkpoint_s")}}
  ));
  fmt::print(stderr, "seed {}, {} kills\n", seed, kills);
  TRY(house.start());
  Crashes crashes(house, connections, seed);
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    if (Status whole = crashes.kill_once(kill); !whole) {
      whole.error().message += fmt::format(" (kill {} of seed {})", kill, seed);
      return std::unexpected(whole.error());
    }
  }
  TRY(crashes.check(0, kills));  // and nothing of an early round went later
  TRY(house.stop());
  Report report;
  report.text("workload", "crash");
  report.whole("kills", kills);
  report.whole("seed", seed);
  report.whole("acknowledged_events", crashes.events);
  report.whole("known_events", crashes.known);
  report.number("restart_ms_median", median(crashes.restart_ms));
  report.number("restart_ms_most", percentile(crashes.restart_ms, 100));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
