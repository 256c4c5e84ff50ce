// `hospes-bench load`: what a server that already runs on this machine takes, from outside.
#include <chrono>

#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/load.h"
#include "bench/options.h"
#include "bench/stats.h"

namespace hospes::bench {
namespace {

struct Run {
  LoadResult load;
  double cpu_us_per_event = 0;  // of the server; 0 when its pid was not given
  std::uint32_t distinct = 0;
};

struct Plan {
  LoadOptions load;
  CrowdOptions crowd;
  std::string path, key;
  pid_t pid = 0;
};

Instant now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

Result<Run> run_once(const Plan& plan) {
  Crowd crowd(plan.crowd);
  Batch batch;
  const auto next = [&](std::string& request, std::uint64_t) {
    crowd.next(now(), batch);
    request = http_post(plan.path, plan.key, batch.body);
    return true;
  };
  const double cpu_before = plan.pid == 0 ? 0 : TRY(cpu_us_of(plan.pid));
  Run run{.load = TRY(send_load(plan.load, next)), .distinct = crowd.distinct()};
  const double cpu = (plan.pid == 0 ? 0 : TRY(cpu_us_of(plan.pid))) - cpu_before;
  const auto events = static_cast<double>(run.load.accepted * plan.crowd.events_per_batch);
  run.cpu_us_per_event = events > 0 ? cpu / events : 0;
  return run;
}

Result<Plan> read_plan(const Options& options) {
  Plan plan;
  plan.path = options.text("path");
  plan.key = options.text("key");
  plan.pid = static_cast<pid_t>(TRY(options.number("pid", 0, 1e9)));
  plan.load.port = static_cast<std::uint16_t>(TRY(options.number("port", 1, 65'535)));
  plan.load.connections = static_cast<unsigned>(TRY(options.number("connections", 1, 10'000)));
  plan.load.lasts = std::chrono::milliseconds(
      static_cast<std::int64_t>(1e3 * TRY(options.number("seconds", 0.1, 3'600)))
  );
  plan.crowd.seed = static_cast<std::uint64_t>(TRY(options.number("seed", 0, 1e15)));
  plan.crowd.people = static_cast<std::uint32_t>(TRY(options.number("people", 0, 1e8)));
  plan.crowd.events_per_batch = static_cast<unsigned>(TRY(options.number("batch", 1, 2'500)));
  plan.load.requests_per_second = TRY(options.number("rate", 0, 1e7)) / plan.crowd.events_per_batch;
  return plan;
}

}  // namespace

Result<Report> load_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"port", "8080"},
              {"path", "/v1/batch"},
              {"key", "wk_demo"},
              {"pid", "0"},
              {"connections", "32"},
              {"seconds", "10"},
              {"runs", "5"},
              {"seed", "1"},
              {"people", "1000000"},
              {"batch", "20"},
              {"rate", "0"},
              {"folder", "."}}
  ));
  Plan plan = TRY(read_plan(options));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  std::vector<double> rates, cpus, p50s, p99s;
  Report report;
  std::uint64_t refused = 0, broken = 0;
  std::uint32_t distinct = 0;
  for (unsigned i = 0; i < runs; ++i) {
    // Another prefix, or the server would rightly count nothing twice.
    plan.crowd.message_prefix = "b" + std::to_string(now().us) + "-" + std::to_string(i);
    const Run run = TRY(run_once(plan));
    rates.push_back(
        static_cast<double>(run.load.accepted * plan.crowd.events_per_batch) / run.load.seconds
    );
    cpus.push_back(run.cpu_us_per_event);
    p50s.push_back(percentile(run.load.waits_ms, 50));
    p99s.push_back(percentile(run.load.waits_ms, 99));
    refused += run.load.answered - run.load.accepted;
    broken += run.load.broken;
    distinct = run.distinct;
  }
  report.text("workload", "load");
  report.whole("runs", runs);
  report.number("events_per_second", median(rates));
  report.number("answer_p50_ms", median(p50s));
  report.number("answer_p99_ms", median(p99s));
  if (plan.pid != 0) report.number("server_cpu_us_per_event", median(cpus));
  report.whole("requests_refused", refused);
  report.whole("requests_broken", broken);
  report.whole("distinct_people", distinct);
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
