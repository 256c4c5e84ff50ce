// What stands in a lane: everything a partition reads, as one kind each (design.md rules 1 and 16).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/event.h"

namespace hospes::record {

/// A component of evidence is named by its eldest atom; people live inside one, and so in its
/// partition (docs/adr/0002).
using ComponentId = PersonId;

/// Where a message between partitions was born. Receivers keep the highest (position, index) seen
/// from each source.
struct Origin {
  Partition partition = 0;
  Position position;
  std::uint32_t index = 0;
  bool operator==(const Origin&) const = default;
};

/// One event, from the door or forwarded to the owner.
struct Arrived {
  Event event;
  std::vector<Hash128>
      references;  // keyed hashes of order numbers and the like, by which a person is found
  bool operator==(const Arrived&) const = default;
};

/// One answer of a person about one purpose, anchored to the atom through which it was given.
struct Answered {
  Atom atom;
  PurposeBit purpose = 0;
  std::uint8_t state = 0;  // consent::Answer
  Instant since;
  Instant until = Instant::never();
  Hash128 message;
  std::string source;
  std::string notice_id, notice_version, notice_lang;
  std::string proof;
  // Set by the atom's home lane, whose order of answers counts wherever they are carried.
  Instant acted = Instant::never();
  Position position;
  bool operator==(const Answered&) const = default;
};

/// "Component `from` holds evidence that names `wanted`": asks the wanted atom's component to come
/// together with it.
struct Link {
  ComponentId from;
  Atom wanted;
  Atom by;  // the atom that was seen with it; id 0: no evidence, they only must live together
  bool operator==(const Link&) const = default;
};

/// "You are younger than `winner`: move there."
struct Invite {
  ComponentId winner;
  bool operator==(const Invite&) const = default;
};

/// One atom with all that lies under it. `content` is sealed under the atom's own key in the lane.
struct Moved {
  Atom atom;
  std::string content;  // flow/rows.h
  bool operator==(const Moved&) const = default;
};

/// A whole component on its way to an elder one.
struct Bundle {
  ComponentId from;
  std::vector<Moved> atoms;
  std::string edges;  // flow/rows.h; atom ids and times only
  bool operator==(const Bundle&) const = default;
};

/// "Your atom lives in that component now": shortens the way of later events.
struct Repoint {
  AtomId atom;
  ComponentId component;
  bool operator==(const Repoint&) const = default;
};

/// The house's segment definitions; every partition switches when its clock reaches `active_at`.
struct Defined {
  std::uint64_t version = 0;
  Instant active_at;
  std::string segments;  // canonical text, segment/definition.h
  std::string actions;   // text of actions.toml, catalog/actions.h
  std::string journeys;  // journey/text.h, with versions
  std::string decisions;  // text of decisions.toml, catalog/decisions.h
  std::string retention;  // text of retention.toml, catalog/retention.h
  bool operator==(const Defined&) const = default;
};

/// Nothing happened but time.
struct Tick {
  bool operator==(const Tick&) const = default;
};

/// What somebody decided about two atoms. `cut` voids their edge (staff), `part` says "not the same
/// person" (the guest) and keeps them apart whatever path joins them; both stand until they are
/// undone or proof comes. `vouch` is evidence by staff.
struct Ruled {
  enum class Word : std::uint8_t { cut, uncut, part, unpart, vouch };
  Atom a, b;  // `a` has the smaller id: its home lane orders the rulings on this pair
  Word word = Word::cut;
  std::uint8_t by = 0;  // 0 a console session, 1 the staff token, 2 the guest
  Hash128 message;
  Instant acted = Instant::never();  // set by the home lane
  Position position;
  bool operator==(const Ruled&) const = default;
};

/// An atom is erased: its key is destroyed once this is durable. `edges` are kept in its place:
/// they count against limits as before and join nothing, so that nobody else changes.
struct Forgotten {
  struct Edge {
    AtomId other;
    Grade grade = Grade::asserted;
    Instant start;
    bool operator==(const Edge&) const = default;
  };
  Atom atom;
  std::vector<Edge> edges;
  Hash128 message;
  Hash128 tombstone;  // keyed hash of the identifier: what happened before is not taken any more
  bool if_lapsed = false;  // by the schedules: nothing, when something came since
  bool operator==(const Forgotten&) const = default;
};

/// "I am about to perform this effect." Durable before a connection is opened; found by a replay, it
/// is never performed.
struct Claimed {
  Atom anchor;
  Hash128 effect;
  std::uint32_t attempt = 0;  // 1 …
  bool operator==(const Claimed&) const = default;
};

/// What came of a claim.
struct Performed {
  enum class Outcome : std::uint8_t {
    done,
    failed,
    uncertain,
    refused,  // asked again before the first content byte, and denied
    again,    // tried, and to be tried again at `due`
    back,     // nothing was tried: as before the claim, not before `due`
    anew,     // of one that failed or is uncertain: somebody of the house asks for it once more
  };
  Atom anchor;
  Hash128 effect;
  std::uint32_t attempt = 0;
  Outcome outcome = Outcome::done;
  std::uint8_t reason = 0;   // outbox::Reason
  std::uint16_t status = 0;  // of HTTP; 0: there was no answer
  Instant due;
  Instant since;       // of what stood in the way
  std::string source;  // of the answer that did
  Instant released = Instant::beginning();  // never
  Position read;                            // how far the ledger was read then
  bool operator==(const Performed&) const = default;
};

/// What came of a decision: it was seen, or somebody answered it. `content` is sealed under the atom
/// that was asked about; a decision for nobody bears no atom, and is only counted.
struct Witnessed {
  enum class What : std::uint8_t { exposure, feedback };
  Atom atom;
  Hash128 message;  // of (decision, what): counted once
  What what = What::exposure;
  std::string content;  // decide/exposure.h
  bool operator==(const Witnessed&) const = default;
};

/// One more of an offer's stock is asked for, in the lane that counts it. Says nothing about whom.
struct Took {
  std::string offer;
  Hash128 decision;
  bool operator==(const Took&) const = default;
};

/// Nothing is left of an offer: to the lanes that do not count its stock, from the one that does.
struct SoldOut {
  std::string offer;
  std::uint64_t taken = 0;  // until now
  bool operator==(const SoldOut&) const = default;
};

/// How often a person wants to hear from the house, said through that identifier.
struct Levelled {
  Atom atom;
  std::uint8_t level = 0;  // outbox::Level
  Hash128 message;
  std::string source;
  bool operator==(const Levelled&) const = default;
};

/// A word about an exercised right. `content` is sealed under the atom.
struct Requested {
  Atom atom;
  Hash128 message;
  std::string content;  // rights/request.h
  bool operator==(const Requested&) const = default;
};

/// Its key is gone: nothing of it can be read, and `apply` only advances.
struct Erased {
  AtomId atom;
  bool operator==(const Erased&) const = default;
};

/// The order gives the kinds on disk: add at the end only.
using Body = std::variant<
    Arrived, Answered, Link, Invite, Bundle, Repoint, Defined, Tick, Erased, Ruled, Forgotten,
    Claimed, Performed, Witnessed, Took, Levelled, Requested, SoldOut>;

struct Record {
  Instant stamp;                  // the writer's clock; the partition's clock never falls behind it
  std::optional<Origin> origin;   // of a message; none for what comes from the door or from control
  std::optional<ComponentId> to;  // addressee of a message, when already known
  Body body;
  bool operator==(const Record&) const = default;
};

}  // namespace hospes::record
