// What a page remembers of one stream of events: instants, and amounts where sums are asked; no
// more than decides.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "base/decimal.h"
#include "base/time.h"

namespace hospes::segment {

/// The instant a span ago; `beginning` for a span without end.
constexpr Instant back(Instant now, std::int64_t us) {
  return us == std::numeric_limits<std::int64_t>::max() ? Instant::beginning() : now - Duration(us);
}

/// How a stream is remembered.
enum class Keep : std::uint8_t {
  latest,    // the `count` latest instants: decides count ≥ k and the age of the last
  earliest,  // the first instant: its age
  all,       // every instant of the horizon: offset windows
  amounts,   // instants and amounts, from the newest back to where they reach `target`: sums
};

struct KeepRule {
  Keep keep = Keep::latest;
  std::uint32_t count = 1;
  Wide target = 0;
  std::int64_t horizon_us = 0;  // of the widest window; max: for ever
};

/// One stream of one person: 64-bit words, instants in ascending order, with Keep::amounts each
/// followed by its amount. Invariant: what was left out can decide no test of the rule. The first
/// three words lie inside; most cells of most people never leave it. May be moved as bytes
/// (CellList does).
class Cell {
 public:
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  /// False when the page must be rebuilt: an amount below zero met amounts that were left out.
  bool add(const KeepRule& rule, Instant happened, std::int64_t amount, Instant now);

  /// Some amount is below zero: a sum may then rise as its window moves on.
  bool negative() const { return negative_; }
  /// Before the first add: amounts below zero are coming, leave nothing out.
  void expect_negative() { negative_ = 1; }

  std::uint32_t size(Keep keep) const { return keep == Keep::amounts ? size_ / 2 : size_; }
  /// The k-th latest, k ≥ 1. Not for amounts.
  Instant latest(std::uint32_t k) const { return {words()[size_ - k]}; }
  Instant first() const { return {words()[0]}; }
  /// How many lie at or before `at`. For `all`.
  std::uint32_t up_to(Instant at) const;
  Instant at(std::uint32_t i) const { return {words()[i]}; }

  /// Does the sum over instants after `from` reach `x`? If so `turns` is the oldest instant needed
  /// for it; with amounts below zero: the oldest instant of the window, reached or not.
  bool reaches(Wide x, Instant from, Instant& turns) const;
  std::size_t heap_bytes() const {
    return capacity_ == inside ? 0 : capacity_ * sizeof(std::int64_t);
  }

 private:
  friend class CellList;  // makes them, and owns what `heap_` points to
  Cell() = default;
  static constexpr std::uint32_t inside = 3;

  const std::int64_t* words() const { return capacity_ == inside ? inline_ : heap_; }
  std::int64_t* words() { return capacity_ == inside ? inline_ : heap_; }
  void insert(std::uint32_t at, std::int64_t word);
  void erase_front(std::uint32_t words);
  void prune(const KeepRule& rule, Instant now);
  bool decided_without(const KeepRule& rule) const;

  std::uint32_t size_ = 0;
  std::uint32_t capacity_ : 30 = inside;
  std::uint32_t truncated_ : 1 = 0;  // amounts of the horizon were left out
  std::uint32_t negative_ : 1 = 0;   // some amount is below zero: nothing of it is left out
  union {
    std::int64_t inline_[inside] = {};
    std::int64_t* heap_;
  };
};

/// The cells of one person, and beside each when it must be looked at: never later than the next
/// instant at which a test of it can change a membership. One allocation; a value.
class CellList {
 public:
  CellList() = default;
  CellList(const CellList& other) { copy(other); }
  CellList(CellList&& other) noexcept { swap(other); }
  CellList& operator=(CellList other) noexcept {
    swap(other);
    return *this;
  }
  ~CellList() { clear(); }

  std::uint32_t size() const { return size_; }
  Cell& operator[](std::uint32_t i) { return cells_[i]; }
  const Cell& operator[](std::uint32_t i) const { return cells_[i]; }
  std::span<Instant> dues() { return {dues(capacity_), size_}; }
  Cell& insert(std::uint32_t at);
  void clear();
  std::size_t memory_bytes() const;

 private:
  Instant* dues(std::uint32_t capacity) const {
    return reinterpret_cast<Instant*>(cells_ + capacity);
  }
  void copy(const CellList& other);
  void grow();
  void swap(CellList& other) noexcept {
    std::swap(cells_, other.cells_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  Cell* cells_ = nullptr;  // `capacity_` cells, then as many instants
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace hospes::segment
