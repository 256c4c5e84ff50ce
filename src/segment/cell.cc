#include "segment/cell.h"

#include <algorithm>
#include <limits>
#include <new>

namespace hospes::segment {

void Cell::insert(std::uint32_t at, std::int64_t word) {
  if (size_ == capacity_) {
    const std::uint32_t wider = capacity_ + capacity_ / 2 + 2;
    auto* grown = new std::int64_t[wider];
    std::memcpy(grown, words(), size_ * sizeof(std::int64_t));
    if (capacity_ != inside) delete[] heap_;
    heap_ = grown;
    capacity_ = wider & 0x3fff'ffff;
  }
  std::int64_t* held = words();
  std::memmove(held + at + 1, held + at, (size_ - at) * sizeof(std::int64_t));
  held[at] = word;
  ++size_;
}

void Cell::erase_front(std::uint32_t count) {
  size_ -= count;
  std::memmove(words(), words() + count, size_ * sizeof(std::int64_t));
}

std::uint32_t Cell::up_to(Instant at) const {
  const std::int64_t* held = words();
  std::uint32_t low = 0;
  std::uint32_t high = size_;
  // Most edges lie near the newest end: gallop from there.
  for (std::uint32_t step = 1; low < high; step *= 2) {
    const std::uint32_t probe = high > step ? high - step : 0;
    if (held[probe] > at.us) {
      high = probe;
    } else {
      low = probe + 1;
      break;
    }
  }
  return static_cast<std::uint32_t>(std::upper_bound(held + low, held + high, at.us) - held);
}

bool Cell::add(const KeepRule& rule, Instant happened, std::int64_t amount, Instant now) {
  if (rule.keep == Keep::earliest) {
    if (size_ == 0)
      insert(0, happened.us);
    else
      words()[0] = std::min(words()[0], happened.us);
    return true;
  }
  const std::uint32_t width = rule.keep == Keep::amounts ? 2 : 1;
  if (rule.keep == Keep::amounts && amount < 0 && !negative_) {
    if (truncated_) return false;
    negative_ = 1;
  }
  if (rule.horizon_us != std::numeric_limits<std::int64_t>::max() &&
      happened <= now - Duration(rule.horizon_us)) {
    return true;  // behind every window, and windows only move on
  }
  std::uint32_t at = size_;
  while (at > 0 && words()[at - width] > happened.us) at -= width;
  if (at == 0 && decided_without(rule)) {
    truncated_ = 1;
    return true;
  }
  if (size_ + width > capacity_) {
    const std::uint32_t before = size_;
    prune(rule, now);
    at -= std::min(at, before - size_);
  }
  insert(at, happened.us);
  if (width == 2) insert(at + 1, amount);
  return true;
}

/// Would something older than all that is here be left out at once?
bool Cell::decided_without(const KeepRule& rule) const {
  if (rule.keep == Keep::latest) return size_ >= rule.count;
  if (rule.keep != Keep::amounts || negative_ || size_ == 0) return false;
  Instant turns;
  return reaches(rule.target, Instant::beginning(), turns);
}

void Cell::prune(const KeepRule& rule, Instant now) {
  const std::uint32_t width = rule.keep == Keep::amounts ? 2 : 1;
  std::uint32_t keep = size_;
  if (rule.keep == Keep::latest) keep = std::min(keep, rule.count);
  if (rule.keep == Keep::amounts && !negative_) {
    Wide sum = 0;
    std::uint32_t back = 0;
    while (back < size_ && sum < rule.target) {
      back += 2;
      sum += words()[size_ - back + 1];
    }
    if (back < size_) truncated_ = 1;
    keep = back;
  }
  if (rule.horizon_us != std::numeric_limits<std::int64_t>::max()) {
    const Instant behind = now - Duration(rule.horizon_us);
    std::uint32_t old = size_ - keep;
    while (old < size_ && words()[old] <= behind.us) old += width;
    keep = size_ - old;
  }
  erase_front(size_ - keep);
}

bool Cell::reaches(Wide x, Instant from, Instant& turns) const {
  Wide sum = 0;
  const std::int64_t* held = words();
  std::uint32_t back = size_;
  if (!negative_ && sum >= x) {
    turns = Instant::never();
    return true;
  }
  turns = Instant::never();
  for (; back > 0 && held[back - 2] > from.us; back -= 2) {
    sum += held[back - 1];
    turns = {held[back - 2]};
    if (!negative_ && sum >= x) return true;
  }
  if (!negative_) turns = Instant::never();
  return sum >= x;
}

// CellList: cells are moved as bytes, which their one pointer allows.

Cell& CellList::insert(std::uint32_t at) {
  if (size_ == capacity_) grow();
  auto* bytes = static_cast<void*>(cells_ + at);
  std::memmove(static_cast<void*>(cells_ + at + 1), bytes, (size_ - at) * sizeof(Cell));
  Instant* due = dues(capacity_) + at;
  std::memmove(due + 1, due, (size_ - at) * sizeof(Instant));
  *due = Instant::never();
  ++size_;
  return *new (bytes) Cell();
}

void CellList::grow() {
  const std::uint32_t wider = capacity_ + capacity_ / 4 + 2;
  auto* grown = static_cast<Cell*>(::operator new(wider*(sizeof(Cell) + sizeof(Instant))));
  if (size_ > 0) {
    std::memcpy(static_cast<void*>(grown), cells_, size_ * sizeof(Cell));
    std::memcpy(static_cast<void*>(grown + wider), dues(capacity_), size_ * sizeof(Instant));
  }
  ::operator delete(cells_);
  cells_ = grown;
  capacity_ = wider;
}

void CellList::copy(const CellList& other) {
  while (capacity_ < other.size_) grow();
  for (std::uint32_t i = 0; i < other.size_; ++i) {
    const Cell& from = other[i];
    Cell& to = insert(i);
    std::memcpy(static_cast<void*>(&to), &from, sizeof(Cell));
    if (from.capacity_ != Cell::inside) {
      to.heap_ = new std::int64_t[from.capacity_];
      std::memcpy(to.heap_, from.heap_, from.size_ * sizeof(std::int64_t));
    }
    dues()[i] = other.dues(other.capacity_)[i];
  }
}

void CellList::clear() {
  for (std::uint32_t i = 0; i < size_; ++i) {
    if (cells_[i].capacity_ != Cell::inside) delete[] cells_[i].heap_;
  }
  ::operator delete(cells_);
  cells_ = nullptr;
  size_ = capacity_ = 0;
}

std::size_t CellList::memory_bytes() const {
  std::size_t bytes = capacity_ * (sizeof(Cell) + sizeof(Instant));
  for (std::uint32_t i = 0; i < size_; ++i) bytes += cells_[i].heap_bytes();
  return bytes;
}

}  // namespace hospes::segment
