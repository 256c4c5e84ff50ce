#include "zip/zip.h"

#include <zlib.h>

#include <algorithm>

#include "base/bytes.h"
#include "zones/zones.h"

namespace hospes::zip {
namespace {

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))
  );
}

/// DOS date and time, UTC.
std::pair<std::uint16_t, std::uint16_t> dos_time(Instant at) {
  const zones::Local local = zones::local(zones::utc(), at);
  const zones::Date d = zones::date_of(local.day);
  const auto s = static_cast<unsigned>(local.us / 1'000'000);
  return {
      static_cast<std::uint16_t>(
          (static_cast<unsigned>(d.year - 1980) << 9) | (d.month << 5) | d.day
      ),
      static_cast<std::uint16_t>(((s / 3600) << 11) | ((s / 60 % 60) << 5) | (s % 60 / 2))};
}

/// What local and central headers have in common: version 2.0, UTF-8 names, stored.
void put_common(Writer& out, const File& file, Instant at) {
  const auto [date, time] = dos_time(at);
  out.u16(20);
  out.u16(1 << 11);
  out.u16(0);
  out.u16(time);
  out.u16(date);
  out.u32(crc_of(file.bytes));
  out.u32(static_cast<std::uint32_t>(file.bytes.size()));
  out.u32(static_cast<std::uint32_t>(file.bytes.size()));
  out.u16(static_cast<std::uint16_t>(file.name.size()));
  out.u16(0);
}

constexpr std::uint32_t local_mark = 0x04034b50, central_mark = 0x02014b50, end_mark = 0x06054b50;
constexpr std::size_t end_bytes = 22, local_bytes = 30;

std::unexpected<Error> broken(std::string_view why) {
  return fail(Code::invalid_input, std::string("the zip ").append(why));
}

/// One entry of the directory, and the bytes it speaks of.
Result<File> read_entry(std::string_view bytes, Reader& in) {
  const auto mark = in.u32();
  in.raw(4);  // versions
  const auto flags = in.u16(), method = in.u16();
  in.raw(4);  // time and date
  const auto crc = in.u32(), packed = in.u32(), size = in.u32();
  const auto name_size = in.u16(), extra = in.u16(), comment = in.u16();
  in.raw(8);  // disk, attributes
  const std::size_t offset = in.u32();
  File out{.name = std::string(in.raw(name_size)), .bytes = {}};
  in.raw(std::size_t{extra} + comment);
  if (!in.ok() || mark != central_mark) return broken("is cut or damaged: its directory cannot be read");
  if (method != 0 || packed != size || (flags & 1) != 0)
    return broken("was packed anew (" + out.name + " is compressed or encrypted); give the file as it was taken");
  if (offset > bytes.size()) return broken("is cut: " + out.name + " is not there");
  Reader at(bytes.substr(offset));
  const bool marked = at.u32() == local_mark;
  at.raw(local_bytes - 8);
  const auto local_name = at.u16(), local_extra = at.u16();
  at.raw(std::size_t{local_name} + local_extra);
  const std::string_view held = at.raw(size);
  if (!at.ok() || !marked) return broken("is cut: " + out.name + " is not there");
  if (crc_of(held) != crc) return broken("is damaged: " + out.name + " is not what it was");
  out.bytes = held;
  return out;
}

}  // namespace

Result<std::vector<File>> read_stored(std::string_view bytes) {
  // Ours has no comment behind its end; another's has 64 kB at most.
  std::size_t end = bytes.size() < end_bytes ? bytes.npos : bytes.rfind("PK\5\6", bytes.size() - end_bytes);
  if (end == bytes.npos || bytes.size() - end > end_bytes + 65'535) return broken("is none, or cut: its end is not there");
  Reader in(bytes.substr(end + 10));
  const std::size_t count = in.u16(), directory = in.u32(), begin = in.u32();
  if (begin > end || directory > end - begin) return broken("is cut or damaged: its directory is not there");
  Reader entries(bytes.substr(begin, directory));
  std::vector<File> out;
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    File file = TRY(read_entry(bytes.substr(0, begin), entries));
    if (std::ranges::find(out, file.name, &File::name) != out.end()) return broken("has " + file.name + " twice");
    if ((total += file.bytes.size()) > begin) return broken("is damaged: its files lie over one another");
    out.push_back(std::move(file));
  }
  return out;
}

std::string stored(const std::vector<File>& files, Instant at) {
  std::string out, central;
  Writer body(out), directory(central);
  for (const File& file : files) {
    const auto offset = static_cast<std::uint32_t>(out.size());
    body.u32(local_mark);
    put_common(body, file, at);
    body.raw(file.name);
    body.raw(file.bytes);
    directory.u32(central_mark);
    directory.u16(20);
    put_common(directory, file, at);
    directory.u16(0);  // comment, disk, attributes
    directory.u16(0);
    directory.u16(0);
    directory.u32(0);
    directory.u32(offset);
    directory.raw(file.name);
  }
  const auto begin = static_cast<std::uint32_t>(out.size());
  const auto count = static_cast<std::uint16_t>(files.size());
  body.raw(central);
  body.u32(end_mark);
  body.u32(0);  // one disk
  body.u16(count);
  body.u16(count);
  body.u32(static_cast<std::uint32_t>(central.size()));
  body.u32(begin);
  body.u16(0);
  return out;
}

}  // namespace hospes::zip
