// The transparency log of one house: what was answered, which right was exercised, which key signs;
// one leaf each, appended for ever. docs/receipts.md.
//
// Invariants:
// 1. Leaves and the checkpoint over them are appended to the disk in one piece, with the group
//    commit of log/; a receipt rests on a durable checkpoint only.
// 2. A message is one leaf, however often it is entered.
// 3. A record about a person is sealed under their atom's key, and its salt follows from that key.
// 4. The key that signs was introduced in the log by the one before.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "disk/disk.h"
#include "log/local_log.h"
#include "model/ids.h"
#include "receipt/merkle.h"
#include "receipt/note.h"
#include "seal/keys.h"

namespace hospes::receipt {

struct Entry {
  AtomId atom;         // under whose key it is sealed; none: it names nobody and stays readable
  Hash128 message;     // by which it is asked for again; keyed (base/hash.h)
  std::string record;  // canonical
};

/// An entry ready to be appended. Opaque to others.
struct Sealed {
  Hash128 message;
  AtomId atom;
  Digest leaf{};
  std::string bytes;
};

struct Doors {
  disk::Disk& data;
  disk::Disk& keys_disk;  // of the key folder
  seal::KeyStore& keys;
};

struct LogOptions {
  std::string origin;  // of a new log: no spaces, no plus; an old one keeps its own
  std::uint64_t free_bytes_min = std::uint64_t{16} << 20;
  std::uint64_t segment_bytes = std::uint64_t{8} << 20;  // of new files; an append fits into one
};

class TransparencyLog {
 public:
  /// Reads the whole log: about 1 s for a million leaves. corrupt when it does not match its own
  /// checkpoints or when its signing key is gone: that is never made again in silence.
  static Result<std::unique_ptr<TransparencyLog>> open(Doors doors, LogOptions options, Instant now);
  ~TransparencyLog() { close(); }
  TransparencyLog(const TransparencyLog&) = delete;
  TransparencyLog& operator=(const TransparencyLog&) = delete;

  /// Seals on the caller's thread. not_found when the atom's key is gone. Cost: about 5 µs.
  Result<Sealed> prepare(const Entry& entry) const;
  /// All of them become durable, an eighth of a segment at a time in one piece with a checkpoint;
  /// known messages are passed over.
  /// `done` is called once, on this or the log's thread, unless this refuses at once. After a
  /// refusal or failure nothing is taken until a restart: nobody knows what the disk holds.
  Status append(std::vector<Sealed> entries, log::Done done);
  /// Whether it was entered, durable or on its way.
  bool knows(Hash128 message) const;

  /// As JSON, resting on the newest durable checkpoint. not_found: never entered, not durable yet,
  /// or the key of its person is gone. Cost: 256 records read and hashed, below 1 ms.
  Result<std::string> receipt(Hash128 message) const;
  Result<std::string> receipt_at(std::uint64_t leaf) const;
  /// The record alone, as canonical JSON; the same errors and cost.
  Result<std::string> record(std::uint64_t leaf) const;
  /// Where a message stands; nothing: it was never entered.
  std::optional<std::uint64_t> leaf_of(Hash128 message) const;
  /// Every leaf that lies under an atom, ascending; under none: of the house itself, readable for ever.
  std::vector<std::uint64_t> leaves_of(AtomId atom) const;
  /// The newest durable checkpoint, a signed note.
  std::string checkpoint() const;
  /// The notes that introduce the keys, first to last.
  std::vector<std::string> keys() const;
  /// The name of the log.
  std::string origin() const;
  /// From an earlier size to the newest durable one, see growth_json; invalid_input for a size that
  /// it never had.
  Result<std::string> growth(std::uint64_t from) const;

  /// A new key signs from now on, introduced by the one before; durable when it returns.
  Status rotate(Instant now);

  /// What an entry of the log on disk holds in the open, with the keys that are there; not_found
  /// when its person's is gone. For who looks for what should not be there.
  static Result<std::string> open_entry(std::string_view bytes, seal::KeyStore& keys);
  /// What lies under keys that are gone is overwritten with zeros, in every file: the leaves stay
  /// and count. How many. Cost: two writes of each file that changes.
  Result<std::uint64_t> scrub();

  /// Leaves that are durable under a checkpoint.
  std::uint64_t size() const;
  Status health() const;
  /// Everything appended is durable or failed when it returns. Idempotent.
  void close();

 private:
  struct Published {
    std::string note;
    std::uint64_t size = 0;
  };
  struct Read;

  explicit TransparencyLog(Doors doors);
  Status recover();
  Status begin(const LogOptions& options, Instant now);
  Status take_signer();
  Status introduce_key(Signer signer, Instant now);
  Status visit(const log::Durable& durable);
  void follow(const log::Durable& durable);
  Result<Read> read_leaf(std::uint64_t leaf) const;
  Result<std::vector<Read>> read_tile(Position before, std::size_t leaves_max) const;
  Result<std::vector<Digest>> fetch(std::uint64_t tile) const;
  Status append_locked(std::vector<Sealed> entries, log::Done done);
  Result<std::pair<std::string, std::string>> unseal(const Read& read) const;

  Doors doors_;
  std::size_t piece_bytes_max_ = 0;  // or one entry
  std::unique_ptr<log::LocalLog> log_;

  mutable std::mutex mutex_;  // guards all below
  Tree tree_;                 // all leaves, durable or on their way
  std::unordered_map<Hash128, std::uint64_t, HashOfHash> leaf_of_;
  std::unordered_map<AtomId, std::vector<std::uint64_t>, HashOfAtom> leaves_of_;
  std::vector<std::string> key_notes_;
  std::vector<Verifier> chain_;
  std::optional<Signer> signer_;
  Status failed_;  // sticky

  mutable std::mutex durable_mutex_;  // guards all below; taken after mutex_
  Published published_;
  std::uint64_t durable_leaves_ = 0;
  Position last_;                    // of the last durable record
  std::vector<Position> tile_from_;  // of the record before each tile's first leaf
};

}  // namespace hospes::receipt
