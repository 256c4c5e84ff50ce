// GET /v1/insight: reports of the insight room on the house's own orders. Private to portal/.
//
// A report takes from milliseconds to a minute of one core, so they are made one after the other on
// a thread of their own, and what was made is told again while it is fresh.
#pragma once

#include <atomic>
#include <map>
#include <string>

#include "insight/report.h"
#include "portal/console.h"
#include "portal/queue.h"

namespace hospes::portal {

class Insights {
 public:
  static constexpr std::size_t waiting_max = 32;  // beyond: 503

  explicit Insights(const ConsoleDoors& doors);

  /// `/v1/insight`, `/v1/insight/{name}` or `/v1/insight/{name}/plot`. Never blocks.
  void handle(http::Request request, http::Responder responder) {
    queue_.put(std::move(request), std::move(responder));
  }
  /// Ends after the report that is being made; who waits is told to come again. Idempotent.
  void close();

 private:
  static constexpr Duration good_for = std::chrono::minutes(1);
  static constexpr int times_made = 20;  // a report that takes long is fresh for longer
  static constexpr std::size_t made_max = 64;  // kept; beyond, all are forgotten

  struct Made {
    Result<insight::Report> report;
    Instant as_of;
    Duration took{0};
  };
  http::Response answer(const http::Request& request);
  http::Response plot(const http::Request& request, std::string_view name);
  /// By the report's settings in the query; as it was told before, while that is fresh.
  const Made& made(std::string_view name, const http::Request& request);

  const ConsoleDoors& doors_;
  std::map<std::string, Made, std::less<>> made_;  // by name and settings; the thread's own
  std::atomic<bool> closing_{false};
  Queue queue_;  // last: its thread uses the others
};

}  // namespace hospes::portal
