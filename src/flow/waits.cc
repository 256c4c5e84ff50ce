#include "flow/waits.h"

#include <algorithm>
#include <iterator>

namespace hospes::flow {

Waits::At Waits::block_of(const Wait& wait) {
  const At at = std::ranges::lower_bound(blocks_, wait, {}, [](const Block& b) -> const Wait& { return b.back(); });
  return at == blocks_.end() ? std::prev(at) : at;
}

void Waits::split(At at) {
  Block behind;
  behind.reserve(block_max);
  // What comes behind all others fills its block: most wait as long as whoever came before them.
  const std::size_t left = std::next(at) == blocks_.end() ? block_max - 1 : block_max / 2;
  const auto from = at->begin() + static_cast<std::ptrdiff_t>(left);
  behind.assign(from, at->end());
  at->erase(from, at->end());
  blocks_.insert(std::next(at), std::move(behind));
}

void Waits::insert(const Wait& wait) {
  if (blocks_.empty()) blocks_.emplace_back(1, wait), size_ = 1;
  At at = block_of(wait);
  if (at->size() == block_max) {
    split(at);
    at = block_of(wait);
  }
  const auto place = std::ranges::lower_bound(*at, wait);
  if (place != at->end() && *place == wait) return;
  at->insert(place, wait);
  ++size_;
}

void Waits::merge(At at) {
  const At next = std::next(at);
  if (next == blocks_.end() || at->size() + next->size() > block_max / 2) return;
  at->insert(at->end(), next->begin(), next->end());
  blocks_.erase(next);
}

void Waits::erase(const Wait& wait) {
  if (blocks_.empty()) return;
  const At at = block_of(wait);
  const auto place = std::ranges::lower_bound(*at, wait);
  if (place == at->end() || *place != wait) return;
  --size_;
  at->erase(place);
  if (at->empty()) {
    blocks_.erase(at);
    return;
  }
  const std::size_t index = static_cast<std::size_t>(at - blocks_.begin());
  merge(at);
  if (index > 0) merge(blocks_.begin() + static_cast<std::ptrdiff_t>(index) - 1);
}

void Waits::fill(const std::vector<Wait>& ascending) {
  for (auto from = ascending.begin(); from != ascending.end();) {
    const auto most = std::min<std::ptrdiff_t>(block_max, ascending.end() - from);
    blocks_.emplace_back(from, from + most);
    from += most;
  }
  size_ = ascending.size();
}

std::size_t Waits::memory_bytes() const {
  std::size_t out = blocks_.size() * sizeof(Block);
  for (const Block& block : blocks_) out += block.capacity() * sizeof(Wait);
  return out;
}

}  // namespace hospes::flow
