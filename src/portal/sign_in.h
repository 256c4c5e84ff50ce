// Coming in with a password, choosing one, and the accounts themselves. Private to portal/. docs/staff.md.
#pragma once

#include "http/message.h"
#include "portal/attempts.h"
#include "portal/console.h"

namespace hospes::portal {

/// POST /v1/session, /v1/join and /v1/password: each hashes.
http::Response sign_in(const ConsoleDoors& doors, Attempts& attempts, const http::Request& request);
/// GET and POST /v1/staff, PATCH /v1/staff/{name}, POST /v1/staff/{name}/link and /unlock.
http::Response staff_accounts(const ConsoleDoors& doors, const http::Request& request);

}  // namespace hospes::portal
