// What the house writes, as staff see it. Private to portal/.
#pragma once

#include "portal/console.h"

namespace hospes::portal {

http::Response read_messages(const ConsoleDoors& doors);
/// The look is entered where the person reads it.
http::Response preview_message(const ConsoleDoors& doors, const http::Request& request);

/// The same, sent to an address of staff: marked as a test, and its way out leads nowhere.
http::Response test_message(const ConsoleDoors& doors, const http::Request& request);

}  // namespace hospes::portal
