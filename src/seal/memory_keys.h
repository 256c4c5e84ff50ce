// The key store's twin in memory, for tests and simulation: same answers, nothing on disk. Ids and
// keys are a function of (seed, identifier, how often it was destroyed), so a test gives the same
// ids in whatever order identifiers arrive.
#pragma once

#include <map>
#include <mutex>
#include <unordered_map>

#include "seal/keys.h"

namespace hospes::seal {

class MemoryKeys final : public KeyStore {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::size_t atoms_max = 10'000'000;
  };
  MemoryKeys() : MemoryKeys(Options{}) {}
  explicit MemoryKeys(Options options);

  Result<std::vector<Atom>> resolve(std::span<const Identifier> identifiers, Instant now) override;
  Result<std::optional<Atom>> find(const Identifier& identifier) override;
  Status sync() override;
  Result<Key> key(AtomId atom) override;
  Result<Identifier> reveal(AtomId atom) override;
  Status destroy(AtomId atom) override;
  std::size_t size() const override;
  const HashSecret& house_secret() const override { return secret_; }

  /// From now on resolve, sync and destroy answer unavailable (a disk that died); `false` heals.
  void refuse(bool refused);

 private:
  struct Row {
    Identifier identifier;
    Key key;
  };
  Atom make(const Identifier& identifier, Instant now);

  const Options options_;
  HashSecret secret_;
  mutable std::mutex mutex_;  // guards all below
  bool refused_ = false;
  std::map<Identifier, Atom> by_identifier_;
  std::unordered_map<AtomId, Row, HashOfAtom> by_atom_;
  std::map<Identifier, std::uint64_t> destroyed_;  // times
};

}  // namespace hospes::seal
