// Who may speak to the console (design.md rule 18), and what they may do there: the right host name, no foreign
// page, and the session of somebody who came through the one-time owner link or with their own password, or the
// staff token of the command line. There is no default password. What a session may do follows from the role of
// its account (staff/role.h), as it is at that moment, and is tied to the console's own pages: see check_page.
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
#include "staff/accounts.h"
#include "staff/approvals.h"

namespace hospes::portal {

inline constexpr Duration owner_link_good_for = std::chrono::minutes(15);
inline constexpr Duration session_good_for = std::chrono::hours(24 * 30);  // of the owner, by link
inline constexpr Duration staff_session_good_for = std::chrono::hours(12);  // of an account: a working day
/// A session that nobody uses ends earlier (OWASP, session management: idle time-out).
inline constexpr Duration staff_idle_max = std::chrono::minutes(30);
inline constexpr Duration owner_idle_max = std::chrono::hours(24 * 7);
/// A page says so of what it asks by itself, long after the last touch: that is no use.
inline constexpr std::string_view idle_header = "X-Hospes-Idle";
inline constexpr std::size_t sessions_max = 1'000;  // the one that ends first makes room
/// By whether a proxy ends TLS before us. A browser takes `__Host-` only with Secure, and Secure
/// only over TLS (RFC 6265bis, 4.1.3.2; some browsers except loopback, Safari does not).
constexpr std::string_view session_cookie(bool tls) {
  return tls ? "__Host-hospes_session" : "hospes_session";
}
inline constexpr std::string_view page_header = "X-Hospes-Page";

/// Who came by the owner link: it has no account, and always the role of the owner.
inline constexpr std::string_view owner_name = "owner";
/// The command line on the house's machine.
inline constexpr std::string_view token_name = "token";

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
  /// Reads `folder`/sessions, token, accounts and approvals, and makes what is absent.
  static Result<std::unique_ptr<Access>> open(
      disk::Disk& disk, std::string folder, Options options, Instant now
  );

  /// Code of a new owner link; an older one, unused, is void from now on.
  std::string new_owner_code(Instant now);
  /// Uses the code up and gives the Set-Cookie value of a new session. Nothing: wrong, used or too
  /// old, which are not told apart.
  Result<std::optional<std::string>> redeem(std::string_view code, Instant now);
  /// The Set-Cookie value of a new session of an account that has just proved to be who it is.
  Result<std::string> begin_session(std::string_view account, Instant now);
  /// Ends the account's sessions, but for the one that `request` bears.
  Status end_sessions(std::string_view account, const http::Request* but = nullptr);

  staff::Accounts& accounts() { return *accounts_; }
  const staff::Accounts& accounts() const { return *accounts_; }
  staff::Approvals& approvals() { return *approvals_; }

  /// Host and Origin; for every path, before anything else.
  std::optional<Refused> check_place(const http::Request& request) const;
  /// Session cookie or bearer token. A session that is let in has been used now.
  std::optional<Refused> check_person(const http::Request& request, Instant now) const;
  /// That a page of the console sent it; for all but GET, of callers that check_person let in. What
  /// only a cookie vouches for may come from any page in that browser (OWASP, cross-site request
  /// forgery): so the browser's own word (Sec-Fetch-Site, else Origin), and a word that only our
  /// page could read. The staff token needs neither.
  std::optional<Refused> check_page(const http::Request& request) const;

  /// Of a caller that check_person let in.
  struct Session {
    bool token = false;  // the staff token: of the others, account and role alone are said
    Instant since = {}, until = {};
    std::string page = {};  // what page_header must say
    std::string account = {};
    staff::Role role = staff::Role::owner;
  };
  /// Whether they may; the refusal names the roles that may, and who gives them.
  static std::optional<Refused> check_right(const Session& session, staff::Right right);
  Session session(const http::Request& request) const;
  /// Ends the session that the request bears; the Set-Cookie value that takes the cookie away.
  Result<std::string> leave(const http::Request& request);

  /// For the command line on this machine; it stands in `folder`/token, mode 0600.
  const std::string& staff_token() const { return token_; }

 private:
  Access(disk::Disk& disk, std::string folder, Options options);
  Status load(Instant now);
  Status save() const;  // under mutex_
  std::string cookie_for(std::string_view account, Duration good_for, Instant now);  // under mutex_
  std::optional<staff::Role> role_of(std::string_view account) const;
  bool knows_host(std::string_view host) const;

  disk::Disk& disk_;
  const std::string folder_;
  const Options options_;
  std::string token_, token_hash_;
  std::unique_ptr<staff::Accounts> accounts_;
  std::unique_ptr<staff::Approvals> approvals_;
  mutable std::mutex mutex_;
  struct Open {
    Instant end, since;
    std::string account;
    mutable Instant used;  // not kept: a restart counts as a use
    bool rested(Instant now) const {
      return now >= used + (account == owner_name ? owner_idle_max : staff_idle_max);
    }
  };
  std::map<std::string, Open> sessions_;     // by hash
  std::string owner_code_hash_;              // empty: none is open
  Instant owner_code_ends_;
};

}  // namespace hospes::portal
