// Passwords as they are kept: scrypt (RFC 7914) with a salt of their own.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::staff {

inline constexpr std::size_t password_letters_min = 12;  // NIST SP 800-63B: length, and no rules of composition
inline constexpr std::size_t password_bytes_max = 256;

/// invalid_input says what to change: too short, too long, of few different letters, or the account's own name.
Status may_be_password(std::string_view password, std::string_view account);

/// N = 2^log_n. As it stands 32 MB and about 0.3 s: OWASP's equal of N = 2^17, p = 1 at a quarter of the memory.
struct Cost {
  unsigned log_n = 15, r = 8, p = 3;
};

/// "scrypt$15$8$3$salt$hash": log_n, r, p; salt and hash in base64.
std::string kept(std::string_view password, const Cost& cost = {});
/// In constant time once hashed. False also for what cannot be read; of parameters up to 64 MB.
bool is_password(std::string_view kept, std::string_view password);
/// As long as `is_password` takes, and false: for a name that nobody bears.
bool nobodys_password(std::string_view password, const Cost& cost = {});

}  // namespace hospes::staff
