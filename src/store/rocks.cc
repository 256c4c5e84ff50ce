// Layout of one column family "pNNNN":
//   key ""       → version 1, u32 epoch, u64 offset: the position all other rows are true at
//   any other key → its value
// A batch with its position is one RocksDB WriteBatch into one column family, so it lies in one
// memtable; memtables of a family are flushed whole and in order. Hence what survives a crash is a
// prefix of the batches, position included.
#include "store/rocks.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <memory>
#include <mutex>
#include <tuple>

#include "base/bytes.h"

namespace hospes::store {
namespace {

namespace fs = std::filesystem;
namespace rdb = rocksdb;

constexpr std::uint8_t position_version = 1;
constexpr std::string_view position_key = "";

rdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rdb::Slice& text) { return {text.data(), text.size()}; }

Code code_of(const rdb::Status& status) {
  return status.IsCorruption() ? Code::corrupt : Code::unavailable;
}

std::unexpected<Error> fail(const rdb::Status& status, std::string_view doing) {
  return hospes::fail(
      code_of(status), fmt::format("the store cannot {}: {}", doing, status.ToString())
  );
}

std::string family_name(unsigned partition) { return fmt::format("p{:04}", partition); }

rdb::ColumnFamilyOptions family_options(const Options& options) {
  rdb::BlockBasedTableOptions table;
  table.block_cache = rdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  table.block_size = 16 << 10;  // a start reads most of it from end to end: a fetch and a check each
  rdb::ColumnFamilyOptions family;
  family.table_factory.reset(rdb::NewBlockBasedTableFactory(table));
  family.compression = rdb::kNoCompression;  // rows are sealed: noise does not compress
  family.write_buffer_size = options.write_buffer_bytes;
  // Each sync makes a small file, with keys from all over. Merging like with like rewrites a row a
  // few times in its life; levels would rewrite a partition for every eight of these files.
  family.compaction_style = rdb::kCompactionStyleUniversal;
  family.compaction_options_universal.size_ratio = 25;
  family.compaction_options_universal.min_merge_width = 4;
  family.level0_file_num_compaction_trigger = 8;
  return family;
}

/// RocksDB's own diary is not kept: its writer asserts when the disk is full (Debian builds with
/// assertions), just when we want an answer. Failures come back as a Status all the same.
class NoDiary : public rdb::Logger {
 public:
  using rdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rdb::DBOptions database_options(const Options& options) {
  rdb::DBOptions database;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  database.paranoid_checks = true;
  database.max_background_jobs = 2;
  database.db_write_buffer_size = options.write_buffer_bytes;
  database.max_open_files = 1024;
  database.info_log = std::make_shared<NoDiary>();
  database.avoid_flush_during_shutdown = true;  // `sync` decides what is durable
  return database;
}

/// Beside RocksDB's files: all partitions exist, so their number is fixed.
Status mark_made(const fs::path& folder) {
  if (fs::exists(folder / "made")) return {};
  const auto status =
      rdb::WriteStringToFile(rdb::Env::Default(), "1\n", (folder / "made").string(), true);
  if (!status.ok()) return fail(status, "mark its folder as made");
  return {};
}

class Rocks final : public RocksStore {
 public:
  Rocks(std::unique_ptr<rdb::DB> db, std::vector<rdb::ColumnFamilyHandle*> families)
      : db_(std::move(db)), families_(std::move(families)), dirty_(families_.size() - 1) {}

  ~Rocks() override {
    for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
    db_->Close();
  }

  Status write(Partition partition, std::vector<Write> rows, Position position) override {
    auto* family = TRY(family_of(partition));
    // In order of their keys each insert begins where the last one ended: a third of its cost. A
    // later row of the same key still comes later.
    std::vector<const Write*> sorted;
    sorted.reserve(rows.size());
    std::size_t bytes = 64;
    for (const Write& row : rows) {
      sorted.push_back(&row);
      bytes += row.key.size() + (row.value ? row.value->size() : 0) + 16;
    }
    std::ranges::sort(sorted, [](const Write* a, const Write* b) {
      return std::tie(a->key, a) < std::tie(b->key, b);
    });
    rdb::WriteBatch batch(bytes);
    for (const Write* each : sorted) {
      const Write& row = *each;
      if (row.key.empty())
        return hospes::fail(Code::invalid_input, "a row of the store has an empty key");
      if (row.value) {
        batch.Put(family, row.key, *row.value);
      } else {
        batch.Delete(family, row.key);
      }
    }
    std::string at;
    Writer out(at);
    out.u8(position_version);
    out.u32(position.epoch);
    out.u64(position.offset);
    batch.Put(family, slice(position_key), at);
    rdb::WriteOptions how;
    how.disableWAL = true;
    dirty_[partition] = true;
    if (auto status = db_->Write(how, &batch); !status.ok()) return fail(status, "write");
    return {};
  }

  Result<std::optional<std::string>> get(Partition partition, std::string_view key) override {
    if (key.empty()) return std::optional<std::string>();
    return raw(partition, key);
  }

  Status scan(
      Partition partition, std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit
  ) override {
    auto* family = TRY(family_of(partition));
    rdb::ReadOptions how;
    how.total_order_seek = true;
    how.fill_cache = false;  // read once, from end to end: it would only drive out what is read again
    const std::unique_ptr<rdb::Iterator> at(db_->NewIterator(how, family));
    for (at->Seek(slice(prefix)); at->Valid() && at->key().starts_with(slice(prefix)); at->Next()) {
      if (at->key().empty()) continue;
      if (!visit(view(at->key()), view(at->value()))) break;
    }
    if (!at->status().ok()) return fail(at->status(), "scan");
    return {};
  }

  Result<Position> position(Partition partition) override {
    const auto stored = TRY(raw(partition, position_key));
    if (!stored) return Position{};
    Reader in(*stored);
    const std::uint8_t version = in.u8();
    const Position position{in.u32(), in.u64()};
    if (version != position_version || !in.done()) {
      return hospes::fail(
          Code::corrupt,
          fmt::format("the store's position of partition {} is unreadable", partition)
      );
    }
    return position;
  }

  Status sync() override {
    const std::scoped_lock lock(sync_mutex_);
    std::vector<rdb::ColumnFamilyHandle*> written;
    std::vector<std::size_t> partitions;
    for (std::size_t p = 0; p < dirty_.size(); ++p) {
      if (!dirty_[p].exchange(false)) continue;
      partitions.push_back(p);
      written.push_back(families_[p + 1]);
    }
    if (written.empty()) return {};
    rdb::FlushOptions how;
    how.allow_write_stall = true;  // never wait for a compaction while the log waits for us
    const auto status = db_->Flush(how, written);
    if (status.ok()) return {};
    for (const std::size_t p : partitions) dirty_[p] = true;
    return fail(status, "sync");
  }

  Status scrub() override {
    TRY(sync());
    for (auto* family : families_) {
      rdb::CompactRangeOptions how;
      how.bottommost_level_compaction = rdb::BottommostLevelCompaction::kForceOptimized;
      how.exclusive_manual_compaction = true;
      if (auto status = db_->CompactRange(how, family, nullptr, nullptr); !status.ok())
        return fail(status, "scrub");
    }
    return {};
  }

  Status checkpoint(const fs::path& folder) override {
    std::error_code ignored;
    if (fs::exists(folder, ignored)) {
      return hospes::fail(
          Code::conflict, fmt::format("{} exists; name a new folder", folder.string())
      );
    }
    TRY(sync());
    rdb::Checkpoint* maker = nullptr;
    auto status = rdb::Checkpoint::Create(db_.get(), &maker);
    const std::unique_ptr<rdb::Checkpoint> owned(maker);
    if (status.ok()) status = owned->CreateCheckpoint(folder.string());
    if (!status.ok()) return fail(status, "make a checkpoint in " + folder.string());
    return mark_made(folder);
  }

 private:
  Result<rdb::ColumnFamilyHandle*> family_of(Partition partition) {
    if (partition + 1u < families_.size()) return families_[partition + 1u];
    return hospes::fail(
        Code::invalid_input,
        fmt::format("partition {} of a store that has {} partitions", partition, dirty_.size())
    );
  }

  Result<std::optional<std::string>> raw(Partition partition, std::string_view key) {
    auto* family = TRY(family_of(partition));
    std::string value;
    const auto status = db_->Get(rdb::ReadOptions(), family, slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return fail(status, "read");
    return std::optional(std::move(value));
  }

  std::unique_ptr<rdb::DB> db_;
  std::vector<rdb::ColumnFamilyHandle*> families_;  // [0] is RocksDB's own "default", empty
  std::vector<std::atomic<bool>> dirty_;            // by partition: written since its last flush
  std::mutex sync_mutex_;
};

/// A folder that already holds a store must have been made with the same number of partitions.
Status check_partitions(const fs::path& folder, unsigned partitions) {
  if (!fs::exists(folder / "CURRENT")) return {};
  std::vector<std::string> names;
  const auto status = rdb::DB::ListColumnFamilies(rdb::DBOptions(), folder.string(), &names);
  if (!status.ok()) return fail(status, "read its list of partitions in " + folder.string());
  // A crash while the store is made leaves only some families; opening makes the rest.
  if (names.size() == partitions + 1u) return {};
  if (names.size() < partitions + 1u && !fs::exists(folder / "made")) return {};
  return hospes::fail(
      Code::conflict, fmt::format(
                          "the store in {} was made with {} partitions, not {}; the number is "
                          "fixed when a house is made: "
                          "set [store] partitions back to {}",
                          folder.string(), names.size() - 1, partitions, names.size() - 1
                      )
  );
}

}  // namespace

Result<std::unique_ptr<RocksStore>> open_rocks(const fs::path& folder, const Options& options) {
  if (options.partitions == 0 || options.partitions > slots) {
    return hospes::fail(
        Code::invalid_input,
        fmt::format("partitions = {}: must be from 1 to {}", options.partitions, slots)
    );
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return hospes::fail(
        Code::unavailable,
        fmt::format("the store's folder {} cannot be made: {}", folder.string(), error.message())
    );
  }
  TRY(check_partitions(folder, options.partitions));
  const auto family = family_options(options);
  std::vector<rdb::ColumnFamilyDescriptor> wanted{{rdb::kDefaultColumnFamilyName, family}};
  for (unsigned p = 0; p < options.partitions; ++p) wanted.emplace_back(family_name(p), family);
  rdb::DB* db = nullptr;
  std::vector<rdb::ColumnFamilyHandle*> families;
  const auto status =
      rdb::DB::Open(database_options(options), folder.string(), wanted, &families, &db);
  if (!status.ok()) {
    if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
      return hospes::fail(
          Code::unavailable,
          fmt::format(
              "{} is in use by another hospes; stop it, or name another data folder",
              folder.string()
          )
      );
    }
    return fail(status, "open " + folder.string());
  }
  std::unique_ptr<RocksStore> store =
      std::make_unique<Rocks>(std::unique_ptr<rdb::DB>(db), std::move(families));
  TRY(mark_made(folder));
  return store;
}

}  // namespace hospes::store
