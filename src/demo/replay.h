// Replays the real orders from their past to now, through the public API: each customer's answers
// first, at their historic time, then who they are, then their orders in time order. Stops at any
// moment and goes on where it was.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "clock/clock.h"
#include "demo/cdnow.h"
#include "demo/post.h"

namespace hospes::demo {

struct ReplayOptions {
  std::string write_key = "wk_demo_shop";  // a server key of a source that is not simulated
  std::string position_file;  // in the data folder; by how much the dates moved, and what is sent
  std::size_t orders_per_request = 250;
  Patience patience;
};

struct Progress {
  std::size_t done = 0, total = 0;
  std::size_t people = 0;
  std::int64_t weeks = 0;
  Instant shop_date;  // of the last order sent
  std::uint64_t orders_per_s = 0;
  std::uint64_t seconds_left = 0;
};

/// Bodies of /v1/batch for orders [from, to) of a plan. The answers go first, in a request of their
/// own: an answer opens only what is logged after it.
std::string answers_body(
    const Plan& plan, const std::vector<char>& first, std::size_t from, std::size_t to
);
std::string orders_body(
    const Plan& plan, const std::vector<char>& first, std::size_t from, std::size_t to
);
/// Which orders of the plan are their customer's first.
std::vector<char> first_orders(const Plan& plan);

/// Sends what is not yet sent. `unavailable` ("stopped") when `stopping` said so: the position is
/// kept, the next call goes on. Sending twice is harmless: messageIds are the row numbers.
Result<Progress> replay(
    http::Client& client, std::vector<Order> orders, Clock& clock, const ReplayOptions& options,
    const std::function<void(const Progress&)>& on_progress
);

/// One line as docs/terminal shows it, without a line end: `replaying ████░░░░  48 %   41,200
/// orders/s   …`.
std::string progress_line(const Progress& progress, bool french);

}  // namespace hospes::demo
