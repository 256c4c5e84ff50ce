// The transparency log as anybody may read it: digests, signatures and public keys, nothing about a
// person. Both listeners answer these paths.
#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"
#include "receipt/transparency_log.h"

namespace hospes::portal {

/// GET /v1/audit/checkpoint, /v1/audit/keys and /v1/audit/consistency?from=. Cost: below 1 ms.
http::Response audit(const receipt::TransparencyLog& log, const http::Request& request);
/// Whether the path is one of these.
bool is_audit(std::string_view path);

}  // namespace hospes::portal
