// The people of the server workloads: a million regulars with steady traits, drawn by Zipf 0.99,
// and newcomers whom nobody has seen. About 790 B an event: 70 % track, 22 % page, 8 % identify, as
// web and server clients send them. The same seed gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/dice.h"
#include "base/time.h"

namespace hospes::bench {

struct VisitorsOptions {
  std::uint64_t seed = 1;
  std::uint32_t regulars = 1'000'000;
  unsigned first_seen_percent = 30;  // of all events: name an identifier that was never sent before
  unsigned events_per_batch = 20;
};

inline constexpr std::uint32_t events_a_person_max =
    50'000;  // beyond, somebody else is drawn (design.md rule 10)

class Visitors {
 public:
  explicit Visitors(VisitorsOptions options);

  /// Identifies the next regulars, in order; 0 when all were. For the time before a run.
  unsigned introduce(Instant now, unsigned events, std::string& body);
  /// The next batch for POST /v1/batch. Cost: about 0.3 µs an event.
  void next(Instant now, std::string& body);

  std::uint64_t events() const { return events_; }
  /// Messages are numbered from 0 over all runs; the number ends the messageId.
  std::uint64_t messages() const { return messages_; }
  static std::uint64_t number_of(std::string_view message_id);
  std::uint64_t first_seen() const { return first_seen_; }
  std::uint32_t distinct() const { return distinct_ + newcomers_; }
  /// Makes the messages of a further run differ from those of all before.
  void begin_run(std::uint64_t number);
  /// A regular drawn as for an event.
  std::uint32_t somebody();
  static std::string user_id(std::uint32_t person);

 private:
  void write_newcomer(std::string_view stamp, std::string& out);
  void write_regular(std::string_view stamp, std::string& out);
  void write_identify(std::string_view stamp, std::uint32_t person, bool device, std::string& out);
  void write_doing(std::string& out);
  void finish(std::string_view stamp, std::string& out);

  VisitorsOptions options_;
  Dice dice_;
  std::vector<float> cumulative_;  // of Zipf weights by rank
  std::vector<std::uint32_t> events_of_;
  std::vector<bool> device_seen_;
  std::string prefix_ = "r0";
  std::uint32_t introduced_ = 0, distinct_ = 0, newcomers_ = 0;
  std::uint64_t events_ = 0, first_seen_ = 0, messages_ = 0;
};

}  // namespace hospes::bench
