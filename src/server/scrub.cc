#include "server/scrub.h"

#include <algorithm>

#include "portal/people.h"

namespace hospes::server {
namespace {

constexpr std::string_view marks_folder = "erasure";
constexpr std::string_view file = "scrubbed";  // RFC 3339: what was erased up to there is in no file
// What the schedules ended is in no read at once; its bytes may wait for the scrub of somebody erased.
constexpr Duration ended_waits = std::chrono::hours(6 * 24);
constexpr auto nap = std::chrono::seconds(20);  // the clock of the house may be set meanwhile
constexpr auto after_failure = std::chrono::minutes(1);
constexpr int tries_max = 300;
constexpr auto between_tries = std::chrono::milliseconds(100);

}  // namespace

Scrub::Scrub(Doors doors, Duration within)
    : doors_(doors), within_(within), thread_([this] { run(); }) {}

Scrub::~Scrub() { close(); }

void Scrub::look() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  wake_.notify_all();
}

void Scrub::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Scrub::run() {
  Instant due = Instant::never();
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (std::exchange(wanted_, false)) {
      lock.unlock();
      const Instant since = waits_since(done_through());
      lock.lock();
      due = since == Instant::never() ? since : since + within_;
    }
    if (stop_) return;
    if (doors_.clock.now() < due) {
      const Duration left = due == Instant::never() ? Duration(nap) : due - doors_.clock.now();
      if (!wanted_) wake_.wait_for(lock, std::min<Duration>(left, nap));
      continue;
    }
    lock.unlock();
    const Status done = scrub();
    lock.lock();
    due = Instant::never();
    wanted_ = true;  // who was erased meanwhile
    if (done || stop_) continue;
    doors_.diary.note(diary::Level::warn, "erasure.not_scrubbed", done.error().message);
    wake_.wait_for(lock, after_failure, [this] { return stop_; });
  }
}

Instant Scrub::done_through() const {
  const auto text = disk::read_all(doors_.data, std::string(marks_folder) + "/" + std::string(file), 64);
  if (!text) return Instant::beginning();
  return parse_instant(std::string_view(*text).substr(0, text->find('\n'))).value_or(Instant::beginning());
}

Instant Scrub::waits_since(Instant done) {
  Instant first = Instant::never();
  portal::walk_atoms(
      doors_.node,
      [&](const portal::Place& place) {
        if (place.atom.erased && place.atom.erased_at > done)
          first = std::min(first, place.atom.erased_at);
        return true;
      },
      true
  );
  const Instant ended = last_ended();
  if (ended > done) first = std::min(first, ended + ended_waits);
  return first;
}

Instant Scrub::last_ended() {
  Instant last = Instant::beginning();
  std::mutex guard;
  doors_.node.ask_all([&](const flow::PartitionState& s) {
    const std::lock_guard lock(guard);
    last = std::max(last, s.ended_at);
  });
  return last;
}

/// The present segment is ended, all partitions are stored, so that it is released; what is
/// released, and what waited for reuse, is overwritten.
Status Scrub::clear_log() {
  const std::uint64_t next = TRY(doors_.log.begin_scrub());
  TRY(doors_.rewrite_lake());  // the log is kept for it until it has read it
  for (int tries = 0; tries < tries_max; ++tries) {
    TRY(doors_.node.checkpoint());
    if (doors_.log.end_scrub(next)) return {};
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, between_tries, [this] { return stop_; })) break;
  }
  return fail(Code::unavailable, "the log could not be cleared of what was erased; it is tried again");
}

Status Scrub::scrub() {
  Instant through = last_ended();
  portal::walk_atoms(
      doors_.node,
      [&](const portal::Place& place) {
        if (place.atom.erased) through = std::max(through, place.atom.erased_at);
        return true;
      },
      true
  );
  const Instant began = doors_.clock.now();
  TRY(clear_log());
  TRY(doors_.store.scrub());
  const std::uint64_t leaves = TRY(doors_.receipts.scrub());
  TRY(doors_.data.make_folder(std::string(marks_folder)));
  TRY(disk::replace(doors_.data, std::string(marks_folder), std::string(file), to_string(through) + "\n"));
  doors_.diary.note(
      diary::Level::info, "erasure.scrubbed", "what was erased is in no file any more",
      {{"receipts", static_cast<std::int64_t>(leaves)},
       {"ms", (doors_.clock.now() - began).count() / 1000}}
  );
  return {};
}

}  // namespace hospes::server
