#include "log/segment.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"

namespace hospes::log {
namespace {

constexpr std::string_view magic = "hospeslg";
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t header_fixed_bytes = 8 + 4 * 4 + 4 * 8 + 4;
constexpr std::uint64_t header_bytes_max = 1 << 20;
constexpr std::uint64_t window_bytes = 1 << 20;

std::string encode_header(const Segment& s) {
  std::string out;
  Writer w(out);
  w.raw(magic);
  w.u32(segment_version);
  w.u32(static_cast<std::uint32_t>(s.header_bytes()));
  w.u32(s.epoch);
  w.u32(static_cast<std::uint32_t>(s.last.size()));
  w.u64(s.sequence);
  w.u64(s.base);
  w.u64(s.size);
  w.u64(s.commit);
  for (const auto offset : s.last) w.u64(offset);
  w.u32(crc32c(out));
  out.resize(s.header_bytes(), '\0');
  return out;
}

Result<Segment> decode_header(std::string_view bytes, const std::string& path) {
  const auto harmed = [&] {
    return fail(Code::corrupt, path + ": the segment's header is damaged");
  };
  Reader r(bytes);
  if (r.raw(magic.size()) != magic) return harmed();
  const std::uint32_t version = r.u32();
  if (version != segment_version) {
    return fail(
        Code::corrupt, path + ": segment version " + std::to_string(version) +
                           "; this hospes reads version 1, start the one that wrote it"
    );
  }
  const std::uint32_t header_bytes = r.u32();
  Segment s;
  s.epoch = r.u32();
  const std::uint32_t partitions = r.u32();
  s.sequence = r.u64();
  s.base = r.u64();
  s.size = r.u64();
  s.commit = r.u64();
  if (!r.ok() || partitions == 0 || partitions > slots) return harmed();
  for (std::uint32_t p = 0; p < partitions; ++p) s.last.push_back(r.u64());
  const std::size_t covered = bytes.size() - r.rest().size();
  if (r.u32() != crc32c(bytes.substr(0, covered)) || !r.ok()) return harmed();
  if (header_bytes != s.header_bytes()) return harmed();
  return s;
}

/// How many places of `bytes`, which stand at `at`, do not hold their own offset where a record
/// would.
std::uint64_t places_before_own_offset(std::string_view bytes, std::uint64_t at) {
  const std::uint64_t places = bytes.size() - frame_bytes + 1;
  for (std::uint64_t i = 0; i < places; ++i) {
    std::uint64_t offset = 0;
    std::memcpy(&offset, bytes.data() + i + 20, sizeof offset);
    if (offset == at + i) return i;
  }
  return places;
}

}  // namespace

std::uint64_t Segment::header_bytes() const {
  const std::uint64_t needed = header_fixed_bytes + 8 * last.size();
  return (needed + page_bytes - 1) / page_bytes * page_bytes;
}

std::string segment_name(std::uint64_t sequence) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string name = "segment-";
  for (int shift = 60; shift >= 0; shift -= 4) name.push_back(digits[(sequence >> shift) & 15]);
  return name;
}

Status begin_segment(
    disk::Disk& disk, const std::string& folder, const std::string& spare, Segment& segment
) {
  const std::string path = folder + "/" + segment_name(segment.sequence);
  segment.file = TRY(disk.open(spare, disk::Mode::write));
  TRY(segment.file->write(0, encode_header(segment)));
  TRY(segment.file->sync());
  TRY(disk.rename(spare, path));
  segment.path = path;
  return disk.sync_folder(folder);
}

Result<Segment> open_segment(disk::Disk& disk, const std::string& path) {
  std::shared_ptr<disk::File> file = TRY(disk.open(path, disk::Mode::write));
  const std::string bytes = TRY(file->read(0, header_bytes_max));
  Segment s = TRY(decode_header(bytes, path));
  if (TRY(file->size()) != s.size) {
    return fail(
        Code::corrupt, path + ": the file is not " + std::to_string(s.size) +
                           " bytes long, as its header says; restore it from a backup"
    );
  }
  s.file = std::move(file);
  s.path = path;
  return s;
}

Scanner::Scanner(const Segment& segment, std::uint64_t from, std::uint64_t until)
    : segment_(segment), at_(from), until_(until) {}

Result<std::string_view> Scanner::window(std::uint64_t at, std::uint64_t size) {
  size = std::min(size, until_ - at);
  if (at < bytes_at_ || at + size > bytes_at_ + bytes_.size()) {
    const std::uint64_t wanted = std::min(std::max(size, window_bytes), until_ - at);
    bytes_ = TRY(segment_.file->read(at - segment_.base, wanted));
    bytes_at_ = at;
  }
  return std::string_view(bytes_).substr(at - bytes_at_);
}

Result<std::optional<Scanner::Record>> Scanner::next() {
  using Nothing = std::optional<Record>;
  if (at_ + frame_bytes > until_) return Nothing();
  std::string_view bytes = TRY(window(at_, frame_bytes));
  if (bytes.size() < frame_bytes) return Nothing();
  const Frame frame = peek(bytes);
  if (frame.offset != at_ || frame.size() > until_ - at_) return Nothing();
  bytes = TRY(window(at_, frame.size()));
  if (bytes.size() < frame.size() || !proven(frame, bytes)) return Nothing();
  if (frame.version != frame_version) {
    return fail(
        Code::corrupt, segment_.path + ": a record of version " + std::to_string(frame.version) +
                           "; start the hospes that wrote it"
    );
  }
  at_ += frame.size();
  return Nothing({frame, bytes.substr(frame_bytes, frame.length)});
}

Result<std::optional<std::uint64_t>> Scanner::find(std::uint64_t commit) {
  while (at_ + frame_bytes <= until_) {
    const std::string_view bytes = TRY(window(at_, frame_bytes));
    if (bytes.size() < frame_bytes) break;
    const std::uint64_t places = bytes.size() - frame_bytes + 1;
    const std::uint64_t skipped = places_before_own_offset(bytes, at_);
    at_ += skipped;
    if (skipped == places) continue;
    const std::uint64_t here = at_;
    const auto record = TRY(next());
    if (record && record->frame.commit >= commit) return std::optional(here);
    at_ = here + 1;
  }
  return std::optional<std::uint64_t>();
}

}  // namespace hospes::log
