// The house's own settings: what a day, a week and an amount mean when nobody says otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace hospes::catalog {

enum class Weekday : std::uint8_t {
  monday,
  tuesday,
  wednesday,
  thursday,
  friday,
  saturday,
  sunday
};
std::string_view to_string(Weekday day);

struct House {
  std::string name = "house";
  std::string time_zone = "Europe/Paris";             // IANA
  std::string currency = "EUR";                       // ISO 4217
  std::vector<std::string> languages = {"fr", "en"};  // ISO 639-1, the first is the default
  Weekday week_start = Weekday::monday;
  unsigned partitions = partitions_default;  // fixed when the house is made
};

/// Each names the key and says what would do; unknown zones and currencies come with the nearest
/// known one.
Status check_house(const House& house);

/// IANA names that this build knows (2025b), canonical ones and links.
bool is_time_zone(std::string_view name);
/// ISO 4217 codes in use.
bool is_currency(std::string_view code);

}  // namespace hospes::catalog
