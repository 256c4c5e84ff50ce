#include "catalog/house.h"

#include <algorithm>

#include "base/nearest.h"
#include "catalog/house_tables.h"

namespace hospes::catalog {
namespace {

constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t languages_max = 16;

bool is_language(std::string_view code) {
  return code.size() == 2 && std::ranges::all_of(code, [](char c) { return c >= 'a' && c <= 'z'; });
}

Status check_languages(const House& house) {
  if (house.languages.empty() || house.languages.size() > languages_max) {
    return fail(Code::invalid_input, "languages needs 1 to 16 codes, the default first");
  }
  for (const std::string& code : house.languages) {
    if (!is_language(code)) {
      return fail(
          Code::invalid_input,
          "languages: \"" + code.substr(0, 16) + "\" is no two-letter code such as fr or en"
      );
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(Weekday day) {
  constexpr std::array<std::string_view, 7> names = {"monday", "tuesday",  "wednesday", "thursday",
                                                     "friday", "saturday", "sunday"};
  return names[static_cast<std::size_t>(day)];
}

bool is_time_zone(std::string_view name) { return std::ranges::binary_search(zone_names, name); }

bool is_currency(std::string_view code) { return std::ranges::binary_search(currency_codes, code); }

Status check_house(const House& house) {
  if (house.name.empty() || house.name.size() > name_bytes_max) {
    return fail(Code::invalid_input, "name needs 1 to 128 bytes");
  }
  if (!is_time_zone(house.time_zone)) {
    return fail(
        Code::invalid_input, "unknown time_zone \"" + house.time_zone.substr(0, 64) + "\"" +
                                 nearest_hint(house.time_zone, zone_names) +
                                 " (IANA names, such as Europe/Paris)"
    );
  }
  if (!is_currency(house.currency)) {
    return fail(
        Code::invalid_input, "unknown currency \"" + house.currency.substr(0, 16) + "\"" +
                                 nearest_hint(house.currency, currency_codes) +
                                 " (ISO 4217, such as EUR)"
    );
  }
  if (house.partitions == 0 || house.partitions > slots || slots % house.partitions != 0) {
    return fail(Code::invalid_input, "partitions must divide 4096: 1, 2, 4, … 64 is the default");
  }
  return check_languages(house);
}

}  // namespace hospes::catalog
