// What links of a mail carry: who and what, signed, readable by this house alone. base64url of
//   version 1 | kind 1 | address atom 16 | effect 16 | link 2 | day of expiry 4 (0: never) |
//   of a click: where it leads | HMAC-SHA256, 16
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/time.h"
#include "model/ids.h"

namespace hospes::mail {

struct Token {
  enum class Kind : char { unsubscribe = 'u', open = 'o', click = 'c', keep = 'k' } kind = Kind::unsubscribe;
  AtomId address;
  Hash128 effect;
  std::uint16_t link = 0;   // of a click: which link of the message
  std::uint32_t until = 0;  // day since 1970-01-01; 0: it does not end
  std::string leads_to = {};  // of a click: the link as the message held it
  bool operator==(const Token&) const = default;
};

inline constexpr std::size_t leads_to_max = 2'000;
bool is_over(const Token& token, Instant now);

/// Derived from the house's secret: the tokens of one house say nothing to another.
class TokenKey {
 public:
  explicit TokenKey(const HashSecret& house);

  std::string seal(const Token& token) const;
  /// Nothing: not ours, changed, of another kind, or over.
  std::optional<Token> open(std::string_view text, Token::Kind kind, Instant now) const;
  /// The same for one that may be over: what it names is still true.
  std::optional<Token> read(std::string_view text, Token::Kind kind) const;
  /// Of an address, for the list of those that take no mail: 24 hexadecimal digits, the same for
  /// ever.
  std::string name_of(std::string_view address) const;

 private:
  std::string tokens_, addresses_;
};

}  // namespace hospes::mail
