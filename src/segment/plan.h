// Definitions made ready for the engine. Each leaf is kept once, as an atom. Each segment is filed
// under its guards: equalities on one trait without which its predicate is false (access
// predicates). A group holds the segments of one guard, with everything they look at in dense local
// arrays; a person is looked at only through the groups whose guards hold for them. Private to the
// room.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "segment/cell.h"
#include "segment/evaluate.h"

namespace hospes::segment {

using AtomIndex = std::uint32_t;
using Rank = std::uint32_t;  // place of a segment in Definitions::order()
using GroupIndex = std::uint32_t;
using Local = std::uint32_t;  // place within a group
using Literal = std::uint32_t;
inline constexpr Literal no_literal = 0;  // a text that no definition names
inline constexpr std::uint32_t nothing = ~std::uint32_t{0};

enum class AtomKind : std::uint8_t {
  constant,
  trait,       // a stored trait passes a test
  identifier,  // the person has one of that kind
  // The above change only when a trait does or with a rebuild: a page keeps them as bits.
  count,   // k or more in (now − from, now]
  offset,  // k or more in (now − from, now − to]
  sum,     // amounts in (now − from, now] reach x
  age,     // the latest or earliest instant lies in (now − from, now − to]
  // The above look at a cell.
  date,    // a stored instant passes a date test
  member,  // of another segment
  slow,    // only the evaluator knows; an event it looks at asks for a rebuild
};
constexpr bool is_static(AtomKind kind) { return kind <= AtomKind::identifier; }
constexpr bool has_cell(AtomKind kind) { return kind >= AtomKind::count && kind <= AtomKind::age; }

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
  std::vector<const BoundNamed*> looks;  // slow: an event that one of them selects
  bool heeds_identify = false;           // slow: or any identify
};

/// One stream: what a cell is about.
struct Stream {
  PurposeBit purpose = 0;
  BoundNamed select;
  Name property = no_name;  // of the amounts
  KeepRule rule;
};

/// A property that some definition looks at, and the texts it is compared with.
struct Field {
  Name name = no_name;
  std::vector<std::uint32_t> slots;  // that store it as a trait
  std::vector<std::string> texts{""};
  struct Hash {
    using is_transparent = void;
    /// Of our own literals only: nobody can choose what collides here.
    std::size_t operator()(std::string_view s) const {
      std::uint64_t h = s.size();
      for (; !s.empty(); s.remove_prefix(std::min<std::size_t>(s.size(), 8))) {
        std::uint64_t word = 0;
        std::memcpy(&word, s.data(), std::min<std::size_t>(s.size(), 8));
        h = (h ^ word) * 0x9e3779b97f4a7c15;
        h ^= h >> 32;
      }
      return h;
    }
  };
  boost::unordered_flat_map<std::string, Literal, Hash, std::equal_to<>> literals;

  Literal literal(std::string_view text) const {
    const auto at = literals.find(text);
    return at == literals.end() ? no_literal : at->second;
  }
};

/// What a page stores of one trait, as one purpose sees it.
struct Slot {
  enum Kind : std::uint8_t {
    plain,    // a number, a truth, or which literal
    instant,  // as a date
    judged,   // whether `node`'s clause passes: contains, starts
  } kind = plain;
  PurposeBit purpose = 0;
  std::uint32_t field = 0;
  const BoundNode* node = nullptr;
};

struct Op {
  BoundKind kind = BoundKind::all;  // all, any, negation; trait stands for "an atom"
  std::uint32_t at = 0;             // first child, or the atom
  std::uint32_t count = 0;
};

/// A segment's predicate, cheapest tests first.
struct Program {
  SegmentIndex segment = 0;
  std::vector<Op> ops;                                    // ops[0] is the root
  std::vector<std::pair<AtomIndex, std::uint8_t>> atoms;  // each once, with its polarity
  std::vector<GroupIndex> groups;                         // any of them makes it live
};

enum Polarity : std::uint8_t { helps = 1, hurts = 2 };

struct Ask {
  Local program = 0;
  std::uint8_t polarity = 0;
};
/// An atom with what the engine asks of it most, in one cache line.
struct LocalAtom {
  AtomKind kind = AtomKind::constant;
  bool earliest = false;
  bool of_nothing = false;  // what it says of a stream without events
  std::uint16_t k = 1;
  AtomIndex atom = 0;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  Local stream = nothing;
  std::uint32_t asks = 0, asks_end = 0;  // in Group::asks
};
struct LocalStream {
  KeepRule rule;
  Name property = no_name;
  Local atoms = 0, atoms_end = 0;
  PurposeBit purpose = 0;
  std::uint32_t stream = 0;
};
struct LocalProgram {
  Rank rank = 0;
  SegmentIndex segment = 0;
  std::uint32_t root = 0;                  // in Group::ops, whose atoms are local
  std::uint32_t timed = 0, timed_end = 0;  // in Group::timed: its atoms that time can turn
};

/// The streams of one event in one group, filed by what is quickest to look up. `verify`: more
/// clauses must hold than the one it is filed under.
struct EventUse {
  struct Filed {
    std::uint32_t field = 0;
    std::int64_t key = 0;  // a literal, or the smallest number that passes
    Local stream = 0;
    bool verify = false;
  };
  Name event = no_name;
  std::vector<Local> plain;   // every such event
  std::vector<Filed> equal;   // by (field, literal)
  std::vector<Filed> above;   // by (field, number)
  std::vector<Local> others;  // to be verified
};

struct Group {
  // Where a page's bits begin: streams at 0, then these.
  std::uint32_t statics_at = 0, open_at = 0, in_at = 0, words = 0;
  Local statics = 0;
  std::vector<LocalProgram> programs;  // ascending by rank
  std::vector<LocalAtom> atoms;        // static ones first, then by stream, then the others
  std::vector<LocalStream> streams;
  std::vector<Ask> asks;
  std::vector<Op> ops;
  std::vector<std::pair<Local, std::uint8_t>> timed;     // with polarity
  std::vector<EventUse> events;                          // few
  std::vector<std::pair<std::uint32_t, Local>> by_slot;  // trait and date atoms, ascending
  std::vector<Local> dates;
  std::vector<std::pair<Name, AtomIndex>> slow;  // each under every event it looks at, if any; ascending

  // Somebody of whom nothing is known, from whom a page is made: most people differ from them in a few tests only.
  std::vector<std::uint64_t> at_rest;  // the page's bits; a member of nothing
  std::vector<Local> suspects;         // programs that may be true of them all the same, ascending
  std::vector<Local> identifiers;      // atoms of AtomKind::identifier
};

struct Guard {
  struct Entry {
    ValueKind kind = ValueKind::null;
    std::int64_t payload = 0;
    GroupIndex group = 0;
  };
  std::uint32_t slot = 0;
  std::vector<Entry> entries;  // ascending by (kind, payload)
};

struct Plan {
  std::vector<Atom> atoms;
  std::vector<Stream> streams;
  std::vector<Field> fields;
  std::vector<std::uint16_t> field_of_name;  // 1 + field; 0: none
  std::vector<Slot> slots;
  std::vector<Program> programs;            // by rank
  std::vector<Rank> rank_of;                // by segment
  std::vector<std::vector<Rank>> asked_by;  // by rank: segments that ask about this one
  std::vector<Group> groups;                // groups[0]: no guard
  std::vector<Guard> guards;
  std::uint64_t kinds_used = 0;

  /// Null when no definition looks at it.
  const Field* field(Name name) const {
    if (name >= field_of_name.size() || field_of_name[name] == 0) return nullptr;
    return &fields[field_of_name[name] - 1U];
  }
};

std::shared_ptr<const Plan> make_plan(const Definitions& definitions);
/// Fills the groups, once programs, guards and fields are there (plan_groups.cc).
void fill_groups(Plan& plan);

}  // namespace hospes::segment
