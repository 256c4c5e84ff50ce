// The one shape that every channel is turned into.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/names.h"
#include "model/value.h"

namespace hospes {

enum class EventType : std::uint8_t { track, identify, page, screen, group, alias };
std::string_view to_string(EventType type);

/// A page call is the event "Page Viewed", a screen call "Screen Viewed"; identify, group and alias bear their own name.
std::string_view event_name(EventType type, std::string_view track_name);

/// How well evidence for a join is founded (design, "Who may say what").
enum class Grade : std::uint8_t {
  asserted,  // a public key said so
  attested,  // a server key or an import said so
  proved,    // the guest held both in one session
};

/// Purposes as bits; ordinals are given by the control log and never reused.
using Mask = std::uint64_t;
using PurposeBit = std::uint8_t;  // 0 … 63
constexpr Mask bit(PurposeBit p) { return Mask{1} << p; }

/// One consent-based bit of a mask that a standing yes opened (not the event's own signal): it lasts as long as that yes.
struct OpenedBy {
  PurposeBit purpose = 0;
  AtomId atom;
  bool operator==(const OpenedBy&) const = default;
};

enum EventFlag : std::uint8_t {
  flag_clamped = 1,    // a time in the future, brought back to receipt
  flag_simulated = 2,  // from a source whose people are invented
  flag_oversize = 4,   // between 32 kB and 128 kB
};

struct Event {
  // Plain header: readable without any key.
  Atom anchor;      // decides the lane: anonymous id first
  Atom owner;       // strongest identifier; its key seals the body
  Hash128 message;  // keyed hash of (house, source, messageId)
  Mask mask = 0;    // purposes it may serve; only shrinks
  Instant happened;
  Instant received;
  std::uint8_t flags = 0;
  EventType type = EventType::track;

  // Sealed body.
  Grade grade = Grade::asserted;
  Name name = no_name;
  Name source = no_name;
  Instant original;  // the client's own time of the call
  Instant sent;      // the client's time of the request
  std::string message_id;
  std::vector<Atom> others;        // evidence: every other identifier, the anchor among them if it is not the owner
  std::vector<OpenedBy> opened;    // bits that rest on a standing yes
  Properties properties;             // properties or traits; context under "context."

  /// Where permission starts to matter: happening or receipt, whichever is earlier.
  Instant start() const { return happened < received ? happened : received; }
  bool operator==(const Event&) const = default;
};

}  // namespace hospes
