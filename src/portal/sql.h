// POST /v1/sql, GET /v1/lake and /v1/jobs: questions to the lake, for one purpose, and what is done to it by the clock.
// Private to portal/.
//
// One question at a time, on a thread that gives way to everything else.
#pragma once

#include <atomic>

#include "lake/question.h"
#include "portal/console.h"
#include "portal/jobs.h"
#include "portal/queue.h"

namespace hospes::portal {

/// What the purpose may see of everybody now: walks the house (people.h). `members`: also who is in which of the
/// segments that serve it.
lake::Live live_for(const ConsoleDoors& doors, PurposeBit purpose, bool members);

/// What is done to the lake by the clock or when asked for; none without a lake. `doors` outlives them.
std::vector<Job> lake_jobs(const ConsoleDoors& doors);

class Sql {
 public:
  static constexpr std::size_t waiting_max = 8;  // beyond: 503

  explicit Sql(const ConsoleDoors& doors);

  /// Never blocks.
  void handle(http::Request request, http::Responder responder);
  /// Ends the question that is being answered. Idempotent.
  void close();

 private:
  http::Response answer(const http::Request& request);
  http::Response ask(const http::Request& request);
  http::Response of_jobs(const http::Request& request);

  const ConsoleDoors& doors_;
  std::atomic<bool> closing_{false};
  Jobs jobs_;
  Queue queue_;  // last: its thread uses the others
};

}  // namespace hospes::portal
