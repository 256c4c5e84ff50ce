// How a guest comes in: a link that is good once, then a session. Kept in memory only, as hashes: a
// restart ends them, and nothing on a disk says who was here. Thread-safe; time is the caller's.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"
#include "model/ids.h"

namespace hospes::guest {

inline constexpr Duration link_good_for = std::chrono::minutes(15);
inline constexpr Duration session_good_for = std::chrono::hours(1);  // from its last request
inline constexpr Duration fresh_for = std::chrono::minutes(15);      // for taking away and erasing
inline constexpr std::size_t links_max = 1'000;      // that were not used; the oldest makes room
inline constexpr std::size_t sessions_max = 10'000;  // likewise

/// By whether a proxy ends TLS before us: a browser takes `__Host-` only with Secure, and Secure
/// only over TLS (RFC 6265bis, 4.1.3.2).
constexpr std::string_view guest_cookie(bool tls) {
  return tls ? "__Host-hospes_guest" : "hospes_guest";
}

struct Session {
  Atom login;       // whose link it was
  Instant since;    // what cannot be taken back asks for a session that has just begun
  std::string via;  // who gave the link, for the record: `session`, `token`
  std::string
      word;  // what a form of ours says with each act; nothing of the session follows from it
};

class Sessions {
 public:
  explicit Sessions(bool tls) : tls_(tls) {}

  /// 160 random bits. An older link of the same identifier is void from now on.
  std::string new_link(const Atom& login, std::string_view via, Instant now);
  /// Whether it would still be taken. Changes nothing: programs that look at mail open every link.
  bool is_good(std::string_view code, Instant now) const;
  /// Uses it up: the Set-Cookie value of a new session. Nothing: wrong, used or too old, which are
  /// not told apart.
  std::optional<std::string> redeem(std::string_view code, Instant now);

  /// The session that the request bears, which goes on from now.
  std::optional<Session> of(const http::Request& request, Instant now);
  /// Ends it; the Set-Cookie value that takes the cookie away.
  std::string leave(const http::Request& request);
  /// Ends every session and link of an identifier: it was erased.
  void forget(AtomId login);

 private:
  struct Link {
    Atom login;
    std::string via;
    Instant ends;
  };
  struct Held {
    Session session;
    Instant ends;
  };
  std::string cookie(std::string_view value, std::string_view age) const;

  const bool tls_;
  mutable std::mutex mutex_;
  std::map<std::string, Link, std::less<>> links_;     // by hash
  std::map<std::string, Held, std::less<>> sessions_;  // by hash
};

}  // namespace hospes::guest
