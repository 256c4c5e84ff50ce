// One person in one journey: where they are, since when, what they wait for, and the way so far.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/names.h"
#include "outbox/reason.h"

namespace hospes::journey {

using hospes::to_string;

/// Stored: values never change.
enum class End : std::uint8_t {
  live,
  exit,        // came to an end of its steps
  goal,        // what it is for has happened
  released,    // what ends it has happened
  holdout,     // of the control group: nothing was done
  restarted,   // another took its place
  joined,      // an elder one of the same person went on
  stopped,     // its journey, or its version, is no more
  permission,  // its purpose is closed: see `reason`
};
std::string_view to_string(End end);

/// How a step was left. Stored: values never change.
enum class How : std::uint8_t {
  here,     // not yet
  passed,   // waited, heard, chose, or was chosen
  late,     // what it waited for did not come in time
  done,     // sent
  refused,  // not sent: see `reason`
  failed,
  uncertain,
  ended,  // the journey did, by what is no step
};
std::string_view to_string(How how);

struct Move {
  std::uint16_t step = 0;
  How how = How::here;
  outbox::Reason reason = outbox::Reason::none;
  Instant arrived, left = Instant::never();
  bool operator==(const Move&) const = default;
};

/// What few have: eight bytes for all others.
struct Rare {
  std::string key;
  /// What the last `decide` chose, as JSON: `{"name":…,"payload":{language:…}}`; empty: nothing.
  std::string offer;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> jumps;  // (step, times so far)
  bool operator==(const Rare&) const = default;
};
class MaybeRare {
 public:
  MaybeRare() = default;
  MaybeRare(const MaybeRare& other) : held_(other.held_ ? std::make_unique<Rare>(*other.held_) : nullptr) {}
  MaybeRare(MaybeRare&&) noexcept = default;
  MaybeRare& operator=(MaybeRare other) noexcept {
    held_ = std::move(other.held_);
    return *this;
  }
  const Rare& operator*() const {
    static const Rare none;
    return held_ ? *held_ : none;
  }
  const Rare* operator->() const { return &**this; }
  Rare& edit() {
    if (!held_) held_ = std::make_unique<Rare>();
    return *held_;
  }
  bool operator==(const MaybeRare& other) const { return **this == *other; }

 private:
  std::unique_ptr<Rare> held_;
};

/// A million people may wait at once: 136 bytes, and none beside them for most.
struct Instance {
  Hash128 id;
  std::string_view journey;  // of the house's table of names
  std::uint32_t version = 1;
  std::uint16_t step = 0;
  End end = End::live;
  outbox::Reason reason = outbox::Reason::none;  // permission
  Instant entered, arrived;
  Instant due = Instant::never();  // of its timer
  Instant ended;
  Hash128 effect;                  // it waits for the end of; none: zero
  std::vector<Move> past;          // steps it has left, the last way_max
  MaybeRare rare;
  bool firm = true;                // entered by more than what a public key asserted
  bool asleep = false;             // an elder one of the person goes on
  bool live() const { return end == End::live; }
  const std::string& key() const { return rare->key; }
  /// With where it is.
  std::vector<Move> way() const;
  bool operator==(const Instance&) const = default;
};

inline constexpr std::size_t way_max = 32;
inline constexpr std::size_t instances_max = 64;  // of one anchor

/// A pure function: the same entry is the same instance in every replay, on every partition.
Hash128 instance_id(
    std::string_view journey, std::string_view key, AtomId anchor, Instant at, Hash128 message
);
/// Of `parts` equal parts, which one this person's is; the same after every join.
std::uint32_t share_of(
    std::string_view journey, std::uint32_t version, std::string_view step, AtomId anchor,
    std::uint32_t parts
);

/// As rows and bundles hold them.
std::string instances_form(const std::vector<Instance>& instances);
/// False: not to its end.
bool read_instances(std::string_view form, std::vector<Instance>& instances, Names& names);

}  // namespace hospes::journey
