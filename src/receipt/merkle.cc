#include "receipt/merkle.h"

#include <bit>
#include <string>

#include "base/check.h"

namespace hospes::receipt {
namespace {

/// The largest power of two below n; n > 1.
std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

std::unexpected<Error> beyond(std::uint64_t asked, std::uint64_t size) {
  return fail(
      Code::invalid_input, "the log has " + std::to_string(size) + " leaves; " +
                               std::to_string(asked) + " is not a place or size in it"
  );
}

}  // namespace

Digest leaf_hash(std::string_view entry) { return sha256(std::string(1, '\0').append(entry)); }

Digest node_hash(const Digest& left, const Digest& right) {
  return sha256(std::string(1, '\1').append(view_of(left)).append(view_of(right)));
}

/// One question: the tiles it has fetched, and what went wrong.
class Tree::Reading {
 public:
  explicit Reading(const Tree& tree) : tree_(tree) {}

  /// MTH(D[begin:end]); begin is a multiple of the power of two at or above end - begin.
  Digest subtree(std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t n = end - begin;
    if (n == 1) return leaf(begin);
    if (std::has_single_bit(n) && n >= tile_leaves) {
      const auto level = static_cast<std::size_t>(std::countr_zero(n / tile_leaves));
      return tree_.upper_[level][begin / n];
    }
    const std::uint64_t k = split_of(n);
    return node_hash(subtree(begin, begin + k), subtree(begin + k, end));
  }

  /// PATH(m, D[begin:end]) of RFC 9162 section 2.1.3.1, m counted from 0.
  void path(std::uint64_t m, std::uint64_t begin, std::uint64_t end) {
    if (end - begin == 1) return;
    const std::uint64_t middle = begin + split_of(end - begin);
    if (m < middle) {
      path(m, begin, middle);
      proof.push_back(subtree(middle, end));
    } else {
      path(m, middle, end);
      proof.push_back(subtree(begin, middle));
    }
  }

  /// SUBPROOF(m, D[begin:end], whole) of section 2.1.4.1; `old` is where the older tree ends.
  void subproof(std::uint64_t old, std::uint64_t begin, std::uint64_t end, bool whole) {
    if (old == end) {
      if (!whole) proof.push_back(subtree(begin, end));
      return;
    }
    const std::uint64_t middle = begin + split_of(end - begin);
    if (old <= middle) {
      subproof(old, begin, middle, whole);
      proof.push_back(subtree(middle, end));
    } else {
      subproof(old, middle, end, false);
      proof.push_back(subtree(begin, middle));
    }
  }

  Status status;
  std::vector<Digest> proof;

 private:
  Digest leaf(std::uint64_t i) {
    const std::uint64_t tile = i / tile_leaves;
    if (tile == tree_.size_ / tile_leaves) return tree_.tail_[i % tile_leaves];
    auto at = tiles_.find(tile);
    if (at == tiles_.end()) {
      auto leaves = tree_.fetch_(tile);
      if (!leaves && status) status = std::unexpected(leaves.error());
      if (!status) return {};
      at = tiles_.emplace(tile, std::move(*leaves)).first;
    }
    if (i % tile_leaves < at->second.size()) return at->second[i % tile_leaves];
    status = fail(Code::corrupt, "a leaf of the transparency log is not where it was");
    return {};
  }

  const Tree& tree_;
  std::map<std::uint64_t, std::vector<Digest>> tiles_;
};

void Tree::append(const Digest& leaf) {
  tail_.push_back(leaf);
  ++size_;
  if (tail_.size() < tile_leaves) return;
  std::vector<Digest> row = std::move(tail_);
  tail_.clear();
  while (row.size() > 1) {
    for (std::size_t i = 0; i < row.size() / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
    row.resize(row.size() / 2);
  }
  Digest done = row.front();
  for (std::size_t level = 0;; ++level) {
    if (level == upper_.size()) upper_.emplace_back();
    upper_[level].push_back(done);
    if (upper_[level].size() % 2 != 0) return;
    done = node_hash(upper_[level][upper_[level].size() - 2], done);
  }
}

Digest Tree::root() const {
  if (size_ == 0) return sha256("");
  return Reading(*this).subtree(0, size_);
}

Result<Digest> Tree::root(std::uint64_t size) const {
  if (size > size_) return beyond(size, size_);
  if (size == 0) return sha256("");
  Reading reading(*this);
  const Digest out = reading.subtree(0, size);
  TRY(reading.status);
  return out;
}

Result<std::vector<Digest>> Tree::inclusion(std::uint64_t leaf, std::uint64_t size) const {
  if (size > size_) return beyond(size, size_);
  if (leaf >= size) return beyond(leaf, size);
  Reading reading(*this);
  reading.path(leaf, 0, size);
  TRY(reading.status);
  return std::move(reading.proof);
}

Result<std::vector<Digest>> Tree::consistency(std::uint64_t from, std::uint64_t to) const {
  if (to > size_) return beyond(to, size_);
  if (from == 0 || from > to) return beyond(from, to);
  Reading reading(*this);
  reading.subproof(from, 0, to, true);
  TRY(reading.status);
  return std::move(reading.proof);
}

bool verify_inclusion(
    const Digest& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest> proof,
    const Digest& root
) {
  if (index >= size) return false;
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Digest r = leaf;
  for (const Digest& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      while (fn != 0 && (fn & 1) == 0) fn >>= 1, sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == root;
}

bool verify_consistency(
    std::uint64_t from, const Digest& from_root, std::uint64_t to, const Digest& to_root,
    std::span<const Digest> proof
) {
  if (from == 0 || from > to) return false;
  if (from == to) return proof.empty() && from_root == to_root;
  const bool power = std::has_single_bit(from);
  if (!power && proof.empty()) return false;
  std::uint64_t fn = from - 1;
  std::uint64_t sn = to - 1;
  while ((fn & 1) != 0) fn >>= 1, sn >>= 1;
  Digest fr = power ? from_root : proof.front();
  Digest sr = fr;
  for (const Digest& c : proof.subspan(power ? 0 : 1)) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(c, fr);
      sr = node_hash(c, sr);
      while (fn != 0 && (fn & 1) == 0) fn >>= 1, sn >>= 1;
    } else {
      sr = node_hash(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == from_root && sr == to_root;
}

}  // namespace hospes::receipt
