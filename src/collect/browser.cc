#include "collect/browser.h"

#include <algorithm>

#include "base/json_text.h"
#include "catalog/pack.h"
#include "collect/credentials.h"
#include "pages/pages.h"

namespace hospes::collect {
namespace {

constexpr std::string_view allowed_headers =
    "authorization, content-type, content-encoding, x-retry-count, x-write-key, x-ip-policy, "
    "x-enable-debug, anonymousid, sentat, rsa-retry-attempt, rsa-since-last-attempt, "
    "rsa-since-first-attempt, rsa-retry-reason, rsa-recovered, x-api-key, if-none-match";

/// Where the page came by, as it can be written into a document that a shared cache may keep.
std::string_view host_of(const http::Request& request) {
  constexpr std::string_view others = ".-:[]";
  const auto host = request.headers.find("Host");
  const bool plain = std::ranges::all_of(host, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != others.npos;
  });
  return plain ? host : std::string_view();
}

/// What a consent tool may ask about for this source: the categories it maps, or the purposes that
/// rest on consent, by their own names.
std::string categories_of(const catalog::Source& source, const catalog::Purposes& purposes) {
  std::string out;
  const auto add = [&](std::string_view name) {
    out.append(out.empty() ? "" : ",").append(json_text(name));
  };
  for (const auto& [name, mask] : source.categories) add(name);
  if (!out.empty()) return "[" + out + "]";
  for (const catalog::Purpose& purpose : purposes.rows())
    if (purpose.basis == catalog::Basis::consent) add(purpose.name);
  return "[" + out + "]";
}

/// Exactly one integration: a second one would make the library load legacy code from elsewhere.
/// `hasUnmappedDestinations` false: where nothing is agreed to, consent tools do not load the library.
std::string settings_of(
    std::string_view key, std::string_view host, bool tls, const std::string& categories
) {
  std::string out = R"({"integrations":{"Segment.io":{"apiKey":)";
  out.append(json_text(key)).append(R"(,"apiHost":)").append(json_text(std::string(host) + "/v1"));
  out.append(R"(,"protocol":")").append(tls ? "https" : "http");
  out += R"(","addBundledMetadata":true,"unbundledIntegrations":[],"maybeBundledConfigIds":{}}},)"
         R"("plan":{"track":{"__default":{"enabled":true,"integrations":{}}},)"
         R"("identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}},)"
         R"("middlewareSettings":{"routingRules":[]},"enabledMiddleware":{},"metrics":{"sampleRate":0},)"
         R"("legacyVideoPluginsEnabled":false,"remotePlugins":[],"consentSettings":{"allCategories":)";
  return out + categories + R"(,"hasUnmappedDestinations":false}})";
}

std::string source_config_of(
    std::string_view key, const std::string& name, const std::string& categories
) {
  std::string out = R"({"source":{"id":)";
  out.append(json_text(name)).append(R"(,"name":)").append(json_text(name));
  out.append(R"(,"writeKey":)").append(json_text(key));
  out += R"(,"workspaceId":"hospes","enabled":true,"config":{"statsCollection":{)"
         R"("errors":{"enabled":false},"metrics":{"enabled":false}},"consentCategories":)";
  out += categories;
  out += R"(},"destinations":[],"connections":[],"dataplanes":{}},)"
         R"("consentManagementMetadata":{"providers":[)";
  // Each event of the page carries the tool's lists, and the source's map reads them: hospes needs
  // neither strategy, the library needs one of each.
  out += R"({"provider":"custom","resolutionStrategy":"or"},)"
         R"({"provider":"iubenda","resolutionStrategy":"or"},)"
         R"({"provider":"ketch","resolutionStrategy":"or"},)"
         R"({"provider":"oneTrust","resolutionStrategy":"and"}]}})";
  return out;
}

http::Response refused(int status, std::string text) { return http::text(status, text + "\n"); }

/// Why a page of this key may not have its document; 0: it may.
http::Response check_page(
    const Result<catalog::KeyMatch>& match, std::string_view origin, std::string_view host
) {
  if (!match) return refused(401, match.error().message);
  if (match->use == catalog::KeyUse::server_key)
    return refused(
        403,
        "this is a server key of the source: whoever reads a page could speak as your servers with "
        "it; put a public key there"
    );
  if (!origin.empty() && !match->source->admits(origin))
    return refused(
        403, "pages of this origin may not send to source " + match->source->name +
                 "; add it to the origins of the source"
    );
  if (host.empty()) return refused(400, "the Host header is not a host");
  return {.status = 0, .headers = {}, .body = {}};
}

}  // namespace

std::string_view shared_with(
    const catalog::Sources& sources, const catalog::Source* source, std::string_view origin
) {
  if (origin.empty()) return {};
  if (source != nullptr) return source->admits(origin) ? origin : std::string_view();
  const bool anybody = std::ranges::any_of(sources.rows(), [&](const auto& row) {
    return row.second.enabled && row.second.admits(origin);
  });
  return anybody ? origin : std::string_view();
}

void share(http::Response& response, std::string_view origin) {
  if (origin.empty()) return;
  response.headers.add("Access-Control-Allow-Origin", origin);
  response.headers.add("Access-Control-Allow-Credentials", "true");
  response.headers.add("Access-Control-Expose-Headers", "Retry-After, X-Hospes-Load, ETag");
  response.headers.add("Vary", "Origin");
}

http::Response preflight(const Pages& house, const Found& found, const http::Request& request) {
  const std::string said = write_key_of(request);
  const auto match =
      house.sources.by_key(found.row->use == Use::settings ? found.part : said, house.now);
  const auto origin = shared_with(
      house.sources, match ? match->source : nullptr, request.headers.find("Origin")
  );
  if (origin.empty())
    return refused(
        403, "pages of this origin may not send here; add it to the origins of the source in sources.toml"
    );
  http::Response out = http::text(204, "");
  share(out, origin);
  out.headers.add(
      "Access-Control-Allow-Methods", std::string(found.row->method()) + ", OPTIONS"
  );
  out.headers.add("Access-Control-Allow-Headers", allowed_headers);
  out.headers.add("Access-Control-Max-Age", "7200");
  return out;
}

http::Response document(const Pages& house, const Found& found, const http::Request& request) {
  if (found.row->use == Use::gpc) {
    const std::string& since = catalog::fr_eu_pack().version;
    return http::json(200, "{\"gpc\":true,\"lastUpdate\":\"" + since + "\"}\n");
  }
  if (found.row->use == Use::script) {
    const bool whole = found.row->suffix.empty();
    const std::string file = whole ? std::string(found.part) : std::string("standalone.js");
    return pages::embedded(request, "/analytics-next/bundles/" + file, 200);
  }
  if (found.row->use == Use::openapi) return pages::embedded(request, "/openapi.json", 200);
  const bool settings = found.row->use == Use::settings;
  const std::string key = settings ? std::string(found.part) : write_key_of(request);
  const auto match = house.sources.by_key(key, house.now);
  const auto origin = request.headers.find("Origin");
  const auto host = host_of(request);
  http::Response out = check_page(match, origin, host);
  if (out.status == 0) {
    const std::string categories = categories_of(*match->source, house.purposes);
    out = http::json(
        200, settings ? settings_of(key, host, house.tls, categories)
                      : source_config_of(key, match->source->name, categories)
    );
    out.headers.add("Cache-Control", settings ? "public, max-age=60" : "private, max-age=60");
  }
  share(out, shared_with(house.sources, match ? match->source : nullptr, origin));
  if (!out.headers.has("Vary")) out.headers.add("Vary", "Origin");
  return out;
}

}  // namespace hospes::collect
