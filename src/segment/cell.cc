#include "segment/cell.h"

#include <algorithm>
#include <limits>

namespace hospes::segment {

void Words::assign(const Words& other) {
  size_ = other.size_;
  capacity_ = other.capacity_;
  if (capacity_ != inside) heap_ = new std::int64_t[capacity_];
  std::memcpy(data(), other.data(), size_ * sizeof(std::int64_t));
}

void Words::take(Words& other) noexcept {
  size_ = other.size_;
  capacity_ = other.capacity_;
  if (capacity_ == inside)
    std::memcpy(inline_, other.inline_, sizeof inline_);
  else
    heap_ = other.heap_;
  other.size_ = 0;
  other.capacity_ = inside;
}

void Words::release() {
  if (capacity_ != inside) delete[] heap_;
  size_ = 0;
  capacity_ = inside;
}

void Words::insert(std::uint32_t at, std::int64_t word) {
  if (size_ == capacity_) {
    const std::uint32_t wider = capacity_ * 2;
    auto* grown = new std::int64_t[wider];
    std::memcpy(grown, data(), size_ * sizeof(std::int64_t));
    if (capacity_ != inside) delete[] heap_;
    heap_ = grown;
    capacity_ = wider;
  }
  std::int64_t* words = data();
  std::memmove(words + at + 1, words + at, (size_ - at) * sizeof(std::int64_t));
  words[at] = word;
  ++size_;
}

void Words::erase_front(std::uint32_t words) {
  size_ -= words;
  std::memmove(data(), data() + words, size_ * sizeof(std::int64_t));
}

std::uint32_t Cell::up_to(Instant at) const {
  const std::int64_t* words = words_.data();
  return static_cast<std::uint32_t>(std::upper_bound(words, words + words_.size(), at.us) - words);
}

bool Cell::add(const KeepRule& rule, Instant happened, std::int64_t amount, Instant now) {
  if (rule.keep == Keep::earliest) {
    if (words_.size() == 0)
      words_.insert(0, happened.us);
    else
      words_.data()[0] = std::min(words_[0], happened.us);
    return true;
  }
  const std::uint32_t width = rule.keep == Keep::amounts ? 2 : 1;
  if (rule.keep == Keep::amounts && amount < 0 && !negative_) {
    if (truncated_) return false;
    negative_ = true;
  }
  if (rule.horizon_us != std::numeric_limits<std::int64_t>::max() &&
      happened <= now - Duration(rule.horizon_us)) {
    return true;  // behind every window, and windows only move on
  }
  std::uint32_t at = words_.size();
  while (at > 0 && words_[at - width] > happened.us) at -= width;
  if (at == 0 && decided_without(rule)) {
    truncated_ = true;
    return true;
  }
  if (words_.size() + width > words_.capacity()) {
    const std::uint32_t before = words_.size();
    prune(rule, now);
    at -= std::min(at, before - words_.size());
  }
  words_.insert(at, happened.us);
  if (width == 2) words_.insert(at + 1, amount);
  return true;
}

/// Would something older than all that is here be left out at once?
bool Cell::decided_without(const KeepRule& rule) const {
  if (rule.keep == Keep::latest) return words_.size() >= rule.count;
  if (rule.keep != Keep::amounts || negative_ || words_.size() == 0) return false;
  Instant turns;
  return reaches(rule.target, Instant::beginning(), turns);
}

void Cell::prune(const KeepRule& rule, Instant now) {
  const std::uint32_t width = rule.keep == Keep::amounts ? 2 : 1;
  std::uint32_t keep = words_.size();
  if (rule.keep == Keep::latest) keep = std::min(keep, rule.count);
  if (rule.keep == Keep::amounts && !negative_) {
    Wide sum = 0;
    std::uint32_t back = 0;
    while (back < words_.size() && sum < rule.target) {
      back += 2;
      sum += words_[words_.size() - back + 1];
    }
    truncated_ = truncated_ || back < words_.size();
    keep = back;
  }
  if (rule.horizon_us != std::numeric_limits<std::int64_t>::max()) {
    const Instant behind = now - Duration(rule.horizon_us);
    std::uint32_t old = words_.size() - keep;
    while (old < words_.size() && words_[old] <= behind.us) old += width;
    keep = words_.size() - old;
  }
  words_.erase_front(words_.size() - keep);
}

bool Cell::reaches(Wide x, Instant from, Instant& turns) const {
  Wide sum = 0;
  const std::int64_t* words = words_.data();
  std::uint32_t back = words_.size();
  if (!negative_ && sum >= x) {
    turns = Instant::never();
    return true;
  }
  turns = Instant::never();
  for (; back > 0 && words[back - 2] > from.us; back -= 2) {
    sum += words[back - 1];
    turns = {words[back - 2]};
    if (!negative_ && sum >= x) return true;
  }
  if (!negative_) turns = Instant::never();
  return sum >= x;
}

}  // namespace hospes::segment
