// POST /v1/mail/reports on the public listener: a bounce (RFC 3464) or a complaint (RFC 5965),
// whole, as the relay hands it on. Asked with a server key.
#pragma once

#include "guest/acts.h"
#include "http/message.h"

namespace hospes::guest {

bool is_mail_report(std::string_view path);
/// 202 with what came of it; 422: no report, or about no message of this house.
http::Response mail_report(const Doors& doors, const http::Request& request);

}  // namespace hospes::guest
