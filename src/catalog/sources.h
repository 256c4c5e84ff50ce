// Where events come from: write keys (only their hashes are kept), who may use them from which
// origin, and what a source's word is worth. "Who may say what" of the law in consent/ starts here.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/purposes.h"

namespace hospes::catalog {

/// A public key sits in a page for everyone to read; a server key is a secret.
enum class KeyUse : std::uint8_t { public_key, server_key };
std::string_view to_string(KeyUse use);

/// What a server key may do besides sending events. A public key may do none of it.
enum class Scope : std::uint8_t {
  consent,  // record people's answers, and open purposes by an event's own word
  attest,   // its word that a login is somebody's counts as proved by the house
  decide    // be told by /v1/decide what no page is: why, and what is not public
};
inline constexpr std::array scopes = {Scope::consent, Scope::attest, Scope::decide};
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);
using Scopes = std::uint8_t;  // bit of each
constexpr Scopes scope_bit(Scope scope) { return static_cast<Scopes>(1u << static_cast<unsigned>(scope)); }
inline constexpr Scopes every_scope = 7;

using KeyHash = std::array<unsigned char, 32>;
/// SHA-256 of a write key. Keys are long and random, so neither salt nor stretching is needed.
KeyHash hash_key(std::string_view write_key);
std::string to_hex(const KeyHash& hash);
std::optional<KeyHash> parse_key_hash(std::string_view hex);

struct WriteKey {
  KeyHash hash{};
  KeyUse use = KeyUse::public_key;
  std::string label;  // what an error may show; never the key
  bool enabled = true;
  Scopes scopes = every_scope;  // of a server key
  Instant until = Instant::never();  // it is taken before then: two keys overlap while one follows another
  bool operator==(const WriteKey&) const = default;
};

/// The consent tool whose word a source trusts for its anonymous visitors, and the notice it shows
/// them.
struct ConsentTool {
  std::string name;
  std::string notice_id;
  std::string notice_version;
  std::string notice_lang;
  bool operator==(const ConsentTool&) const = default;
};

/// The visitor's anonymous id as a cookie that our answers set, for pages below one domain: docs/sources.md.
struct IdCookie {
  std::string name;    // by which the page's own library reads it
  std::string domain;  // registrable; host and page are it or stand below it
  PurposeBit purpose = 0;  // on the device, by consent: without a yes it is not set, after a no it is ended
  std::uint16_t days = days_usual;

  static constexpr std::uint16_t days_usual = 365;
  static constexpr std::uint16_t days_max = 395;  // thirteen months (CNIL guidelines on trackers, 2020-09-17)
  /// Whether that host is the domain or stands below it; a port is passed over.
  bool covers(std::string_view host) const;
  bool operator==(const IdCookie&) const = default;
};

/// What happens to an event or property that the catalogue does not know, or knows otherwise.
enum class CatalogueMode : std::uint8_t {
  learn,  // it is taken as it comes; a change of what was heard before is told
  warn,   // it is taken, and told
  strict  // it is refused, and told
};
std::string_view to_string(CatalogueMode mode);
std::optional<CatalogueMode> parse_catalogue_mode(std::string_view text);

struct Source {
  std::string name;
  bool enabled = true;
  bool simulated = false;  // its people are invented: every event bears the badge
  std::vector<WriteKey> keys;
  std::vector<std::string>
      origins;  // `https://shop.example`; `*` for any; none: no browser may send
  /// The consent tool's category → purposes. A category named like a purpose means it, unless it
  /// stands here.
  std::map<std::string, Mask, std::less<>> categories;
  std::optional<ConsentTool> trusted;
  std::optional<IdCookie> id_cookie;
  /// Purposes of interest that its catalogued events serve without an answer. Never consent: unset
  /// is no.
  Mask without_answer = 0;
  std::uint32_t events_per_s_max = 50'000;
  CatalogueMode mode = CatalogueMode::learn;

  /// Whether a browser page of that origin may send here.
  bool admits(std::string_view origin) const;
  /// Purposes that a category of its consent tool speaks of; 0 when it means nothing here.
  Mask category(std::string_view name, const Purposes& purposes) const;
  bool operator==(const Source&) const = default;
};

struct KeyMatch {
  const Source* source = nullptr;  // lives as long as the Sources
  KeyUse use = KeyUse::public_key;
  const WriteKey* key = nullptr;  // the same
  bool may(Scope scope) const {
    return use == KeyUse::server_key && (key->scopes & scope_bit(scope)) != 0;
  }
};

/// A value; read-only once the house is open.
class Sources {
 public:
  static constexpr std::size_t sources_max = 1'024;
  static constexpr std::size_t keys_max = 4'096;

  /// conflict when the name or a key is taken, over_limit.
  Status add(Source source);

  /// Who a presented key is. not_found when nobody knows it; invalid_input when it, or its source,
  /// is switched off, or it has ended. The comparison takes the same time for every key: what is compared is a hash
  /// that a caller cannot steer.
  Result<KeyMatch> by_key(std::string_view write_key, Instant now) const;
  /// The same for a caller who also says which source it is: conflict when the key belongs to
  /// another one.
  Result<KeyMatch> by_key(
      std::string_view write_key, std::string_view source_name, Instant now
  ) const;
  /// nullptr when there is none.
  const Source* find(std::string_view name) const;
  /// not_found, with the nearest known name.
  Result<const Source*> named(std::string_view name) const;
  /// By name.
  const std::map<std::string, Source, std::less<>>& rows() const { return rows_; }

 private:
  struct KeyPlace {
    std::string source;
    std::size_t index = 0;
  };
  std::map<std::string, Source, std::less<>> rows_;
  std::map<KeyHash, KeyPlace> keys_;
};

}  // namespace hospes::catalog
