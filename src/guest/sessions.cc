#include "guest/sessions.h"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <algorithm>

#include "base/check.h"

namespace hospes::guest {
namespace {

std::string hash_of(std::string_view secret) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), digest);
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

/// 32 letters of 5 bits, none of which reads like another (Crockford's base 32).
std::string new_secret() {
  constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  unsigned char bytes[32];
  check(getrandom(bytes, sizeof bytes, 0) == sizeof bytes, "the system gives random bytes");
  std::string out;
  for (const unsigned char byte : bytes) out += letters[byte & 31];
  return out;
}

std::string_view cookie_in(const http::Request& request, std::string_view name) {
  std::string_view rest = request.headers.find("Cookie");
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return part.substr(name.size() + 1);
  }
  return {};
}

/// Room for one more: what is over goes, then what ends first.
template <class Map>
void make_room(Map& map, std::size_t max, Instant now) {
  std::erase_if(map, [&](const auto& one) { return one.second.ends <= now; });
  if (map.size() < max) return;
  map.erase(std::ranges::min_element(map, {}, [](const auto& one) { return one.second.ends; }));
}

}  // namespace

std::string Sessions::new_link(const Atom& login, std::string_view via, Instant now) {
  const std::string code = new_secret();
  const std::lock_guard lock(mutex_);
  std::erase_if(links_, [&](const auto& one) { return one.second.login.id == login.id; });
  make_room(links_, links_max, now);
  links_.emplace(hash_of(code), Link{login, std::string(via), now + link_good_for});
  return code;
}

bool Sessions::is_good(std::string_view code, Instant now) const {
  const std::lock_guard lock(mutex_);
  const auto link = links_.find(hash_of(code));
  return link != links_.end() && now < link->second.ends;
}

std::optional<std::string> Sessions::redeem(std::string_view code, Instant now) {
  const std::lock_guard lock(mutex_);
  const auto link = links_.extract(hash_of(code));
  if (link.empty() || now >= link.mapped().ends) return std::nullopt;
  make_room(sessions_, sessions_max, now);
  const std::string secret = new_secret();
  Session session{
      link.mapped().login, now, link.mapped().via, hash_of("page " + secret).substr(0, 32)};
  sessions_.emplace(hash_of(secret), Held{std::move(session), now + session_good_for});
  return cookie(secret, "");
}

std::optional<Session> Sessions::of(const http::Request& request, Instant now) {
  const std::string_view secret = cookie_in(request, guest_cookie(tls_));
  if (secret.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto held = sessions_.find(hash_of(secret));
  if (held == sessions_.end() || held->second.ends <= now) return std::nullopt;
  held->second.ends = now + session_good_for;
  return held->second.session;
}

std::string Sessions::leave(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(hash_of(cookie_in(request, guest_cookie(tls_))));
  return cookie("", "; Max-Age=0");
}

void Sessions::forget(AtomId login) {
  const std::lock_guard lock(mutex_);
  std::erase_if(links_, [&](const auto& one) { return one.second.login.id == login; });
  std::erase_if(sessions_, [&](const auto& one) { return one.second.session.login.id == login; });
}

/// Without Max-Age it ends with the browser: these pages are opened on shared machines as well.
std::string Sessions::cookie(std::string_view value, std::string_view age) const {
  return fmt::format(
      "{}={}; Path=/; HttpOnly; SameSite=Lax{}{}", guest_cookie(tls_), value, age,
      tls_ ? "; Secure" : ""
  );
}

}  // namespace hospes::guest
