#include "mail/campaign_links.h"

#include <algorithm>

#include "mail/hrefs.h"

namespace hospes::mail {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::size_t next_href(std::string_view html, std::size_t from, char& quote) {
  for (;;) {
    const std::size_t tag = html.find('<', from);
    if (tag == html.npos || tag + 2 >= html.size()) return html.npos;
    from = tag + 1;
    if ((html[from] != 'a' && html[from] != 'A') || is_letter(html[from + 1])) continue;
    const std::size_t end = html.find('>', from);
    if (end == html.npos) return html.npos;
    std::string small(html.substr(from, end - from));
    std::ranges::transform(small, small.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    std::size_t at = small.find("href");
    if (at == small.npos) continue;
    at = small.find_first_not_of(" \t\r\n", at + 4);
    if (at == small.npos || small[at] != '=') continue;
    at = small.find_first_not_of(" \t\r\n", at + 1);
    if (at == small.npos || (small[at] != '"' && small[at] != '\'')) continue;
    quote = small[at];
    return from + at + 1;
  }
}

std::string link_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain || (c >= 'A' && c <= 'Z')) {
      out += plain ? c : static_cast<char>(c - 'A' + 'a');
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "house" : out;
}

std::string with_campaign(std::string_view html, const CampaignLinks& links) {
  const std::string more = "utm_source=" + links.source + "&amp;utm_medium=email&amp;utm_campaign=" + links.campaign;
  std::string out;
  std::size_t done = 0;
  char quote = '"';
  for (std::size_t at = next_href(html, 0, quote); at != html.npos; at = next_href(html, done, quote)) {
    const std::size_t end = html.find(quote, at);
    if (end == html.npos) break;
    const std::string_view link = html.substr(at, end - at);
    const bool web = link.starts_with("https://") || link.starts_with("http://");
    const bool way_out = !links.except.empty() && link.starts_with(links.except);
    const std::size_t hash = std::min(link.find('#'), link.size());
    const std::size_t query = link.substr(0, hash).find('?');
    out += html.substr(done, at - done);
    if (!web || way_out || link.contains("utm_")) {
      out += link;
    } else {
      out += link.substr(0, hash);
      out += query == link.npos ? "?" : link.substr(query + 1, hash - query - 1).empty() ? "" : "&amp;";
      out.append(more).append(link.substr(hash));
    }
    done = end;
  }
  return out.append(html.substr(done));
}

}  // namespace hospes::mail
