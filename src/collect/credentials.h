// Who a request says it comes from, in the forms that clients use. Strangers write this text: it is
// read without trust, and what cannot be read is no key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace hospes::collect {

/// Standard and URL alphabets, padding optional; nothing for any other character.
std::optional<std::string> base64(std::string_view text);
/// Of Authorization: Basic (the user; the password and even the colon may be missing), then
/// X-Write-Key, then ?writeKey=. Empty: said nowhere. The body's comes last and is the caller's
/// business.
std::string write_key_of(const http::Request& request);
/// A bearer token is the key only when nothing else is said: Segment clients put theirs beside it.
std::string bearer_of(const http::Request& request);

}  // namespace hospes::collect
