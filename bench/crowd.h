// Invented people and what they send: batches of 20 Segment calls, as bytes. The same seed gives
// the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/dice.h"
#include "base/time.h"

namespace hospes::bench {

struct CrowdOptions {
  std::uint64_t seed = 1;
  std::uint32_t people = 1'000'000;  // those who exist before the run; Zipf 0.99 among them
  unsigned first_seen_percent = 30;  // of all events: by somebody never seen before
  unsigned events_per_batch = 20;
  std::string message_prefix = "b";  // makes the messageIds of two runs differ
};

/// One batch and what it holds, so that a test can ask for each of them later.
struct Batch {
  std::string body;                     // JSON for POST /v1/batch
  std::vector<std::uint64_t> messages;  // numbers of its messageIds, see message_id()
  std::vector<std::uint32_t> people;    // beside them: who sent it
};

class Crowd {
 public:
  explicit Crowd(CrowdOptions options);

  /// Next batch, sent at `now`. Cost: about 0.2 µs an event.
  void next(Instant now, Batch& out);
  std::string message_id(std::uint64_t number) const;
  static std::string user_id(std::uint32_t person);
  /// How many different people have sent something.
  std::uint32_t distinct() const { return distinct_; }

 private:
  std::uint32_t somebody();
  void write_event(
      std::string_view stamp, std::uint32_t person, std::uint64_t message, std::string& out
  );

  CrowdOptions options_;
  Dice dice_;
  std::vector<float> cumulative_;  // of Zipf weights by rank
  std::vector<bool> seen_;
  std::uint32_t distinct_ = 0;
  std::uint32_t newcomers_ = 0;
  std::uint64_t messages_ = 0;
};

/// A whole HTTP request with Basic authentication by `write_key`.
std::string http_post(std::string_view path, std::string_view write_key, std::string_view body);

}  // namespace hospes::bench
