#include "collect/pace.h"

#include <algorithm>

namespace hospes::collect {
namespace {

constexpr std::int64_t micro = 1'000'000;

}  // namespace

Paces::Purse& Paces::filled(const catalog::Source& source, Instant now) {
  const std::int64_t rate = source.events_per_s_max;
  auto [at, fresh] = purses_.try_emplace(source.name, Purse{rate * micro, now});
  Purse& purse = at->second;
  if (fresh || now <= purse.at) return purse;
  // One microsecond earns `rate` millionths of an event; an hour fills any purse.
  const std::int64_t waited = std::min<std::int64_t>((now - purse.at).count(), 3'600 * micro);
  purse.micro_events = std::min(purse.micro_events + waited * rate, rate * micro);
  purse.at = now;
  return purse;
}

std::int64_t Paces::wait_s(const catalog::Source& source, Instant now) {
  const std::int64_t debt = -filled(source, now).micro_events;
  if (debt < 0) return 0;
  return std::clamp<std::int64_t>(
      debt / (static_cast<std::int64_t>(source.events_per_s_max) * micro) + 1, 1, retry_s_max
  );
}

void Paces::spend(const catalog::Source& source, std::size_t events, Instant now) {
  filled(source, now).micro_events -= static_cast<std::int64_t>(events) * micro;
}

}  // namespace hospes::collect
