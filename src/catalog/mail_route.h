// A destination of kind "mail" in actions.toml. Private to catalog/.
#pragma once

#include "catalog/actions.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {

/// Sets `out.mail`, and the usual pauses of mail, when the kind is "mail"; nothing when there is
/// none.
Status read_mail(const Place& place, Destination& out);

}  // namespace hospes::catalog
