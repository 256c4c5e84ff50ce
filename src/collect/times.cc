#include "collect/times.h"

#include <algorithm>

#include "collect/rejects.h"

namespace hospes::collect {
namespace {

constexpr Instant year_1900{-2'208'988'800'000'000};
constexpr Instant year_2000{946'684'800'000'000};

}  // namespace

Duration Skews::learn(Hash128 device, Instant sent, Instant received) {
  if (seen_.size() >= skews_max && !seen_.contains(device)) seen_.erase(seen_.begin());
  const Duration lag = received - sent;
  auto [at, fresh] = seen_.try_emplace(device, Seen{lag, received});
  if (!fresh && received - at->second.since > skew_remembered) at->second = {lag, received};
  at->second.least = std::min(at->second.least, lag);
  const Duration least = at->second.least;
  return least > skew_ignored || least < -skew_ignored ? least : Duration{0};
}

std::expected<Times, const Reject*> times_of(
    const Item& item, catalog::KeyUse key, Hash128 device, Instant received, Skews& skews
) {
  const auto read = [&](std::string_view text, Instant absent) {
    return text.empty() ? std::optional(absent) : parse_instant(text);
  };
  const auto sent = read(item.sent_at, received);
  const auto original = read(item.original_timestamp, received);
  const auto stated = read(item.timestamp, original.value_or(received));
  if (!sent || !original || !stated) return std::unexpected(&bad_time);
  const bool is_public = key == catalog::KeyUse::public_key;
  Times out{.happened = *stated, .original = *original, .sent = *sent};
  if (item.original_timestamp.empty()) out.original = *stated;
  const bool has_own_time = !item.timestamp.empty() || !item.original_timestamp.empty();
  if (is_public && has_own_time && !item.sent_at.empty())
    out.happened = out.happened + skews.learn(device, *sent, received);
  if (out.happened < (is_public ? year_2000 : year_1900)) return std::unexpected(&too_early);
  if (out.happened > received) {
    out.happened = received;
    out.clamped = true;
  }
  return out;
}

std::expected<Times, const Reject*> times_again(
    const Item& item, const dead_letter::Letter& letter, bool retimed
) {
  const auto& head = letter.head;
  if (head.timed && !retimed)
    return Times{.happened = head.happened, .original = head.happened, .sent = head.received};
  Skews none;  // the device's clock is not known any more
  auto out = times_of(item, static_cast<catalog::KeyUse>(head.use), {}, head.received, none);
  if (out) out->sent = head.received;
  return out;
}

}  // namespace hospes::collect
