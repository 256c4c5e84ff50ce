// A row of cells into one event as the API reads it, or into an event and a row of the ledger.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "intake/layout.h"
#include "intake/manifest.h"
#include "zones/zones.h"

namespace hospes::intake {

/// Why one line is not sent: a code for programs and a sentence.
struct Unfit {
  std::string code, reason;
};

/// Whether the manifest covers that instant, a day of grace for time zones on either side.
bool covers(const Manifest& manifest, Instant at);
/// The words for a line that it does not cover.
Unfit outside(const Manifest& manifest, Instant at);

/// Appends `"key":json` to the members of an object.
void put(std::string& members, std::string_view key, std::string_view json);

class Composer {
 public:
  /// `id_root`: the message ids are this and the line's number.
  Composer(const Layout& layout, const Manifest& manifest, const zones::Zone& zone, std::string id_root);
  /// Appends JSON objects with commas between and counts them in `items`, or says what could not be
  /// made. Of a contact without a proven yes the person is there and the yes is unfit.
  std::optional<Unfit> row(
      std::span<const std::string_view> cells, std::uint64_t line, std::string& out,
      std::size_t& items
  );

 private:
  /// One row, taken apart.
  struct Parts {
    std::string_view user_id, anonymous_id, email, phone, card, event, type, id;
    std::string_view said_yes, status, blocked;
    bool has_said_yes = false;
    std::string when, opted_in, confirmed, proof, reason;
    std::string fields, context;  // members of JSON objects
  };
  std::optional<Unfit> take_apart(std::span<const std::string_view> cells, Parts& out);
  std::optional<Unfit> take(std::string_view cell, const Column& column, Parts& out);
  std::optional<Unfit> check_time(const std::string& when) const;
  std::string event_of(const Parts& parts, std::uint64_t line) const;
  std::optional<Unfit> yes_of(const Parts& parts, std::uint64_t line, std::string& out) const;
  std::string no_of(const Parts& parts, std::uint64_t line) const;
  std::string answer(
      const Parts& parts, std::string_view state, std::string_view happened, std::string_view proof,
      std::uint64_t line
  ) const;

  std::optional<Unfit> read(std::string_view cell, const Column& column, std::string& out);
  std::optional<Unfit> date(
      std::string_view cell, const Column& column, std::string& out, bool day_alone
  );

  const Layout& layout_;
  const Manifest& manifest_;
  const zones::Zone& zone_;
  std::string id_root_;
  std::string value_;  // a buffer
};

}  // namespace hospes::intake
