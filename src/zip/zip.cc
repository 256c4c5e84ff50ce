#include "zip/zip.h"

#include <zlib.h>

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

}  // namespace

std::string stored(const std::vector<File>& files, Instant at) {
  std::string out, central;
  Writer body(out), directory(central);
  for (const File& file : files) {
    const auto offset = static_cast<std::uint32_t>(out.size());
    body.u32(0x04034b50);
    put_common(body, file, at);
    body.raw(file.name);
    body.raw(file.bytes);
    directory.u32(0x02014b50);
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
  body.u32(0x06054b50);
  body.u32(0);  // one disk
  body.u16(count);
  body.u16(count);
  body.u32(static_cast<std::uint32_t>(central.size()));
  body.u32(begin);
  body.u16(0);
  return out;
}

}  // namespace hospes::zip
