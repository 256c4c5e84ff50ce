// The guest's languages: which one, and dates, numbers and names of purposes as it writes them.
// French puts a narrow no-break space before ; ! ? % and between thousands.
#pragma once

#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"
#include "catalog/purposes.h"
#include "consent/ledger.h"
#include "zones/zones.h"

namespace hospes::guest {

class Words {
 public:
  /// `zone`: of the house. `code` as in the address: `fr`, else English.
  Words(std::string_view code, const zones::Zone& zone) : french_(code == "fr"), zone_(&zone) {}

  bool french() const { return french_; }
  std::string_view code() const { return french_ ? "fr" : "en"; }
  std::string_view say(std::string_view en, std::string_view fr) const { return french_ ? fr : en; }

  /// `3 novembre 2026`, `3 November 2026`.
  std::string date(Instant at) const;
  /// The same with the time of day: `20 h 44`, `20:44`.
  std::string moment(Instant at) const;
  /// `1 234,5`, `1,234.5`; `places` after the point at least, and no more than there are.
  std::string number(Decimal value, unsigned places = 0) const;
  std::string count(std::uint64_t n) const;
  /// `402,79 $`, `$402.79`; a currency without a sign of its own by its code.
  std::string money(Decimal value, std::string_view currency) const;

  /// What a purpose does for the guest, in their words.
  std::string purpose(const catalog::Purpose& purpose) const;
  /// Where an answer stands: `Yes, since 3 November 2026`.
  std::string standing(
      const catalog::Purpose& purpose, std::optional<consent::Answer> answer, Instant since
  ) const;
  /// Of one kind of identifier.
  std::string kind(KindId kind) const;

 private:
  std::string grouped(std::string digits) const;

  bool french_;
  const zones::Zone* zone_;
};

/// The one of `fr` and `en` that the request prefers (Accept-Language, RFC 9110 section 12.5.4);
/// `usual` when it names neither.
std::string_view preferred(std::string_view accept_language, std::string_view usual);

}  // namespace hospes::guest
