// What the house writes, as staff see it. Private to portal/.
#pragma once

#include <optional>
#include <string>

#include "portal/console.h"

namespace hospes::portal {

http::Response read_messages(const ConsoleDoors& doors);
/// The look is entered where the person reads it.
http::Response preview_message(const ConsoleDoors& doors, const http::Request& request);

/// One test, as `test_message` sends it. Nothing: sent; else what to answer.
struct TestMail {
  std::string_view message;
  std::string person, language, to;
  std::string_view campaign = {};  // that its links name; empty: of none
};
std::optional<http::Response> send_test(
    const ConsoleDoors& doors, const http::Request& request, const TestMail& mail
);

/// The same, sent to an address of staff: marked as a test, and its way out leads nowhere.
http::Response test_message(const ConsoleDoors& doors, const http::Request& request);

}  // namespace hospes::portal
