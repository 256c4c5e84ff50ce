// What one large thing costs those beside it: a new segment over all of history (`backfill`), and a value that a million
// people name (`weld`), each while others' events flow.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/server_stage.h"
#include "bench/stats.h"
#include "http/client.h"

namespace hospes::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds ms_of(double seconds) { return milliseconds(static_cast<std::int64_t>(1e3 * seconds)); }

http::Client console(const House& house) {
  http::ClientOptions options;
  options.port = house.console_port();
  options.timeout = std::chrono::minutes(10);
  return http::Client(options);
}

http::Headers staff(const House& house) {
  http::Headers headers;
  headers.add("Authorization", "Bearer " + house.token());
  return headers;
}

/// Puts a definition in force; seconds until the house says that it is everywhere.
Result<double> keep(const House& house, const std::string& id, const std::string& definition) {
  auto client = console(house);
  const auto began = Clock::now();
  const auto answer = TRY(client.send("PUT", "/v1/segments/" + id, staff(house), definition));
  const std::chrono::duration<double> took = Clock::now() - began;
  if (answer.status == 201) return took.count();
  return fail(Code::unavailable, "the definition was not kept: " + answer.body);
}

/// The different states of the switch that somebody who looks on can see.
std::set<std::string> watch(const House& house, const std::atomic<bool>& over) {
  auto client = console(house);
  std::set<std::string> seen;
  while (!over) {
    const auto answer = client.send("GET", "/v1/backfill", staff(house), "");
    if (!answer || answer->status != 200) continue;
    const std::string& body = answer->body;
    if (body.find("\"running\":true") == body.npos) continue;
    const auto at = body.find("\"switched\":");
    seen.insert(body.substr(at, body.find(',', at) - at));
  }
  return seen;
}

/// The n-th person who names the one value, each with a login of their own.
void weld(std::uint64_t first, unsigned batch, std::string_view stamp, std::string& body) {
  body = R"({"batch":[)";
  for (unsigned i = 0; i < batch; ++i)
    body += fmt::format(
        R"({}{{"type":"identify","userId":"w{}","messageId":"weld-{}","traits":{{"email":"till@shop.example"}},)"
        R"("context":{{"consent":{{"categoryPreferences":{{"personalise":true,"link":true}}}}}}}})",
        i == 0 ? "" : ",", first + i, first + i
    );
  body.append(R"(],"sentAt":")").append(stamp).append(R"("})");
}

struct Attack {
  std::uint64_t sent = 0, accepted = 0;
  std::string refusal;
  Status status;
};

/// Over connections of its own, until `over` or all are sent.
Attack attack(
    const House& house, std::uint64_t first, std::uint64_t people, double per_second, milliseconds lasts
) {
  constexpr unsigned batch = 100;
  Attack out;
  std::string body;
  const auto next = [&](std::string& request, std::uint64_t) {
    if (out.sent >= people) return false;
    weld(first + out.sent, batch, to_string(now()), body);
    out.sent += batch;
    request = http_post("/v1/batch", house_key, body);
    return true;
  };
  LoadOptions load;
  load.port = house.port();
  load.connections = 8;
  load.lasts = lasts;
  load.requests_per_second = per_second / batch;
  const auto done = send_load(load, next);
  if (!done) {
    out.status = std::unexpected(done.error());
    return out;
  }
  out.accepted = done->accepted * batch;
  out.refusal = done->refusal;
  return out;
}

}  // namespace

Result<Report> backfill_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, server_options({{"rate", "20000"}, {"history", "10000000"}, {"seconds", "60"}, {"runs", "1"}})
  ));
  const double rate = TRY(options.number("rate", 1, 1e7));
  const auto history = static_cast<std::uint64_t>(TRY(options.number("history", 1, 1e9)));
  const auto lasts = ms_of(TRY(options.number("seconds", 1, 3'600)));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 20)));
  Stage stage = TRY(set_stage(options));
  stage.visitors.begin_run(1);
  TRY(ingest(stage, std::chrono::hours(3), 0, history));
  TRY(stage.house.settled("hospes_node_waiting_records"));
  std::vector<double> took, alone_p99, beside_p99;
  std::size_t states = 0;
  for (unsigned run = 0; run < runs; ++run) {
    stage.visitors.begin_run(2 * run + 2);
    const Cost alone = TRY(ingest(stage, ms_of(10), rate));
    alone_p99.push_back(percentile(alone.load.waits_ms, 99));
    stage.visitors.begin_run(2 * run + 3);
    std::atomic<bool> over = false;
    Result<Cost> beside = fail(Code::unavailable, "not begun");
    std::set<std::string> seen;
    std::thread writer([&] { beside = ingest(stage, lasts, rate); });
    std::thread watcher([&] { seen = watch(stage.house, over); });
    const std::string id = fmt::format("filled{}", run);
    const auto done = keep(
        stage.house, id,
        fmt::format(
            "segment {} purpose personalise where count(\"Order Completed\", 90d) >= {}\n"
            "  and not count(\"Product Viewed\", 7d) >= 40\n", id, run + 1
        )
    );
    over = true;
    watcher.join();
    writer.join();
    took.push_back(TRY(done));
    beside_p99.push_back(percentile(TRY(std::move(beside)).load.waits_ms, 99));
    states = std::max(states, seen.size());
  }
  Report report;
  report.text("workload", "backfill");
  report.whole("runs", runs);
  report.whole("history_events", history);
  report.whole("people", stage.visitors.distinct());
  report.number("events_per_second_beside", rate);
  report.number("in_force_s", median(took));
  report.number("in_force_s_longest", *std::ranges::max_element(took));
  report.whole("states_of_progress_seen", states);
  report.number("ack_p99_ms_alone", median(alone_p99));
  report.number("ack_p99_ms_beside", median(beside_p99));
  report.number("stop_ms", TRY(stage.house.stop()));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

Result<Report> weld_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, server_options({{"rate", "5000"}, {"welded", "1000000"}, {"attack", "10000"}, {"people", "100000"}, {"seconds", "20"}, {"runs", "3"}})
  ));
  const double rate = TRY(options.number("rate", 1, 1e7));
  const double attacking = TRY(options.number("attack", 1, 1e7));
  const auto welded = static_cast<std::uint64_t>(TRY(options.number("welded", 100, 1e8)));
  const auto lasts = ms_of(TRY(options.number("seconds", 1, 3'600)));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 20)));
  Stage stage = TRY(set_stage(options));
  std::vector<double> quiet, like, attacked;
  std::uint64_t sent = 0, accepted = 0;
  for (unsigned run = 0; run < runs; ++run) {
    stage.visitors.begin_run(3 * run + 1);
    quiet.push_back(percentile(TRY(ingest(stage, lasts, rate)).load.waits_ms, 99));
    // The attack, then as many events of people whom nobody welds: the bare load is not its fault.
    stage.visitors.begin_run(3 * run + 2);
    Attack harm;
    std::thread attacker([&] { harm = attack(stage.house, sent, (welded - sent) / (runs - run), attacking, std::chrono::hours(1)); });
    auto beside = ingest(stage, lasts, rate);
    attacker.join();
    TRY(harm.status);
    if (!harm.refusal.empty()) return fail(Code::unavailable, "an attacking event was refused: " + harm.refusal);
    sent += harm.sent;
    accepted += harm.accepted;
    attacked.push_back(percentile(TRY(std::move(beside)).load.waits_ms, 99));
    stage.visitors.begin_run(3 * run + 3);
    like.push_back(percentile(TRY(ingest(stage, lasts, rate + attacking)).load.waits_ms, 99));
  }
  TRY(stage.house.settled("hospes_node_waiting_records"));
  const std::string joins = TRY(stage.house.get("/v1/persons/email:till@shop.example/joins"));
  const std::string one = TRY(stage.house.get("/v1/profiles/user_id:w0"));
  Report report;
  report.text("workload", "weld");
  report.whole("runs", runs);
  report.whole("welded", accepted);
  report.number("events_per_second_of_others", rate);
  report.number("ack_p99_ms_quiet", median(quiet));
  report.number("ack_p99_ms_attacked", median(attacked));
  report.number("ack_p99_ms_as_much_without", median(like));
  report.number("times_as_much_without", median(attacked) / median(like));
  report.text("quarantined", joins.find("\"quarantined\":true") != joins.npos ? "yes" : "no");
  report.text("first_is_alone", one.find("till@shop.example") == one.npos ? "yes" : "no");
  report.number("stop_ms", TRY(stage.house.stop()));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
