// What each column of a CSV means, and how its cells are read: guessed from the whole file, changed
// by what somebody said, or asked.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "intake/facts.h"
#include "intake/text_file.h"
#include "table/dates.h"
#include "table/numbers.h"

namespace hospes::intake {

/// What a column becomes.
enum class Part : std::uint8_t {
  user_id,
  anonymous_id,
  email,
  phone,
  card,
  event,
  type,
  timestamp,
  message_id,
  opted_in,   // when somebody said yes
  confirmed,  // when they said it again by the link in a mail
  said_yes,   // whether they did: 1, yes, oui
  proof,      // what shows it: an address, a form, a mail's number
  status,     // subscribed, or a no
  blocked,    // whether they said no: 1, yes, oui
  reason,     // of a no
  context,    // of a warehouse's row
  dropped,
  property
};
/// `userId`, `timestamp`, …; `property`.
std::string_view to_string(Part part);

enum class Reading : std::uint8_t { text, number, date, boolean };

struct Column {
  std::string header;
  Part part = Part::property;
  std::string property;  // its name, when that is what it becomes
  Reading reading = Reading::text;
  table::DecimalSign sign = table::DecimalSign::as_found;
  bool month_first = false;
  std::string currency;  // written beside its numbers
  bool must = false;     // a cell that does not read so refuses its line; else it stays text
  std::string because;   // what in the file says so, for whoever looks
};

/// What each line may be. The last three are lists of those who said no, contact is one of people
/// who said yes to mails: rows of the ledger come of them (`compose_answers.cc`).
inline constexpr std::array<std::string_view, 6> types = {
    "track", "identify", "contact", "unsubscribe", "bounce", "complaint"};
constexpr bool is_no(std::string_view type) {
  return type == "unsubscribe" || type == "bounce" || type == "complaint";
}

/// What the command line says.
struct Wishes {
  std::map<std::string, std::string> columns;  // userId, timestamp, … or a property = header
  std::vector<std::string> text;               // headers to be taken as text
  table::DateOrder dates = table::DateOrder::as_found;
  table::DecimalSign sign = table::DecimalSign::as_found;
  std::string encoding, event, type, zone, at, purpose;
  char separator = 0;  // 0: as found
};

struct Layout {
  std::vector<Column> columns;
  std::string event;    // of every row, when no column says
  std::string type;     // one of `types`, when no column says
  std::string purpose;  // of a yes or no; empty: contact:email, or contact:sms of a phone alone
  std::string zone;   // of times that name none
  std::string at;     // RFC 3339, of every row, when no column says when

  /// For the hash that tells whether two runs mean the same.
  std::string signature() const;
};


/// invalid_input: all questions, one a line.
Result<Layout> lay_out(
    const TableFacts& facts, const Wishes& wishes, const catalog::Catalog& catalog
);

}  // namespace hospes::intake
