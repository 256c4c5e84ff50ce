#include "touchpoint/events.h"

namespace hospes::touchpoint {

void Events::expect(Hash128 message, Then then) {
  const std::lock_guard lock(mutex_);
  if (waiting_[message].then.empty()) ++count_;
  waiting_[message].then.push_back(std::move(then));
}

void Events::tell(Hash128 message, const std::function<void(Waiting&)>& change) {
  if (count_ == 0) return;
  Waiting over;
  {
    const std::lock_guard lock(mutex_);
    const auto at = waiting_.find(message);
    if (at == waiting_.end()) return;
    change(at->second);
    const Waiting& w = at->second;
    if (!w.answered || (w.accepted && !w.applied)) return;
    over = std::move(at->second);
    waiting_.erase(at);
    --count_;
  }
  std::string told = "{\"status\":" + std::to_string(over.status);
  told += over.applied ? ",\"applied\":true" : ",\"applied\":false";
  if (over.status == 200) told += ",\"answer\":" + over.body;
  told += '}';
  for (const Then& then : over.then) then(told);
}

void Events::answered(Hash128 message, const http::Response& response) {
  tell(message, [&](Waiting& w) {
    w.answered = true;
    w.status = response.status;
    w.body = response.body;
  });
}

void Events::arrived(const collect::Arrival& arrival) {
  if (arrival.verdict != collect::Verdict::accepted) return;
  tell(arrival.message, [](Waiting& w) { w.accepted = true; });
}

void Events::fates(const std::vector<flow::Fate>& fates) {
  if (count_ == 0) return;
  for (const flow::Fate& fate : fates) {
    if (fate.became == flow::Became::sent_on) continue;
    tell(fate.message, [](Waiting& w) { w.applied = true; });
  }
}

}  // namespace hospes::touchpoint
