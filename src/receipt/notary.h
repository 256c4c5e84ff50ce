// What the house enters into its transparency log, as records: an answer, an erasure. Each is one
// flat object of texts and whole numbers that a person can read.
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"
#include "consent/ledger.h"
#include "receipt/transparency_log.h"
#include "rights/request.h"

namespace hospes::receipt {

/// An exercised right to be forgotten (GDPR art. 17), once it is done.
struct Erasure {
  AtomId atom;
  Instant at;
  std::string by;             // `session`, `token`, `start`: found done when the house started
  std::uint64_t events = 0;   // erased with it
};

inline constexpr std::string_view kind_of_look = "look";

/// That somebody of the house looked at a person.
struct Look {
  AtomId atom;
  Instant at;
  std::string what;    // `profile`, `why`, `joins`, `guest_link`
  std::string by;      // the role of who looked, or `token`: never a name
  std::string reason;  // as they typed it; empty: none was asked
  bool brief = false;  // one line for ten minutes of the same
};

inline constexpr std::string_view kind_of_act = "staff";

/// What somebody of the house did, for the house itself. Names no customer: `of` is an account, a definition, or the
/// random id of an identifier, which means nothing once that is erased.
struct Act {
  Instant at;
  std::string account, role, act, of, what;
  bool brief = false;  // as above
};

/// A word about an exercised right.
struct Asked {
  AtomId atom;
  rights::Request request;
};

class Notary {
 public:
  /// All outlive it.
  Notary(const TransparencyLog& log, const catalog::Catalog& catalog, seal::KeyStore& keys)
      : log_(log), catalog_(catalog), keys_(keys) {}

  /// `{"at","basis","house","kind":"consent","notice"?,"pack","purpose","since","source","state",
  /// "subject","until"?}`, sealed under the atom's key; `subject` is the identifier, kind:value.
  /// not_found when the atom is erased.
  Result<Sealed> answered(const consent::Row& row) const;
  /// `{"at","by","events","house","kind":"erasure","state":"done","subject"}`: names nobody,
  /// `subject` is the random id that the identifier had. Its message follows from the atom.
  Result<Sealed> erased(const Erasure& erasure) const;
  Hash128 message_of_erasure(AtomId atom) const;
  /// `{"at","by","house","kind":"look","reason"?,"what"}`, sealed under the atom's key. not_found when the atom is
  /// erased; no bytes when it stands there already.
  Result<Sealed> looked(const Look& look) const;
  /// `{"account","act","at","house","kind":"staff","of"?,"role"?,"what"?}`, open. No bytes when it stands there already.
  Result<Sealed> acted(const Act& act) const;
  /// `{"at","house","kind":"export","subject"}`, sealed likewise: the right of access and to take
  /// away, exercised.
  Result<Sealed> exported(AtomId atom, Instant at) const;
  /// `{"at","house","kind":"level","level","source","subject"}`, sealed likewise: how often the person
  /// wants to hear from the house.
  Result<Sealed> levelled(
      AtomId atom, std::string_view level, std::string_view source, Instant at
  ) const;
  /// `{"at","by","deadline","ends"?,"house","kind":"request","made","reason"?,"right","state",
  /// "subject","what"?}`, sealed likewise.
  Result<Sealed> requested(const Asked& asked) const;

 private:
  Result<std::string> subject(AtomId atom) const;

  const TransparencyLog& log_;
  const catalog::Catalog& catalog_;
  seal::KeyStore& keys_;
};

/// The name of a house's log: its name in small ASCII letters, as `disquaire/receipts`.
std::string origin_of(std::string_view house_name);

}  // namespace hospes::receipt
