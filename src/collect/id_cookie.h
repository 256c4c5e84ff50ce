// Private to collect/: the visitor's anonymous id as a cookie of the house's own domain, by HTTP and only with permission.
// docs/sources.md says when and why.
#pragma once

#include <string>
#include <string_view>

#include "catalog/sources.h"
#include "consent/stamp.h"
#include "http/message.h"

namespace hospes::collect {

/// What the events of one request say of the cookie.
struct CookieWord {
  bool yes = false;
  bool no = false;  // one is enough
  std::string id;   // of the last yes
};

/// One more event, which names that visitor. `mask`: what the door opened of it. Nothing was answered: it says nothing.
void hear(
    CookieWord& word, const consent::Question& question, Mask mask, std::string_view anonymous_id
);

/// The value of Set-Cookie; empty when there is none: the source has no cookie, page or host do not stand below its domain,
/// nothing permits it, or it is to end and is not there.
std::string set_cookie(
    const CookieWord& word, const catalog::Source& source, const http::Request& request, bool tls
);

}  // namespace hospes::collect
