// Decisions: ten slots over a thousand offers for one of many known people, asked over HTTP.
#include <fmt/format.h>

#include <algorithm>

#include "base/dice.h"
#include "bench/commands.h"
#include "bench/guarded_set.h"
#include "bench/crowd.h"
#include "bench/house.h"
#include "bench/load.h"
#include "bench/options.h"
#include "bench/server_stage.h"
#include "bench/stats.h"

namespace hospes::bench {
namespace {

constexpr unsigned slots = 10, offers = 1'000, segments = 1'000;

/// A hundred offers a slot, each for one segment; one in twenty is for everybody.
std::string decisions() {
  Dice dice(7);
  std::string out;
  for (unsigned s = 0; s < slots; ++s)
    out += fmt::format("[[placement]]\nname = \"slot{}\"\nitems = 1\n", s);
  for (unsigned o = 0; o < offers; ++o) {
    out += fmt::format(
        "[[offer]]\nname = \"offer{}\"\nplacements = [\"slot{}\"]\npriority = {}\n", o, o % slots,
        dice.below(100)
    );
    if (o % 20 != 0) out += fmt::format("purpose = \"market\"\nsegment = \"g{:05}\"\n", o % segments);
    out += fmt::format(
        "payload.en = {{ title = \"Offer {}\", image = \"/i/{}.webp\" }}\n"
        "payload.fr = {{ title = \"Offre {}\", image = \"/i/{}.webp\" }}\n",
        o, o, o, o
    );
  }
  return out;
}

std::string known(std::uint64_t first, unsigned count) {
  std::string body = "{\"batch\":[";
  for (unsigned i = 0; i < count; ++i) {
    fmt::format_to(
        std::back_inserter(body),
        "{}{{\"type\":\"track\",\"userId\":\"u{}\",\"event\":\"Order Completed\",\"messageId\":\"m{}\","
        "\"properties\":{{\"order_id\":\"o{}\",\"total\":{},\"currency\":\"EUR\"}}}}",
        i > 0 ? "," : "", first + i, first + i, first + i, (first + i) % 200
    );
  }
  return body + "]}";
}

Status make_known(const House& house, std::uint64_t people) {
  constexpr unsigned batch = 500;
  std::uint64_t sent = 0;
  const LoadOptions load{
      .port = house.port(), .connections = 4, .lasts = std::chrono::minutes(5)};
  const LoadResult done = TRY(send_load(load, [&](std::string& request, std::uint64_t) {
    if (sent >= people) return false;
    const auto count = static_cast<unsigned>(std::min<std::uint64_t>(batch, people - sent));
    request = http_post("/v1/batch", house_key, known(sent, count));
    sent += count;
    return true;
  }));
  if (done.accepted != done.answered)
    return fail(Code::unavailable, "somebody was refused: " + done.refusal);
  TRY(house.settled("hospes_node_waiting_records"));
  return {};
}

std::string question(std::uint64_t person, std::string_view mode) {
  std::string body = fmt::format(
      "{{\"subject\":{{\"userId\":\"u{}\"}},\"context\":{{\"locale\":\"fr-FR\"}},\"mode\":\"{}\","
      "\"placements\":[",
      person, mode
  );
  for (unsigned s = 0; s < slots; ++s)
    body += fmt::format("{}{{\"key\":\"slot{}\"}}", s > 0 ? "," : "", s);
  return body + "]}";
}

}  // namespace

Result<Report> decide_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"hospes", ""}, {"folder", "."}, {"runs", "5"}, {"seconds", "5"}, {"people", "100000"},
              {"connections", "16"}, {"rate", "0"}, {"mode", "prefetch"}, {"seed", "1"}}
  ));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  const auto people = static_cast<std::uint64_t>(TRY(options.number("people", 1, 1e7)));
  HouseOptions house_options{.binary = options.text("hospes"), .folder = options.text("folder")};
  house_options.segments = guarded_set(segments, 1);
  house_options.decisions = decisions();
  House house = TRY(House::make(std::move(house_options)));
  TRY(house.start());
  TRY(make_known(house, people));
  Dice dice(static_cast<std::uint64_t>(TRY(options.number("seed", 0, 1e15))));
  LoadOptions load{.port = house.port()};
  load.connections = static_cast<unsigned>(TRY(options.number("connections", 1, 1'000)));
  load.requests_per_second = TRY(options.number("rate", 0, 1e6));
  load.lasts = std::chrono::milliseconds(
      static_cast<std::int64_t>(1e3 * TRY(options.number("seconds", 0.5, 600)))
  );
  std::vector<double> rates, cpu, p50, p99;
  for (unsigned i = 0; i < runs; ++i) {
    const double before = TRY(cpu_us_of(house.pid()));
    const LoadResult done = TRY(send_load(load, [&](std::string& request, std::uint64_t) {
      request = http_post("/v1/decide", house_key, question(dice.below(people), options.text("mode")));
      return true;
    }));
    if (done.accepted != done.answered || done.accepted == 0)
      return fail(Code::unavailable, "a question was refused: " + done.refusal);
    rates.push_back(static_cast<double>(done.accepted) / done.seconds);
    cpu.push_back((TRY(cpu_us_of(house.pid())) - before) / static_cast<double>(done.accepted));
    p50.push_back(percentile(done.waits_ms, 50));
    p99.push_back(percentile(done.waits_ms, 99));
  }
  Report report;
  report.text("workload", "decide");
  report.text("mode", options.text("mode"));
  report.whole("runs", runs);
  report.whole("people", people);
  report.number("questions_per_second", median(rates));
  report.number("questions_per_second_least", *std::ranges::min_element(rates));
  report.number("p50_ms", median(p50));
  report.number("p99_ms", median(p99));
  report.number("server_cpu_us_per_question", median(cpu));
  report.number("stop_ms", TRY(house.stop()));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
