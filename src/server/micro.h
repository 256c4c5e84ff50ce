// A whole house in memory, for a site's own tests: the real door, log, heart and segments over twins
// that keep nothing, and a listener that says what arrived and what became of it. The idea is
// Snowplow Micro's.
//
//   POST /v1/…           as the public listener takes it
//   GET  /micro/all      {"total","good","bad"}
//   GET  /micro/good     [{"event","verdict":"accepted"}]                       in order of arrival
//   GET  /micro/bad      [{"event","verdict":"withheld"|"rejected","rule"?,"why"}], or of a request
//                        that is not taken whole {"request","verdict":"refused","status","why"}
//   GET  /micro/segments [{"id","name","members","people":["kind:value"]}]
//   POST /micro/reset    as if just started
//
// It keeps payloads, of events that were withheld too: it is for invented people, on loopback only.
#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "http/responder.h"

namespace hospes::server {

inline constexpr std::size_t micro_events_max = 20'000;  // beyond: 429 until a reset
inline constexpr std::size_t micro_bytes_max = 64 * 1024 * 1024;  // of their JSON

class Micro {
 public:
  /// `segments`: the text of segments.seg; empty: none.
  static Result<std::unique_ptr<Micro>> open(catalog::Catalog catalog, std::string segments);
  virtual ~Micro() = default;
  /// Of all paths.
  virtual void handle(http::Request request, http::Responder responder) = 0;
};

}  // namespace hospes::server
