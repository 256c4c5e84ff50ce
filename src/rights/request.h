// One exercised right of one person: what was asked, by whom, until when it must be answered, and
// where it stands. docs/rights.md. States and refusals as the Data Rights Protocol 1.0 names them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"

namespace hospes::rights {

/// Stored: values never change.
enum class Right : std::uint8_t {
  access,       // GDPR art. 15
  correction,   // 16
  erasure,      // 17
  restriction,  // 18
  portability,  // 20
  objection,    // 21
  withdrawal,   // 7(3)
};
inline constexpr std::size_t rights = 7;

struct RightRow {
  Right right = Right::access;
  std::string_view name;
  unsigned article = 15;
  bool stops = false;  // it stops the house: nobody but the person may end it
  std::string_view en, fr;
};
std::span<const RightRow, rights> table();
const RightRow& row_of(Right right);
std::optional<Right> find(std::string_view name);
inline std::string_view to_string(Right right) { return row_of(right).name; }

/// Stored: values never change.
enum class State : std::uint8_t {
  open,       // of an erasure: it counts down
  extended,   // by up to two further months, with a reason (art. 12(3))
  fulfilled,  // of a restriction: it is in force
  denied,     // with a reason (art. 12(4))
  revoked,    // by the person
};
std::string_view to_string(State state);
constexpr bool is_open(State state) { return state <= State::extended; }

/// Who said the last word. Stored; as record::Ruled.
enum class By : std::uint8_t { session, token, guest };
std::string_view to_string(By by);

struct Request {
  Hash128 id;
  Right right = Right::access;
  State state = State::open;
  By by = By::guest;
  Instant made;
  Instant deadline;                  // art. 12(3)
  Instant ends = Instant::never();   // of an erasure: when the countdown is over
  Instant changed;                   // the last word
  std::string what;                  // a purpose, a trait; empty: all
  std::string reason;                // as staff typed it, the last one; the person reads it
  bool operator==(const Request&) const = default;
};

/// At most so many are kept under one identifier; beyond, those that ended go, the oldest first.
inline constexpr std::size_t kept_max = 64;
inline constexpr std::size_t reason_bytes_max = 300;
inline constexpr Duration countdown_usual = std::chrono::hours(72);  // and the longest

/// One month later, at the same time of day in UTC; on the last day of a month that is too short.
/// (Regulation 1182/71, art. 3(2)(c).)
Instant months_after(Instant at, unsigned months);

/// Whether it keeps everything of its person from every use but storage (art. 18): a restriction
/// in force, and an erasure that counts down.
constexpr bool halts(const Request& r) {
  return (r.right == Right::restriction && r.state == State::fulfilled) ||
         (r.right == Right::erasure && is_open(r.state));
}
bool halts(std::span<const Request> requests);

/// Whether that may be said of a request at all, whoever says it: only the person revokes, only an
/// answer may be denied, what is stopped is not answered by staff.
bool may_be(const Request& request);

/// Puts it in its place by `made`; of two words about one request the later counts, of words of one
/// instant the further. Words that may not be said change nothing. False: nothing changed.
bool put(std::vector<Request>& requests, Request said);

/// request = id:16 right:u8 state:u8 by:u8 made:i64 deadline:i64 ends:i64 changed:i64 what:text
/// reason:text; a list is version:u8 n × request.
std::string form_of(const Request& request);
bool read_request(std::string_view form, Request& out);
std::string requests_form(std::span<const Request> requests);
bool read_requests(std::string_view form, std::vector<Request>& out);

}  // namespace hospes::rights
