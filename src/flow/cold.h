// What a partition reads back of its own rows: timelines that left memory, messages seen long ago.
// Both are a function of the lane so far, so apply stays pure; memory holds the pages alone
// (design.md rules 9 and 10, docs/adr/0004-cold-timelines.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "flow/state.h"

namespace hospes::flow {

/// One partition's rows as written by confirmed checkpoints, unsealed. Thread-safe against the
/// writer.
class Cold {
 public:
  virtual ~Cold() = default;
  /// Nothing: no such row, or its key was destroyed.
  virtual Result<std::optional<std::string>> row(std::string_view key) const = 0;
  /// Keys that begin with `prefix`, ascending, until `visit` says false.
  virtual Status keys(
      std::string_view prefix, const std::function<bool(std::string_view key)>& visit
  ) const = 0;
  /// False: its key was destroyed, so none of its rows opens any more.
  virtual Result<bool> opens(AtomId atom) const = 0;
  virtual Names& names() const = 0;
};

/// The whole timeline; read back when it is not in memory (some 10 µs a chunk). Valid until the
/// partition makes room or the next record.
const Timeline& timeline_of(
    const PartitionState& state, const Component& component, const AtomState& atom
);

/// Counts the component's timelines anew. Call when they grew.
void weigh(const PartitionState& state, const Component& component);

/// Timelines leave memory, the longest there first, until warm_bytes_max is kept. Those that no
/// confirmed checkpoint holds stay.
void make_room(const PartitionState& state);

/// All rows taken up to checkpoint number `taken` are readable in the store.
void confirm(PartitionState& state, std::uint64_t taken);

// De-duplication, exact for dedup_window by receipt.

/// Where the message went; nothing when it was not seen, or longer ago.
std::optional<Seen> seen(const PartitionState& state, Hash128 message);
/// False: it was there before.
bool see(PartitionState& state, Hash128 message, const Seen& seen);
/// At the turn of a day: what was received before the window is forgotten.
void forget_seen(PartitionState& state);

}  // namespace hospes::flow
