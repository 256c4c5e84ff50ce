// The key store: who each identifier is (its atom) and the key that seals what is about it. It
// lives apart from the data: to destroy a key is to erase. design.md rule 13.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "model/ids.h"

namespace hospes::seal {

/// 256 random bits of one atom.
struct Key {
  std::array<unsigned char, 32> bytes{};
};

/// All calls are thread-safe. Implementations: a file, sealed by a master key (`open_key_file`),
/// and memory (`MemoryKeys`).
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  /// The atom of each identifier, made on first sight with a random id, a random key and `born` =
  /// `now`. Repeats within one call get one atom. New atoms are readable at once but durable only
  /// after `sync`; a record that uses one may be acknowledged only then. Cost of a known one: a
  /// keyed hash and a look-up. over_limit when the store is full, unavailable when the disk refuses
  /// (nothing was made then).
  virtual Result<std::vector<Atom>> resolve(
      std::span<const Identifier> identifiers, Instant now
  ) = 0;
  /// Never makes. Nothing: nobody of that name, or erased.
  virtual Result<std::optional<Atom>> find(const Identifier& identifier) = 0;
  /// Everything made or destroyed before the call is durable when it returns. Concurrent calls
  /// share one disk sync; no-op when nothing is pending.
  virtual Status sync() = 0;
  /// not_found: destroyed, or never made.
  virtual Result<Key> key(AtomId atom) = 0;
  virtual Result<Identifier> reveal(AtomId atom) = 0;
  /// Durable when it returns. Afterwards key, reveal and find know nothing of the atom; its
  /// identifier, seen again, is a new one.
  virtual Status destroy(AtomId atom) = 0;
  virtual std::size_t size() const = 0;
  /// Why nothing can be made or destroyed, or success.
  virtual Status health() const { return {}; }
  /// Secret of the house for message and reference hashes; made with the store, kept for ever.
  virtual const HashSecret& house_secret() const = 0;
};

}  // namespace hospes::seal
