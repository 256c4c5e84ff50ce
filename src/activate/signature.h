// Signatures of webhooks: Standard Webhooks 1.0, symmetric (`v1`, HMAC-SHA256 over "id.timestamp.body").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::activate {

/// `whsec_` and base64 of 24 to 64 bytes, one a line; empty lines and # are passed over. Several while
/// a secret is changed: all of them sign.
Result<std::vector<std::string>> parse_secrets(std::string_view text);

/// Value of `webhook-signature`: `v1,…` for each secret, separated by a space.
std::string signature_of(
    const std::vector<std::string>& secrets, std::string_view id, std::string_view timestamp,
    std::string_view body
);

}  // namespace hospes::activate
