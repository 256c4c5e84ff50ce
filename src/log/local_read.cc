#include <algorithm>

#include "log/local.h"

namespace hospes::log {

Local::View Local::view() const {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

/// The position as an offset of this log.
Result<std::uint64_t> Local::place(Position after) const {
  if (after.epoch < options_.epoch) return 0;
  if (after.epoch == options_.epoch) return after.offset;
  return fail(
      Code::conflict, "the position is of a later log (epoch " + std::to_string(after.epoch) +
                          "); restore log and state together"
  );
}

Status Local::check_reach(const View& view, Partition p, std::uint64_t after) const {
  if (view.segments.front()->last[p] <= after) return {};
  return fail(
      Code::not_found, "the log of partition " + std::to_string(p) +
                           " begins after the position asked for: that part was released"
  );
}

/// Records of segments[i] from the offset `from` on, until `visit` says false.
Status Local::scan(const View& view, std::size_t i, std::uint64_t from, const VisitRecord& visit)
    const {
  const Segment& segment = *view.segments[i];
  const std::uint64_t end = view.end_of(i);
  Scanner scanner(segment, from, end);
  while (scanner.at() < end) {
    const auto record = TRY(scanner.next());
    if (!record) {
      return fail(
          Code::corrupt, segment.path + ": damaged at byte " +
                             std::to_string(scanner.at() - segment.base) +
                             "; restore it from a backup"
      );
    }
    if (record->frame.end()) return {};
    if (record->frame.mark()) continue;
    if (!TRY(visit(*record))) return {};
  }
  return {};
}

Status Local::replay(std::span<const Position> after, const Visit& visit) {
  if (after.size() != options_.partitions) {
    return fail(Code::invalid_input, "replay needs a position for each partition");
  }
  const View v = view();
  std::vector<std::uint64_t> from(after.size());
  for (Partition p = 0; p < from.size(); ++p) {
    from[p] = TRY(place(after[p]));
    TRY(check_reach(v, p, from[p]));
  }
  const auto one = [&](const Scanner::Record& r) -> Result<bool> {
    const Frame& f = r.frame;
    if (f.offset > from[f.partition]) {
      TRY(visit({f.partition, {options_.epoch, f.offset}, std::string(r.payload), nullptr}));
    }
    return true;
  };
  for (std::size_t i = 0; i < v.segments.size(); ++i) {
    bool needed = false;
    for (Partition p = 0; p < from.size(); ++p) needed = needed || v.last_in(i, p) > from[p];
    if (needed) TRY(scan(v, i, v.segments[i]->base + v.segments[i]->header_bytes(), one));
  }
  return {};
}

Position Local::kept_after() const {
  const View v = view();
  return {options_.epoch, std::ranges::max(v.segments.front()->last)};
}

Status Local::scan(Position after, const std::function<Result<bool>(const Durable&)>& visit) {
  const View v = view();
  const std::uint64_t from = TRY(place(after));
  for (Partition p = 0; p < options_.partitions; ++p) TRY(check_reach(v, p, from));
  bool enough = false;
  const auto one = [&](const Scanner::Record& r) -> Result<bool> {
    const Frame& f = r.frame;
    if (f.offset <= from) return true;
    enough = !TRY(visit({f.partition, {options_.epoch, f.offset}, std::string(r.payload), nullptr}));
    return !enough;
  };
  for (std::size_t i = 0; i < v.segments.size() && !enough; ++i) {
    if (v.end_of(i) <= from) continue;
    const std::uint64_t start = TRY(start_in(v, i, from));
    TRY(scan(v, i, start, one));
  }
  return {};
}

/// The record at `from`, when it begins one of this segment; else the segment's first.
Result<std::uint64_t> Local::start_in(const View& view, std::size_t i, std::uint64_t from) const {
  const Segment& s = *view.segments[i];
  const std::uint64_t start = s.base + s.header_bytes();
  if (from <= start || from >= s.end()) return start;
  Scanner here(s, from, view.end_of(i));
  return TRY(here.next()) ? from : start;
}

Result<std::vector<Durable>> Local::read(
    Partition partition, Position after, std::size_t records_max
) {
  if (partition >= options_.partitions) {
    return fail(Code::invalid_input, "no partition " + std::to_string(partition));
  }
  const View v = view();
  const std::uint64_t from = TRY(place(after));
  TRY(check_reach(v, partition, from));
  std::vector<Durable> found;
  const auto one = [&](const Scanner::Record& r) -> Result<bool> {
    if (r.frame.partition == partition && r.frame.offset > from) {
      found.push_back({partition, {options_.epoch, r.frame.offset}, std::string(r.payload), {}});
    }
    return found.size() < records_max;
  };
  for (std::size_t i = 0; i < v.segments.size() && found.size() < records_max; ++i) {
    if (v.last_in(i, partition) <= from) continue;
    const std::uint64_t start = TRY(start_in(v, i, from));
    TRY(scan(v, i, start, one));
  }
  return found;
}

}  // namespace hospes::log
