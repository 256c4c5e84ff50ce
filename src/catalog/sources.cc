#include "catalog/sources.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/nearest.h"
#include "digest/digest.h"

namespace hospes::catalog {
namespace {

constexpr std::size_t write_key_bytes_max = 512;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::vector<std::string_view> names_of(const std::map<std::string, Source, std::less<>>& rows) {
  std::vector<std::string_view> out;
  for (const auto& [name, source] : rows) out.push_back(name);
  return out;
}

}  // namespace

std::string_view to_string(CatalogueMode mode) {
  constexpr std::string_view names[] = {"learn", "warn", "strict"};
  return names[static_cast<std::size_t>(mode)];
}

std::optional<CatalogueMode> parse_catalogue_mode(std::string_view text) {
  for (const auto mode : {CatalogueMode::learn, CatalogueMode::warn, CatalogueMode::strict})
    if (text == to_string(mode)) return mode;
  return std::nullopt;
}

std::string_view to_string(Scope scope) {
  constexpr std::string_view names[] = {"consent", "attest", "decide"};
  return names[static_cast<std::size_t>(scope)];
}

std::optional<Scope> parse_scope(std::string_view text) {
  for (const Scope scope : scopes)
    if (text == to_string(scope)) return scope;
  return std::nullopt;
}

std::string_view to_string(KeyUse use) { return use == KeyUse::public_key ? "public" : "server"; }

KeyHash hash_key(std::string_view write_key) { return sha256(write_key); }

std::string to_hex(const KeyHash& hash) { return hex(view_of(hash)); }

std::optional<KeyHash> parse_key_hash(std::string_view hex) {
  KeyHash out;
  if (hex.size() != 2 * out.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_of(hex[2 * i]);
    const int low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return out;
}

bool IdCookie::covers(std::string_view host) const {
  if (const auto port = host.find(':'); port != host.npos) host = host.substr(0, port);
  if (!host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

bool Source::admits(std::string_view origin) const {
  return std::ranges::any_of(origins, [&](const std::string& o) {
    return o == "*" || o == origin;
  });
}

Mask Source::category(std::string_view category_name, const Purposes& purposes) const {
  if (const auto at = categories.find(category_name); at != categories.end()) return at->second;
  const auto purpose = purposes.find(category_name);
  return purpose ? bit(*purpose) : 0;
}

Status Sources::add(Source source) {
  if (source.name.empty()) return fail(Code::invalid_input, "a source needs a name");
  if (rows_.contains(source.name)) {
    return fail(Code::conflict, "there are two sources named \"" + source.name + "\"");
  }
  if (rows_.size() >= sources_max || keys_.size() + source.keys.size() > keys_max) {
    return fail(
        Code::over_limit, "a house has at most " + std::to_string(sources_max) + " sources and " +
                              std::to_string(keys_max) + " write keys"
    );
  }
  for (std::size_t i = 0; i < source.keys.size(); ++i) {
    const auto [at, fresh] = keys_.emplace(source.keys[i].hash, KeyPlace{source.name, i});
    if (!fresh) {
      const std::string other = at->second.source;
      std::erase_if(keys_, [&](const auto& k) { return k.second.source == source.name; });
      return fail(
          Code::conflict, "a write key of \"" + source.name + "\" is also one of \"" + other +
                              "\"; each key belongs to one source"
      );
    }
  }
  std::string name = source.name;
  rows_.emplace(std::move(name), std::move(source));
  return {};
}

Result<KeyMatch> Sources::by_key(std::string_view write_key, Instant now) const {
  const bool sane = !write_key.empty() && write_key.size() <= write_key_bytes_max;
  const KeyHash hash = hash_key(sane ? write_key : std::string_view());
  const auto at = keys_.lower_bound(hash);
  const bool known =
      at != keys_.end() && CRYPTO_memcmp(at->first.data(), hash.data(), hash.size()) == 0;
  if (!sane || !known) {
    return fail(
        Code::not_found,
        "unknown write key; copy it again from where it was made, or add its SHA-256 to "
        "sources.toml"
    );
  }
  const Source& source = rows_.find(at->second.source)->second;
  const WriteKey& key = source.keys[at->second.index];
  if (!source.enabled) {
    return fail(Code::invalid_input, "source \"" + source.name + "\" is switched off");
  }
  if (!key.enabled) {
    return fail(
        Code::invalid_input,
        "this write key (\"" + key.label + "\") of source \"" + source.name + "\" is switched off"
    );
  }
  if (key.until <= now) {
    return fail(
        Code::invalid_input, "this write key (\"" + key.label + "\") of source \"" + source.name +
                                 "\" ended at " + to_string(key.until) +
                                 "; send with the key that followed it"
    );
  }
  return KeyMatch{&source, key.use, &key};
}

Result<KeyMatch> Sources::by_key(
    std::string_view write_key, std::string_view source_name, Instant now
) const {
  const KeyMatch match = TRY(by_key(write_key, now));
  if (match.source->name != source_name) {
    return fail(
        Code::conflict, "this write key belongs to source \"" + match.source->name +
                            "\", not to \"" + std::string(source_name.substr(0, 64)) +
                            "\"; use a key of \"" + std::string(source_name.substr(0, 64)) + "\""
    );
  }
  return match;
}

const Source* Sources::find(std::string_view name) const {
  const auto at = rows_.find(name);
  return at == rows_.end() ? nullptr : &at->second;
}

Result<const Source*> Sources::named(std::string_view name) const {
  if (const Source* s = find(name)) return s;
  return fail(
      Code::not_found, "unknown source \"" + std::string(name.substr(0, 64)) + "\"" +
                           nearest_hint(name, names_of(rows_))
  );
}

}  // namespace hospes::catalog
