#include "mail/tracking.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mail/hrefs.h"

namespace hospes::mail {
namespace {

constexpr std::uint16_t links_max = 500;

/// As a browser reads an attribute; nothing when it holds an entity that is not known here.
bool read_attribute(std::string_view text, std::string& out) {
  constexpr std::array<std::pair<std::string_view, char>, 6> entities = {
      {{"&amp;", '&'}, {"&#38;", '&'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}}};
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    const auto* found = std::ranges::find_if(entities, [&](const auto& e) { return rest.starts_with(e.first); });
    if (found != entities.end()) {
      out += found->second;
      at += found->first.size();
      continue;
    }
    // `?a=1&b=2` is written in many messages; `&copy;` would be another letter.
    if (rest.front() == '&' && rest.substr(1, rest.find_first_of("=&/ ", 1)).contains(';')) return false;
    out += rest.front();
    ++at;
  }
  return true;
}

bool is_web_link(std::string_view link) {
  return (link.starts_with("https://") || link.starts_with("http://")) && link.size() <= leads_to_max &&
         std::ranges::all_of(link, [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

std::string with_tracking(
    std::string_view html, Tracking permitted, const TrackedMessage& message, const TokenKey& key
) {
  constexpr std::int64_t day_us = 86'400'000'000;
  Token token{.kind = Token::Kind::click, .address = message.address, .effect = message.effect};
  token.until = static_cast<std::uint32_t>(message.now.us / day_us) + tracked_days;
  std::string out;
  std::size_t done = 0;
  char quote = '"';
  while (permitted.clicks && token.link < links_max) {
    const std::size_t at = next_href(html, done, quote);
    const std::size_t end = at == html.npos ? at : html.find(quote, at);
    if (end == html.npos) break;
    out += html.substr(done, at - done);
    const std::string_view written = html.substr(at, end - at);
    token.leads_to.clear();
    const bool counted = read_attribute(written, token.leads_to) && is_web_link(token.leads_to) &&
                         !token.leads_to.starts_with(message.public_url);
    if (counted) {
      out.append(message.public_url).append(clicks_folder).append(key.seal(token));
      ++token.link;
    } else {
      out += written;
    }
    done = end;
  }
  out += html.substr(done);
  if (!permitted.opens) return out;
  token.kind = Token::Kind::open;
  token.link = 0;
  token.leads_to.clear();
  std::string picture = "<img src=\"" + std::string(message.public_url);
  picture.append(opens_folder).append(key.seal(token)).append(picture_ending);
  picture += "\" width=\"1\" height=\"1\" alt=\"\">";
  out.insert(std::min(out.rfind("</body>"), out.size()), picture);
  return out;
}

}  // namespace hospes::mail
