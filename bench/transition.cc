// `hospes-bench transition`: from the sending of an event to the passage it caused on the live
// stream.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "bench/commands.h"
#include "bench/server_stage.h"
#include "bench/stats.h"
#include "http/client.h"

namespace hospes::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// When each batch of a run was sent; written by the generator, read by who follows the stream.
class SentTimes {
 public:
  SentTimes(std::uint64_t first_message, unsigned batch, std::size_t batches_max)
      : first_(first_message), batch_(batch), at_(batches_max) {}
  void sent(std::uint64_t message) {
    if (auto* at = of(message)) at->store(Clock::now().time_since_epoch().count());
  }
  /// Nothing for a message of another run.
  std::optional<double> since_ms(std::uint64_t message) {
    const auto* at = of(message);
    const auto sent = at != nullptr ? at->load() : 0;
    if (sent == 0) return std::nullopt;
    const Clock::duration took = Clock::now().time_since_epoch() - Clock::duration(sent);
    return std::chrono::duration<double, std::milli>(took).count();
  }

 private:
  std::atomic<Clock::rep>* of(std::uint64_t message) {
    if (message < first_ || (message - first_) / batch_ >= at_.size()) return nullptr;
    return &at_[(message - first_) / batch_];
  }
  const std::uint64_t first_;
  const unsigned batch_;
  std::vector<std::atomic<Clock::rep>> at_;
};

/// Follows the stream on a thread of its own until it is told to stop.
class Follower {
 public:
  Follower(const House& house, SentTimes& sent)
      : sent_(sent), thread_([this, port = house.console_port(), token = house.token()] {
          http::ClientOptions options;
          options.port = port;
          options.timeout = std::chrono::seconds(30);  // the stream says ": alive" every 15
          http::Headers headers;
          headers.add("Authorization", "Bearer " + token);
          http::Client client(options);
          const auto ended =
              client.stream("/v1/live?kinds=transitions", headers, [this](std::string_view bytes) {
                return take(bytes);
              });
          if (!ended) status_ = std::unexpected(ended.error());
          if (ended && ended->status != 200)
            status_ = fail(Code::unavailable, "the live stream answers " + ended->body);
        }) {}
  /// The waits of a run, once `stop` is set and the stream spoke again.
  Result<std::vector<double>> end() {
    stop_ = true;
    thread_.join();
    TRY(status_);
    return std::move(waits_ms_);
  }
  std::uint64_t gaps() const { return gaps_; }

 private:
  bool take(std::string_view bytes) {
    static constexpr std::string_view key = "\"message_id\":\"";
    text_ += bytes;
    std::size_t done = 0;
    for (std::size_t end = text_.find('\n'); end != text_.npos; end = text_.find('\n', done)) {
      const std::string_view line = std::string_view(text_).substr(done, end - done);
      done = end + 1;
      if (line == "event: gap") ++gaps_;
      const auto at = line.find(key);
      if (at == line.npos) continue;
      const auto id = line.substr(at + key.size());
      if (const auto wait = sent_.since_ms(Visitors::number_of(id.substr(0, id.find('"')))))
        waits_ms_.push_back(*wait);
    }
    text_.erase(0, done);
    return !stop_;
  }

  SentTimes& sent_;
  std::string text_;
  std::vector<double> waits_ms_;
  std::uint64_t gaps_ = 0;
  Status status_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

Result<Report> transition_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(words, server_options({{"rate", "50000"}})));
  const double rate = TRY(options.number("rate", 1, 1e7));
  const double seconds = TRY(options.number("seconds", 0.5, 3'600));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  Stage stage = TRY(set_stage(options));
  std::vector<double> p50, p99, share, server_us;
  std::uint64_t gaps = 0;
  for (unsigned i = 0; i < runs; ++i) {
    stage.visitors.begin_run(i + 1);
    SentTimes sent(
        stage.visitors.messages(), stage.batch,
        static_cast<std::size_t>(rate * seconds / stage.batch) + 1
    );
    stage.on_batch = [&](std::uint64_t first) { sent.sent(first); };
    Follower follower(stage.house, sent);
    const auto lasts = std::chrono::milliseconds(static_cast<std::int64_t>(1e3 * seconds));
    auto cost = ingest(stage, lasts, rate);
    // The stream says ": alive" every 15 s at the latest, so that it ends by itself.
    auto waits = follower.end();
    TRY(cost);
    TRY(waits);
    gaps += follower.gaps();
    p50.push_back(percentile(*waits, 50));
    p99.push_back(percentile(*waits, 99));
    share.push_back(static_cast<double>(waits->size()) / static_cast<double>(cost->events));
    server_us.push_back(cost->server_us);
  }
  Report report;
  report.text("workload", "transition");
  report.whole("runs", runs);
  report.number("events_per_second_offered", rate);
  report.number("transition_p50_ms", median(p50));
  report.number("transition_p99_ms", median(p99));
  report.number("transitions_per_event", median(share));
  report.number("server_cpu_us_per_event", median(server_us));
  report.whole("gaps", gaps);
  report.whole("distinct_people", stage.visitors.distinct());
  report.number("stop_ms", TRY(stage.house.stop()));
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
