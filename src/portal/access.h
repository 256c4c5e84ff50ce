// Who may speak to the console (design.md rule 18): the right host name, no foreign page, and
// either the session of somebody who came through the one-time owner link or the staff token of the
// command line. There is no password, so no default one. What a session may do is further tied to
// the console's own pages: see check_page.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "disk/disk.h"
#include "http/message.h"

namespace hospes::portal {

inline constexpr Duration owner_link_good_for = std::chrono::minutes(15);
inline constexpr Duration session_good_for = std::chrono::hours(24 * 30);
inline constexpr std::size_t sessions_max = 1'000;  // the one that ends first makes room
/// By whether a proxy ends TLS before us. A browser takes `__Host-` only with Secure, and Secure
/// only over TLS (RFC 6265bis, 4.1.3.2; some browsers except loopback, Safari does not).
constexpr std::string_view session_cookie(bool tls) {
  return tls ? "__Host-hospes_session" : "hospes_session";
}
inline constexpr std::string_view page_header = "X-Hospes-Page";

/// Why a request is turned away: a status of HTTP, a code for programs and a sentence for people.
struct Refused {
  int status = 401;
  std::string code;
  std::string message;
};

/// Thread-safe. Time is the caller's. Only SHA-256 of codes, sessions and the token is compared; of
/// codes and sessions nothing else is kept.
class Access {
 public:
  struct Options {
    std::vector<std::string> hosts = {};  // by which the console is reached, beside loopback names
    bool tls = false;  // a proxy ends it before us: the cookie is Secure and bound to the host
  };
  /// Reads `folder`/sessions and `folder`/token, and makes what is absent.
  static Result<std::unique_ptr<Access>> open(
      disk::Disk& disk, std::string folder, Options options, Instant now
  );

  /// Code of a new owner link; an older one, unused, is void from now on.
  std::string new_owner_code(Instant now);
  /// Uses the code up and gives the Set-Cookie value of a new session. Nothing: wrong, used or too
  /// old, which are not told apart.
  Result<std::optional<std::string>> redeem(std::string_view code, Instant now);

  /// Host and Origin; for every path, before anything else.
  std::optional<Refused> check_place(const http::Request& request) const;
  /// Session cookie or bearer token.
  std::optional<Refused> check_person(const http::Request& request, Instant now) const;
  /// That a page of the console sent it; for all but GET, of callers that check_person let in. What
  /// only a cookie vouches for may come from any page in that browser (OWASP, cross-site request
  /// forgery): so the browser's own word (Sec-Fetch-Site, else Origin), and a word that only our
  /// page could read. The staff token needs neither.
  std::optional<Refused> check_page(const http::Request& request) const;

  /// Of a caller that check_person let in.
  struct Session {
    bool token = false;   // the staff token: the others are empty
    Instant since, until;
    std::string page;     // what page_header must say
  };
  Session session(const http::Request& request) const;
  /// Ends the session that the request bears; the Set-Cookie value that takes the cookie away.
  Result<std::string> leave(const http::Request& request);

  /// For the command line on this machine; it stands in `folder`/token, mode 0600.
  const std::string& staff_token() const { return token_; }

 private:
  Access(disk::Disk& disk, std::string folder, Options options);
  Status load(Instant now);
  Status save() const;  // under mutex_
  bool knows_host(std::string_view host) const;

  disk::Disk& disk_;
  const std::string folder_;
  const Options options_;
  std::string token_, token_hash_;
  mutable std::mutex mutex_;
  std::map<std::string, Instant> sessions_;  // hash → end
  std::string owner_code_hash_;              // empty: none is open
  Instant owner_code_ends_;
};

}  // namespace hospes::portal
