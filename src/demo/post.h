// Sends one body of the demo to the public API, patiently.
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/patient.h"

namespace hospes::demo {

using http::Patience;

/// POST /v1/batch with that write key. invalid_input when the server refused the body or an event
/// in it: the demo then sends something wrong, which nobody should hide.
Status post_batch(
    http::Client& client, std::string_view write_key, std::string_view body,
    const Patience& patience
);

}  // namespace hospes::demo
