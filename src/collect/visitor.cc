#include "collect/visitor.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "digest/digest.h"
#include "seal/random.h"

namespace hospes::collect {

const zones::Zone& day_zone(const catalog::House& house) {
  const zones::Zone* zone = zones::find(house.time_zone);
  return zone == nullptr ? zones::utc() : *zone;
}

Whence whence_of(const http::Request& request, bool behind_proxy) {
  Whence out{request.remote, request.headers.find("User-Agent")};
  std::string_view forwarded = behind_proxy ? request.headers.find("X-Forwarded-For") : std::string_view();
  forwarded.remove_prefix(forwarded.rfind(',') + 1);
  forwarded.remove_prefix(std::min(forwarded.find_first_not_of(' '), forwarded.size()));
  if (!forwarded.empty()) out.remote = forwarded;
  return out;
}

Visit DayMarks::of(const Whence& whence, std::string_view source, Instant at) {
  const std::int64_t day = zones::local(zone_, at).day;
  if (day != day_) seal::random_bytes(salt_.data(), salt_.size());
  day_ = day;
  std::string text(whence.remote);
  text.append(1, '\0').append(whence.agent).append(1, '\0').append(source);
  const Digest digest = hmac({reinterpret_cast<const char*>(salt_.data()), salt_.size()}, text);
  Visit out{.day = day};
  std::memcpy(&out.mark, digest.data(), sizeof out.mark);
  return out;
}

}  // namespace hospes::collect
