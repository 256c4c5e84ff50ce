// A Merkle tree that only grows (RFC 6962 section 2, RFC 9162 section 2.1): its root, and proofs
// that a leaf is in it and that it is what an older one became.
//
// Memory is small because leaves are read back in tiles of 256; kept are the roots of whole tiles,
// all levels above, and the leaves of the last tile: about a quarter of a byte per leaf.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "digest/digest.h"

namespace hospes::receipt {

/// SHA-256(0x00 ‖ entry).
Digest leaf_hash(std::string_view entry);
/// SHA-256(0x01 ‖ left ‖ right).
Digest node_hash(const Digest& left, const Digest& right);

class Tree {
 public:
  static constexpr std::uint64_t tile_leaves = 256;
  /// The leaf hashes of a tile that is whole here. Those at its end may be missing where they are not
  /// readable yet: proofs for sizes below need none of them.
  using Fetch = std::function<Result<std::vector<Digest>>(std::uint64_t tile)>;

  explicit Tree(Fetch fetch) : fetch_(std::move(fetch)) {}

  void append(const Digest& leaf);
  std::uint64_t size() const { return size_; }
  /// Of all leaves so far; fetches nothing. Of none: SHA-256 of nothing. Cost: up to 264 hashes, 0.1 ms.
  Digest root() const;

  /// The roots of an earlier size, and proofs, lowest hash first. Errors: invalid_input when asked
  /// for more than there is, or those of `fetch` (at most two tiles a call).
  Result<Digest> root(std::uint64_t size) const;
  Result<std::vector<Digest>> inclusion(std::uint64_t leaf, std::uint64_t size) const;
  Result<std::vector<Digest>> consistency(std::uint64_t from, std::uint64_t to) const;

 private:
  class Reading;

  Fetch fetch_;
  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest>> upper_;  // [k][i]: of tiles i·2^k … (i+1)·2^k - 1
  std::vector<Digest> tail_;                // leaves of the last tile, not whole
};

/// RFC 9162 sections 2.1.3.2 and 2.1.4.2. False for whatever was not proved.
bool verify_inclusion(
    const Digest& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest> proof,
    const Digest& root
);
bool verify_consistency(
    std::uint64_t from, const Digest& from_root, std::uint64_t to, const Digest& to_root,
    std::span<const Digest> proof
);

}  // namespace hospes::receipt
