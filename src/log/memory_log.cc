#include "base/check.h"
#include "disk/memory.h"
#include "log/local_log.h"

namespace hospes::log {
namespace {

class MemoryLog final : public LocalLog {
 public:
  MemoryLog(std::unique_ptr<disk::MemoryDisk> disk, std::unique_ptr<LocalLog> log)
      : disk_(std::move(disk)), log_(std::move(log)) {}

  Status append(std::vector<Entry> entries, Done done) override {
    return log_->append(std::move(entries), std::move(done));
  }
  Status replay(std::span<const Position> after, const Visit& visit) override {
    return log_->replay(after, visit);
  }
  void follow(std::function<void(std::vector<Durable>)> follower) override {
    log_->follow(std::move(follower));
  }
  Result<std::vector<Durable>> read(Partition partition, Position after, std::size_t records_max)
      override {
    return log_->read(partition, after, records_max);
  }
  Status scan(Position after, const std::function<Result<bool>(const Durable&)>& visit) override {
    return log_->scan(after, visit);
  }
  Position kept_after() const override { return log_->kept_after(); }
  Status release(std::span<const Position> upto) override { return log_->release(upto); }
  Status health() const override { return log_->health(); }
  void close() override { log_->close(); }
  bool step() override { return log_->step(); }
  Stats stats() const override { return log_->stats(); }
  Result<std::uint64_t> begin_scrub() override { return log_->begin_scrub(); }
  bool end_scrub(std::uint64_t sequence) override { return log_->end_scrub(sequence); }
  Result<std::uint64_t> rewrite(const Edit& edit) override { return log_->rewrite(edit); }

 private:
  const std::unique_ptr<disk::MemoryDisk> disk_;
  const std::unique_ptr<LocalLog> log_;
};

}  // namespace

std::unique_ptr<LocalLog> make_memory_log(unsigned partitions, bool manual) {
  auto disk = std::make_unique<disk::MemoryDisk>();
  Options options;
  options.partitions = partitions;
  options.segment_bytes = 8 << 20;
  options.manual = manual;
  auto log = open_local_log(*disk, options);
  check(log.has_value(), "an empty disk in memory makes no trouble");
  return std::make_unique<MemoryLog>(std::move(disk), std::move(*log));
}

}  // namespace hospes::log
