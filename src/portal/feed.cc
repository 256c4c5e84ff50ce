#include "portal/feed.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace hospes::portal {

using std::chrono::steady_clock;

namespace {

Instant at_of(const Feed::What& what) {
  return std::visit([](const auto& w) { return w.at; }, what);
}

}  // namespace

void Feed::push(What what) {
  items_.push_back({++last_, steady_clock::now(), std::move(what)});
  if (items_.size() > items_max) {
    if (const auto* old = std::get_if<collect::Arrival>(&items_.front().what)) {
      const auto at = arrivals_.find(old->message);
      if (at != arrivals_.end() && at->second == items_.front().number) arrivals_.erase(at);
    }
    items_.pop_front();
  }
}

void Feed::arrived(std::vector<collect::Arrival> arrivals) {
  {
    const std::lock_guard lock(mutex_);
    for (collect::Arrival& arrival : arrivals) {
      switch (arrival.verdict) {
        case collect::Verdict::accepted:
          ++totals_.accepted;
          if (names_.size() < names_max && !names_.contains(arrival.name))
            names_.insert(arrival.name);
          break;
        case collect::Verdict::withheld:
          ++totals_.withheld;
          break;
        case collect::Verdict::rejected:
          ++totals_.rejected;
          break;
      }
      const Hash128 message = arrival.message;
      if (const Item* known = find(message)) {
        const auto& first = std::get<collect::Arrival>(known->what);
        if (first.verdict == collect::Verdict::accepted)
          std::tie(arrival.original, arrival.sent) = std::tie(first.original, first.sent);
      }
      push(std::move(arrival));
      if (message != Hash128{}) arrivals_[message] = last_;
    }
  }
  wake_.notify_all();
}

void Feed::passed(const std::vector<flow::Transition>& transitions) {
  {
    const std::lock_guard lock(mutex_);
    for (const flow::Transition& t : transitions) push(t);
  }
  wake_.notify_all();
}

void Feed::became(const std::vector<flow::Fate>& fates, Instant now) {
  for (const flow::Fate& fate : fates) {
    if (fate.became != flow::Became::duplicate) continue;
    const std::lock_guard lock(mutex_);
    push(Repeat{fate.message, now});
    wake_.notify_all();
  }
}

void Feed::effected(const std::vector<flow::Effected>& effects, Instant now) {
  // Ready and claimed last some milliseconds: whoever watches is told what came of it.
  const auto lasts = [](const flow::Effected& e) {
    return e.effect.state != outbox::State::ready && e.effect.state != outbox::State::claimed;
  };
  if (std::ranges::none_of(effects, lasts)) return;
  {
    const std::lock_guard lock(mutex_);
    for (const flow::Effected& e : effects)
      if (lasts(e)) push(Effect{e, now});
  }
  wake_.notify_all();
}

void Feed::moved(const std::vector<flow::Moved>& moves) {
  {
    const std::lock_guard lock(mutex_);
    for (const flow::Moved& m : moves) push(m);
  }
  wake_.notify_all();
}

std::uint64_t Feed::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::string Feed::id(std::uint64_t number) const {
  return std::to_string(epoch_.us) + "-" + std::to_string(number);
}

std::optional<Feed::Place> Feed::place(std::string_view id) const {
  std::int64_t epoch = 0;
  std::uint64_t number = 0;
  const char* end = id.data() + id.size();
  const auto [dash, wrong] = std::from_chars(id.data(), end, epoch);
  if (wrong != std::errc() || dash == end || *dash != '-') return std::nullopt;
  const auto [rest, broken] = std::from_chars(dash + 1, end, number);
  if (broken != std::errc() || rest != end) return std::nullopt;
  if (epoch != epoch_.us) return Place{.number = 0, .restarted = true};
  return Place{.number = std::min(number, last()), .restarted = false};
}

Feed::Newest Feed::newest(
    std::size_t max, const std::function<bool(const What&)>& wanted
) const {
  const std::lock_guard lock(mutex_);
  Newest out{.items = {}, .last = last_, .since = epoch_};
  if (items_.size() == items_max) out.since = at_of(items_.front().what);
  for (auto item = items_.rbegin(); item != items_.rend() && out.items.size() < max; ++item)
    if (wanted(item->what)) out.items.push_back(*item);
  return out;
}

Feed::Batch Feed::after(std::uint64_t number, std::size_t max) const {
  const std::lock_guard lock(mutex_);
  Batch out;
  if (items_.empty() || number >= last_) return out;
  const std::uint64_t first = items_.front().number;
  if (number + 1 < first) out.dropped = first - number - 1;
  std::size_t i = out.dropped > 0 ? 0 : static_cast<std::size_t>(number + 1 - first);
  for (; i < items_.size() && out.items.size() < max; ++i) out.items.push_back(items_[i]);
  return out;
}

void Feed::wait(std::uint64_t number, steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, until, [&] { return woken_ || last_ > number; });
  woken_ = false;
}

void Feed::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_all();
}

const Feed::Item* Feed::find(Hash128 message) const {
  const auto at = arrivals_.find(message);
  if (at == arrivals_.end()) return nullptr;
  return &items_[static_cast<std::size_t>(at->second - items_.front().number)];
}

std::optional<collect::Arrival> Feed::arrival(Hash128 message) const {
  const std::lock_guard lock(mutex_);
  const Item* item = find(message);
  if (item == nullptr) return std::nullopt;
  return std::get<collect::Arrival>(item->what);
}

Feed::Trace Feed::trace(Hash128 message) const {
  const std::lock_guard lock(mutex_);
  Trace out;
  if (const Item* item = find(message)) out.arrival = std::get<collect::Arrival>(item->what);
  if (!items_.empty()) out.since = at_of(items_.front().what);
  for (const Item& item : items_) {
    if (const auto* t = std::get_if<flow::Transition>(&item.what); t && t->message == message)
      out.transitions.push_back(item);
    if (const auto* r = std::get_if<Repeat>(&item.what); r && r->message == message) ++out.repeats;
  }
  return out;
}

Feed::Totals Feed::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

std::size_t Feed::names() const {
  const std::lock_guard lock(mutex_);
  return names_.size();
}

}  // namespace hospes::portal
