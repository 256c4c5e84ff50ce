// The paths of the public listener, one row each: ours, and those that the clients of Segment, RudderStack and
// Jitsu ask without knowing us. docs/http_api.md lists them for people, docs/openapi.json for programs.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "collect/parse.h"

namespace hospes::collect {

/// What a path is for. Only pages of a browser need `settings`, `source_config` and `script`.
enum class Use : std::uint8_t {
  events,         // POST: events or an answer, of the row's shape
  metrics,        // POST: what a library counts about itself; taken and forgotten
  settings,       // GET: what Segment's browser library loads before it sends
  source_config,  // GET: the same for RudderStack's
  script,         // GET: Segment's browser library itself
  decision,       // POST: answered by another room (touchpoint), with the same leave for pages
  openapi,        // GET: the description of all paths
  gpc             // GET: that this house heeds Sec-GPC (W3C, Global Privacy Control)
};

struct Path {
  Use use = Use::events;
  std::string_view prefix;       // the whole path, or what stands before the part that varies
  std::string_view suffix = "";  // what stands behind it
  bool whole = true;
  Shape shape = {};

  std::string_view method() const {
    return use == Use::events || use == Use::metrics || use == Use::decision ? "POST" : "GET";
  }
  /// Whether pages of other origins may read the answer; a script is loaded, not read, and browsers
  /// ask for the rest.
  bool shared() const { return use != Use::script && use != Use::openapi && use != Use::gpc; }
};

/// All rows, in the order in which they are tried.
std::span<const Path> paths();

struct Found {
  const Path* row = nullptr;
  std::string_view part;  // what varies: a write key, or a file's name
};
/// Nothing for a path that is not the door's.
std::optional<Found> path_of(std::string_view path);

}  // namespace hospes::collect
