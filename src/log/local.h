// The log on a local disk, inside. Threads: the writer (or `step`) commits; a helper makes the next
// file ahead; callers append, read and release.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "log/local_log.h"
#include "log/recover.h"

namespace hospes::log {

class Local final : public LocalLog {
 public:
  Local(disk::Disk& disk, Options options, std::unique_ptr<Spares> spares, Recovered recovered);
  ~Local() override;

  Status append(std::vector<Entry> entries, Done done) override;
  Status replay(std::span<const Position> after, const Visit& visit) override;
  void follow(std::function<void(std::vector<Durable>)> follower) override;
  Result<std::vector<Durable>> read(Partition partition, Position after, std::size_t records_max)
      override;
  Status scan(Position after, const std::function<Result<bool>(const Durable&)>& visit) override;
  Position kept_after() const override;
  Status release(std::span<const Position> upto) override;
  Status health() const override;
  void close() override;
  bool step() override;
  Result<std::uint64_t> begin_scrub() override;
  bool end_scrub(std::uint64_t sequence) override;
  Result<std::uint64_t> rewrite(const Edit& edit) override;
  Stats stats() const override;

 private:
  using Follower = std::function<void(std::vector<Durable>)>;
  struct Waiting {
    std::vector<Entry> entries;
    Done done;
    std::uint64_t bytes = 0;  // framed
  };
  /// What is durable, for readers: a value, so that nothing is locked while it is read.
  struct View {
    std::vector<std::shared_ptr<const Segment>> segments;
    std::uint64_t end = 0;
    std::vector<std::uint64_t> last;  // per partition
    /// Of partition p's last record in segments[i] or before.
    std::uint64_t last_in(std::size_t i, Partition p) const {
      return i + 1 < segments.size() ? segments[i + 1]->last[p] : last[p];
    }
    std::uint64_t end_of(std::size_t i) const {
      return i + 1 < segments.size() ? segments[i]->end() : end;
    }
  };

  void run_writer();
  void run_helper();
  bool commit();
  std::deque<Waiting> take(Status& refused);
  Status write(std::deque<Waiting>& batch, std::vector<Durable>& durables, bool followed);
  Status roll();
  void roll_if_wanted();
  Status put_in_place(const Segment& segment, std::string_view bytes);
  Status check_room() const;
  void fail_for_good(const Status& cause);
  std::string frame(std::deque<Waiting>& batch, std::vector<Durable>& durables, bool followed);

  View view() const;
  Result<std::uint64_t> place(Position after) const;
  Status check_reach(const View& view, Partition p, std::uint64_t after) const;
  Result<std::uint64_t> start_in(const View& view, std::size_t i, std::uint64_t from) const;
  using VisitRecord = std::function<Result<bool>(const Scanner::Record&)>;
  Status scan(const View& view, std::size_t i, std::uint64_t from, const VisitRecord& visit) const;

  disk::Disk& disk_;
  const Options options_;
  const std::unique_ptr<Spares> spares_;

  const std::uint64_t append_bytes_max_;

  // The writer's alone: where the next record goes. Of the segments only the last.
  Recovered head_;

  mutable std::mutex view_mutex_;  // guards view_
  View view_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable work_;
  std::deque<Waiting> queue_;
  std::uint64_t queue_bytes_ = 0;  // waiting and in flight
  Status failed_;                  // sticky
  mutable bool low_room_ = true;   // or not asked yet
  bool closing_ = false;
  bool spare_wanted_ = false;
  bool roll_wanted_ = false;
  std::condition_variable rolled_;
  std::condition_variable helper_work_;
  std::shared_ptr<const Follower> follower_;
  Stats stats_;

  std::mutex close_mutex_;  // held through close
  bool closed_ = false;     // guarded by close_mutex_
  std::thread writer_;
  std::thread helper_;
};

}  // namespace hospes::log
