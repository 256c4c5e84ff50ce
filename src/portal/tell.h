// What the feed holds, as people and programs read it: one arrival or passage as JSON, with what the
// partitions know of its person and its segment. docs/http_api.md has the form. Private to portal/.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portal/console.h"

namespace hospes::portal {

/// `accepted`, `withheld` or `refused`.
std::string_view verdict_word(collect::Verdict verdict);

/// Of an item, as the live stream names it.
enum class Told : std::uint8_t { arrival, transition, effect, move };

struct ToldItem {
  Told kind = Told::arrival;
  bool simulated = false;
  std::string json;
};

/// In the order of `items`. Asks the partitions, each once or a few times; not on their threads.
std::vector<ToldItem> tell(const ConsoleDoors& doors, std::span<const Feed::Item> items);

/// The same as one JSON list.
std::string tell_list(const ConsoleDoors& doors, std::span<const Feed::Item> items);

}  // namespace hospes::portal
