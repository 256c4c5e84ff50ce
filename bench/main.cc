// hospes-bench: see bench/README.md.
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "bench/commands.h"
#include "bench/options.h"

namespace hospes::bench {

Result<Report> machine_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(words, {{"folder", "."}}));
  return surroundings(options.text("folder"));
}

namespace {

struct Command {
  std::string_view name;
  Result<Report> (*run)(std::span<const char* const>);
  std::string_view means;
};
constexpr std::array commands = {
    Command{
        "load", load_command,
        "batches of invented people to a server that runs on this machine: --port --key [--pid] "
        "[--rate EVENTS/S] "
        "[--connections] [--seconds] [--runs] [--batch] [--people] [--seed]"},
    Command{
        "ingest-sealed", ingest_sealed_command,
        "a server of its own under all the load it takes: [--hospes] [--folder] [--segments] "
        "[--people] [--runs] "
        "[--seconds] [--connections] [--batch] [--partitions] [--threads] [--seed]"},
    Command{
        "ingest-latency", ingest_latency_command,
        "how long an answer takes at an even --rate of 50000 events/s; options as ingest-sealed"},
    Command{
        "profile-read", profile_read_command,
        "GET profile at --reads a second beside --rate events/s: [--readers]; options as "
        "ingest-sealed"},
    Command{
        "transition", transition_command,
        "from the sending of an event to its passage on the live stream, at --rate events/s; "
        "options as ingest-sealed"},
    Command{
        "recovery", recovery_command,
        "kill -9 with --people known and --events after the last checkpoint, until it is live "
        "again"},
    Command{
        "backfill", backfill_command,
        "a new segment over --history events while --rate events/s flow: seconds until it is in force everywhere; "
        "options as ingest-sealed"},
    Command{
        "weld", weld_command,
        "--welded people name one value, --attack a second: the acknowledgement of others at --rate events/s, beside as "
        "much load without it; options as ingest-sealed"},
    Command{
        "outbox", outbox_command,
        "from an event to its webhook, recorded: --effects a run to a sink in this process: [--runs] "
        "[--connections] [--batch] [--partitions] [--out CONNECTIONS] [--hospes] [--folder]"},
    Command{
        "decide", decide_command,
        "ten slots over a thousand offers for one of --people: questions a second, or the waits at an "
        "even --rate: [--runs] [--seconds] [--connections] [--mode prefetch|execute] [--hospes] "
        "[--folder]"},
    Command{
        "mail", mail_command,
        "30 kB rendered, signed twice, handed to a relay in this process: [--messages] "
        "[--connections] [--runs] [--folder]"},
    Command{
        "crash", crash_command,
        "kill -9 of a server of its own under load, --kills times: each acknowledged event is "
        "there "
        "afterwards, once, readable: [--kills 500] [--seed] [--connections] [--hospes] [--folder]"},
    Command{
        "truth", truth_command,
        "engine against evaluator over random definitions and lives: [--seconds 60] [--seed] "
        "[--scenario FILE], where a difference is written"},
    Command{
        "set-algebra", set_algebra_command,
        "combinations of segments as /v1/sets counts them, on bitmaps in memory: [--people 10000000] "
        "[--partitions 64] [--segments 100] [--runs 51] [--seed]"},
    Command{
        "mutants", mutants_command,
        "twenty seeded bugs, each built alone and found by truth, or not: [--seconds 60] [--seed] [--only NAME] "
        "[--jobs] [--folder]; run in the project's folder"},
    Command{
        "machine", machine_command, "this machine: disk probe, calibration loop, load: [--folder]"},
    Command{
        "memory-per-person", memory_command,
        "what one more person with 15 events and 650 B of traits costs a server: [--people] "
        "[--segments] [--timelines_mb] [--hospes] [--folder] [--seed]"},
    Command{
        "segments-1k", segments_1k_command,
        "CPU of the segment engine an event, 1,000 segments, 1 M people: [--people] [--history] "
        "[--events] [--runs] [--seed]"},
    Command{
        "segments-curve", segments_curve_command,
        "the engine with 100, 1,000 and 10,000 segments over the same people: what an event costs, by how many tests it "
        "touches; options as segments-1k"},
    Command{"segments-10k", segments_10k_command, "the same with 10,000 segments"},
    Command{
        "window-exit", window_exit_command,
        "1 M people whose windows end in one hour, or in one second: [--people] [--runs]"},
    Command{
        "timers", timers_command,
        "people who wait in a journey: how late they move, how many a second, an edit among them, a restart: "
        "[--pending 10000000] [--per_person 10] [--led 0|1] [--rate 20000] [--seconds] [--runs] [--folder]"},
    Command{
        "insight", insight_command,
        "the models on public data sets, under the names of the peers' scripts: [--data FOLDER] "
        "[--runs]"},
    Command{
        "cpu-check", cpu_check_command,
        "fails when an event costs over 1.3 times what is stored: [--baseline FILE]"},
    Command{"baseline", baseline_command, "stores what it costs now: [--write FILE]"},
};

int list(std::FILE* to) {
  fmt::print(
      to,
      "usage: hospes-bench COMMAND [--option value]... [--json FILE]    prints one JSON object\n\n"
  );
  for (const Command& c : commands) fmt::print(to, "  {:<18} {}\n", c.name, c.means);
  return to == stdout ? 0 : 2;
}

int run(std::span<const char* const> words) {
  if (words.empty()) return list(stderr);
  const std::string_view name(words[0]);
  // `--json FILE` at the end: there too.
  const char* file = nullptr;
  if (words.size() > 2 && std::string_view(words[words.size() - 2]) == "--json") {
    file = words.back();
    words = words.first(words.size() - 2);
  }
  if (name == "--help" || name == "--list") return list(stdout);
  for (const Command& c : commands) {
    if (c.name != name) continue;
    const auto report = c.run(words.subspan(1));
    if (report) fmt::print("{}\n", report->json());
    if (report && file != nullptr) std::ofstream(file) << report->json() << '\n';
    if (!report) fmt::print(stderr, "error: {}\n", report.error().message);
    return report ? 0 : 1;
  }
  std::vector<std::string_view> names;
  for (const Command& c : commands) names.push_back(c.name);
  fmt::print(
      stderr, "error: unknown command '{}'{}. hospes-bench --list shows all.\n", name,
      nearest_hint(name, names)
  );
  return 2;
}

}  // namespace
}  // namespace hospes::bench

int main(int argc, char** argv) {
  return hospes::bench::run(
      std::span<const char* const>(argv + 1, static_cast<std::size_t>(argc - 1))
  );
}
