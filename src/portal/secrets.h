// What lets a person in, to the console and to a guest's pages: random words, kept as hashes only,
// and the cookie that bears one.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"
#include "staff/code.h"

namespace hospes::portal {

using staff::hash_of;
using staff::new_secret;
/// The word that only a page of ours can know, of a session; nothing of the session is learnt from
/// it.
std::string page_word(std::string_view session);
/// Empty when the request bears no cookie of that name.
std::string_view cookie_of(const http::Request& request, std::string_view name);

/// Room for one more of what ends (`ends(pair)`): what is over goes, then what ends first.
template <class Map, class Ends>
void make_room(Map& map, std::size_t max, Instant now, Ends ends) {
  std::erase_if(map, [&](const auto& one) { return ends(one) <= now; });
  if (map.size() >= max) map.erase(std::ranges::min_element(map, {}, ends));
}

}  // namespace hospes::portal
