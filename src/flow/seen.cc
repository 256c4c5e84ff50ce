#include <algorithm>

#include "flow/apply.h"
#include "flow/cold.h"
#include "flow/forms.h"
#include "flow/keys.h"

namespace hospes::flow {
namespace {

std::int64_t first_day(const PartitionState& state) {
  return (state.clock - dedup_window).us / day_us - 1;
}

/// Retries come soon: the latest days are asked first.
std::optional<Seen> stored(const PartitionState& state, Hash128 message) {
  const std::int64_t today = state.clock.us / day_us;
  for (std::int64_t day = today + 1; day >= first_day(state); --day) {
    const auto row = state.cold->row(seen_key(day, message));
    if (!row) {
      if (state.unreadable) state.unreadable = std::unexpected(row.error());
      return std::nullopt;
    }
    if (*row) return read_seen(**row);
  }
  return std::nullopt;
}

/// Once after a start: the keys alone, some 0.3 µs each. Precondition: nothing was seen since.
void know_stored(const PartitionState& state) {
  const SeenMessages& seen = state.seen;
  if (!std::exchange(seen.unread, false)) return;
  Status row_read;
  Status read = state.cold->keys("s", [&](std::string_view key) {
    const Hash128 message = message_in(key);
    if (seen.stored.insert(message.hi).second) return true;
    const auto row = state.cold->row(key);  // two of one half hash
    if (!row) row_read = std::unexpected(row.error());
    if (row && *row) seen.exact.emplace(message, read_seen(**row));
    return row_read.has_value();
  });
  if (read) read = std::move(row_read);
  if (!read && state.unreadable) state.unreadable = std::move(read);
}

}  // namespace

std::optional<Seen> seen(const PartitionState& state, Hash128 message) {
  know_stored(state);
  if (const auto at = state.seen.exact.find(message); at != state.seen.exact.end())
    return at->second;
  if (!state.seen.stored.contains(message.hi)) return std::nullopt;
  return stored(state, message);
}

bool see(PartitionState& state, Hash128 message, const Seen& now) {
  know_stored(state);
  if (state.seen.stored.contains(message.hi) && stored(state, message)) return false;
  if (!state.seen.exact.emplace(message, now).second) return false;
  state.seen.fresh.emplace_back(message, now);
  return true;
}

void forget_seen(PartitionState& state) {
  SeenMessages& seen = state.seen;
  const std::int64_t first = first_day(state);
  if (state.cold != nullptr) {
    Status read = state.cold->keys("s", [&](std::string_view key) {
      if (day_in(key) >= first) return false;
      const Hash128 message = message_in(key);
      seen.forgotten.emplace_back(day_in(key), message);
      seen.stored.erase(message.hi);
      seen.exact.erase(message);
      return true;
    });
    if (!read && state.unreadable) state.unreadable = std::move(read);
  }
  // Few when a store takes them over at each checkpoint, all of them when none does.
  boost::unordered::erase_if(seen.exact, [&](const auto& entry) {
    const std::int64_t day = entry.second.received.us / day_us;
    if (day >= first) return false;
    seen.forgotten.emplace_back(day, entry.first);
    return true;
  });
}

void confirm(PartitionState& state, std::uint64_t taken) {
  state.confirmed = taken;
  SeenMessages& seen = state.seen;
  while (!seen.taken.empty() && seen.taken.front().first <= taken) {
    for (const Hash128& message : seen.taken.front().second) {
      // Two messages with one half hash, about once in 10^5 houses of ten million: the second stays
      // whole.
      if (seen.stored.insert(message.hi).second) seen.exact.erase(message);
    }
    seen.taken.pop_front();
  }
  state.crowded = false;
  make_room(state);
}

}  // namespace hospes::flow
