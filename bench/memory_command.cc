// `hospes-bench memory-per-person`: what one more active person costs the server's memory, all
// included: page, identity, key, indexes. Their timelines are on disk but for `timelines_mb`.
#include <fmt/format.h>

#include <chrono>

#include "base/dice.h"
#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/guarded_set.h"
#include "bench/house.h"
#include "bench/load.h"
#include "bench/machine.h"
#include "bench/options.h"

namespace hospes::bench {
namespace {

constexpr unsigned events_of_person = 15;
constexpr unsigned people_of_request = 4;
constexpr std::size_t trait_bytes = 650;

std::string person_of(std::uint64_t person) { return fmt::format("member-{:08}", person); }

/// 650 B of traits, those that the guarded set asks about among them.
std::string traits_of(Dice& dice) {
  const auto city = dice.below(600);
  std::string traits = fmt::format(
      "\"country\":\"L{:02}\",\"city\":\"S{:03}\",\"plan\":\"pro\",\"age\":{},\"points\":{},"
      "\"news\":{},\"about\":\"",
      city / 10, city, 18 + dice.below(60), dice.below(10'000), dice.chance(40) ? "true" : "false"
  );
  while (traits.size() < trait_bytes) traits += static_cast<char>('a' + dice.below(26));
  return traits + "\"";
}

std::string event_of(Dice& dice) {
  static constexpr std::string_view names[] = {"Product Viewed", "Product Added", "Order Completed"};
  const std::uint64_t what = dice.below(10);
  if (what == 0)
    return fmt::format(
        "\"event\":\"{}\",\"properties\":{{\"total\":{}}}", names[2], 10 + dice.below(400)
    );
  return fmt::format(
      "\"event\":\"{}\",\"properties\":{{\"category\":\"c{:03}\",\"brand\":\"b{:03}\",\"price\":{}}}",
      names[what < 3 ? 1 : 0], dice.below(100), dice.below(120), 5 + dice.below(250)
  );
}

/// All that four people do, in one request.
std::string request_of(std::uint64_t group, std::uint64_t seed) {
  Dice dice(seed + group);
  std::string items;
  for (unsigned p = 0; p < people_of_request; ++p) {
    const std::string who = person_of(group * people_of_request + p);
    for (unsigned i = 0; i < events_of_person; ++i) {
      items += fmt::format(
          "{}{{\"type\":\"{}\",\"userId\":\"{}\",\"messageId\":\"{}-{}\",{},\"context\":{{\"consent\":"
          "{{\"categoryPreferences\":{{\"personalise\":true}}}}}}}}",
          items.empty() ? "" : ",", i == 0 ? "identify" : "track", who, who, i,
          i == 0 ? "\"traits\":{" + traits_of(dice) + "}" : event_of(dice)
      );
    }
  }
  return http_post("/v1/batch", house_key, "{\"batch\":[" + items + "]}");
}

/// Sends people `from` … `to` − 1; the server's memory afterwards, in bytes.
Result<double> grown(const House& house, std::uint64_t from, std::uint64_t to, std::uint64_t seed) {
  std::uint64_t group = from / people_of_request;
  LoadOptions load;
  load.port = house.port();
  load.connections = 8;
  load.lasts = std::chrono::hours(1);
  const auto done = TRY(send_load(load, [&](std::string& request, std::uint64_t) {
    if (group >= to / people_of_request) return false;
    request = request_of(group++, seed);
    return true;
  }));
  if (done.accepted != done.answered || done.broken > 0)
    return fail(Code::unavailable, "the server refused people: " + done.refusal);
  TRY(house.settled("hospes_flow_events_total"));
  return static_cast<double>(TRY(resident_bytes_of(house.pid())));
}

}  // namespace

Result<Report> memory_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"hospes", ""},
              {"folder", "."},
              {"segments", "1000"},
              {"people", "200000"},
              {"timelines_mb", "64"},
              {"seed", "1"}}
  ));
  const auto seed = static_cast<std::uint64_t>(TRY(options.number("seed", 0, 1e15)));
  const auto people = static_cast<std::uint64_t>(TRY(options.number("people", 8, 1e8)));
  const auto segments = static_cast<unsigned>(TRY(options.number("segments", 0, 20'000)));
  House house = TRY(House::make(
      {.binary = options.text("hospes"),
       .folder = options.text("folder"),
       .segments = guarded_set(segments, seed, "personalise"),
       .settings = {"store.timelines_mb=" + options.text("timelines_mb")}}
  ));
  TRY(house.start());
  // What the first half costs holds buffers and tables of fixed size; the second half is people.
  const double half = TRY(grown(house, 0, people / 2, seed));
  const double whole = TRY(grown(house, people / 2, people, seed));
  TRY(house.stop());
  Report report;
  report.text("workload", "memory-per-person");
  report.whole("people", people);
  report.whole("events_per_person", events_of_person);
  report.whole("trait_bytes", trait_bytes);
  report.whole("segments", segments);
  report.number("bytes_per_person", (whole - half) / (static_cast<double>(people) / 2));
  report.number("resident_mb", whole / (1 << 20));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
