// A stretch of the log as rows of the lake: each event once, with what may stand there of it.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "log/log.h"
#include "model/event.h"
#include "seal/keys.h"

namespace hospes::lake {

/// Messages that the lake holds, by half of their hash, for the 35 days within which one may come again (design.md rule
/// 9): 13 B each. Two of ten million share one in 370,000 houses, which then lacks a row.
using Held = boost::unordered_flat_set<std::uint64_t>;

struct EventRow {
  std::string day;    // of receipt, UTC
  std::string event;
  std::uint64_t message = 0;
  std::int64_t identity = 0;  // number_of its owner atom
  Instant happened, received;
  std::string_view type;
  std::string source;
  Mask purposes = 0;  // as stamped at the door
  std::string opened;  // [{'purpose': 3, 'by': 123}]: which standing yes opened them, as a list of DuckDB's
  bool simulated = false;
  std::optional<Decimal> value;  // total, else revenue, else value
  std::string currency;
  std::string properties;  // a JSON object
};

struct Cut {
  Position after, upto;
  std::vector<EventRow> events;  // in the order of the log
  std::uint64_t records = 0;
  std::uint64_t withheld = 0;  // properties that may not stand here
  bool full = false;           // there is more behind it
};

struct CutDoors {
  log::Log& log;
  seal::KeyStore& keys;
  Names& names;
  const catalog::Catalog& catalog;
};

inline constexpr std::size_t cut_records_max = 20'000;
inline constexpr std::size_t cut_bytes_max = std::size_t{16} << 20;  // of the log

/// What follows `after`, at most the bounds above, and not beyond `planned`. Adds the messages it takes to `held`.
Result<Cut> read_cut(const CutDoors& doors, Position after, std::optional<Position> planned, Held& held);
/// The cut came to nothing: its messages are not held.
void give_back(const Cut& cut, Held& held);

}  // namespace hospes::lake
