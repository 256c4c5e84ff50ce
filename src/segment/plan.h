// Definitions made ready for the engine: each leaf once, as an atom; each segment as a small
// program over atoms; and for each guard (an equality on a trait that the whole predicate needs)
// which streams, traits and atoms its segments look at. A person is looked at only through the
// guards that hold for them. Private to the room.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "segment/cell.h"
#include "segment/evaluate.h"

namespace hospes::segment {

using AtomIndex = std::uint32_t;
using Rank = std::uint32_t;  // place of a segment in Definitions::order()
using GroupIndex = std::uint32_t;

enum class AtomKind : std::uint8_t {
  constant,
  count,       // k or more in (now − from, now]
  offset,      // k or more in (now − from, now − to]
  sum,         // amounts in (now − from, now] reach x
  age,         // the latest or earliest instant lies in (now − from, now − to]
  trait,       // a stored trait passes a test
  date,        // a stored instant passes a date test
  identifier,  // the person has one of that kind
  member,      // of another segment
  slow,        // only the evaluator knows; an event it looks at asks for a rebuild
};

struct Atom {
  AtomKind kind = AtomKind::constant;
  bool truth = false;     // constant
  bool earliest = false;  // age
  KindId identifier = 0;
  std::uint32_t stream = 0;  // count, offset, sum, age
  std::uint32_t k = 1;
  std::uint32_t slot = 0;    // trait, date
  std::int64_t from_us = 0;  // max: for ever
  std::int64_t to_us = 0;
  Wide x = 0;
  SegmentIndex segment = 0;         // member
  PurposeBit purpose = 0;           // slow
  const BoundNode* node = nullptr;  // trait, date, slow; its clause and windows
};

/// One stream: what a cell is about.
struct Stream {
  PurposeBit purpose = 0;
  BoundSelection select;
  Name property = no_name;  // of the amounts
  KeepRule rule;
};

/// What a page stores of one trait, as one purpose sees it.
struct Slot {
  enum Kind : std::uint8_t {
    plain,    // a number, a truth, or which of `texts`
    instant,  // as a date
    judged,   // whether `node`'s clause passes: contains, starts
  } kind = plain;
  PurposeBit purpose = 0;
  Name trait = no_name;
  std::vector<std::string> texts;  // literals of plain tests
  const BoundNode* node = nullptr;
};

struct Op {
  BoundKind kind = BoundKind::all;  // all, any, negation; trait stands for "an atom"
  std::uint32_t at = 0;             // first child, or the atom
  std::uint32_t count = 0;
};

struct Program {
  SegmentIndex segment = 0;
  std::vector<Op> ops;  // ops[0] is the root
  std::vector<AtomIndex> atoms;
  std::vector<GroupIndex> groups;  // any of them makes it live
};

/// An atom in a group, and the group's segments that ask it.
struct Use {
  AtomIndex atom = 0;
  std::vector<Rank> segments;
};
struct StreamUse {
  std::uint32_t stream = 0;
  std::vector<Use> atoms;
};
struct Group {
  std::vector<Rank> segments;                                // ascending
  std::unordered_map<Name, std::vector<StreamUse>> streams;  // by event
  std::unordered_map<std::uint32_t, std::vector<Use>> slots;
  std::unordered_map<Name, std::vector<AtomIndex>>
      slow;  // by event; each atom under every name it looks at
  std::vector<AtomIndex> slow_all;
  std::unordered_map<std::uint32_t, std::pair<Name, std::uint32_t>>
      where;  // stream → its place in `streams`
};

struct Guard {
  std::uint32_t slot = 0;
  std::vector<std::pair<Value, GroupIndex>> values;  // small; looked up when a trait changes
  std::unordered_map<std::string, GroupIndex> by_text;
};

struct Plan {
  std::vector<Atom> atoms;
  std::vector<Stream> streams;
  std::vector<Slot> slots;
  std::unordered_map<Name, std::vector<std::uint32_t>> slots_by_trait;
  std::vector<Program> programs;            // by rank
  std::vector<Rank> rank_of;                // by segment
  std::vector<std::vector<Rank>> asked_by;  // by rank: segments that ask about this one
  std::vector<Group> groups;                // groups[0]: no guard
  std::vector<Guard> guards;
  std::uint64_t kinds_used = 0;
};

std::shared_ptr<const Plan> make_plan(const Definitions& definitions);

}  // namespace hospes::segment
