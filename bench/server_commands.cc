// The server workloads of bench/README.md, each against a `hospes serve` of its own.
#include <algorithm>
#include <thread>

#include "bench/commands.h"
#include "bench/server_stage.h"
#include "bench/stats.h"

namespace hospes::bench {
namespace {

using std::chrono::milliseconds;

/// The median of each figure over the runs.
struct Figures {
  std::vector<double> rate, server_us, generator_us, first_seen, p50, p99;

  void add(const Cost& cost) {
    rate.push_back(static_cast<double>(cost.events) / cost.load.seconds);
    server_us.push_back(cost.server_us);
    generator_us.push_back(cost.generator_us);
    first_seen.push_back(cost.first_seen);
    p50.push_back(percentile(cost.load.waits_ms, 50));
    p99.push_back(percentile(cost.load.waits_ms, 99));
  }
  void write(Report& report) const {
    report.number("events_per_second", median(rate));
    report.number("events_per_second_least", *std::ranges::min_element(rate));
    report.number("ack_p50_ms", median(p50));
    report.number("ack_p99_ms", median(p99));
    report.number("server_cpu_us_per_event", median(server_us));
    report.number("generator_cpu_us_per_event", median(generator_us));
    report.number("first_seen_share", median(first_seen));
  }
};

struct Runs {
  unsigned count = 5;
  milliseconds each{6'000};
};
Result<Runs> runs_of(const Options& options) {
  Runs runs;
  runs.count = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  runs.each =
      milliseconds(static_cast<std::int64_t>(1e3 * TRY(options.number("seconds", 0.5, 3'600))));
  return runs;
}

Status close(Report& report, const Options& options, Stage& stage) {
  report.whole("distinct_people", stage.visitors.distinct());
  report.number(
      "server_resident_mb",
      static_cast<double>(TRY(resident_bytes_of(stage.house.pid()))) / (1 << 20)
  );
  report.number("stop_ms", TRY(stage.house.stop()));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return {};
}

Result<Report> ingest_report(
    std::string_view name, const Options& options, double events_per_second
) {
  const Runs runs = TRY(runs_of(options));
  Stage stage = TRY(set_stage(options));
  Figures figures;
  for (unsigned i = 0; i < runs.count; ++i) {
    stage.visitors.begin_run(i + 1);
    figures.add(TRY(ingest(stage, runs.each, events_per_second)));
  }
  Report report;
  report.text("workload", name);
  report.whole("runs", runs.count);
  if (events_per_second > 0) report.number("events_per_second_offered", events_per_second);
  figures.write(report);
  TRY(close(report, options, stage));
  return report;
}

}  // namespace

Result<Report> ingest_sealed_command(std::span<const char* const> words) {
  return ingest_report("ingest-sealed", TRY(Options::read(words, server_options({}))), 0);
}

Result<Report> ingest_latency_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(words, server_options({{"rate", "50000"}})));
  return ingest_report("ingest-latency", options, TRY(options.number("rate", 1, 1e7)));
}

Result<Report> profile_read_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, server_options({{"rate", "20000"}, {"reads", "20000"}, {"readers", "32"}})
  ));
  const Runs runs = TRY(runs_of(options));
  const double rate = TRY(options.number("rate", 1, 1e7));
  LoadOptions load;
  load.requests_per_second = TRY(options.number("reads", 0, 1e7));
  load.connections = static_cast<unsigned>(TRY(options.number("readers", 1, 10'000)));
  load.lasts = runs.each;
  Stage stage = TRY(set_stage(options));
  load.port = stage.house.console_port();
  Visitors asked(
      {.seed = 7, .regulars = static_cast<std::uint32_t>(TRY(options.number("people", 1, 1e8)))}
  );
  const auto next = [&](std::string& request, std::uint64_t) {
    request = http_get(
        "/v1/profiles/user_id:" + Visitors::user_id(asked.somebody()), stage.house.token()
    );
    return true;
  };
  Figures figures;
  std::vector<double> rates, p50, p99;
  for (unsigned i = 0; i < runs.count; ++i) {
    stage.visitors.begin_run(i + 1);
    Result<Cost> beside = fail(Code::unavailable, "not begun");
    std::thread writer([&] { beside = ingest(stage, runs.each, rate); });
    auto read = send_load(load, next);
    writer.join();
    if (!read) return std::unexpected(read.error());
    figures.add(TRY(std::move(beside)));
    if (read->accepted != read->answered)
      return fail(Code::unavailable, "a profile read was refused; is everybody known?");
    rates.push_back(static_cast<double>(read->accepted) / read->seconds);
    p50.push_back(percentile(read->waits_ms, 50));
    p99.push_back(percentile(read->waits_ms, 99));
  }
  Report report;
  report.text("workload", "profile-read");
  report.whole("runs", runs.count);
  report.number("reads_per_second", median(rates));
  report.number("read_p50_ms", median(p50));
  report.number("read_p99_ms", median(p99));
  Report writes;
  figures.write(writes);
  report.object("beside", writes);
  TRY(close(report, options, stage));
  return report;
}

Result<Report> recovery_command(std::span<const char* const> words) {
  // Longer than the run: everything after the restart is the tail.
  const Options options = TRY(Options::read(
      words, server_options({{"people", "5000000"}, {"events", "10000000"}, {"runs", "1"}})
  ));
  const auto events = static_cast<std::uint64_t>(TRY(options.number("events", 1, 1e9)));
  Stage stage = TRY(set_stage(options, {"store.checkpoint_s=600"}));
  TRY(stage.house.stop());
  TRY(stage.house.start());
  stage.visitors.begin_run(1);
  const Cost cost = TRY(ingest(stage, std::chrono::hours(1), 0, events));
  if (cost.load.seconds > 590)
    return fail(Code::over_limit, "a checkpoint came between; ask for fewer --events");
  stage.house.kill();
  const auto began = std::chrono::steady_clock::now();
  TRY(stage.house.start());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  Report report;
  report.text("workload", "recovery");
  report.whole("people", stage.visitors.distinct());
  report.whole("events_after_checkpoint", cost.events);
  report.number("ready_s", took.count());
  report.number("server_cpu_s", TRY(cpu_us_of(stage.house.pid())) / 1e6);
  TRY(close(report, options, stage));
  return report;
}

}  // namespace hospes::bench
