#include "guest/sessions.h"

#include <fmt/format.h>

#include "portal/secrets.h"

namespace hospes::guest {
namespace {

using portal::hash_of;
using portal::new_secret;

constexpr auto ends = [](const auto& one) { return one.second.ends; };

}  // namespace

std::string Sessions::new_link(const Atom& login, std::string_view via, Instant now) {
  const std::string code = new_secret();
  const std::lock_guard lock(mutex_);
  std::erase_if(links_, [&](const auto& one) { return one.second.login.id == login.id; });
  portal::make_room(links_, links_max, now, ends);
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
  portal::make_room(sessions_, sessions_max, now, ends);
  const std::string secret = new_secret();
  Session session{link.mapped().login, now, link.mapped().via, portal::page_word(secret)};
  sessions_.emplace(hash_of(secret), Held{std::move(session), now + session_good_for});
  return cookie(secret, "");
}

std::optional<Session> Sessions::of(const http::Request& request, Instant now) {
  const std::string_view secret = portal::cookie_of(request, guest_cookie(tls_));
  if (secret.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto held = sessions_.find(hash_of(secret));
  if (held == sessions_.end() || held->second.ends <= now) return std::nullopt;
  held->second.ends = now + session_good_for;
  return held->second.session;
}

std::string Sessions::leave(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(hash_of(portal::cookie_of(request, guest_cookie(tls_))));
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
