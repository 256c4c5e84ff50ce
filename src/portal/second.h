// A second person's yes, where it is asked for: exports of more than 1,000 people, changes of the rules, campaigns.
// docs/staff.md says how a command of yours takes part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/message.h"
#include "portal/console.h"

namespace hospes::portal {

/// Up to as many people one person alone may take out at a time.
inline constexpr std::uint64_t people_alone_max = 1'000;

/// And so many a day, whatever the pieces.
inline constexpr std::uint64_t people_alone_a_day_max = 10'000;

/// What is about to leave the house, or to change its rules.
struct Grave {
  std::string kind;     // `export`, `pack`
  std::string what;     // one line for whoever decides: what, for which purpose, in which form
  std::string exactly;  // all that decides what is done: the yes is of this and nothing else. Hashed here
  std::uint64_t people = 0;
};

/// Nothing: go on. It is within what one person may do (`export` of up to `people_alone_max`), or somebody else said
/// yes, which is used up by this. Else what to answer: 409 `second_person_needed`, with the approval that waits from
/// now on; the same request, once approved, goes through. Either way it stands in the audit log. Ask it last, when
/// everything else about the request is right.
std::optional<http::Response> second_person(
    const ConsoleDoors& doors, const http::Request& request, const Grave& grave
);

/// Whether an account other than `by` could say yes now. None: a link that is good once takes its place.
bool somebody_else(const ConsoleDoors& doors, std::string_view by);
/// Whose yes or no counts: the account's name; the token and the owner's link are one person, `owner`.
std::string person_behind(const ConsoleDoors& doors, const http::Request& request);

/// GET /v1/approvals, POST /v1/approvals/{id} and /v1/approvals/{id}/link.
http::Response approvals(const ConsoleDoors& doors, const http::Request& request);

}  // namespace hospes::portal
