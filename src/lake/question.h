// A question to the lake in SQL, for one purpose. It reads views, and a view shows of each event and person what that
// purpose may see at the moment of asking: the answers of people come with the question, not from the files.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/retention.h"
#include "consent/ledger.h"
#include "lake/duck.h"
#include "lake/lake.h"

namespace hospes::lake {

/// An identifier of a person of the live reading, whose events the purpose may see from `closed_through` on.
struct Known {
  std::int64_t identity = 0;   // number_of the identifier's atom
  std::int64_t person = 0;     // number_of their eldest one
  std::int64_t component = 0;  // of evidence: an opener counts within it
  std::optional<Instant> closed_through;  // nothing that started up to here is seen
  Instant since;                          // when they were first seen
  bool simulated = false;
};

/// A standing yes: what rests on it is seen if it covers [start, now].
struct Yes {
  std::int64_t identity = 0, component = 0;
  Instant begin, end;
};

struct Member {
  std::int64_t person = 0;
  std::string segment;
};

/// What the house knows now, as far as one purpose may.
struct Live {
  PurposeBit purpose = 0;
  bool heedless = false;  // contract and duty, which no answer closes
  Instant now;
  std::vector<Known> known;
  std::vector<Yes> yeses;
  std::vector<Member> members;
  const catalog::Retention* retention = nullptr;  // the schedules of the house; outlives the question
};

/// As consent::Lens: the answers against of a person's atoms, and of those firmly tied to them. Nothing: nobody ever said
/// no; never(): a no is in force.
std::optional<Instant> closed_through(std::span<const consent::Ledger* const> person, PurposeBit purpose);
/// The standing yes of one atom's ledger; its numbers are to be filled in.
std::optional<Yes> yes_of(const consent::Ledger& ledger, PurposeBit purpose);

/// The tables that a question may name, and their columns: `events`, `people`, `memberships`.
struct View {
  std::string_view name;
  std::vector<Column> columns;
};
const std::vector<View>& views();

/// One SELECT that names nothing but the views: which of them. invalid_input says what to write instead. Functions that
/// read files, settings or further SQL are refused whatever their spelling, for it is the parsed question that is read.
Result<std::vector<std::string>> tables_of(Duck& duck, const std::string& sql);

struct Asking {
  std::string sql;
  std::size_t rows_max = 100'000;
};
inline constexpr std::size_t sql_bytes_max = 64 << 10;

/// The answer. over_limit when memory or the time of `watch` runs out. Blocks; takes one thread.
Result<Table> ask(const Lake& lake, const Live& live, const Asking& asking, Duck& duck, const Watch& watch);

}  // namespace hospes::lake
