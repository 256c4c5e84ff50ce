// State as rows and as the content of bundles: docs/formats/store.md. Pure: what must be sealed is
// only named here, the caller seals it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/apply.h"
#include "flow/state.h"

namespace hospes::flow {

// Timelines.

/// Adds the event's stored form to what the next checkpoint writes.
void append_event(AtomState& atom, const Event& event, const Names& names);
/// Everything under one atom, for a bundle. `timeline`: all of its events.
std::string atom_form(const AtomState& atom, const Timeline& timeline, const Names& names);
/// The atom as new in this partition: all of it waits for the next checkpoint.
/// Precondition: this build wrote it (a bundle is authenticated before it is read).
AtomState read_atom_form(const record::Moved& moved, Names& names);
/// How its atoms hang together: evidence, rulings, who is erased or quarantined. Ids and times only.
std::string structure_form(const Component& component);
/// In its place by (acted, position); once.
void put_ruling(Component& component, const Ruling& ruling);
/// Adds to what the component holds; `corrupt` when it does not read to its end.
Status read_structure(std::string_view form, Component& into);

consent::Row row_of(const record::Answered& answered);

// Checkpoints.

struct Row {
  std::string key;
  std::optional<std::string> value;  // nothing: the row goes
  std::optional<AtomId> sealed_by;   // value is personal: seal it under this atom's key
};

/// What changed since the last call, true at `state.applied`: checkpoint number `state.taken`.
/// cold.h `confirm` when it is written.
std::vector<Row> take_rows(PartitionState& state, const Names& names);

/// Atom under whose key the value of that row is sealed; none when it lies open.
std::optional<AtomId> sealed_by(std::string_view key);

/// First letters of the rows that a Loader needs, in order, when the state has `cold`: timelines stay
/// where they are, and messages seen are read when the first one is asked about.
inline constexpr std::string_view loaded_kinds = "0cdejlopqw";

/// Fills an empty state. Rows in ascending key order, then `finish` once. In whom a person is a
/// member, and when time will change it, stands in the component's row: the page is made when they
/// are next looked at, from a timeline that `state.cold` reads back. It is made at once, for
/// everybody, when the house is not the one that wrote it (`pages_rest_on`), and for whoever lost
/// a key. docs/adr/0011 says what that saves.
class Loader {
 public:
  Loader(PartitionState& state, const House& house);
  /// `value` unsealed. corrupt when it does not read, conflict when it is of a house with another
  /// number of partitions.
  Status row(std::string_view key, std::string_view value);
  /// Makes what is cached: member sets, timers, pages. Emits nothing.
  Status finish();

 private:
  Status component(std::string_view value);
  /// Whether what its row says of its people still holds.
  Result<bool> holds(const Component& component) const;
  Status remember(Component& component);
  void settle(Component& component);

  PartitionState& state_;
  const House& house_;
  const Hash128 rests_on_;
  bool same_house_ = false;
  boost::unordered_flat_map<AtomId, Component*, HashOfAtom> where_;
  std::vector<Component*> in_order_;  // of their rows, and so of memory: whoever walks them all waits less for it
  boost::unordered_flat_set<const Component*> older_;  // their rows say less
  std::vector<Wait> waits_;  // of who is led
};

/// Order-free sum of per-person digests (design.md rule 14): equal for equal people, whatever the
/// order of arrival of partitions, restarts or repeats. Over names as text, never over
/// process-local ids.
Hash128 digest(const PartitionState& state, const Names& names);

}  // namespace hospes::flow
