// What the links of a mail lead to, on the public listener: /u/TOKEN, to be written to no more. No
// session, no cookie, no script. RFC 8058: a mailbox provider's button is a POST; a GET changes
// nothing, for scanners open every link.
#pragma once

#include <optional>

#include "guest/acts.h"
#include "http/message.h"

namespace hospes::guest {

bool is_mail_link(std::string_view path);
/// Precondition: is_mail_link. 404 for a token that is not ours: nothing is said of why.
http::Response mail_link(const Doors& doors, const http::Request& request);

}  // namespace hospes::guest
