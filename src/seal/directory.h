// The key store's directory in memory: from an identifier's keyed hash, and
// from an atom's id, to the atom, its key and where its entry stands. About 120
// bytes per atom. Thread-safe; sharded, so that growing a table stops few.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "seal/keys.h"

namespace hospes::seal {

struct Row {
  AtomId id;
  Hash128 hash;
  Key key;
  Instant born;
  std::uint32_t epoch = 0;  // file that holds the entry
  std::uint32_t place = 0;  // in that file
  KindId kind = 0;
  Atom atom() const { return {id, born, kind}; }
};

class Directory {
 public:
  explicit Directory(std::size_t atoms_max);
  ~Directory();

  std::optional<Atom> find(Hash128 hash) const;
  std::optional<Row> get(AtomId id) const;
  /// Precondition: neither hash nor id is known, and size() < atoms_max. One
  /// caller at a time.
  void add(const Row& row);
  /// The entry stands elsewhere now.
  void move(AtomId id, std::uint32_t epoch, std::uint32_t place);
  /// One caller at a time, not beside `add`.
  void remove(AtomId id);
  std::size_t size() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace hospes::seal
