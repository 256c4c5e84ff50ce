// How one person hangs together, and undoing it: the history of their joins, and what a split, a
// merge or an erased identifier would make of them. Private to portal/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "portal/console.h"
#include "portal/people.h"

namespace hospes::portal {

/// What shall be done to two identifiers of one person, or to all edges of one.
struct Undoing {
  AtomId of;
  std::optional<AtomId> with;  // nothing: every edge of `of`
  record::Ruled::Word word = record::Ruled::Word::cut;
};

/// The edges it names, each as `record::Ruled` without its message; empty: there is none.
std::vector<record::Ruled> rulings_for(const Place& place, const Undoing& undoing);

/// Everybody of the component as they would be after the rulings: identifiers, number of events,
/// segments, as JSON. `part` copies answers besides, which only closes; that is not drawn.
std::string people_after(
    const ConsoleDoors& doors, const Place& place, const std::vector<record::Ruled>& rulings
);

/// Every edge of the component that touches the person: evidence, what became of it and why, rulings.
std::string joins_of(const ConsoleDoors& doors, const Place& place);

/// GET …/joins, POST …/split, …/merge, …/forget below /v1/persons/{kind}:{value}.
http::Response persons(const ConsoleDoors& doors, const http::Request& request);

}  // namespace hospes::portal
