// The journeys in force, bound to a house: purposes, segments and events by number. Immutable; one
// value per version of the definitions.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "journey/text.h"
#include "model/event.h"
#include "outbox/rule.h"
#include "zones/zones.h"

namespace hospes::journey {

inline constexpr std::uint32_t no_segment = 0xffff'ffff;

struct BoundTrigger {
  const Trigger* said = nullptr;
  std::uint32_t segment = no_segment, from = no_segment;
  Name event = no_name;
  Name key = no_name;
  std::vector<Name> where;  // by clause: its property
};

struct BoundStep {
  const Action* action = nullptr;
  BoundTrigger on;                     // wait for
  Name trait = no_name;                // wait until trait, update
  std::vector<std::uint32_t> segments;  // branch, by arm
  std::vector<std::uint16_t> arms;     // branch, split, decide: where each leads
  std::uint16_t other = 0;             // else; of a jump: where it goes
};

struct Bound {
  Versioned said;
  PurposeBit purpose = 0;
  std::string_view name;  // its id, in the house's table of names
  Name source = no_name;  // of what it says about people: `journey second_order`
  outbox::Rule asks;  // what is asked of a person to be led by it: a purpose and its basis
  std::vector<BoundTrigger> enter, goal, exit;
  std::vector<BoundStep> steps;
  const std::string& id() const { return said.definition.id; }
  bool open() const { return !said.closed && !said.ended; }
};

struct Binding {
  Names* names = nullptr;
  std::function<std::optional<PurposeBit>(std::string_view)> purpose;
  std::function<outbox::Basis(PurposeBit)> basis;
  std::function<std::optional<std::uint32_t>(std::string_view)> segment;
  const zones::Zone* zone = nullptr;  // of the house
};

class Book {
 public:
  const std::vector<std::unique_ptr<Bound>>& all() const { return all_; }
  const Bound* find(std::string_view id, std::uint32_t version) const;
  /// In which one enters; null when it is closed or unknown.
  const Bound* open(std::string_view id) const;

  struct Entry {
    std::uint32_t of = 0;  // a segment or an event
    const Bound* journey = nullptr;
    const BoundTrigger* trigger = nullptr;
  };
  std::span<const Entry> by_segment(std::uint32_t segment) const { return of(segments_, segment); }
  std::span<const Entry> by_event(Name event) const { return of(events_, event); }
  /// By a time of the house's day, or one of its dates.
  const std::vector<Entry>& dated() const { return dated_; }
  Name request() const { return request_; }
  Name request_names() const { return request_names_; }
  Name identify() const { return identify_; }
  const zones::Zone& zone() const { return *zone_; }

 private:
  friend Result<std::shared_ptr<const Book>> bind(std::vector<Versioned>, const Binding&);
  static std::span<const Entry> of(const std::vector<Entry>& list, std::uint32_t what);

  std::vector<std::unique_ptr<Bound>> all_;
  std::map<std::pair<std::string_view, std::uint32_t>, const Bound*> by_version_;
  std::vector<Entry> segments_, events_, dated_;
  Name request_ = no_name, request_names_ = no_name, identify_ = no_name;
  const zones::Zone* zone_ = nullptr;
};

/// Whether the event's properties are as it says. Precondition: the event is of its name.
bool holds(const BoundTrigger& trigger, std::string_view properties);

/// invalid_input when an open one names a purpose or segment that is not there; of a closed one such
/// a name is never true. Names are interned.
Result<std::shared_ptr<const Book>> bind(std::vector<Versioned> list, const Binding& binding);

}  // namespace hospes::journey
