// Who waits in a journey, by the instant at which they must be looked at.
#pragma once

#include <compare>
#include <cstddef>
#include <deque>
#include <vector>

#include "base/hash.h"
#include "base/time.h"

namespace hospes::flow {

struct Wait {
  Instant due;
  Hash128 instance;
  auto operator<=>(const Wait&) const = default;
};

/// An ordered set. Ten million may wait, most of whom never come due (a purchase lets them go), and what is due comes in
/// exact order: so each can be taken out again, and holds the 24 bytes it is, in blocks of up to 128, where a node of a
/// tree takes 64. Not the wheel of people's timers (segment/timer_wheel.h): that takes none back.
///
/// Invariants: no block is empty; blocks and what is in them ascend; two neighbours hold more than half a block.
class Waits {
 public:
  /// No matter whether it is there, or is not.
  void insert(const Wait& wait);
  void erase(const Wait& wait);
  /// As those, ascending: full blocks, no search. Precondition: empty.
  void fill(const std::vector<Wait>& ascending);

  bool empty() const { return blocks_.empty(); }
  std::size_t size() const { return size_; }
  /// Precondition: not empty.
  const Wait& first() const { return blocks_.front().front(); }
  /// In order, until `visit` says false.
  template <class Visit>
  void visit(const Visit& visit) const {
    for (const Block& block : blocks_)
      for (const Wait& wait : block)
        if (!visit(wait)) return;
  }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t block_max = 128;
  using Block = std::vector<Wait>;
  using At = std::deque<Block>::iterator;

  /// The block in which it stands, or would; the last one for what is behind all. Precondition: not empty.
  At block_of(const Wait& wait);
  /// A full one becomes two.
  void split(At at);
  void merge(At at);

  std::deque<Block> blocks_;
  std::size_t size_ = 0;
};

}  // namespace hospes::flow
