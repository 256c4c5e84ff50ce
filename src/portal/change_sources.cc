// POST /v1/sources, PATCH /v1/sources/{name}, and the keys of a source: made, followed by another,
// ended. A key is shown once, when it is made; the house keeps its hash. docs/sources.md.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "portal/body.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "portal/secrets.h"
#include "portal/sourcebook.h"

namespace hospes::portal {
namespace {

constexpr std::size_t name_bytes_max = 64, label_bytes_max = 100, origins_max = 64;
constexpr std::uint64_t overlap_hours_usual = 7 * 24, overlap_hours_max = 365 * 24;

std::unexpected<Error> odd(std::string what) {
  return fail(Code::invalid_input, std::move(what));
}

Result<std::string> name_of(const Field& field) {
  constexpr std::string_view also = "-_.";
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || also.contains(c);
  };
  if (field.value.empty() || field.value.size() > name_bytes_max ||
      !std::ranges::all_of(field.value, fits))
    return odd("a source's name is 1 to 64 small letters, digits, -, _ or ., such as web or till-paris");
  return field.value;
}

Result<std::string> label_of(const Field& field) {
  if (!field.text || field.value.size() > label_bytes_max)
    return odd("label is a text of at most 100 bytes that says where the key is kept");
  return field.value;
}

/// Scheme and host as a browser sends them (RFC 6454, 6.2), or * for all.
Result<std::vector<std::string>> origins_of(const Field& field) {
  auto list = TRY(read_texts(field));
  if (list.size() > origins_max) return odd("a source has at most 64 origins; * stands for all");
  for (const std::string& origin : list) {
    const std::size_t scheme = origin.starts_with("https://") ? 8 : origin.starts_with("http://") ? 7 : 0;
    const std::string_view host = std::string_view(origin).substr(scheme);
    if (origin == "*") continue;
    if (scheme == 0 || host.empty() || host.find_first_of("/?#@ \"") != host.npos)
      return odd(
          "\"" + origin + "\" is no origin: write scheme and host as the browser shows them, without a "
          "path, such as https://www.example.com"
      );
  }
  return list;
}

Result<Mask> mask_of(const Field& field, const catalog::Purposes& purposes) {
  const auto names = TRY(read_texts(field));
  const std::vector<std::string_view> views(names.begin(), names.end());
  return purposes.mask(views);
}

Result<bool> truth_of(const Field& field) {
  if (field.value != "true" && field.value != "false") return odd(field.name + " is true or false");
  return field.value == "true";
}

Result<std::uint64_t> number_of(const Field& field, std::uint64_t max) {
  std::uint64_t out = 0;
  const char* end = field.value.data() + field.value.size();
  const auto read = std::from_chars(field.value.data(), end, out);
  if (read.ec != std::errc() || read.ptr != end || out > max)
    return odd(fmt::format("{} is a whole number up to {}", field.name, max));
  return out;
}

/// A key as it is asked for.
struct KeyWish {
  catalog::WriteKey key;
  bool use_said = false, scopes_said = false;
  std::string follows;
  std::uint64_t overlap_hours = overlap_hours_usual;

  /// False: the field is none of a key's.
  Result<bool> takes(const Field& field) {
    if (field.name == "use") {
      if (field.value != "public" && field.value != "server")
        return odd("use is public (a page bears it, everybody can read it) or server (a secret)");
      key.use = field.value == "public" ? catalog::KeyUse::public_key : catalog::KeyUse::server_key;
      use_said = true;
    } else if (field.name == "label") {
      key.label = TRY(label_of(field));
    } else if (field.name == "scopes") {
      key.scopes = 0;
      const auto names = TRY(read_texts(field));
      for (const std::string& name : names) {
        const auto scope = catalog::parse_scope(name);
        if (!scope)
          return odd("scopes are consent, attest and decide; every key may send events");
        key.scopes = static_cast<catalog::Scopes>(key.scopes | scope_bit(*scope));
      }
      scopes_said = true;
    } else if (field.name == "follows") {
      follows = field.value;
    } else if (field.name == "overlap_hours") {
      overlap_hours = TRY(number_of(field, overlap_hours_max));
    } else {
      return false;
    }
    return true;
  }

  Status check() const {
    if (scopes_said && key.use == catalog::KeyUse::public_key)
      return odd("a public key can only send: leave scopes out, or make a server key");
    return {};
  }
};

Instant to_second(Instant at) { return {at.us - at.us % 1'000'000}; }

/// What nobody will see again.
std::string made_json(const catalog::WriteKey& key, const std::string& secret) {
  return Object()
      .text("key", secret)
      .text("use", to_string(key.use))
      .text("label", key.label)
      .text("fingerprint", fingerprint(key))
      .done();
}

/// Says by its first letters what it is, so that a secret in a page's source is found by searching.
std::string new_key(catalog::WriteKey& key) {
  std::string out = (key.use == catalog::KeyUse::public_key ? "wk_" : "sk_") + new_secret();
  key.hash = catalog::hash_key(out);
  return out;
}

Result<const catalog::WriteKey*> key_by(
    const catalog::Source& source, std::string_view fingerprint_asked
) {
  for (const catalog::WriteKey& key : source.keys)
    if (fingerprint(key) == fingerprint_asked) return &key;
  return fail(
      Code::not_found, "source \"" + source.name + "\" has no key of this fingerprint; GET /v1/sources/" +
                           source.name + " lists them"
  );
}

http::Response made(
    const ConsoleDoors& doors, std::string_view source, const catalog::WriteKey& key,
    const std::string& secret
) {
  auto out = http::json(
      201, Object()
                   .raw("source", source_whole(doors, *doors.sources.now()->find(source)))
                   .raw("key", made_json(key, secret))
                   .done() +
               "\n"
  );
  out.headers.add("Cache-Control", "no-store");
  return out;
}

void note(
    const ConsoleDoors& doors, std::string_view what, std::string_view message, std::string_view source
) {
  doors.diary.note(
      diary::Level::info, std::string(what), std::string(message), {{"source", std::string(source)}}
  );
}

Result<http::Response> add(const ConsoleDoors& doors, const http::Request& request) {
  const catalog::Purposes& purposes = doors.catalog.purposes;
  catalog::Source source;
  KeyWish wish;
  const auto fields = TRY(read_object(request.body));
  for (const Field& f : fields) {
    if (f.name == "name") {
      source.name = TRY(name_of(f));
    } else if (f.name == "origins") {
      source.origins = TRY(origins_of(f));
    } else if (f.name == "without_answer") {
      source.without_answer = TRY(mask_of(f, purposes));
    } else {
      const bool of_the_key = TRY(wish.takes(f));
      if (!of_the_key)
        return odd(
            f.name +
            " is not understood here; send name, use, label, scopes, origins and without_answer"
        );
    }
  }
  if (source.name.empty() || !wish.use_said) return odd("a source needs name and use (public or server)");
  TRY(wish.check());
  const std::string secret = new_key(wish.key);
  source.keys.push_back(wish.key);
  TRY(doors.sources.change([&](const std::string& text) {
    return catalog::with_source(text, source, purposes);
  }));
  note(doors, "source.added", "it may send from now on", source.name);
  return made(doors, source.name, wish.key, secret);
}

Result<http::Response> alter(
    const ConsoleDoors& doors, std::string_view name, const http::Request& request
) {
  const catalog::Purposes& purposes = doors.catalog.purposes;
  catalog::SourceChange change;
  const auto fields = TRY(read_object(request.body));
  for (const Field& f : fields) {
    if (f.name == "enabled") {
      change.enabled = TRY(truth_of(f));
    } else if (f.name == "origins") {
      change.origins = TRY(origins_of(f));
    } else if (f.name == "without_answer") {
      change.without_answer = TRY(mask_of(f, purposes));
    } else if (f.name == "events_per_s_max") {
      change.events_per_s_max = static_cast<std::uint32_t>(TRY(number_of(f, 10'000'000)));
    } else if (f.name == "catalogue") {
      change.mode = catalog::parse_catalogue_mode(f.value);
      if (!change.mode) return odd("catalogue is learn, warn or strict");
    } else {
      return odd(
          f.name +
          " is not understood here; send enabled, origins, without_answer, events_per_s_max, catalogue"
      );
    }
  }
  TRY(doors.sources.now()->named(name));
  TRY(doors.sources.change([&](const std::string& text) {
    return catalog::with_change(text, name, change, purposes);
  }));
  note(doors, "source.changed", "it is so from now on", name);
  return http::json(200, source_whole(doors, *doors.sources.now()->find(name)) + "\n");
}

/// A new key; one that follows another has its use and scopes, unless it says otherwise, and the
/// other ends when both have been taken for `overlap_hours`.
Result<http::Response> add_key(
    const ConsoleDoors& doors, std::string_view name, const http::Request& request
) {
  const auto sources = doors.sources.now();
  const catalog::Source* found = TRY(sources->named(name));
  const catalog::Source& source = *found;
  KeyWish wish;
  const auto fields = TRY(read_object(request.body));
  for (const Field& f : fields) {
    const bool of_the_key = TRY(wish.takes(f));
    if (!of_the_key)
      return odd(
          f.name + " is not understood here; send use, label, scopes, follows and overlap_hours"
      );
  }
  const catalog::WriteKey* before = nullptr;
  if (!wish.follows.empty()) {
    before = TRY(key_by(source, wish.follows));
    if (!wish.use_said) wish.key.use = before->use;
    if (!wish.scopes_said) wish.key.scopes = before->scopes;
    if (wish.key.label.empty()) wish.key.label = before->label;
  } else if (!wish.use_said) {
    return odd("a key needs use (public or server), or follows: the fingerprint of the one before");
  }
  TRY(wish.check());
  const std::string secret = new_key(wish.key);
  const Instant end = to_second(doors.clock.now() + std::chrono::hours(wish.overlap_hours));
  const auto edit = [&](const std::string& text) -> Result<std::string> {
    const auto& purposes = doors.catalog.purposes;
    const std::string more = TRY(catalog::with_key(text, name, wish.key, purposes));
    if (before == nullptr) return more;
    return catalog::with_key_end(more, name, before->hash, std::min(end, before->until), purposes);
  };
  TRY(doors.sources.change(edit));
  note(doors, "source.key_made", "it is taken from now on", name);
  return made(doors, name, wish.key, secret);
}

Result<http::Response> end_key(
    const ConsoleDoors& doors, std::string_view name, std::string_view asked
) {
  const auto sources = doors.sources.now();
  const catalog::Source* source = TRY(sources->named(name));
  const catalog::WriteKey& key = *TRY(key_by(*source, asked));
  const Instant now = to_second(doors.clock.now());
  if (key.until > now)
    TRY(doors.sources.change([&](const std::string& text) {
      return catalog::with_key_end(text, name, key.hash, now, doors.catalog.purposes);
    }));
  note(doors, "source.key_ended", "it is taken no more", name);
  return http::Response{204, {}, ""};
}

Result<http::Response> change(const ConsoleDoors& doors, const http::Request& request) {
  if (request.path == "/v1/sources") return add(doors, request);
  if (const auto name = between(request.path, "/v1/sources/", "/keys"))
    return add_key(doors, *name, request);
  const std::string_view rest = *between(request.path, "/v1/sources/", "");
  if (request.method == "PATCH") return alter(doors, rest, request);
  constexpr std::string_view keys = "/keys/";
  const auto slash = rest.find(keys);
  if (slash == rest.npos)
    return fail(
        Code::invalid_input,
        "a source is not taken away, for its events say where they came from: PATCH enabled = false"
    );
  return end_key(doors, rest.substr(0, slash), rest.substr(slash + keys.size()));
}

}  // namespace

http::Response change_sources(const ConsoleDoors& doors, const http::Request& request) {
  auto out = change(doors, request);
  return out ? std::move(*out) : problem(out.error());
}

}  // namespace hospes::portal
