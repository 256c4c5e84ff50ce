#include "log/dig.h"

#include "log/frame.h"

namespace hospes::log {
namespace {

constexpr std::uint64_t file_bytes_max = std::uint64_t{4} << 30;

}  // namespace

Status dig(
    disk::Disk& disk, const std::string& path,
    const std::function<void(std::string_view payload)>& visit
) {
  const std::string held = TRY(disk::read_all(disk, path, file_bytes_max));
  const std::string_view bytes = held;
  for (std::size_t at = 0; at + frame_bytes <= bytes.size(); ++at) {
    if (static_cast<std::uint8_t>(bytes[at + 8]) != frame_version) continue;
    const std::string_view rest = bytes.substr(at);
    const Frame frame = peek(rest);
    if (frame.mark() || frame.length == 0 || frame.size() > rest.size()) continue;
    if (proven(frame, rest)) visit(rest.substr(frame_bytes, frame.length));
  }
  return {};
}

}  // namespace hospes::log
