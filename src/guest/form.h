// What every form and page of the guest book shares with HTTP: fields, where a form came from, the
// headers that keep a page to itself. Private to guest/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace hospes::guest {

/// The rest of a path below one of ours.
std::optional<std::string_view> below(std::string_view path, std::string_view folder);

/// One field of a form (application/x-www-form-urlencoded); empty when it is missing or the form is
/// larger than 16 kB.
std::string field(const http::Request& request, std::string_view name);

/// No script, no frame, nothing kept by anybody between.
void guard(http::Response& response, bool tls);

http::Response to_page(std::string where);

}  // namespace hospes::guest
