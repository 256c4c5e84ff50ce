// Kinds of identifier: what a namespace in a URL means, which kind is strongest, how many a person
// may have, how a value is made comparable; the usual ones, and those of the house (identifiers.toml,
// docs/adr/0010). Order numbers are not here: a hundred orders must not
// make a component of a hundred atoms; the table of events says which property is such a reference.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace hospes::catalog {

/// Rows keep their KindId for ever: it is stored with every atom.
namespace kind {
inline constexpr KindId user_id = 0;
inline constexpr KindId email = 1;
inline constexpr KindId phone = 2;
inline constexpr KindId card = 3;
inline constexpr KindId external_id = 4;
inline constexpr KindId device_id = 5;
inline constexpr KindId push_token = 6;
inline constexpr KindId anonymous_id = 7;
}  // namespace kind

inline constexpr std::uint32_t no_limit = ~std::uint32_t{0};
inline constexpr std::size_t identifier_bytes_max = 512;  // design rule 19

/// How a value is made comparable.
enum class Normal : std::uint8_t { as_is, lower, upper, digits, card, email, phone, sha256 };

struct Kind {
  KindId id = 0;
  std::string_view name;  // as in /v1/profiles/{name}:{value}
  std::uint8_t priority =
      0;  // 0 is strongest: it owns the event and leads among edges of one grade
  std::uint32_t per_person =
      0;                   // how many of this kind one person may have; `no_limit` for devices
  bool is_device = false;  // may turn out to be shared by several people (design rule 5)
  std::string_view title_en;
  std::string_view title_fr;
  Normal normal = Normal::as_is;
  std::span<const std::string> never = {};  // canonical values that join nobody
};

/// One rule of identifiers.toml: of a usual kind how many and what never joins, of one of the house's own all of it.
struct KindRule {
  std::string name;
  bool own = false;
  std::uint8_t priority = 4;
  std::uint32_t per_person = 0;
  bool is_device = false;
  std::string title_en, title_fr;
  Normal normal = Normal::as_is;
  std::vector<std::string> never = {};  // canonical
  bool operator==(const KindRule&) const = default;
};
struct KindRules {
  std::vector<KindRule> rows;
  std::uint32_t quarantine_above = 16;  // atoms of the strongest kind that name one value
  bool operator==(const KindRules&) const = default;

  /// What decides who is who, one line a rule: fixed when a house is made, but for kinds that are added behind.
  std::string fixed() const;
};
inline constexpr KindId own_kinds_begin = 32;  // below are the usual ones; a mask of kinds has 64 bits
inline constexpr std::size_t own_kinds_max = 32;

/// Adds a row. invalid_input for a name that is no slug or there already, a usual kind's priority, 33 own kinds, a value
/// to refuse that its kind does not read.
Status add(KindRules& rules, KindRule rule);
/// These are the kinds of this process from now on: before anything of a house is read, and once.
void use(const KindRules& rules);
std::uint32_t quarantine_above();
std::optional<Normal> normal_named(std::string_view name);

/// All kinds, the usual ones first, by id.
std::span<const Kind> kinds();
/// nullptr when a stored id is from a newer hospes.
const Kind* find_kind(KindId id);
/// By name as in URLs; nullptr when nobody knows it.
const Kind* find_kind(std::string_view name);
/// not_found, with the nearest known name.
Result<KindId> kind_named(std::string_view name);
/// 0 is strongest; an unknown kind is weakest of all.
std::uint8_t priority_of(KindId id);

/// The canonical form of a value, so that two spellings are one atom:
///   all        surrounding white space dropped
///   email      lower case; one @, a local part of 1-64 bytes, a domain with a dot; 254 bytes in
///   all phone      digits, with the leading + kept; a leading 00 becomes +; spaces . - / ( )
///   dropped; 6 to 15 digits. A number
///              without + stays national: it is never guessed into an international one
///   card       spaces and - dropped, upper case
///   email_sha256, phone_sha256   64 hex digits, lower case
///   others     as they are, case kept; of the house's own as its rule says (`digits`: all else dropped)
/// Refused (invalid_input, the value never quoted): empty, longer than 512 bytes, control
/// characters, not UTF-8, and what programs send when they mean nobody (`null`, `undefined`,
/// `0000`, `[object Object]`, …), test addresses and those nobody reads (`test@test.com`,
/// `noreply@…`), the hash of nothing, what the house's rule says never joins: one such value would weld
/// thousands of strangers together.
Result<std::string> normalise(KindId kind, std::string_view value);

/// `email:a@b.example` as in URLs, normalised. Splits at the first colon.
Result<Identifier> parse_identifier(std::string_view text);

}  // namespace hospes::catalog
