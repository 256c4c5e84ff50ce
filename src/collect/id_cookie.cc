#include "collect/id_cookie.h"

#include <algorithm>

namespace hospes::collect {
namespace {

constexpr std::size_t id_bytes_max = 128;

/// Its text is a cookie's value as it stands (RFC 6265, 4.1.1), and no library decodes it to something else.
bool plain(std::string_view id) {
  constexpr std::string_view others = "-_.~:";
  return !id.empty() && id.size() <= id_bytes_max && std::ranges::all_of(id, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != others.npos;
  });
}

std::string_view host_of_origin(std::string_view origin) {
  const auto at = origin.find("://");
  return at == origin.npos ? std::string_view() : origin.substr(at + 3);
}

/// Whether a cookie of that name came along; its value is nobody's business here.
bool bears(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    cookies.remove_prefix(std::min(cookies.find_first_not_of("; "), cookies.size()));
    const std::string_view one = cookies.substr(0, cookies.find(';'));
    if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return true;
    cookies.remove_prefix(one.size());
  }
  return false;
}

/// Whether somebody said no, or took their yes back: silence is no answer, and neither is one that came too late.
bool is_no(consent::Why why) {
  using enum consent::Why;
  return why == against || why == yes_ended || why == signal || why == unread;
}

std::string written(const catalog::IdCookie& cookie, std::string_view value, std::int64_t seconds, bool tls) {
  std::string out = cookie.name + "=";
  out.append(value).append("; Domain=").append(cookie.domain);
  out.append("; Path=/; Max-Age=").append(std::to_string(seconds)).append("; SameSite=Lax");
  return tls ? out + "; Secure" : out;
}

}  // namespace

void hear(
    CookieWord& word, const consent::Question& question, Mask mask, std::string_view anonymous_id
) {
  if (!question.source.id_cookie || anonymous_id.empty()) return;
  const PurposeBit purpose = question.source.id_cookie->purpose;
  if ((mask & bit(purpose)) != 0) {
    word.yes = true;
    word.id = anonymous_id;
    return;
  }
  const auto closed = consent::missing(question);
  const auto why = std::ranges::find(closed, purpose, &consent::Missing::purpose);
  word.no = word.no || (why != closed.end() && is_no(why->why));
}

std::string set_cookie(
    const CookieWord& word, const catalog::Source& source, const http::Request& request, bool tls
) {
  if (!source.id_cookie || (!word.yes && !word.no)) return {};
  const catalog::IdCookie& cookie = *source.id_cookie;
  if (!cookie.covers(request.headers.find("Host")) ||
      !cookie.covers(host_of_origin(request.headers.find("Origin"))))
    return {};
  if (word.no)
    return bears(request.headers.find("Cookie"), cookie.name) ? written(cookie, "", 0, tls) : std::string();
  constexpr std::int64_t day_s = 86'400;
  return plain(word.id) ? written(cookie, word.id, cookie.days * day_s, tls) : std::string();
}

}  // namespace hospes::collect
