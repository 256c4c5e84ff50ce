#include "staff/accounts.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "staff/code.h"
#include "staff/lines.h"

namespace hospes::staff {
namespace {

constexpr std::uint64_t file_bytes_max = 1'000'000;
constexpr std::string_view heading = "hospes accounts 1\n";
constexpr std::size_t called_bytes_max = 120;
constexpr std::array<std::string_view, 4> taken = {"owner", "token", "guest", "session"};

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }
std::string or_dash(const std::optional<Instant>& at) { return at ? to_string(*at) : "-"; }
std::string not_dash(std::string_view text) { return text == "-" ? std::string() : std::string(text); }

std::unexpected<Error> damaged(const std::string& path, std::size_t line) {
  return fail(
      Code::corrupt, path + " cannot be read at line " + std::to_string(line) +
                         ": restore it from a backup. Moved aside, the house has its owner by hospes link alone"
  );
}

std::unexpected<Error> wrong() {
  return fail(Code::not_found, "this name and this password do not belong together");
}

std::unexpected<Error> locked(Instant until) {
  return fail(
      Code::over_limit, "locked until " + to_string(until) +
                            " after five wrong passwords in a row. An owner can end this sooner: hospes staff unlock"
  );
}

Status may_be_called(std::string_view called) {
  const bool plain = std::ranges::none_of(called, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (!called.empty() && called.size() <= called_bytes_max && plain) return {};
  return fail(Code::invalid_input, "what they are called has at most 120 bytes, on one line");
}

Duration lock_of(unsigned strikes) {
  return locked_for * (std::int64_t{1} << std::min(strikes, doublings_max));
}

}  // namespace

Status may_be_account(std::string_view name) {
  const bool letters = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
  if (name.empty() || name.size() > 64 || !letters)
    return fail(Code::invalid_input, "an account's name has 1 to 64 of a-z, 0-9, dot, dash and underscore");
  if (std::ranges::find(taken, name) != taken.end())
    return fail(Code::invalid_input, "\"" + std::string(name) + "\" means something else here: choose another name");
  return {};
}

Result<std::unique_ptr<Accounts>> Accounts::open(disk::Disk& disk, std::string folder, Cost cost) {
  TRY(disk.make_folder(folder));
  std::unique_ptr<Accounts> out(new Accounts(disk, std::move(folder), cost));
  TRY(out->load());
  return out;
}

Status Accounts::load() {
  const std::string path = folder_ + "/accounts";
  auto read = disk::read_all(disk_, path, file_bytes_max);
  if (!read && read.error().code == Code::not_found) return {};
  const std::string text = TRY(std::move(read));
  const auto unread = unread_line(text, heading, [&](std::string_view line) {
    const auto part = parts_of<10>(line);
    if (!part) return false;
    const auto& [name, role_name, on, since_text, called, password, link_hash, link_ends, locked_until, strikes_text] = *part;
    const auto role = find_role(role_name);
    const auto since = parse_instant(since_text);
    Kept kept;
    const auto strikes = std::from_chars(strikes_text.data(), strikes_text.data() + strikes_text.size(), kept.strikes);
    if (!role || !since || (on != "on" && on != "off") || strikes.ec != std::errc() || name.empty()) return false;
    kept.account = {.name = std::string(name), .called = std::string(called), .role = *role,
                    .on = on == "on", .since = *since, .locked_until = parse_instant(locked_until),
                    .has_password = password != "-", .link_ends = parse_instant(link_ends)};
    kept.password = not_dash(password);
    kept.link_hash = not_dash(link_hash);
    kept_.emplace(kept.account.name, std::move(kept));
    return true;
  });
  return unread ? Status(damaged(path, *unread)) : Status();
}

Status Accounts::save() const {
  std::string text(heading);
  for (const auto& [name, k] : kept_) {
    const Account& a = k.account;
    for (const std::string& part :
         {name, std::string(row_of(a.role).name), std::string(a.on ? "on" : "off"), to_string(a.since), a.called,
          or_dash(k.password), or_dash(k.link_hash), or_dash(a.link_ends), or_dash(a.locked_until)})
      text.append(part).append("\t");
    text.append(std::to_string(k.strikes)).append("\n");
  }
  return disk::replace(disk_, folder_, "accounts", text.append(ending));
}

std::vector<Account> Accounts::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Account> out;
  for (const auto& [name, kept] : kept_) out.push_back(kept.account);
  return out;
}

std::optional<Account> Accounts::find(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto at = kept_.find(name);
  return at == kept_.end() ? std::nullopt : std::optional(at->second.account);
}

Result<Accounts::Kept*> Accounts::named(std::string_view name) {
  const auto at = kept_.find(name);
  if (at == kept_.end()) return fail(Code::not_found, "there is no account \"" + std::string(name) + "\"");
  return &at->second;
}

Result<std::string> Accounts::fresh_link(Kept& kept, Instant now) {
  const std::string code = new_secret();
  kept.link_hash = hash_of(code);
  kept.account.link_ends = now + link_good_for;
  TRY(save());
  return code;
}

Result<std::string> Accounts::add(const Account& wanted, Instant now) {
  TRY(may_be_account(wanted.name));
  Kept kept{.account = wanted, .password = {}, .link_hash = {}};
  std::string& called = kept.account.called;
  if (called.empty()) called = wanted.name;
  TRY(may_be_called(called));
  kept.account.since = now;
  kept.account.has_password = false;
  const std::scoped_lock lock(mutex_);
  if (kept_.contains(wanted.name))
    return fail(Code::conflict, "there is an account \"" + wanted.name + "\" already, and a name is never given again");
  if (kept_.size() >= accounts_max) return fail(Code::over_limit, "a house has at most 500 accounts");
  return fresh_link(kept_.emplace(wanted.name, std::move(kept)).first->second, now);
}

Result<std::string> Accounts::new_link(std::string_view name, Instant now) {
  const std::scoped_lock lock(mutex_);
  Kept* kept = TRY(named(name));
  if (!kept->account.on) return fail(Code::conflict, "this account is switched off: switch it on first");
  return fresh_link(*kept, now);
}

std::optional<Account> Accounts::invited(std::string_view code, Instant now) const {
  const std::string hash = hash_of(code);
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, k] : kept_)
    if (k.account.on && k.link_hash == hash && k.account.link_ends && now < *k.account.link_ends) return k.account;
  return std::nullopt;
}

Result<Account> Accounts::join(std::string_view code, std::string_view password, Instant now) {
  const auto who = invited(code, now);
  const auto nothing = [] {
    return fail(Code::not_found, "this link was used, or is older than a day: ask an owner for another");
  };
  if (!who) return nothing();
  TRY(may_be_password(password, who->name));
  std::string hash = kept(password, cost_);
  const std::scoped_lock lock(mutex_);
  Kept& k = kept_.at(who->name);
  if (k.link_hash != hash_of(code)) return nothing();  // somebody was faster
  k.link_hash.clear();
  k.account.link_ends.reset();
  k.account.locked_until.reset();
  k.failures = k.strikes = 0;
  k.password = std::move(hash);
  k.account.has_password = true;
  TRY(save());
  return k.account;
}

Status Accounts::count(
    std::string_view name, Instant now, std::string& password, std::optional<Instant>& locks
) {
  const std::scoped_lock lock(mutex_);
  const auto at = kept_.find(name);
  const auto strike = [&](auto& one, std::optional<Instant>& until) -> Status {
    if (until && now < *until) return locked(*until);
    if (++one.failures < failures_max) return {};
    one.failures = 0;
    locks = until = now + lock_of(one.strikes++);
    return {};
  };
  if (at != kept_.end() && at->second.account.on && !at->second.password.empty()) {
    password = at->second.password;
    TRY(strike(at->second, at->second.account.locked_until));
    return locks ? save() : Status();
  }
  if (!strangers_.contains(name) && strangers_.size() >= strangers_max)
    strangers_.erase(std::ranges::min_element(strangers_, {}, [](const auto& one) { return one.second.last; }));
  Stranger& one = strangers_[std::string(name.substr(0, 64))];
  one.last = now;
  return strike(one, one.locked_until);
}

Result<Account> Accounts::sign_in(
    std::string_view name, std::string_view password, Instant now, const std::function<void(Instant)>& told
) {
  std::string hash;
  std::optional<Instant> locks;
  TRY(count(name, now, hash, locks));
  const bool right = hash.empty() ? nobodys_password(password, cost_) : is_password(hash, password);
  if (!right) {
    if (!locks) return wrong();
    if (told && !hash.empty()) told(*locks);
    return locked(*locks);
  }
  const std::scoped_lock lock(mutex_);
  const auto at = kept_.find(name);
  if (at == kept_.end() || !at->second.account.on || at->second.password != hash) return wrong();  // changed meanwhile
  Kept& k = at->second;
  const bool was = k.strikes != 0 || k.account.locked_until.has_value();
  k.failures = k.strikes = 0;
  k.account.locked_until.reset();
  if (was) TRY(save());
  return k.account;
}

Status Accounts::change_password(
    std::string_view name, std::string_view old, std::string_view password, Instant now
) {
  TRY(may_be_password(password, name));
  TRY(sign_in(name, old, now));
  std::string hash = kept(password, cost_);
  const std::scoped_lock lock(mutex_);
  Kept* k = TRY(named(name));
  k->password = std::move(hash);
  return save();
}

Result<Account> Accounts::change(std::string_view name, const Change& change) {
  if (change.called) TRY(may_be_called(*change.called));
  const std::scoped_lock lock(mutex_);
  Kept* k = TRY(named(name));
  if (change.role) k->account.role = *change.role;
  if (change.called) k->account.called = *change.called;
  if (change.on) {
    k->account.on = *change.on;
    if (!*change.on) {
      k->link_hash.clear();
      k->account.link_ends.reset();
    }
  }
  TRY(save());
  return k->account;
}

Status Accounts::unlock(std::string_view name) {
  const std::scoped_lock lock(mutex_);
  Kept* k = TRY(named(name));
  k->account.locked_until.reset();
  k->failures = k->strikes = 0;
  return save();
}

}  // namespace hospes::staff
