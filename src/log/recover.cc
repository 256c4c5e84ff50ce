#include "log/recover.h"

#include <algorithm>
#include <utility>

namespace hospes::log {
namespace {

/// Whole commits of the last segment.
struct Tail {
  std::uint64_t start = 0;  // of the last whole commit
  std::uint64_t end = 0;    // behind it
  std::uint64_t commit = 0;
  bool ended = false;
};

Status check_chain(
    const std::vector<std::shared_ptr<const Segment>>& segments, const Options& options
) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& s = *segments[i];
    if (s.last.size() != options.partitions) {
      return fail(
          Code::conflict, "the log has " + std::to_string(s.last.size()) +
                              " partitions; set partitions to that, it is fixed for ever"
      );
    }
    if (s.epoch != options.epoch) {
      return fail(
          Code::conflict, s.path + " belongs to epoch " + std::to_string(s.epoch) +
                              " of the log, not " + std::to_string(options.epoch)
      );
    }
    if (i == 0) continue;
    const Segment& before = *segments[i - 1];
    if (s.sequence != before.sequence + 1 || s.base != before.end()) {
      return fail(
          Code::corrupt,
          "the segment after " + before.path + " is missing; restore it from a backup"
      );
    }
  }
  return {};
}

Result<std::vector<std::shared_ptr<const Segment>>> open_segments(
    disk::Disk& disk, const Options& options
) {
  std::vector<std::shared_ptr<const Segment>> segments;
  for (const std::string& name : TRY(disk.list(options.folder))) {
    if (!name.starts_with("segment-")) continue;
    const std::string path = options.folder + "/" + name;
    auto segment = TRY(open_segment(disk, path));
    if (segment_name(segment.sequence) != name) {
      return fail(Code::corrupt, path + ": the header names another segment");
    }
    segments.push_back(std::make_shared<const Segment>(std::move(segment)));
  }
  TRY(check_chain(segments, options));
  return segments;
}

/// Reads commits from the header on, until something is not whole. Moves `last` on.
Result<Tail> read_tail(const Segment& segment, std::vector<std::uint64_t>& last) {
  Tail tail;
  tail.start = tail.end = segment.base + segment.header_bytes();
  tail.commit = segment.commit;
  Scanner scanner(segment, tail.end, segment.end());
  std::vector<std::pair<Partition, std::uint64_t>> open;  // records of a commit not yet whole
  std::uint64_t commit = 0;
  while (!tail.ended) {
    const auto record = TRY(scanner.next());
    if (!record) break;
    const Frame& f = record->frame;
    if (open.empty() ? f.commit <= tail.commit : f.commit != commit) break;
    commit = f.commit;
    open.emplace_back(f.partition, f.mark() ? 0 : f.offset);
    if (!f.last()) continue;
    tail = {tail.end, scanner.at(), commit, f.end()};
    for (const auto& [partition, offset] : open) {
      if (partition >= last.size())
        return fail(Code::corrupt, segment.path + ": no such partition");
      last[partition] = std::max(last[partition], offset);
    }
    open.clear();
  }
  return tail;
}

/// Invariant 2.
Status refuse_damage(const Segment& segment, const Tail& tail) {
  Scanner scanner(segment, tail.end, segment.end());
  if (!TRY(scanner.find(tail.commit + 2))) return {};
  return fail(
      Code::corrupt, segment.path + ": damaged at byte " + std::to_string(tail.end - segment.base) +
                         " although later records are whole; restore it from a backup"
  );
}

/// Invariants 4 and 5.
Status seal_tail(const Segment& segment, const Tail& tail, Recovered& log) {
  const std::string again =
      TRY(segment.file->read(tail.start - segment.base, tail.end - tail.start));
  if (again.size() != tail.end - tail.start) {
    return fail(Code::corrupt, segment.path + " became shorter while it was read");
  }
  std::string bytes = again;
  if (!tail.ended) {
    const bool full = tail.end + 2 * frame_bytes > segment.end();
    log.commit = tail.commit + 1;
    bytes += mark(log.commit, tail.end, full);
  }
  TRY(segment.file->write(tail.start - segment.base, bytes));
  TRY(segment.file->sync());
  log.end = tail.start + bytes.size();
  return {};
}

}  // namespace

std::string mark(std::uint64_t commit, std::uint64_t offset, bool end) {
  Frame f;
  f.flags = static_cast<std::uint8_t>(flag_last | flag_mark | (end ? flag_end : 0));
  f.commit = commit;
  f.offset = offset;
  std::string out;
  encode(f, "", out);
  return out;
}

Status add_segment(disk::Disk& disk, Spares& spares, const Options& options, Recovered& log) {
  Segment next;
  next.epoch = options.epoch;
  next.size = options.segment_bytes;
  next.commit = log.commit;
  next.last = log.last;
  next.sequence = log.segments.empty() ? 1 : log.segments.back()->sequence + 1;
  next.base = log.segments.empty() ? 0 : log.segments.back()->end();
  const std::string spare = TRY(spares.take());
  TRY(begin_segment(disk, options.folder, spare, next));
  log.end = next.base + next.header_bytes();
  log.segments.push_back(std::make_shared<const Segment>(std::move(next)));
  return {};
}

Result<Recovered> recover(disk::Disk& disk, Spares& spares, const Options& options) {
  TRY(disk.make_folder(options.folder));
  Recovered log;
  log.segments = TRY(open_segments(disk, options));
  log.last.assign(options.partitions, 0);
  bool ended = true;
  if (!log.segments.empty()) {
    const Segment& segment = *log.segments.back();
    log.last = segment.last;
    const Tail tail = TRY(read_tail(segment, log.last));
    if (!tail.ended) TRY(refuse_damage(segment, tail));
    log.commit = tail.commit;
    TRY(seal_tail(segment, tail, log));
    ended = tail.ended || log.end + frame_bytes > segment.end();
  }
  TRY(disk.sync_folder(options.folder));
  TRY(spares.load());
  if (ended) TRY(add_segment(disk, spares, options, log));
  return log;
}

}  // namespace hospes::log
