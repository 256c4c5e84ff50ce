// Numeric listen addresses, and who already holds a port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace hospes::http {

struct Address {
  std::string host;  // numeric, without brackets
  std::uint16_t port = 0;
};

/// `127.0.0.1:8080` or `[::1]:8080`. invalid_input otherwise.
Result<Address> parse_address(std::string_view text);
bool is_loopback(std::string_view numeric_host);
/// `nginx (pid 4121)`, or `another program` when the system does not tell (other user, no /proc).
std::string port_holder(std::uint16_t port);

}  // namespace hospes::http
