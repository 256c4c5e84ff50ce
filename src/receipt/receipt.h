// A receipt: what happened, and the proof that it stands in the house's transparency log. Whoever
// holds it checks it alone, offline, after keys were changed and after everything else about its
// person was erased. docs/receipts.md.
//
//   receipt    = {"checkpoint": note, "keys": [note…], "leaf": n, "proof": [digest…],
//                 "receipt": 1, "record": {…}, "salt": base64}                     RFC 8785
//   leaf hash  = SHA-256(0x00 ‖ HMAC-SHA-256(salt, record in canonical form))
//   checkpoint = origin "\n" size "\n" base64(root) "\n", signed by the last of `keys`
//   key        = "hospes key 1\n" origin "\n" verifier "\n" since "\n"; the first signs itself, each
//                other one is signed by the one before: who knows one of them knows them all
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "receipt/note.h"

namespace hospes::receipt {

struct Receipt {
  std::string record;  // canonical
  std::string salt;
  std::uint64_t leaf = 0;
  std::vector<Digest> proof;
  std::string checkpoint;
  std::vector<std::string> keys;

  std::string json() const;
};

/// What goes into the tree for a record.
std::string salted(std::string_view salt, std::string_view canonical_record);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};
  std::string text() const;
};
/// Nothing unless `note` is one, signed by `who`.
std::optional<Checkpoint> open_checkpoint(std::string_view note, const Verifier& who);

std::string introduce(const Verifier& key, Instant since);
/// The keys of a log, first to last. corrupt when one was not introduced by the one before.
Result<std::vector<Verifier>> key_chain(const std::vector<std::string>& notes);

/// What a receipt proves.
struct Proved {
  std::string record;  // canonical JSON
  Checkpoint checkpoint;
  std::vector<Verifier> keys;
  std::uint64_t leaf = 0;
};

/// invalid_input when it cannot be read, corrupt when it does not prove what it says.
Result<Proved> verify(std::string_view receipt_json);

/// The answer of /v1/audit/consistency: that a later tree holds the earlier one unchanged.
///   {"checkpoint", "from", "keys", "proof"}
std::string growth_json(
    std::uint64_t from, const std::vector<Digest>& proof, const std::string& checkpoint,
    const std::vector<std::string>& keys
);
/// That the log which `proved` saw became the one that `growth` speaks of, under keys introduced by
/// those it knows. The later checkpoint, or invalid_input, corrupt.
Result<Checkpoint> verify_growth(const Proved& proved, std::string_view growth);

}  // namespace hospes::receipt
