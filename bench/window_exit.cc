// `hospes-bench window-exit`: everybody's window ends in the same hour, or in the same second. In
// process, at the engine: the wheel, the pages and the passages, without log and stream.
#include <chrono>

#include "bench/commands.h"
#include "bench/engine_house.h"
#include "bench/guarded_set.h"
#include "bench/options.h"
#include "bench/stats.h"

namespace hospes::bench {
namespace {

constexpr const char* seen_today =
    "segment seen_today\n  purpose market\n  where did \"Product Viewed\" in 1d\n";

/// Everybody does one thing, spread over `spread`; their windows end a day later, spread likewise.
/// Fires all of it at once, as after a stop: how long until the last has left? And in CPU.
struct Run {
  double last_s = 0;
  double cpu_us_per_exit = 0;
  std::uint64_t exits = 0;
};

Result<Run> run_once(std::uint32_t people, Duration spread) {
  Names names;
  EngineHouse house(TRY(bound_set(seen_today, names)), people);
  const Instant began{1'760'000'000'000'000};
  Event event;
  event.name = TRY(names.intern("Product Viewed"));
  event.mask = 1;
  for (std::uint32_t p = 0; p < people; ++p) {
    const Instant at = began + Duration(spread.count() * p / people);
    event.happened = event.received = at;
    event.message = {p, 1};
    house.take(p, event, at);
  }
  const std::uint64_t before = house.totals().transitions;
  const double cpu_us = thread_cpu_us();
  const auto wall = std::chrono::steady_clock::now();
  house.pass(began + std::chrono::days(1) + spread);
  Run out;
  out.last_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  out.exits = house.totals().transitions - before;
  out.cpu_us_per_exit = (thread_cpu_us() - cpu_us) / static_cast<double>(out.exits);
  return out;
}

}  // namespace

Result<Report> window_exit_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(words, {{"people", "1000000"}, {"runs", "5"}}));
  const auto people = static_cast<std::uint32_t>(TRY(options.number("people", 1, 1e8)));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  std::vector<double> hour_us, second_us, second_s;
  std::uint64_t exits = 0;
  for (unsigned i = 0; i < runs; ++i) {
    hour_us.push_back(TRY(run_once(people, std::chrono::hours(1))).cpu_us_per_exit);
    const Run second = TRY(run_once(people, std::chrono::seconds(1)));
    second_us.push_back(second.cpu_us_per_exit);
    second_s.push_back(second.last_s);
    exits = second.exits;
  }
  Report report;
  report.text("workload", "window-exit");
  report.whole("runs", runs);
  report.whole("people", people);
  report.whole("exits", exits);
  report.number("hour_cpu_us_per_exit", median(hour_us));
  report.number("second_cpu_us_per_exit", median(second_us));
  report.number("second_last_s", median(second_s));
  report.object("measured_on", core_surroundings());
  return report;
}

}  // namespace hospes::bench
