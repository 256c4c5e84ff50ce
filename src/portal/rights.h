// Acts about one person that both the console and the guest's own pages perform: each a record in
// the log, durable and applied when it returns.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "portal/console.h"
#include "portal/people.h"
#include "record/record.h"

namespace hospes::portal {

/// Until `holds` where the atom lives; false after two seconds. Not on a partition's thread.
bool wait_until(
    const ConsoleDoors& doors, AtomId atom, const std::function<bool(const Place&)>& holds
);

/// Enters one leaf into the transparency log; durable when it returns.
Status enter(const ConsoleDoors& doors, receipt::Sealed entry);
Status enter_all(const ConsoleDoors& doors, std::vector<receipt::Sealed> entries);

struct Done {
  bool applied = true;       // false: durable, and not yet applied after two seconds
  std::string receipt = "";  // JSON; of an erasure
};

inline constexpr std::uint8_t by_guest = 2;  // of record::Ruled

/// Writes the rulings, said by `by` (record::Ruled). `of`: one end of each.
Result<Done> rule(
    const ConsoleDoors& doors, AtomId of, std::vector<record::Ruled> rulings, std::uint8_t by
);

/// The guest says that the two are not one person: parted, whatever path joins them. not_found when
/// nothing does.
Result<Done> part(const ConsoleDoors& doors, AtomId of, AtomId other);

/// How many events an erasure would take.
std::size_t events_of(const ConsoleDoors& doors, AtomId of);
/// Erases one identifier: events, answers, key. `by`: `session`, `token` or `guest`, for the
/// receipt. Should we stop in between, the next start goes on where this was.
Result<Done> erase(const ConsoleDoors& doors, const Atom& of, std::string_view by);
/// The same by the schedules (docs/retention.md): conflict when something of it came meanwhile, and
/// then nothing is done.
Result<Done> erase_lapsed(const ConsoleDoors& doors, const Atom& of);

}  // namespace hospes::portal
