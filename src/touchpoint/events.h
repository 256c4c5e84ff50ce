// An event that came with a question: the question waits until the event is applied, or until it is
// known that it never will be.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "collect/door.h"
#include "flow/apply.h"

namespace hospes::touchpoint {

class Events {
 public:
  /// What became of it, as JSON; called once, on any thread.
  using Then = std::function<void(std::string told)>;

  void expect(Hash128 message, Then then);
  /// What the door answered.
  void answered(Hash128 message, const http::Response& response);
  /// Cheap while nobody waits.
  void arrived(const collect::Arrival& arrival);
  void fates(const std::vector<flow::Fate>& fates);

 private:
  struct Waiting {
    std::vector<Then> then;  // several, when the same event came with several questions
    bool answered = false, accepted = false, applied = false;
    int status = 0;
    std::string body;
  };
  void tell(Hash128 message, const std::function<void(Waiting&)>& change);

  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;
  std::map<Hash128, Waiting> waiting_;  // guarded by mutex_
};

}  // namespace hospes::touchpoint
