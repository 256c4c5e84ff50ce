#include "bench/server_stage.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include "bench/crowd.h"
#include "bench/guarded_set.h"

namespace hospes::bench {
namespace {

constexpr auto no_end = std::chrono::hours(1);

Status introduce_all(Stage& stage) {
  std::string body;
  const auto next = [&](std::string& request, std::uint64_t) {
    if (stage.visitors.introduce(now(), 100, body) == 0) return false;
    request = http_post("/v1/batch", house_key, body);
    return true;
  };
  LoadOptions load;
  load.port = stage.house.port();
  load.lasts = no_end;
  const auto done = TRY(send_load(load, next));
  if (done.accepted == done.answered && done.broken == 0) return {};
  return fail(Code::unavailable, "the server refused people before the run: " + done.refusal);
}

}  // namespace

std::map<std::string, std::string> server_options(std::map<std::string, std::string> more) {
  std::map<std::string, std::string> all = {
      {"hospes", ""},       {"folder", "."},  {"segments", "1000"},  {"people", "1000000"},
      {"runs", "5"},        {"seconds", "6"}, {"connections", "32"}, {"batch", "20"},
      {"partitions", "64"}, {"threads", "1"}, {"seed", "1"},
      {"timelines_mb", "4096"}, {"lake_s", "20"}};
  more.merge(all);
  return more;
}

Instant now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

double own_cpu_us() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

std::string http_get(std::string_view path, std::string_view token) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n\r\n", path, token
  );
}

Result<Stage> set_stage(const Options& options, std::vector<std::string> settings) {
  const auto number = [&](const char* name, double min, double max) {
    return options.number(name, min, max);
  };
  HouseOptions house;
  house.binary = options.text("hospes");
  house.folder = options.text("folder");
  const auto seed = static_cast<std::uint64_t>(TRY(number("seed", 0, 1e15)));
  // What people say of themselves is not for `market`: the set asks for the purpose that the events
  // of visitors.h serve by their own consent.
  house.segments = guarded_set(
      static_cast<unsigned>(TRY(number("segments", 0, 20'000))), seed, "personalise"
  );
  house.settings = std::move(settings);
  house.settings.push_back("store.partitions=" + options.text("partitions"));
  house.settings.push_back("public.threads=" + options.text("threads"));
  house.settings.push_back("store.timelines_mb=" + options.text("timelines_mb"));
  house.settings.push_back("lake.every_s=" + options.text("lake_s"));
  VisitorsOptions visitors{.seed = seed};
  visitors.regulars = static_cast<std::uint32_t>(TRY(number("people", 1, 1e8)));
  visitors.events_per_batch = static_cast<unsigned>(TRY(number("batch", 1, 2'500)));
  Stage stage{
      TRY(House::make(std::move(house))),
      Visitors(visitors),
      visitors.events_per_batch,
      static_cast<unsigned>(TRY(number("connections", 1, 10'000))),
      {}};
  TRY(stage.house.start());
  TRY(introduce_all(stage));
  // Whom it was introduced to is written before the clock runs: what is measured pays for itself alone.
  if (options.text("lake_s") != "0") TRY(stage.house.finish_job("lake.cut"));
  return stage;
}

Result<Cost> ingest(
    Stage& stage, std::chrono::milliseconds lasts, double events_per_second,
    std::uint64_t events_max
) {
  std::string body;
  const auto next = [&](std::string& request, std::uint64_t) {
    if (stage.on_batch) stage.on_batch(stage.visitors.messages());
    stage.visitors.next(now(), body);
    request = http_post("/v1/batch", house_key, body);
    return true;
  };
  LoadOptions load;
  load.port = stage.house.port();
  load.connections = stage.connections;
  load.lasts = lasts;
  load.requests_max = std::min(events_max / stage.batch, load.requests_max);
  load.requests_per_second = events_per_second / stage.batch;
  const double server_before = TRY(cpu_us_of(stage.house.pid()));
  const double own_before = own_cpu_us();
  const std::uint64_t first_before = stage.visitors.first_seen();
  const std::uint64_t sent_before = stage.visitors.events();
  Cost cost{.load = TRY(send_load(load, next))};
  if (cost.load.accepted != cost.load.answered || cost.load.broken > 0) {
    return fail(
        Code::unavailable, fmt::format(
                               "{} of {} requests were refused, {} cut off; the first refusal: {}",
                               cost.load.answered - cost.load.accepted, cost.load.answered,
                               cost.load.broken, cost.load.refusal
                           )
    );
  }
  cost.events = cost.load.accepted * stage.batch;
  const auto events = static_cast<double>(std::max<std::uint64_t>(1, cost.events));
  cost.server_us = (TRY(cpu_us_of(stage.house.pid())) - server_before) / events;
  cost.generator_us = (own_cpu_us() - own_before) / events;
  cost.first_seen = static_cast<double>(stage.visitors.first_seen() - first_before) /
                    static_cast<double>(stage.visitors.events() - sent_before);
  return cost;
}

}  // namespace hospes::bench
