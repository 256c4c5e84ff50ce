// Who asks: a source by its write key, in a page's origin.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "catalog/sources.h"
#include "http/message.h"

namespace hospes::touchpoint {

struct Caller {
  std::shared_ptr<const catalog::Sources> sources;  // in force when it asked
  const catalog::Source* source = nullptr;
  catalog::KeyUse use = catalog::KeyUse::public_key;  // also of a server key without that scope
  std::string key;     // as it was said, to say it again at the door of events
  std::string origin;  // of the page that may read the answer; empty: none
  bool gpc = false;    // Sec-GPC: 1

  bool is_page() const { return use == catalog::KeyUse::public_key; }
};

/// By Basic authorization, X-Write-Key, X-API-Key, ?writeKey= or a bearer token. 401 without a good
/// one, 403 from a page that the source does not admit.
std::expected<Caller, http::Response> caller_of(
    const http::Request& request, std::shared_ptr<const catalog::Sources> sources, Instant now
);

/// A refusal as RFC 9457 has it.
http::Response problem(int status, std::string_view code, std::string_view detail);
http::Response problem(const Error& error);

}  // namespace hospes::touchpoint
