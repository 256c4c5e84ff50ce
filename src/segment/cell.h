// What a page remembers of one stream of events: instants, and amounts where sums are asked; no
// more than decides.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "base/decimal.h"
#include "base/time.h"

namespace hospes::segment {

/// A vector of 64-bit words whose first three live inside. Most cells of most people never leave
/// it.
class Words {
 public:
  Words() = default;
  Words(const Words& other) { assign(other); }
  Words(Words&& other) noexcept { take(other); }
  Words& operator=(const Words& other) {
    if (this != &other) {
      release();
      assign(other);
    }
    return *this;
  }
  Words& operator=(Words&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~Words() { release(); }

  std::uint32_t size() const { return size_; }
  std::uint32_t capacity() const { return capacity_; }
  const std::int64_t* data() const { return capacity_ == inside ? inline_ : heap_; }
  std::int64_t* data() { return capacity_ == inside ? inline_ : heap_; }
  std::int64_t operator[](std::uint32_t i) const { return data()[i]; }
  void insert(std::uint32_t at, std::int64_t word);
  void erase_front(std::uint32_t words);
  std::size_t heap_bytes() const {
    return capacity_ == inside ? 0 : capacity_ * sizeof(std::int64_t);
  }

 private:
  static constexpr std::uint32_t inside = 3;
  void assign(const Words& other);
  void take(Words& other) noexcept;
  void release();

  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = inside;
  union {
    std::int64_t inline_[inside] = {};
    std::int64_t* heap_;
  };
};

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

/// One stream of one person. Instants ascend. Invariants: (1) what was left out can decide no test
/// of the rule; (2) `due` is never later than the next instant at which a test of this stream can
/// change a membership.
class Cell {
 public:
  Instant due = Instant::never();

  /// False when the page must be rebuilt: an amount below zero met amounts that were left out.
  bool add(const KeepRule& rule, Instant happened, std::int64_t amount, Instant now);

  /// Some amount is below zero: a sum may then rise as its window moves on.
  bool negative() const { return negative_; }
  /// Before the first add: amounts below zero are coming, leave nothing out.
  void expect_negative() { negative_ = true; }

  std::uint32_t size(Keep keep) const {
    return keep == Keep::amounts ? words_.size() / 2 : words_.size();
  }
  /// The k-th latest, k ≥ 1. Not for amounts.
  Instant latest(std::uint32_t k) const { return {words_[words_.size() - k]}; }
  Instant first() const { return {words_[0]}; }
  /// How many lie at or before `at`. For `all`.
  std::uint32_t up_to(Instant at) const;
  Instant at(std::uint32_t i) const { return {words_[i]}; }

  /// Does the sum over instants after `from` reach `x`? If so `turns` is the oldest instant needed
  /// for it; with amounts below zero: the oldest instant of the window, reached or not.
  bool reaches(Wide x, Instant from, Instant& turns) const;
  std::size_t heap_bytes() const { return words_.heap_bytes(); }

 private:
  void prune(const KeepRule& rule, Instant now);
  bool decided_without(const KeepRule& rule) const;

  bool truncated_ = false;  // amounts of the horizon were left out
  bool negative_ = false;   // some amount is below zero: nothing of the horizon is left out
  Words words_;
};

}  // namespace hospes::segment
