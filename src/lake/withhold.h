// What of an event may stand in the lake. Direct identifiers may not, in no spelling: a field passes when somebody
// catalogued it, its name is not that of an identifier, and its text hides none.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "model/event.h"
#include "seal/keys.h"

namespace hospes::lake {

/// The ways in which an identifier may be written into a text: raw, percent, hex, base64 (also of URLs), MD5, SHA-1,
/// SHA-256. Lower case, but for base64.
struct Spellings {
  std::string plain;                // equal to the whole text: withheld
  std::vector<std::string> inside;  // anywhere in the text without case: withheld
  std::vector<std::string> exact;   // anywhere in the text, case counts
};
Spellings spellings_of(std::string_view identifier);

/// Whether the text bears an address, a telephone number or a card's, plainly or behind one of these spellings. `is_id`:
/// the field names a thing (sku, order_id), so that bare digits say nothing.
bool hides_identifier(std::string_view text, bool is_id);

/// For one cut: remembers the spellings of who was met in it.
class Withhold {
 public:
  static constexpr std::size_t text_bytes_max = 1'024;  // of one value; longer ones are withheld

  Withhold(const catalog::Catalog& catalog, const Names& names, seal::KeyStore& keys)
      : catalog_(catalog), names_(names), keys_(keys) {}

  /// The event's name, or "Withheld" when it is not catalogued and hides something.
  std::string name(const Event& event) const;
  /// `{"sku":"A-1","total":12.5}`: what passes, as JSON. Counts what does not.
  std::string properties(const Event& event);
  std::uint64_t withheld() const { return withheld_; }

 private:
  bool passes(std::string_view name, const catalog::EventRow& row, EventType type) const;
  bool passes(std::string_view text, bool is_id, const std::vector<const Spellings*>& whose) const;
  std::optional<std::string> value(
      const catalog::PropertyRow& field, const ValueView& value, const std::vector<const Spellings*>& whose
  ) const;
  std::vector<const Spellings*> spellings(const Event& event);

  const catalog::Catalog& catalog_;
  const Names& names_;
  seal::KeyStore& keys_;
  boost::unordered_flat_map<AtomId, std::unique_ptr<Spellings>, HashOfAtom> known_;
  std::uint64_t withheld_ = 0;
};

}  // namespace hospes::lake
