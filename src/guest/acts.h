// What a guest does: each act is a record in the log like any other, durable and applied when it
// returns, with a leaf in the transparency log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "collect/door.h"
#include "consent/permissions.h"
#include "guest/knows.h"
#include "guest/sessions.h"
#include "portal/requests.h"

namespace hospes::guest {

/// What the pages need of the house. All outlive them.
struct Doors {
  portal::ConsoleDoors house;
  collect::Sink& sink;
  collect::Arrivals& arrivals;
  consent::Permissions& permissions;
  /// collect::Door::tell.
  std::function<bool(std::string saw, bool simulated)> tell;
};

/// Where the acts of these pages come from, as the ledger and the live stream say it.
inline constexpr std::string_view source_name = "guest_book";
/// What was shown: changes with what the pages say of a purpose.
inline constexpr std::string_view notice_version = "1";

struct Answering {
  std::vector<PurposeBit> purposes;
  bool yes = false;
  std::string_view lang;
};

/// Writes the answers. A yes lies on the login and on everything firmly joined to it, for it is a
/// yes of all of them (design.md rule 6); a no on the login alone, for the meet carries it. A no is
/// an objection where the basis is interest, else a withdrawal. invalid_input for contract and
/// duty, which heed no answer. The leaves of the answers that lie on the login.
Result<std::vector<std::uint64_t>> answer(
    const Doors& doors, const Session& session, const Known& known, const Answering& said
);

/// How often the guest wants to hear from the house: in force, and asked of whatever waits, when it
/// returns. The number of its leaf.
Result<std::vector<std::uint64_t>> choose(
    const Doors& doors, const Session& session, const Known& known, outbox::Level level
);

/// A no to one purpose by whoever holds a link that names this identifier, in force when it returns.
/// Writes nothing when it stands already. `source`: as the ledger says where it came from.
Status say_no(
    const Doors& doors, const Atom& atom, PurposeBit purpose, std::string_view source,
    std::string_view lang
);

/// "This is not me": parts the login from that identifier, whatever path joins them.
Status part(const Doors& doors, const Session& session, AtomId other);

/// Enters that everything was taken away.
Status note_export(const Doors& doors, const Session& session);

/// Leaf of what was asked.
Result<std::uint64_t> ask(const Doors& doors, const Session& session, const portal::Wanted& wanted);
/// Takes back what the guest asked and what still stands, of that right; their leaves.
Result<std::vector<std::uint64_t>> take_back(
    const Doors& doors, const Session& session, const Known& known, rights::Right right
);

/// Erases everything the login reaches, the login last, and gives the receipts. Not undone.
Result<std::vector<std::string>> erase(const Doors& doors, const Known& known);

}  // namespace hospes::guest
