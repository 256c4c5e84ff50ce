// A definition that somebody sent, read and checked against what is in force: the same for a
// preview and for keeping it. Private to portal/.
#pragma once

#include <expected>

#include "portal/census.h"
#include "portal/reads.h"

namespace hospes::portal {

struct Proposal {
  segment::Definition definition;
  std::string text;  // as it was sent; empty: it came as JSON
  /// What the sender believes to be in force: canonical text, empty for nothing.
  std::optional<std::string> instead_of;
  /// Others of the same change, not kept with it: it may ask about them.
  std::vector<segment::Definition> among;
  std::shared_ptr<const segment::Definitions> before;  // in force, never null
  std::shared_ptr<const segment::Definitions> after;   // with this one among them
  segment::SegmentIndex index = 0;                     // its place in `after`
  std::optional<segment::SegmentIndex> replaces;       // its place in `before`
};

/// From the body: text as `hospes segment fmt` prints it, or the JSON form; bare, or under "text" or
/// "definition" of an object, the latter as text under "json"; "instead_of" and "among" (text) beside it, and "said" in
/// "language": a sentence in the predicate's place. Otherwise the answer that says what is wrong, with line and column.
std::expected<Proposal, http::Response> proposal_of(
    const ConsoleDoors& doors, const http::Request& request
);

/// A JSON list: event names that neither came nor stand in the catalogue, each with the nearest that
/// does; and the segments in force that say the same.
std::string notes_on(const Proposal& proposal, Census& census, const ConsoleDoors& doors);

}  // namespace hospes::portal
