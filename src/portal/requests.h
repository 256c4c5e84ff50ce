// Exercised rights as the console, the command line and the guest's own pages perform them: each a
// record in the log under the identifier it was made through, with a leaf in the transparency log.
// docs/rights.md.
#pragma once

#include <string>
#include <vector>

#include "portal/console.h"
#include "portal/people.h"
#include "rights/request.h"

namespace hospes::portal {

/// Where the acts of the guest's own pages come from, as the ledger and the timeline say it; and
/// those that staff record for who wrote or called.
inline constexpr std::string_view by_guest_book = "guest_book";
inline constexpr std::string_view by_staff = "staff";

struct Wanted {
  rights::Right right = rights::Right::access;
  std::string what = "";    // of a correction the trait, of an objection or withdrawal the purpose
  std::string value = "";   // of a correction: the right one
  std::string reason = "";  // of staff; the person reads it
  rights::By by = rights::By::guest;
  std::string role = "";  // of staff: as the person is told who wrote it down
  Duration countdown = rights::countdown_usual;  // of an erasure
  std::string lang = "en";
};

struct Requested {
  rights::Request request;
  std::optional<std::uint64_t> leaf;
  std::string cancel = "";  // of an erasure: a path below the public listener, without a login
};

/// Whom the rights of an atom reach (design.md rule 5): the firm person, less the devices of
/// several people. The atom first. Empty: nobody ever sent anything of it.
std::vector<Atom> reached(const ConsoleDoors& doors, AtomId atom);

/// Starts or does what is wanted: in force, durable and applied when it returns. invalid_input says
/// what to change; conflict: it runs already, or cannot be corrected. Access and portability by
/// staff stay open until the person takes.
Result<Requested> request(const ConsoleDoors& doors, const Atom& login, const Wanted& wanted);

/// That the person said no to these, as requests that are done: the receipt is that of the answer.
Status note_noes(
    const ConsoleDoors& doors, const Atom& login, std::span<const PurposeBit> purposes
);

/// A later word about one: under every identifier that bears it. not_found; conflict for what may
/// not be said (rights::may_be).
Result<Requested> say(
    const ConsoleDoors& doors, AtomId of, Hash128 id, rights::State state, rights::By by,
    std::string_view reason, std::string_view role = ""
);

/// Every request of whom the atom reaches, each once, newest first.
std::vector<rights::Request> requests_of(const Place& place, PurposeBit link);

/// What the house keeps after an act of its own: fulfils what is open of these rights.
Status fulfil(const ConsoleDoors& doors, AtomId of, std::span<const rights::Right> rights);

/// Ends the countdown that the token of its link names; not_found when there is none, or no more.
Status cancel_by_link(const ConsoleDoors& doors, std::string_view token);

/// GET and POST /v1/requests, POST /v1/requests/{id}.
http::Response requests(const ConsoleDoors& doors, const http::Request& request);

}  // namespace hospes::portal
