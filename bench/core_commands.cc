// The core workloads: the segment engine as a partition uses it, one thread, CPU time.
#include <fmt/format.h>

#include <memory>

#include "bench/commands.h"
#include "bench/engine_house.h"
#include "bench/guarded_set.h"
#include "bench/options.h"
#include "bench/stats.h"

namespace hospes::bench {
namespace {

/// Events made ahead, so that making them is not measured.
class Batches {
 public:
  Batches(const LifeOptions& options, Names& names) : lives_(options, names), deeds_(10'000) {}

  /// CPU µs of this thread that `count` events took; the rest of it was making them.
  double feed(EngineHouse& house, std::uint64_t count) {
    double spent_us = 0;
    while (count > 0) {
      const auto n = std::min<std::uint64_t>(count, deeds_.size());
      for (std::uint64_t i = 0; i < n; ++i) lives_.next(deeds_[i]);
      const double began_us = thread_cpu_us();
      for (std::uint64_t i = 0; i < n; ++i)
        house.take(deeds_[i].person, deeds_[i].event, deeds_[i].arrives);
      spent_us += thread_cpu_us() - began_us;
      count -= n;
    }
    return spent_us;
  }
  Instant now() const { return deeds_.back().arrives; }

 private:
  Lives lives_;
  std::vector<Deed> deeds_;
};

Result<Options> segment_options(std::span<const char* const> words, unsigned size) {
  return Options::read(
      words, {{"segments", std::to_string(size)},
              {"people", "1000000"},
              {"history", "8000000"},
              {"events", "1000000"},
              {"runs", "5"},
              {"seed", "1"}}
  );
}

Result<Report> segments(const Options& options, unsigned set) {
  LifeOptions life;
  life.seed = static_cast<std::uint64_t>(TRY(options.number("seed", 0, 1e15)));
  life.people = static_cast<std::uint32_t>(TRY(options.number("people", 1, 1e8)));
  const auto history = static_cast<std::uint64_t>(TRY(options.number("history", 0, 1e9)));
  const auto events = static_cast<std::uint64_t>(TRY(options.number("events", 1, 1e9)));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));

  Names names;
  const auto definitions = TRY(bound_set(guarded_set(set, life.seed), names));
  EngineHouse house(definitions, life.people);
  Batches batches(life, names);
  const double history_us = batches.feed(house, life.people + history);
  const EngineHouse::Totals before = house.totals();
  std::vector<double> costs;
  for (unsigned i = 0; i < runs; ++i)
    costs.push_back(batches.feed(house, events) / static_cast<double>(events));
  const EngineHouse::Totals after = house.totals();
  const auto per_event = [&](std::uint64_t EngineHouse::Totals::*what) {
    return static_cast<double>(after.*what - before.*what) / static_cast<double>(events * runs);
  };
  Report report;
  report.text("workload", fmt::format("segments-{}k", set / 1'000));
  report.whole("runs", runs);
  report.whole("people", life.people);
  report.whole("segments", set);
  report.whole("distinct_tests", distinct_tests(*definitions));
  report.number("cpu_us_per_event", median(costs));
  report.number("cpu_us_per_event_min", percentile(costs, 1));
  report.number("cpu_us_per_event_max", percentile(costs, 100));
  report.number("transitions_per_event", per_event(&EngineHouse::Totals::transitions));
  report.number("transitions_by_time_per_event", per_event(&EngineHouse::Totals::by_time));
  report.number("timer_fires_per_event", per_event(&EngineHouse::Totals::fires));
  report.number("timers_put_back_per_event", per_event(&EngineHouse::Totals::put_back));
  report.number("rebuilds_per_event", per_event(&EngineHouse::Totals::rebuilds));
  report.number("rebuilds_per_second", 1e6 * per_event(&EngineHouse::Totals::rebuilds) / median(costs));
  report.number("timers_per_person", static_cast<double>(house.waiting()) / life.people);
  std::size_t page_bytes = 0, members = 0;
  for (std::uint32_t p = 0; p < life.people; ++p) {
    page_bytes += house.page(p).memory_bytes();
    members += house.page(p).members().size();
  }
  report.number("page_bytes_per_person", static_cast<double>(page_bytes) / life.people);
  report.number("memberships_per_person", static_cast<double>(members) / life.people);
  report.number("wheel_bytes_per_person", static_cast<double>(house.wheel_bytes()) / life.people);
  report.number("history_cpu_s", history_us / 1e6);
  report.object("measured_on", core_surroundings());
  return report;
}

}  // namespace

Result<Report> segments_1k_command(std::span<const char* const> words) {
  const Options options = TRY(segment_options(words, 1'000));
  return segments(options, static_cast<unsigned>(TRY(options.number("segments", 1, 20'000))));
}
Result<Report> segments_10k_command(std::span<const char* const> words) {
  const Options options = TRY(segment_options(words, 10'000));
  return segments(options, static_cast<unsigned>(TRY(options.number("segments", 1, 20'000))));
}
Result<Report> segments_curve_command(std::span<const char* const> words) {
  const Options options = TRY(segment_options(words, 10'000));
  const auto most = static_cast<unsigned>(TRY(options.number("segments", 1, 20'000)));
  Report report;
  report.text("workload", "segments-curve");
  for (const unsigned set : {100U, 1'000U, 10'000U})
    if (set <= most) report.object(fmt::format("segments_{}", set), TRY(segments(options, set)));
  return report;
}

}  // namespace hospes::bench
