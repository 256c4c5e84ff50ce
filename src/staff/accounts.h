// Who works for the house: accounts with a role, a password of their own, and an end to guessing. docs/staff.md.
//
// Kept in `folder`/accounts, replaced whole and durably with each change:
//   file    = "hospes accounts 1\n" account* "end\n"
//   account = name TAB role TAB ("on" | "off") TAB since TAB called TAB password TAB link TAB link_ends TAB
//             locked_until TAB strikes "\n"                      "-" stands for what is not there
//
// Invariants:
// 1. No password exists that its person did not choose; nothing of it is kept but its scrypt hash.
// 2. A link is good once, and only the newest of an account.
// 3. A failure counts before its password is compared, so that guesses at one time are no free ones.
// 4. What is wrong with a name or a password is never told: both answer alike, and as late.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "disk/disk.h"
#include "staff/password.h"
#include "staff/role.h"

namespace hospes::staff {

inline constexpr std::size_t accounts_max = 500;
inline constexpr Duration link_good_for = std::chrono::hours(24);
inline constexpr unsigned failures_max = 5;  // then locked
inline constexpr Duration locked_for = std::chrono::minutes(15);  // doubled with each lock in a row …
inline constexpr unsigned doublings_max = 6;                      // … up to 16 hours
inline constexpr std::size_t strangers_max = 1'000;               // names that nobody bears and somebody tried

struct Account {
  std::string name;    // to sign in with: a–z, 0–9, "._-"
  std::string called;  // as people call them
  Role role = Role::analyst;
  bool on = true;
  Instant since;
  std::optional<Instant> locked_until;
  bool has_password = false;
  std::optional<Instant> link_ends;  // of the link that was not used yet
};

/// Thread-safe. Time is the caller's. Hashing runs outside of every lock.
class Accounts {
 public:
  /// corrupt when the file cannot be read: nobody is let in on a guess, and none is made anew.
  static Result<std::unique_ptr<Accounts>> open(disk::Disk& disk, std::string folder, Cost cost = {});

  /// By name. No password, no hash.
  std::vector<Account> all() const;
  std::optional<Account> find(std::string_view name) const;

  /// The code of the link by which its person chooses a password. invalid_input, conflict (the name is taken; a
  /// name is never given again), over_limit.
  Result<std::string> add(const Account& wanted, Instant now);
  /// A new link; the older one is void. not_found; conflict when it is switched off.
  Result<std::string> new_link(std::string_view name, Instant now);
  /// Whose link it is. Nothing: wrong, used or too old, which are not told apart. Changes nothing.
  std::optional<Account> invited(std::string_view code, Instant now) const;
  /// Uses the link up: the password is theirs from now on, and a lock is over. not_found as above.
  Result<Account> join(std::string_view code, std::string_view password, Instant now);

  /// not_found: no such name, or not its password. over_limit: locked, and says until when. `locked`, when given, is
  /// told of the attempt that locked it.
  Result<Account> sign_in(
      std::string_view name, std::string_view password, Instant now,
      const std::function<void(Instant until)>& locked = {}
  );
  /// The same limits hold for the old one.
  Status change_password(std::string_view name, std::string_view old, std::string_view password, Instant now);

  struct Change {
    std::optional<Role> role;
    std::optional<bool> on;
    std::optional<std::string> called;
  };
  Result<Account> change(std::string_view name, const Change& change);
  Status unlock(std::string_view name);

 private:
  struct Kept {
    Account account;
    std::string password, link_hash;
    unsigned failures = 0, strikes = 0;
  };
  struct Stranger {
    unsigned failures = 0, strikes = 0;
    std::optional<Instant> locked_until;
    Instant last;
  };

  Accounts(disk::Disk& disk, std::string folder, Cost cost)
      : disk_(disk), folder_(std::move(folder)), cost_(cost) {}
  Status load();
  Status save() const;  // under mutex_
  Result<Kept*> named(std::string_view name);
  Result<std::string> fresh_link(Kept& kept, Instant now);
  /// Counts a failure of which nobody knows yet whether it is one; over_limit when locked.
  Status count(std::string_view name, Instant now, std::string& password, std::optional<Instant>& locks);

  disk::Disk& disk_;
  const std::string folder_;
  const Cost cost_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> kept_;
  std::map<std::string, Stranger, std::less<>> strangers_;  // in memory alone
};

/// 1–64 of a–z, 0–9, "._-", and none that means something else here.
Status may_be_account(std::string_view name);

}  // namespace hospes::staff
