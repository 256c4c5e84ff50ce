// Catalogued event types: what each means, its properties, and which purposes of contract, duty or
// interest it may serve. An event that nobody catalogued may still serve purposes opened by
// consent.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/purposes.h"

namespace hospes::catalog {

enum class PropertyType : std::uint8_t { text, number, boolean, instant, list, money };
std::string_view to_string(PropertyType type);
std::optional<PropertyType> parse_property_type(std::string_view text);

struct PropertyRow {
  std::string name;  // dotted for what is nested: `product.sku`
  PropertyType type = PropertyType::text;
  /// A number by which one asks for this event again (an order number): it is indexed, but joins
  /// nobody.
  bool reference = false;
};

struct EventRow {
  std::string name;   // "Order Completed"; empty: nobody catalogued it
  std::string owner;  // who answers for its meaning
  std::string means_en;
  std::string means_fr;
  Mask serves = 0;  // of the `catalogued_only` purposes, those it may serve
  std::vector<PropertyRow> properties;

  bool catalogued() const { return !name.empty(); }
  /// nullptr: not a catalogued field, so no purpose of contract, duty or interest may see it.
  const PropertyRow* property(std::string_view property_name) const;
};

/// A value; read-only once the house is open. Names are compared exactly, case included.
class Events {
 public:
  static constexpr std::size_t events_max = 4'096;
  static constexpr std::size_t properties_max = 300;  // design rule 19

  /// The usual e-commerce names of the Segment specification, with the purposes of the FR/EU pack.
  static Events usual(const Purposes& purposes);

  /// Adds, or replaces the row of that name. invalid_input when a purpose needs no catalogue;
  /// over_limit.
  Status put(EventRow row, const Purposes& purposes);

  /// The row, or the empty row. Cost: one look-up.
  const EventRow& row(std::string_view name) const;
  /// not_found, with the nearest known name.
  Result<const EventRow*> named(std::string_view name) const;
  /// By name.
  const std::map<std::string, EventRow, std::less<>>& rows() const { return rows_; }

 private:
  std::map<std::string, EventRow, std::less<>> rows_;
};

}  // namespace hospes::catalog
