#include "seal/directory.h"

#include <openssl/crypto.h>

#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <mutex>

#include "base/check.h"

namespace hospes::seal {
namespace {

using Index = std::uint32_t;  // of a row
constexpr std::size_t shards = 64;
constexpr std::size_t chunk_rows = 1 << 14;

/// Rows never move, so tables hold 4-byte indexes instead of copies.
struct Rows {
  std::vector<std::unique_ptr<Row[]>>
      chunks;  // as many as atoms_max needs; filled as rows are needed
  Row& operator[](Index i) const { return chunks[i / chunk_rows][i % chunk_rows]; }
};

struct ByHash {
  using is_transparent = void;
  using is_avalanching = void;
  const Rows* rows;
  std::size_t operator()(const Hash128& h) const { return h.lo; }
  std::size_t operator()(Index i) const { return (*rows)[i].hash.lo; }
  bool operator()(Index a, Index b) const { return a == b; }
  bool operator()(const Hash128& h, Index i) const { return (*rows)[i].hash == h; }
  bool operator()(Index i, const Hash128& h) const { return (*rows)[i].hash == h; }
};

struct ById {
  using is_transparent = void;
  using is_avalanching = void;
  const Rows* rows;
  std::size_t operator()(const AtomId& id) const { return id.lo; }
  std::size_t operator()(Index i) const { return (*rows)[i].id.lo; }
  bool operator()(Index a, Index b) const { return a == b; }
  bool operator()(const AtomId& id, Index i) const { return (*rows)[i].id == id; }
  bool operator()(Index i, const AtomId& id) const { return (*rows)[i].id == id; }
};

template <class By>
struct Shard {
  explicit Shard(const Rows& rows) : table(0, By{&rows}, By{&rows}) {}
  mutable std::mutex mutex;
  boost::unordered_flat_set<Index, By, By> table;
};

template <class By>
struct Table {
  explicit Table(const Rows& rows) {
    for (auto& s : all) s = std::make_unique<Shard<By>>(rows);
  }
  /// The high half chooses the shard, the low half the place in it.
  Shard<By>& of(std::uint64_t hi) const { return *all[hi % shards]; }
  std::array<std::unique_ptr<Shard<By>>, shards> all;
};

}  // namespace

struct Directory::State {
  explicit State(std::size_t atoms_max) : by_hash(rows), by_id(rows) {
    rows.chunks.resize(atoms_max / chunk_rows + 1);
  }
  Rows rows;
  Table<ByHash> by_hash;
  Table<ById> by_id;
  std::vector<Index> free;  // rows that were removed; for the one who adds and removes
  Index next = 0;
  std::atomic<std::size_t> size = 0;
};

Directory::Directory(std::size_t atoms_max) : state_(std::make_unique<State>(atoms_max)) {}
Directory::~Directory() = default;

std::optional<Atom> Directory::find(Hash128 hash) const {
  const auto& shard = state_->by_hash.of(hash.hi);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.table.find(hash);
  if (at == shard.table.end()) return std::nullopt;
  return state_->rows[*at].atom();
}

std::optional<Row> Directory::get(AtomId id) const {
  const auto& shard = state_->by_id.of(id.hi);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.table.find(id);
  if (at == shard.table.end()) return std::nullopt;
  return state_->rows[*at];
}

void Directory::add(const Row& row) {
  State& s = *state_;
  Index i = s.next;
  if (s.free.empty()) {
    check(i / chunk_rows < s.rows.chunks.size(), "directory: more than atoms_max");
    auto& chunk = s.rows.chunks[i / chunk_rows];
    if (!chunk) chunk = std::make_unique<Row[]>(chunk_rows);
    ++s.next;
  } else {
    i = s.free.back();
    s.free.pop_back();
  }
  s.rows[i] = row;
  {
    auto& shard = s.by_id.of(row.id.hi);
    const std::lock_guard lock(shard.mutex);
    shard.table.insert(i);
  }
  auto& shard = s.by_hash.of(row.hash.hi);
  const std::lock_guard lock(shard.mutex);
  shard.table.insert(i);
  ++s.size;
}

void Directory::move(AtomId id, std::uint32_t epoch, std::uint32_t place) {
  auto& shard = state_->by_id.of(id.hi);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.table.find(id);
  if (at == shard.table.end()) return;
  state_->rows[*at].epoch = epoch;
  state_->rows[*at].place = place;
}

void Directory::remove(AtomId id) {
  State& s = *state_;
  const auto row = get(id);
  if (!row) return;
  Index i = 0;
  {
    auto& shard = s.by_hash.of(row->hash.hi);
    const std::lock_guard lock(shard.mutex);
    shard.table.erase(shard.table.find(row->hash));
  }
  {
    auto& shard = s.by_id.of(id.hi);
    const std::lock_guard lock(shard.mutex);
    const auto at = shard.table.find(id);
    i = *at;
    shard.table.erase(at);
  }
  OPENSSL_cleanse(&s.rows[i].key, sizeof(Key));
  s.free.push_back(i);
  --s.size;
}

std::size_t Directory::size() const { return state_->size; }

}  // namespace hospes::seal
