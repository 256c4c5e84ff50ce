// Names of things: atoms (the smallest unit of identity), people, slots and partitions, positions in a lane.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/hash.h"
#include "base/time.h"

namespace hospes {

/// Random 128 bits, made once by the key store for one identifier (kind, value) and never reused. Says nothing about the value.
struct AtomId {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  auto operator<=>(const AtomId&) const = default;
  explicit operator bool() const { return (hi | lo) != 0; }
};
struct HashOfAtom {
  std::size_t operator()(const AtomId& a) const noexcept { return a.lo; }
  using is_avalanching = void;
};
std::string to_hex(AtomId id);

/// Row of the catalogue's table of identifier kinds (user_id, anonymous_id, email, …).
using KindId = std::uint8_t;

/// What a client sends: personal, never logged, never stored in the clear.
struct Identifier {
  KindId kind = 0;
  std::string value;
  auto operator<=>(const Identifier&) const = default;
};

/// An atom as records carry it. `born` is the receipt stamp of its first sight; it is kept with the atom's key.
struct Atom {
  AtomId id;
  Instant born;
  KindId kind = 0;
  auto operator<=>(const Atom&) const = default;
};

/// Eldest atom of a person: `born`, then id. Orders people by age.
struct PersonId {
  Instant born;
  AtomId atom;
  auto operator<=>(const PersonId&) const = default;
};
inline PersonId person_of(const Atom& atom) { return {atom.born, atom.id}; }

inline constexpr unsigned slots = 4096;             // fixed for ever
inline constexpr unsigned partitions_default = 64;  // fixed when a house is made

using Slot = std::uint16_t;
using Partition = std::uint16_t;

/// Atom ids are uniform, so their top bits are the slot.
constexpr Slot slot_of(AtomId id) { return static_cast<Slot>(id.hi >> 52); }
constexpr Partition partition_of(Slot slot, unsigned partitions) {
  return static_cast<Partition>(slot * partitions / slots);
}
constexpr Partition partition_of(AtomId id, unsigned partitions) {
  return partition_of(slot_of(id), partitions);
}

/// Place of a record in its partition's lane. Grows; gaps are allowed: never compute "the next one".
struct Position {
  std::uint32_t epoch = 0;  // grows when a house moves to another log
  std::uint64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

}  // namespace hospes
