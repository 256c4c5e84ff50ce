#include "log/local.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace hospes::log {
namespace {

std::uint64_t framed_bytes(const std::vector<Entry>& entries) {
  std::uint64_t bytes = 0;
  for (const Entry& e : entries) bytes += frame_bytes + e.bytes.size();
  return bytes;
}

std::unexpected<Error> read_only(const Error& cause) {
  return fail(
      Code::unavailable, "the log is read-only: " + cause.message +
                             ". What was acknowledged is safe. Mend the disk, then restart"
  );
}

}  // namespace

Local::Local(disk::Disk& disk, Options options, std::unique_ptr<Spares> spares, Recovered recovered)
    : disk_(disk),
      options_(std::move(options)),
      spares_(std::move(spares)),
      append_bytes_max_(
          options_.segment_bytes - recovered.segments.back()->header_bytes() - frame_bytes
      ),
      head_(std::move(recovered)),
      view_{head_.segments, head_.end, head_.last} {
  head_.segments.erase(head_.segments.begin(), head_.segments.end() - 1);
  if (options_.manual) return;
  writer_ = std::thread([this] { run_writer(); });
  helper_ = std::thread([this] { run_helper(); });
}

Local::~Local() { Local::close(); }

Status Local::append(std::vector<Entry> entries, Done done) {
  const std::uint64_t bytes = framed_bytes(entries);
  if (bytes > append_bytes_max_) {
    return fail(
        Code::over_limit, "one append of " + std::to_string(bytes) +
                              " bytes does not fit a segment; raise segment_bytes"
    );
  }
  for (const Entry& e : entries) {
    if (e.partition >= options_.partitions) {
      return fail(Code::invalid_input, "no partition " + std::to_string(e.partition));
    }
  }
  const std::lock_guard lock(mutex_);
  if (!failed_) return read_only(failed_.error());
  if (closing_) return fail(Code::unavailable, "the log is closed");
  if (low_room_) TRY(check_room());
  if (queue_bytes_ != 0 && queue_bytes_ + bytes > options_.queue_bytes_max) {
    return fail(Code::over_limit, "the log's queue is full (queue_bytes_max); try again later");
  }
  queue_.push_back({std::move(entries), std::move(done), bytes});
  queue_bytes_ += bytes;
  work_.notify_one();
  return {};
}

/// mutex_ held.
Status Local::check_room() const {
  const auto free = disk_.free_bytes();
  low_room_ = !free || *free < options_.free_bytes_min;
  if (!low_room_) return {};
  return fail(
      Code::unavailable, "the log is read-only: less than free_bytes_min (" +
                             std::to_string(options_.free_bytes_min) +
                             " bytes) is free on its disk. Free some space; it resumes by itself"
  );
}

void Local::follow(Follower follower) {
  const std::lock_guard lock(mutex_);
  check(follower_ == nullptr, "log: follow is called once");
  follower_ = std::make_shared<const Follower>(std::move(follower));
}

void Local::run_writer() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return closing_ || roll_wanted_ || !queue_.empty(); });
      if (queue_.empty() && !roll_wanted_) return;
    }
    roll_if_wanted();
    commit();
  }
}

void Local::run_helper() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      helper_work_.wait(lock, [this] { return closing_ || spare_wanted_; });
      if (closing_) return;
      spare_wanted_ = false;
    }
    // A failure here is met again, and told, when the file is needed.
    const bool made [[maybe_unused]] = spares_->prepare().has_value();
  }
}

bool Local::step() {
  check(options_.manual, "log: step is for a manual log");
  return commit();
}

/// Whole appends, up to commit_bytes_max and at least one.
std::deque<Local::Waiting> Local::take(Status& refused) {
  const std::lock_guard lock(mutex_);
  refused = failed_;
  std::deque<Waiting> batch;
  std::uint64_t bytes = 0;
  while (!queue_.empty()) {
    bytes += queue_.front().bytes;
    if (!batch.empty() && bytes > options_.commit_bytes_max) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

bool Local::commit() {
  Status result;
  std::deque<Waiting> batch = take(result);
  if (batch.empty()) return false;
  std::shared_ptr<const Follower> follower;
  {
    const std::lock_guard lock(mutex_);
    follower = follower_;
  }
  std::vector<Durable> durables;
  std::uint64_t bytes = 0;
  for (const Waiting& w : batch) bytes += w.bytes;
  if (!result) {
    result = read_only(result.error());
  } else if (const Status written = write(batch, durables, follower != nullptr); !written) {
    result = read_only(written.error());
    fail_for_good(written);
  }
  if (result && follower != nullptr && !durables.empty()) (*follower)(std::move(durables));
  for (Waiting& w : batch) {
    if (w.done) w.done(result);
  }
  const std::lock_guard lock(mutex_);
  queue_bytes_ -= bytes;
  return true;
}

/// The batch is durable when it succeeds. Any failure is for good: see
/// docs/adr/0001-crash-protocol.md.
Status Local::write(std::deque<Waiting>& batch, std::vector<Durable>& durables, bool followed) {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  for (const Waiting& w : batch) {
    bytes += w.bytes;
    records += w.entries.size();
  }
  if (records == 0) return {};
  if (head_.end + bytes + frame_bytes > head_.segments.back()->end()) TRY(roll());
  const Segment& segment = *head_.segments.back();
  ++head_.commit;
  const std::string framed = frame(batch, durables, followed);
  TRY(segment.file->write(head_.end - segment.base, framed));
  TRY(segment.file->sync());
  head_.end += framed.size();
  {
    const std::lock_guard lock(view_mutex_);
    view_.end = head_.end;
    view_.last = head_.last;
  }
  const std::lock_guard lock(mutex_);
  const bool roomy [[maybe_unused]] = check_room().has_value();
  ++stats_.commits;
  stats_.records += records;
  stats_.bytes += bytes;
  spare_wanted_ = head_.end - segment.base > segment.size / 2;
  if (spare_wanted_) helper_work_.notify_one();
  return {};
}

std::string Local::frame(
    std::deque<Waiting>& batch, std::vector<Durable>& durables, bool followed
) {
  std::string out;
  const Entry* last = nullptr;
  std::size_t records = 0;
  std::uint64_t bytes = 0;
  for (const Waiting& w : batch) {
    if (!w.entries.empty()) last = &w.entries.back();
    records += w.entries.size();
    bytes += w.bytes;
  }
  out.reserve(bytes);
  if (followed) durables.reserve(records);
  for (Waiting& w : batch) {
    for (Entry& e : w.entries) {
      Frame f;
      f.flags = &e == last ? flag_last : std::uint8_t{0};
      f.partition = e.partition;
      f.commit = head_.commit;
      f.offset = head_.end + out.size();
      encode(f, e.bytes, out);
      head_.last[e.partition] = f.offset;
      if (!followed) continue;
      durables.push_back(
          {e.partition, {options_.epoch, f.offset}, std::move(e.bytes), std::move(e.decoded)}
      );
    }
  }
  return out;
}

/// Ends the segment, durably, before the next begins: a segment that is not the last must have an
/// end.
Status Local::roll() {
  const Segment& segment = *head_.segments.back();
  ++head_.commit;
  TRY(segment.file->write(head_.end - segment.base, mark(head_.commit, head_.end, true)));
  TRY(segment.file->sync());
  TRY(add_segment(disk_, *spares_, options_, head_));
  head_.segments.erase(head_.segments.begin());
  const std::lock_guard lock(view_mutex_);
  view_.segments.push_back(head_.segments.back());
  view_.end = head_.end;
  view_.last = head_.last;
  return {};
}

void Local::fail_for_good(const Status& cause) {
  const std::lock_guard lock(mutex_);
  if (failed_) failed_ = cause;
}

Status Local::release(std::span<const Position> upto) {
  if (upto.size() != options_.partitions) {
    return fail(Code::invalid_input, "release needs a position for each partition");
  }
  {
    const std::lock_guard lock(mutex_);
    if (!failed_) return read_only(failed_.error());
  }
  const auto passed = [&](const View& v) {
    for (Partition p = 0; p < options_.partitions; ++p) {
      const bool later_epoch = upto[p].epoch > options_.epoch;
      const std::uint64_t offset = upto[p].epoch == options_.epoch ? upto[p].offset : 0;
      if (!later_epoch && v.last_in(0, p) > offset) return false;
    }
    return true;
  };
  while (true) {
    std::shared_ptr<const Segment> first;
    {
      const std::lock_guard lock(view_mutex_);
      if (view_.segments.size() < 2 || !passed(view_)) return {};
      if (view_.segments.front().use_count() > 1) return {};  // somebody reads it: next time
      first = std::move(view_.segments.front());
      view_.segments.erase(view_.segments.begin());
    }
    // Segments go in order, or a crash could leave a gap: after a failure no later one may go.
    if (const Status given = spares_->give(first->path); !given) {
      fail_for_good(given);
      return given;
    }
  }
}

Status Local::health() const {
  const std::lock_guard lock(mutex_);
  if (!failed_) return read_only(failed_.error());
  return low_room_ ? check_room() : Status();
}

void Local::close() {
  check(std::this_thread::get_id() != writer_.get_id(), "log: close from within done");
  const std::lock_guard closing(close_mutex_);
  if (closed_) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    work_.notify_one();
    helper_work_.notify_one();
    rolled_.notify_all();
  }
  if (options_.manual) {
    while (commit()) {
    }
  } else {
    writer_.join();
    helper_.join();
  }
  closed_ = true;
}

Local::Stats Local::stats() const {
  const std::size_t segments = view().segments.size();
  const std::lock_guard lock(mutex_);
  Stats s = stats_;
  s.segments = segments;
  return s;
}

Result<std::unique_ptr<LocalLog>> open_local_log(disk::Disk& disk, Options options) {
  if (options.partitions == 0 || options.partitions > slots) {
    return fail(Code::invalid_input, "partitions must be 1 to " + std::to_string(slots));
  }
  if (options.segment_bytes < 64 << 10 || options.segment_bytes > std::uint64_t{4} << 30) {
    return fail(Code::invalid_input, "segment_bytes must be 64 KiB to 4 GiB");
  }
  options.commit_bytes_max = std::min(options.commit_bytes_max, options.segment_bytes / 2);
  auto spares =
      std::make_unique<Spares>(disk, options.folder, options.segment_bytes, options.spares_max);
  auto recovered = TRY(recover(disk, *spares, options));
  return std::unique_ptr<LocalLog>(
      std::make_unique<Local>(disk, std::move(options), std::move(spares), std::move(recovered))
  );
}

}  // namespace hospes::log
