// A house of the lake's tests: a real folder on a disk that can fail, a log and keys in memory.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>

#include "disk/posix.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "record/codec.h"
#include "seal/memory_keys.h"

namespace hospes::lake {

inline constexpr unsigned partitions = 4;
inline const Instant noon = *parse_instant("2026-11-27T12:00:00Z");

/// Fails the n-th operation that changes something, and all later ones.
class Failing final : public disk::Disk {
 public:
  explicit Failing(disk::Disk& under) : under_(under) {}
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();

  Result<std::unique_ptr<disk::File>> open(const std::string& path, disk::Mode mode) override {
    if (mode != disk::Mode::read) TRY(step());
    return under_.open(path, mode);
  }
  Status rename(const std::string& from, const std::string& to) override {
    TRY(step());
    return under_.rename(from, to);
  }
  Status remove(const std::string& path) override {
    TRY(step());
    return under_.remove(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override { return under_.list(folder); }
  Status make_folder(const std::string& folder) override {
    TRY(step());
    return under_.make_folder(folder);
  }
  Status sync_folder(const std::string& folder) override {
    TRY(step());
    return under_.sync_folder(folder);
  }
  Result<std::uint64_t> free_bytes() override { return under_.free_bytes(); }

 private:
  Status step() {
    if (left == 0) return fail(Code::unavailable, "the disk died");
    --left;
    return {};
  }
  disk::Disk& under_;
};

/// Silence.
class NoDiary final : public diary::Diary {
 public:
  void note(diary::Level, std::string_view, std::string_view, std::initializer_list<diary::Field>) override {}
};

struct House {
  House() {
    std::string name = std::filesystem::temp_directory_path() / "hospes-lake-XXXXXX";
    folder = ::mkdtemp(name.data());
    posix = disk::open_posix_disk(folder).value();
    disk = std::make_unique<Failing>(*posix);
    log = log::make_memory_log(partitions, true);
    log->follow([](std::vector<log::Durable>) {});
  }
  ~House() {
    lake.reset();
    log->close();
    std::filesystem::remove_all(folder);
  }

  void start() {
    lake.reset();
    auto opened = Lake::open({*disk, *log, keys, names, catalog, clock, diary}, {.data_folder = folder, .merge_files = merge});
    ASSERT_TRUE(opened) << opened.error().message;
    lake = std::move(*opened);
  }
  Atom atom(KindId kind, const std::string& value) {
    const Identifier id{kind, value};
    return keys.resolve({&id, 1}, Instant{1'000'000}).value().front();
  }
  Event event(std::uint64_t message, const std::string& who, std::string_view name = "Order Completed") {
    Event e;
    e.anchor = e.owner = atom(0, who);
    e.message = {message, message};
    e.mask = 6;
    e.received = e.happened = noon + std::chrono::minutes(message);
    e.name = names.intern(name).value();
    e.source = names.intern("till").value();
    return e;
  }
  void add(Event& e, std::string_view name, std::string_view text) {
    e.properties.add(names.intern(name).value(), ValueView{ValueKind::text, {}, text, {}});
  }
  void send(const Event& e, std::optional<record::Origin> origin = {}) {
    const record::Record record{.stamp = e.received, .origin = origin, .to = {}, .body = record::Arrived{e, {}}};
    auto bytes = record::encode(record, names, keys);
    ASSERT_TRUE(bytes) << bytes.error().message;
    ASSERT_TRUE(log->append({{partition_of(e.anchor.id, partitions), std::move(*bytes), {}}}, [](Status) {}));
    while (log->step()) {
    }
  }
  /// Rows of a query whose FROM is `$files`.
  Table read(const std::string& select) {
    std::string paths;
    const auto reading = lake->read();
    for (const File& f : reading.files)
      paths.append(paths.empty() ? "" : ", ").append(sql_text(reading.folder + "/" + f.path()));
    auto duck = Duck::open({});
    EXPECT_TRUE(duck);
    auto told = (*duck)->read(select + " FROM read_parquet([" + paths + "], hive_partitioning = true)", 1'000'000);
    EXPECT_TRUE(told) << told.error().message;
    return told ? std::move(*told) : Table{};
  }
  std::set<std::string> files() const {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder + "/lake"))
      if (entry.is_regular_file() && entry.path().extension() != ".new" && entry.path().filename() != "manifest")
        out.insert(entry.path().lexically_relative(folder).string());
    return out;
  }

  std::string folder;
  std::size_t merge = 8;
  std::unique_ptr<disk::Disk> posix;
  std::unique_ptr<Failing> disk;
  std::unique_ptr<log::LocalLog> log;
  seal::MemoryKeys keys;
  Names names;
  catalog::Catalog catalog;
  ManualClock clock{noon};
  NoDiary diary;
  std::unique_ptr<Lake> lake;
};

}  // namespace hospes::lake
