// What shall not be read back from a disk that was taken away: recycled files, and records whose
// content was taken out.
#include <chrono>
#include <thread>

#include "log/local.h"

namespace hospes::log {
namespace {

constexpr auto readers_leave_within = std::chrono::seconds(10);
constexpr std::uint64_t piece_bytes = 1 << 20;

struct Change {
  std::uint64_t place = 0;  // in the file
  std::string framed;
};

/// The record at its own place with another content: it proves itself as before.
std::string reframed(const Scanner::Record& record, std::string_view payload) {
  std::string out;
  encode(record.frame, payload, out);
  return out;
}

}  // namespace

Result<std::uint64_t> Local::begin_scrub() {
  TRY(spares_->wipe());
  {
    std::unique_lock lock(mutex_);
    if (!failed_) return std::unexpected(failed_.error());
    if (closing_) return fail(Code::unavailable, "the log is closed");
    roll_wanted_ = true;
    work_.notify_one();
    if (!options_.manual) rolled_.wait(lock, [this] { return !roll_wanted_ || closing_; });
  }
  if (options_.manual) roll_if_wanted();
  const std::lock_guard lock(mutex_);
  if (!failed_) return std::unexpected(failed_.error());
  if (roll_wanted_) return fail(Code::unavailable, "the log is closed");
  return view().segments.back()->sequence;
}

bool Local::end_scrub(std::uint64_t sequence) {
  if (view().segments.front()->sequence < sequence) return false;
  spares_->stop_wiping();
  return true;
}

/// On the writer's thread.
void Local::roll_if_wanted() {
  {
    const std::lock_guard lock(mutex_);
    if (!roll_wanted_) return;
    if (!failed_) {  // nobody knows what the disk holds: nothing more is written
      roll_wanted_ = false;
      return rolled_.notify_all();
    }
  }
  const Segment& segment = *head_.segments.back();
  const bool empty = head_.end == segment.base + segment.header_bytes();
  const Status done = empty ? Status() : roll();
  if (!done) fail_for_good(done);
  const std::lock_guard lock(mutex_);
  roll_wanted_ = false;
  rolled_.notify_all();
}

Result<std::uint64_t> Local::rewrite(const Edit& edit) {
  std::uint64_t changed = 0;
  std::vector<std::uint64_t> ended;
  const View now = view();
  for (std::size_t i = 0; i + 1 < now.segments.size(); ++i) {
    const Segment& s = *now.segments[i];
    std::vector<Change> changes;
    TRY(scan(now, i, s.base + s.header_bytes(), [&](const Scanner::Record& r) -> Result<bool> {
      const auto other = edit(r.payload);
      if (other && other->size() == r.payload.size() && *other != r.payload)
        changes.push_back({r.frame.offset - s.base, reframed(r, *other)});
      return true;
    }));
    if (changes.empty()) continue;
    std::string bytes = TRY(s.file->read(0, s.size));
    for (const Change& c : changes) bytes.replace(c.place, c.framed.size(), c.framed);
    TRY(put_in_place(s, bytes));
    changed += changes.size();
  }
  return changed;
}

/// The segment's file is `bytes` from now on: a crash leaves the old one or the new one, and what
/// the old one held is overwritten once nobody reads it.
Status Local::put_in_place(const Segment& segment, std::string_view bytes) {
  const std::string fresh = options_.folder + "/spare-rewritten.new";  // removed at start
  {
    const auto file = TRY(disk_.open(fresh, disk::Mode::create));
    for (std::uint64_t at = 0; at < bytes.size(); at += piece_bytes)
      TRY(file->write(at, bytes.substr(at, piece_bytes)));
    TRY(file->sync());
  }
  TRY(disk_.rename(fresh, segment.path));
  TRY(disk_.sync_folder(options_.folder));
  auto renewed = std::make_shared<Segment>(segment);
  renewed->file = TRY(disk_.open(segment.path, disk::Mode::write));
  std::shared_ptr<disk::File> old;
  {
    const std::lock_guard lock(view_mutex_);
    for (auto& s : view_.segments) {
      if (s->sequence != segment.sequence) continue;
      old = s->file;
      s = std::move(renewed);
      break;
    }
  }
  if (old == nullptr) return {};  // released meanwhile
  // Two hold it still: ours, and the caller's view. Whoever else reads it is done soon.
  const auto end = std::chrono::steady_clock::now() + readers_leave_within;
  while (old.use_count() > 2 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (old.use_count() > 2) return {};
  const std::string zeros(piece_bytes, '\0');
  for (std::uint64_t at = 0; at < segment.size; at += piece_bytes)
    TRY(old->write(at, std::string_view(zeros).substr(0, std::min(piece_bytes, segment.size - at))));
  return old->sync();
}

}  // namespace hospes::log
