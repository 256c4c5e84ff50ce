#include "portal/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "portal/secrets.h"

namespace hospes::portal {
namespace {

constexpr std::uint64_t file_bytes_max = 1'000'000;

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

constexpr std::string_view bearer = "Bearer ";

}  // namespace

Access::Access(disk::Disk& disk, std::string folder, Options options)
    : disk_(disk), folder_(std::move(folder)), options_(std::move(options)) {}

Result<std::unique_ptr<Access>> Access::open(
    disk::Disk& disk, std::string folder, Options options, Instant now
) {
  TRY(disk.make_folder(folder));
  std::unique_ptr<Access> access(new Access(disk, folder, std::move(options)));
  access->accounts_ = TRY(staff::Accounts::open(disk, folder));
  access->approvals_ = TRY(staff::Approvals::open(disk, std::move(folder)));
  TRY(access->load(now));
  return access;
}

Status Access::load(Instant now) {
  auto token = disk::read_all(disk_, folder_ + "/token", file_bytes_max);
  if (!token && token.error().code != Code::not_found) return std::unexpected(token.error());
  token_ = token ? *token : "";
  if (token_.ends_with('\n')) token_.pop_back();
  if (token_.empty()) {
    token_ = "hs_staff_" + new_secret();
    TRY(disk::replace(disk_, folder_, "token", token_ + "\n"));
  }
  token_hash_ = hash_of(token_);
  auto text = disk::read_all(disk_, folder_ + "/sessions", file_bytes_max);
  if (!text && text.error().code == Code::not_found) return {};
  const std::string held = TRY(std::move(text));
  std::string_view rest = held;
  while (!rest.empty()) {  // "hash end [since account]\n"; a line that cannot be read is nobody's session
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    std::array<std::string_view, 4> part;
    for (std::string_view& one : part) {
      one = line.substr(0, line.find(' '));
      line.remove_prefix(std::min(line.size(), one.size() + 1));
    }
    const auto end = parse_instant(part[1]);
    if (!end || *end <= now) continue;
    const auto since = parse_instant(part[2]);
    const std::string_view account = part[3].empty() ? owner_name : part[3];
    sessions_.emplace(part[0], Open{*end, since.value_or(*end - session_good_for), std::string(account), now});
  }
  return {};
}

Status Access::save() const {
  std::string text;
  for (const auto& [hash, open] : sessions_)
    text += fmt::format("{} {} {} {}\n", hash, to_string(open.end), to_string(open.since), open.account);
  return disk::replace(disk_, folder_, "sessions", text);
}

std::string Access::new_owner_code(Instant now) {
  const std::string code = new_secret();
  const std::scoped_lock lock(mutex_);
  owner_code_hash_ = hash_of(code);
  owner_code_ends_ = now + owner_link_good_for;
  return code;
}

Result<std::optional<std::string>> Access::redeem(std::string_view code, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (owner_code_hash_.empty() || now >= owner_code_ends_ || hash_of(code) != owner_code_hash_) {
    return std::optional<std::string>();
  }
  owner_code_hash_.clear();
  std::string cookie = cookie_for(owner_name, session_good_for, now);
  TRY(save());
  return std::optional(std::move(cookie));
}

std::string Access::cookie_for(std::string_view account, Duration good_for, Instant now) {
  make_room(sessions_, sessions_max, now, [](const auto& session) { return session.second.end; });
  const std::string session = new_secret();
  sessions_.emplace(hash_of(session), Open{now + good_for, now, std::string(account), now});
  return fmt::format(
      "{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", session_cookie(options_.tls), session,
      std::chrono::duration_cast<std::chrono::seconds>(good_for).count(), options_.tls ? "; Secure" : ""
  );
}

Result<std::string> Access::begin_session(std::string_view account, Instant now) {
  const std::scoped_lock lock(mutex_);
  std::string cookie = cookie_for(account, staff_session_good_for, now);
  TRY(save());
  return cookie;
}

Status Access::end_sessions(std::string_view account, const http::Request* but) {
  const std::string kept = but == nullptr ? "" : hash_of(cookie_of(*but, session_cookie(options_.tls)));
  const std::scoped_lock lock(mutex_);
  std::erase_if(sessions_, [&](const auto& one) { return one.second.account == account && one.first != kept; });
  return save();
}

/// Nothing: the account is gone or switched off.
std::optional<staff::Role> Access::role_of(std::string_view account) const {
  if (account == owner_name) return staff::Role::owner;
  const auto found = accounts_->find(account);
  return found && found->on ? std::optional(found->role) : std::nullopt;
}

bool Access::knows_host(std::string_view host) const {
  const std::string_view name = without_port(host);
  for (const std::string_view known : {"localhost", "127.0.0.1", "[::1]"}) {
    if (http::same_text(name, known)) return true;
  }
  return std::ranges::any_of(options_.hosts, [&](const std::string& known) {
    return http::same_text(name, known);
  });
}

std::optional<Refused> Access::check_place(const http::Request& request) const {
  const std::string_view host = request.headers.find("Host");
  if (!knows_host(host)) {
    return Refused{
        403, "host_unknown",
        "The console does not answer under this host name. Add it to [console] hosts in "
        "hospes.toml."};
  }
  // A browser that follows a link sends no Origin; one that runs a page's script does.
  const std::string_view origin = request.headers.find("Origin");
  if (origin.empty()) return std::nullopt;
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos && http::same_text(origin.substr(scheme + 3), host))
    return std::nullopt;
  return Refused{403, "origin_foreign", "Another site's page may not speak to the console."};
}

std::optional<Refused> Access::check_person(const http::Request& request, Instant now) const {
  const std::string_view authorization = request.headers.find("Authorization");
  if (authorization.starts_with(bearer)) {
    if (hash_of(authorization.substr(bearer.size())) == token_hash_) return std::nullopt;
    return Refused{
        401, "token_unknown", "This staff token is not that of the server's data folder."};
  }
  if (const std::string_view cookie = cookie_of(request, session_cookie(options_.tls));
      !cookie.empty()) {
    const std::scoped_lock lock(mutex_);
    const auto found = sessions_.find(hash_of(cookie));
    if (found != sessions_.end() && found->second.end > now && role_of(found->second.account)) {
      const Open& open = found->second;
      if (open.rested(now)) {
        open.used = Instant::beginning();  // for good, whatever the clock says next
        return Refused{
            401, "session_needed",
            "Nobody used this session for so long that it has ended. Sign in again, or open a new owner link (hospes "
            "link)."};
      }
      if (!request.headers.has(idle_header)) open.used = std::max(open.used, now);
      return std::nullopt;
    }
  }
  return Refused{
      401, "session_needed",
      "Sign in with your account, open the owner link that the server printed (hospes link prints a new one), or "
      "send Authorization: Bearer with the staff token of the data folder (console/token)."};
}

std::optional<Refused> Access::check_page(const http::Request& request) const {
  if (request.headers.find("Authorization").starts_with(bearer)) return std::nullopt;
  const std::string_view site = request.headers.find("Sec-Fetch-Site");
  // check_place has found that an Origin is our own host.
  const bool ours = site.empty() ? request.headers.has("Origin") : site == "same-origin";
  const std::string word = page_word(cookie_of(request, session_cookie(options_.tls)));
  if (ours && request.headers.find(page_header) == word) return std::nullopt;
  return Refused{
      403, "page_unproved",
      "What changes or asks with a session's cookie must come from a page of the console: send "
      "X-Hospes-Page with the word \"page\" of GET /v1/session, from the same origin."};
}

Access::Session Access::session(const http::Request& request) const {
  if (request.headers.find("Authorization").starts_with(bearer))
    return {.token = true, .account = std::string(token_name)};
  const std::string_view cookie = cookie_of(request, session_cookie(options_.tls));
  const std::scoped_lock lock(mutex_);
  const auto found = sessions_.find(hash_of(cookie));
  if (found == sessions_.end()) return {};
  const Open& open = found->second;
  const auto role = role_of(open.account);
  if (!role) return {};
  return {false, open.since, open.end, page_word(cookie), open.account, *role};
}

std::optional<Refused> Access::check_right(const Session& session, staff::Right right) {
  if (session.token || right == staff::Right::anybody) return std::nullopt;
  const staff::RightRow& row = staff::row_of(right);
  if (right == staff::Right::machine)
    return Refused{
        403, "token_needed",
        "this is done on the house's machine, with the staff token: see hospes link and hospes keys"};
  if (!session.account.empty() && staff::may(session.role, right)) return std::nullopt;
  return Refused{
      403, "role_needed",
      fmt::format(
          "{} ({}): this takes the role {}, and {} has the role {}. An owner gives roles: Staff in the console, or "
          "hospes staff role",
          row.name, row.en, staff::who_may(right), session.account, staff::row_of(session.role).name
      )};
}

Result<std::string> Access::leave(const http::Request& request) {
  const std::string_view name = session_cookie(options_.tls);
  const std::scoped_lock lock(mutex_);
  if (sessions_.erase(hash_of(cookie_of(request, name))) > 0) TRY(save());
  return fmt::format(
      "{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{}", name, options_.tls ? "; Secure" : ""
  );
}

}  // namespace hospes::portal
