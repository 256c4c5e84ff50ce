// What the picture and the counted links of a message lead to, on the public listener: /o/TOKEN.gif
// and /c/TOKEN (mail/tracking.h). A reader is answered at once and alike, whatever is known of them;
// what is recorded of it is asked of the ledger afterwards, so a yes that was withdrawn since the
// message was written ends it in messages that lie in a mailbox too. No cookie, no script.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "guest/acts.h"
#include "http/responder.h"
#include "mail/token.h"

namespace hospes::guest {

/// Whether a program asks and not a reader: a scanner of links, a proxy of pictures that loads for
/// all its readers alike, a prefetch. What it asks is never recorded as theirs.
bool is_machine(const http::Request& request);

class MailLoads {
 public:
  static constexpr std::size_t waiting_max = 10'000;  // beyond: answered, and not recorded
  /// Nobody reads a mail so soon after it was handed over; programs do.
  static constexpr auto soonest = std::chrono::seconds(2);

  /// `doors` outlives it.
  explicit MailLoads(const Doors& doors);
  /// As close().
  ~MailLoads();
  MailLoads(const MailLoads&) = delete;
  MailLoads& operator=(const MailLoads&) = delete;

  static bool serves(std::string_view path);
  /// Never blocks. 404 for a token that is not ours.
  void handle(const http::Request& request, http::Responder responder);
  /// What waits is not recorded any more. Idempotent.
  void close();

 private:
  void run();
  void record(const mail::Token& token);

  const Doors& doors_;
  const mail::TokenKey tokens_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<mail::Token> waiting_;  // guarded
  bool stop_ = false;                // guarded
  std::thread thread_;
};

}  // namespace hospes::guest
