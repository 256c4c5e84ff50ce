// People where they live: finds the component an atom is in now, across partitions, and visits
// everybody without holding a writer for long.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "http/message.h"
#include "node/node.h"
#include "seal/keys.h"
#include "segment/explain.h"

namespace hospes::portal {

/// One person, on their partition's own thread: borrowed for the length of one question.
struct Met {
  const flow::PartitionState& state;
  const flow::Component& component;
  const flow::PersonState& person;
};

/// One atom. `person` is null when its events belong to nobody: a device of several people.
struct Place {
  const flow::PartitionState& state;
  const flow::Component& component;
  const flow::AtomState& atom;
  const flow::PersonState* person = nullptr;
};

/// Asks the partition where the atom lives now. False: nowhere, nobody ever sent it an event.
/// Blocks until the partition has answered; not on a partition's thread.
bool find_atom(node::Node& node, AtomId atom, const std::function<void(const Place&)>& draw);

/// The same for many, in no order: `draw` hears the index of the atom. Each partition is asked a
/// slice at a time, as `walk` does.
void find_atoms(
    node::Node& node, std::span<const AtomId> atoms,
    const std::function<void(std::size_t, const Place&)>& draw
);

/// `kind:value` of the strongest identifier whose key is there; else the person's id.
std::string name_of(const Met& met, seal::KeyStore& keys);
std::string name_of(AtomId atom, seal::KeyStore& keys);

/// The answer that closes a purpose to them, whatever happens; nothing for `heedless` purposes.
std::optional<segment::Barred> barred(const Met& met, PurposeBit purpose, Mask heedless);

/// Whether nothing on their timelines is real. Reads cold timelines of who has something invented.
bool all_invented(const Met& met);

/// Every atom of the house once, people's and nobody's, also of who stands aside; not the erased
/// unless `erased`. As `walk`: a slice at a time, stops early when `visit` says false.
void walk_atoms(
    node::Node& node, const std::function<bool(const Place&)>& visit, bool erased = false
);

/// Nothing when the atom's events are somebody's: else why they are nobody's, as an answer. `so`:
/// what follows for a device of several people, as "nothing is shown to it".
std::optional<http::Response> of_nobody(const Place& place, std::string_view so);

/// 32 hexadecimal digits, as to_hex writes them.
std::optional<AtomId> atom_of(std::string_view hex);

/// How long one question of `walk` may hold a partition's writer.
inline constexpr auto slice_max = std::chrono::milliseconds(2);

/// Visits every person of the house once, partition by partition, a slice at a time and one slice
/// at a time in the whole house: between two slices the writers do what waits for them. Who is
/// joined to somebody of another partition during the walk may be met twice or not at all; without
/// joins it is exact. Stops early when `visit` says false.
void walk(node::Node& node, const std::function<bool(const Met&)>& visit);

}  // namespace hospes::portal
