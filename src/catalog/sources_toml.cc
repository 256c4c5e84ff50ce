#include "catalog/sources_toml.h"

#include <algorithm>

#include "catalog/toml_values.h"

namespace hospes::catalog {
namespace {

Status read_scopes(const Place& place, WriteKey& key) {
  const toml::node* node = place.table.get("scopes");
  if (node == nullptr) return {};
  if (key.use == KeyUse::public_key)
    return wrong(
        place.file, *node, "a public key can only send: scopes are of server keys, leave them out"
    );
  std::vector<std::string> names;
  TRY(read(place, "scopes", names));
  key.scopes = 0;
  for (const std::string& name : names) {
    const auto scope = parse_scope(name);
    if (!scope)
      return wrong(
          place.file, *node,
          "unknown scope \"" + name + "\" in " + place.what +
              ": consent (it records people's answers), attest (its word on who logged in counts), decide (it is told why); "
              "every key may send events"
      );
    key.scopes = static_cast<Scopes>(key.scopes | scope_bit(*scope));
  }
  return {};
}

Status read_until(const Place& place, Instant& out) {
  std::string text;
  TRY(read(place, "until", text));
  if (text.empty()) return {};
  const auto until = parse_instant(text);
  if (!until)
    return wrong(
        place.file, *place.table.get("until"),
        "until in " + place.what + " is a moment such as \"2026-12-01T00:00:00Z\""
    );
  out = *until;
  return {};
}

Result<WriteKey> read_key(const Place& place) {
  TRY(only_keys(place, {"sha256", "use", "label", "enabled", "scopes", "until"}));
  std::string hex;
  std::string use;
  WriteKey key;
  TRY(read(place, "sha256", hex));
  TRY(read(place, "use", use));
  TRY(read(place, "label", key.label));
  TRY(read(place, "enabled", key.enabled));
  const auto hash = parse_key_hash(hex);
  if (!hash) {
    return wrong(
        place.file, place.table,
        "sha256 in " + place.what +
            " is the SHA-256 of the write key, 64 lower-case hex digits (printf %s KEY | sha256sum)"
    );
  }
  key.hash = *hash;
  if (use != "public" && use != "server") {
    return wrong(
        place.file, place.table,
        "use in " + place.what + " is \"public\" (anyone can read the key) or \"server\" (a secret)"
    );
  }
  key.use = use == "public" ? KeyUse::public_key : KeyUse::server_key;
  TRY(read_scopes(place, key));
  TRY(read_until(place, key.until));
  return key;
}

Status read_categories(const Place& place, const Purposes& purposes, Source& source) {
  for (const auto& [key, node] : place.table) {
    source.categories[std::string(key.str())] = TRY(read_mask(place, key.str(), purposes));
  }
  return {};
}

Result<ConsentTool> read_tool(const Place& place) {
  TRY(only_keys(place, {"tool", "notice", "version", "lang"}));
  ConsentTool tool;
  TRY(read(place, "tool", tool.name));
  TRY(read(place, "notice", tool.notice_id));
  TRY(read(place, "version", tool.notice_version));
  TRY(read(place, "lang", tool.notice_lang));
  if (tool.name.empty() || tool.notice_id.empty() || tool.notice_version.empty()) {
    return wrong(
        place.file, place.table,
        "[source.trusted] needs tool, notice and version: a yes without the notice that was shown "
        "proves nothing"
    );
  }
  return tool;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_cookie_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

/// `example.com`: lower case, with a point inside; which of them is a public suffix, browsers know.
bool is_domain(std::string_view text) {
  const bool letters = std::ranges::all_of(text, [](char c) {
    return (is_letter_or_digit(c) && (c < 'A' || c > 'Z')) || c == '-' || c == '.';
  });
  return letters && text.size() <= 253 && text.find('.') != text.npos && !text.starts_with('.') &&
         !text.ends_with('.');
}

Result<IdCookie> read_id_cookie(const Place& place, const Purposes& purposes) {
  TRY(only_keys(place, {"name", "domain", "purpose", "days"}));
  IdCookie out;
  std::string purpose = "measure";
  TRY(read(place, "name", out.name));
  TRY(read(place, "domain", out.domain));
  TRY(read(place, "purpose", purpose));
  if (!is_cookie_name(out.name))
    return wrong_at(
        place, "name", "name in " + place.what +
                           " is the cookie that the page's library reads, such as ajs_anonymous_id (Segment's)"
    );
  if (!is_domain(out.domain))
    return wrong_at(
        place, "domain",
        "domain in " + place.what + " is the one that pages and this house share, such as example.com"
    );
  const auto known = purposes.find(purpose);
  if (!known || (purposes.on_device() & bit(*known)) == 0)
    return wrong_at(
        place, "purpose", "purpose in " + place.what +
                              " is one that a device may be used for by consent: measure or personalise"
    );
  out.purpose = *known;
  std::uint32_t days = out.days;
  TRY(read_count(place, "days", 1, IdCookie::days_max, days));
  out.days = static_cast<std::uint16_t>(days);
  return out;
}

Status read_without_answer(const Place& place, const Purposes& purposes, Source& source) {
  source.without_answer = TRY(read_mask(place, "without_answer", purposes));
  if (const Mask closed = source.without_answer & ~purposes.interest(); closed != 0) {
    const std::string name(purposes.names(closed).front());
    return wrong(
        place.file, *place.table.get("without_answer"),
        name + " rests on " + std::string(to_string(purposes.at(*purposes.find(name)).basis)) +
            ": without_answer lists purposes of interest only (unset is no under consent; contract "
            "and duty need no listing)"
    );
  }
  return {};
}

Status read_mode(const Place& place, CatalogueMode& out) {
  std::string text(to_string(out));
  TRY(read(place, "catalogue", text));
  const auto mode = parse_catalogue_mode(text);
  if (!mode) {
    return wrong(
        place.file, *place.table.get("catalogue"),
        "catalogue is \"learn\" (take what comes, tell what changes), \"warn\" (tell also what is not "
        "in the catalogue) or \"strict\" (refuse it)"
    );
  }
  out = *mode;
  return {};
}

Result<Source> read_source(const Place& place, const Purposes& purposes) {
  TRY(only_keys(
      place, {"name", "enabled", "simulated", "origins", "without_answer", "events_per_s_max",
              "catalogue", "key", "categories", "trusted", "id_cookie"}
  ));
  Source source;
  TRY(read(place, "name", source.name));
  TRY(read(place, "enabled", source.enabled));
  TRY(read(place, "simulated", source.simulated));
  TRY(read(place, "origins", source.origins));
  TRY(read_without_answer(place, purposes, source));
  TRY(read_mode(place, source.mode));
  std::int64_t pace = source.events_per_s_max;
  TRY(read(place, "events_per_s_max", pace));
  if (pace < 1 || pace > 10'000'000) {
    return wrong(
        place.file, *place.table.get("events_per_s_max"), "events_per_s_max is 1 to 10000000"
    );
  }
  source.events_per_s_max = static_cast<std::uint32_t>(pace);
  const std::string what = "source \"" + source.name + "\"";
  for (const toml::table* key : TRY(sub_tables(place, "key"))) {
    source.keys.push_back(TRY(read_key({*key, place.file, what})));
  }
  if (const toml::table* categories = TRY(sub_table(place, "categories"))) {
    TRY(read_categories({*categories, place.file, what}, purposes, source));
  }
  if (const toml::table* trusted = TRY(sub_table(place, "trusted"))) {
    source.trusted = TRY(read_tool({*trusted, place.file, what}));
  }
  if (const toml::table* cookie = TRY(sub_table(place, "id_cookie"))) {
    source.id_cookie = TRY(read_id_cookie({*cookie, place.file, what}, purposes));
  }
  return source;
}

}  // namespace

Status read_sources_table(const Place& place, const Purposes& purposes, Sources& sources) {
  TRY(only_keys(place, {"source"}));
  for (const toml::table* table : TRY(sub_tables(place, "source"))) {
    const Place row{*table, place.file, "[[source]]"};
    Source source = TRY(read_source(row, purposes));
    TRY(placed(row, Result<void>(sources.add(std::move(source)))));
  }
  return {};
}

}  // namespace hospes::catalog
