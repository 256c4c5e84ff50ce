// How long what lies under an identifier is kept: the house's schedules bound to names, and what
// ends when. docs/retention.md.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "catalog/retention.h"
#include "flow/state.h"

namespace hospes::flow {

/// Pure. Instants are midnights UTC; what ended at one is gone from it on.
class Keeping {
 public:
  /// Precondition: the schedules are not empty.
  Keeping(catalog::Retention said, Names& names);

  /// Bits of the moment that have ended. `last_act`: of its person, whenever that was.
  Mask ended(const Moment& m, Instant last_act, Instant now) const;
  struct End {
    Instant at = Instant::beginning();
    bool moves = false;  // later, when the person does something
  };
  /// When the last bit of `of` ends; beginning() for none.
  End end(const Moment& m, Mask of, Instant last_act) const;
  /// The next end of one of its bits after `now`.
  Instant next(const Moment& m, Instant last_act, Instant now) const;
  /// Not before this does any of it end, whatever happens since.
  Instant soonest(const Event& event) const;
  /// Whether the person did it.
  bool is_act(Name event) const;
  /// When the identifiers of somebody go of whom nothing is kept.
  Instant silent(Instant last) const { return said_.answers.end(last); }
  /// A no to one of these keeps its identifier.
  Mask protects() const { return said_.protects; }
  const catalog::Retention& said() const { return said_; }

 private:
  const catalog::RetentionClass& of(Name event) const;

  catalog::Retention said_;
  boost::unordered_flat_map<Name, std::uint32_t> classes_;
  std::vector<Name> no_act_;
};

/// Per atom of the component: when its person did something last, an answer included; beginning()
/// when nothing is known. Reads cold timelines back.
std::vector<Instant> last_acts(const PartitionState& state, const Component& component);
/// The same of these atoms as one.
Instant last_act(
    const PartitionState& state, const Component& component, std::span<const std::uint16_t> atoms
);

/// Whether nothing holds the atom, nor who bears it, any more: no event, no answer of late, no no
/// that protects, nothing under way. Reads cold timelines back.
bool has_lapsed(const PartitionState& state, const Component& component, std::size_t atom);

/// At most so many components are looked through with one record.
inline constexpr std::size_t retention_page = 16;

}  // namespace hospes::flow
