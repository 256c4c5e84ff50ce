// A row of cells into one event as the API reads it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "intake/layout.h"
#include "intake/manifest.h"
#include "intake/zone.h"

namespace hospes::intake {

/// Why one line is not sent: a code for programs and a sentence.
struct Unfit {
  std::string code, reason;
};

/// Whether the manifest covers that instant, a day of grace for time zones on either side.
bool covers(const Manifest& manifest, Instant at);
/// The words for a line that it does not cover.
Unfit outside(const Manifest& manifest, Instant at);

class Composer {
 public:
  /// `id_root`: the message ids are this and the line's number.
  Composer(const Layout& layout, const Manifest& manifest, Zone zone, std::string id_root);
  /// Appends one JSON object, or says why not and leaves `out` as it was.
  std::optional<Unfit> row(
      std::span<const std::string_view> cells, std::uint64_t line, std::string& out
  );

 private:
  std::optional<Unfit> read(std::string_view cell, const Column& column, std::string& out);
  std::optional<Unfit> date(
      std::string_view cell, const Column& column, std::string& out, bool day_alone
  );

  const Layout& layout_;
  const Manifest& manifest_;
  Zone zone_;
  std::string id_root_;
  std::string fields_, value_, traits_, external_, when_;  // buffers
};

}  // namespace hospes::intake
