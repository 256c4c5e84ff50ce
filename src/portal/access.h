// Who may speak to the console (design.md rule 18): the right host name, no foreign page, and
// either the session of somebody who came through the one-time owner link or the staff token of the
// command line. There is no password, so no default one.
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
inline constexpr std::string_view session_cookie = "hospes_session";

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
  /// Reads `folder`/sessions and `folder`/token, and makes what is absent. `hosts`: further names
  /// by which the console is reached; loopback names are always known.
  static Result<std::unique_ptr<Access>> open(
      disk::Disk& disk, std::string folder, std::vector<std::string> hosts, Instant now
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
  /// Ends the session that the request bears.
  Status leave(const http::Request& request);

  /// For the command line on this machine; it stands in `folder`/token, mode 0600.
  const std::string& staff_token() const { return token_; }

 private:
  Access(disk::Disk& disk, std::string folder, std::vector<std::string> hosts);
  Status load(Instant now);
  Status save() const;  // under mutex_
  bool knows_host(std::string_view host) const;

  disk::Disk& disk_;
  const std::string folder_;
  const std::vector<std::string> hosts_;
  std::string token_, token_hash_;
  mutable std::mutex mutex_;
  std::map<std::string, Instant> sessions_;  // hash → end
  std::string owner_code_hash_;              // empty: none is open
  Instant owner_code_ends_;
};

}  // namespace hospes::portal
