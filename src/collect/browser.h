// What pages of a browser need beside the posting of events: leave to ask from another origin, and the
// documents that the published libraries load before they send. Who answers
// pages from another room shares its answers by the same rule.
#pragma once

#include <string>
#include <string_view>

#include "catalog/purposes.h"
#include "catalog/sources.h"
#include "collect/paths.h"
#include "http/message.h"

namespace hospes::collect {

/// The origin that may read an answer (Fetch standard, "CORS protocol"), as sent: `source` admits it, or
/// while nobody knows which source it is, any source does. Empty: no page may.
std::string_view shared_with(
    const catalog::Sources& sources, const catalog::Source* source, std::string_view origin
);
/// The page of that origin may read the answer, and when to come again. Nothing for an empty origin.
void share(http::Response& response, std::string_view origin);

/// What the answers to a page rest on.
struct Pages {
  const catalog::Sources& sources;
  const catalog::Purposes& purposes;
  Instant now;
  bool tls = false;  // a proxy in front speaks it, so that is how pages come back
};

/// 204 with what a page may send, or 403.
http::Response preflight(const Pages& house, const Found& found, const http::Request& request);

/// The documents of a row that is asked with GET. 401 for an unknown key, 403 for a server key or a
/// foreign page.
http::Response document(const Pages& house, const Found& found, const http::Request& request);

}  // namespace hospes::collect
