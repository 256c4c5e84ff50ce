// `hospes-bench cpu-check`: has an event become dearer? CPU of a fixed core workload as a ratio to
// a calibration loop run between its slices, so that neither the machine nor its neighbours count.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "bench/commands.h"
#include "bench/engine_house.h"
#include "bench/guarded_set.h"
#include "bench/options.h"

namespace hospes::bench {
namespace {

constexpr double ratio_max = 1.3;  // of the stored one
constexpr std::uint32_t people = 20'000;
constexpr unsigned slices = 9;
constexpr unsigned slice_events = 20'000;

/// CPU of 1,000 events against one calibration loop: the median over slices, each set against the
/// loops just before and after it.
Result<double> measured_ratio() {
  Names names;
  EngineHouse house(TRY(bound_set(guarded_set(1'000, 1), names)), people);
  LifeOptions life;
  life.people = people;
  Lives lives(life, names);
  std::vector<Deed> deeds(slice_events);
  std::array<double, slices> ratios{};
  for (std::uint32_t past = 0; past < 10 * people; past += slice_events) {
    for (Deed& deed : deeds) lives.next(deed);
    for (const Deed& deed : deeds) house.take(deed.person, deed.event, deed.arrives);
  }
  double loop_us = calibrate_us();
  for (double& ratio : ratios) {
    for (Deed& deed : deeds) lives.next(deed);
    const double began_us = thread_cpu_us();
    for (const Deed& deed : deeds) house.take(deed.person, deed.event, deed.arrives);
    const double spent_us = thread_cpu_us() - began_us;
    const double next_us = calibrate_us();
    ratio = spent_us / slice_events * 1'000 / ((loop_us + next_us) / 2);
    loop_us = next_us;
  }
  std::ranges::sort(ratios);
  return ratios[slices / 2];
}

Result<double> stored_ratio(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream read;
  read << in.rdbuf();
  const std::string text = read.str();
  static constexpr std::string_view key = "\"segments_ratio\":";
  const auto at = text.find(key);
  double value = 0;
  if (at != std::string::npos) {
    const char* from = text.data() + at + key.size();
    std::from_chars(from, text.data() + text.size(), value);
  }
  if (value > 0) return value;
  return fail(
      Code::not_found, path + " holds no segments_ratio: write it with hospes-bench baseline"
  );
}

}  // namespace

Result<Report> cpu_check_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(words, {{"baseline", "bench/baseline.json"}}));
  const double stored = TRY(stored_ratio(options.text("baseline")));
  const double measured = TRY(measured_ratio());
  if (measured > ratio_max * stored) {
    return fail(
        Code::over_limit,
        fmt::format(
            "1,000 events cost {:.4f} calibration loops, {:.2f} times the stored {:.4f}; at most "
            "{} times. If it is worth it, say why and run hospes-bench baseline",
            measured, measured / stored, stored, ratio_max
        )
    );
  }
  Report report;
  report.text("workload", "cpu-check");
  report.number("segments_ratio", measured);
  report.number("of_stored", measured / stored);
  return report;
}

Result<Report> baseline_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(words, {{"write", "bench/baseline.json"}}));
  Report report;
  report.number("segments_ratio", TRY(measured_ratio()));
  report.object("measured_on", core_surroundings());
  std::ofstream out(options.text("write"));
  out << report.json() << '\n';
  if (!out.flush()) return fail(Code::unavailable, "cannot write " + options.text("write"));
  return report;
}

}  // namespace hospes::bench
