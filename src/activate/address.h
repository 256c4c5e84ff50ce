// Where the house may send: public addresses, and what its operator lists. A name is resolved by us,
// refused when any of its addresses is not allowed, and the connection is pinned to what was checked
// (OWASP, server-side request forgery).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::activate {

/// An IPv4 address is held as IPv6 has it, mapped: ::ffff:a.b.c.d.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4() const;
  bool operator==(const Address&) const = default;
};
std::string to_string(const Address& address);
/// As numbers; nothing else.
Result<Address> parse_address(std::string_view text);

class Allowed {
 public:
  /// `127.0.0.0/8`, `10.1.2.3`, `fd00::/8`. invalid_input names what is not a network.
  static Result<Allowed> parse(std::span<const std::string> networks);

  /// Listed.
  bool lists(const Address& address) const;
  /// Listed, or an address of the public internet.
  bool may_reach(const Address& address) const;

 private:
  struct Network {
    Address address;
    unsigned bits = 128;
  };
  std::vector<Network> networks_;
};

/// Loopback, private, link-local, carrier-grade, documentation, multicast, translated or reserved:
/// RFC 6890 and its registries.
bool is_special(const Address& address);

/// All addresses of the host. Blocks for as long as the system's resolver does.
Result<std::vector<Address>> resolve(const std::string& host);
/// Who answers what a name leads to: `resolve`, but in tests.
using Resolver = std::function<Result<std::vector<Address>>(const std::string& host)>;

}  // namespace hospes::activate
