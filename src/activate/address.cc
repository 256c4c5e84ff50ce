#include "activate/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hospes::activate {
namespace {

constexpr unsigned mapped_bits = 96;

Address mapped(const void* v4) {
  Address out;
  out.bytes[10] = out.bytes[11] = 0xff;
  std::memcpy(&out.bytes[12], v4, 4);
  return out;
}

bool in(const Address& address, const Address& network, unsigned bits) {
  for (unsigned i = 0; i < 16 && bits > 0; ++i) {
    const unsigned here = std::min(bits, 8u);
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - here));
    if ((address.bytes[i] & mask) != (network.bytes[i] & mask)) return false;
    bits -= here;
  }
  return true;
}

struct Special {
  const char* address;
  unsigned bits;
};
constexpr Special special_v4[] = {
    {"0.0.0.0", 8},     {"10.0.0.0", 8},     {"100.64.0.0", 10},   {"127.0.0.0", 8},
    {"169.254.0.0", 16}, {"172.16.0.0", 12}, {"192.0.0.0", 24},    {"192.0.2.0", 24},
    {"192.88.99.0", 24}, {"192.168.0.0", 16}, {"198.18.0.0", 15},  {"198.51.100.0", 24},
    {"203.0.113.0", 24}, {"224.0.0.0", 4},   {"240.0.0.0", 4}};
// What is not in 2000::/3 is not of the public internet; of that, these are not either.
constexpr Special special_v6[] = {{"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20}};

}  // namespace

bool Address::is_v4() const { return in(*this, mapped("\0\0\0\0"), mapped_bits); }

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.is_v4()) {
    inet_ntop(AF_INET, &address.bytes[12], text, sizeof text);
  } else {
    inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
  }
  return text;
}

Result<Address> parse_address(std::string_view text) {
  const std::string copy(text);
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return mapped(&v4);
  Address out;
  if (inet_pton(AF_INET6, copy.c_str(), out.bytes.data()) == 1) return out;
  return fail(Code::invalid_input, "\"" + copy.substr(0, 64) + "\" is not an address");
}

Result<Allowed> Allowed::parse(std::span<const std::string> networks) {
  Allowed out;
  for (const std::string& text : networks) {
    const auto slash = text.find('/');
    const auto address = parse_address(std::string_view(text).substr(0, slash));
    unsigned bits = 128;
    bool good = address.has_value();
    if (good && slash != std::string::npos) {
      const char* end = text.data() + text.size();
      const auto [at, error] = std::from_chars(text.data() + slash + 1, end, bits);
      const unsigned most = address->is_v4() ? 32 : 128;
      good = error == std::errc() && at == end && bits <= most;
      if (address->is_v4()) bits += mapped_bits;
    }
    if (!good)
      return fail(
          Code::invalid_input,
          "[act] allow lists networks such as \"127.0.0.0/8\", \"10.1.2.3\" or \"fd00::/8\"; \"" +
              text.substr(0, 64) + "\" is none"
      );
    out.networks_.push_back({*address, bits});
  }
  return out;
}

bool Allowed::lists(const Address& address) const {
  return std::ranges::any_of(networks_, [&](const Network& n) {
    return in(address, n.address, n.bits);
  });
}

bool Allowed::may_reach(const Address& address) const {
  return !is_special(address) || lists(address);
}

bool is_special(const Address& address) {
  const auto among = [&](std::span<const Special> list, unsigned more) {
    return std::ranges::any_of(list, [&](const Special& s) {
      return in(address, *parse_address(s.address), s.bits + more);
    });
  };
  if (address.is_v4()) return among(special_v4, mapped_bits);
  return (address.bytes[0] & 0xe0) != 0x20 || among(special_v6, 0);
}

Result<std::vector<Address>> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
    return fail(Code::unavailable, "cannot resolve " + host + ": " + gai_strerror(error));
  std::vector<Address> out;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family == AF_INET) {
      out.push_back(mapped(&reinterpret_cast<const sockaddr_in*>(at->ai_addr)->sin_addr));
    } else if (at->ai_family == AF_INET6) {
      Address v6;
      std::memcpy(
          v6.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(at->ai_addr)->sin6_addr, 16
      );
      out.push_back(v6);
    }
  }
  freeaddrinfo(found);
  if (out.empty()) return fail(Code::unavailable, host + " has no address");
  return out;
}

}  // namespace hospes::activate
