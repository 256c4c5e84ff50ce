#include "collect/paths.h"

#include <array>

namespace hospes::collect {
namespace {

using enum EventType;

constexpr Path one(std::string_view path, EventType type) {
  return {.prefix = path, .shape = {Shape::Kind::event, type}};
}
constexpr Path many(std::string_view path) {
  return {.prefix = path, .shape = {Shape::Kind::batch, track}};
}
constexpr Path about(Use use, std::string_view path) { return {.use = use, .prefix = path}; }
constexpr Path between(Use use, std::string_view prefix, std::string_view suffix) {
  return {.use = use, .prefix = prefix, .suffix = suffix, .whole = false};
}

constexpr std::array table = {
    // Ours, and those of all server libraries.
    many("/v1/batch"), one("/v1/track", track), one("/v1/identify", identify),
    one("/v1/page", page), one("/v1/screen", screen), one("/v1/group", group),
    one("/v1/alias", alias), many("/v1/import"),
    Path{.prefix = "/v1/consent", .shape = {Shape::Kind::consent, track}},
    about(Use::decision, "/v1/decide"), about(Use::decision, "/v1/exposures"),
    about(Use::decision, "/v1/feedback"), about(Use::decision, "/ofrep/v1/evaluate/flags"),
    between(Use::decision, "/ofrep/v1/evaluate/flags/", ""),
    about(Use::gpc, "/.well-known/gpc.json"),
    // Segment in the browser.
    one("/v1/t", track), one("/v1/i", identify), one("/v1/p", page), one("/v1/s", screen),
    one("/v1/g", group), one("/v1/a", alias), many("/v1/b"), about(Use::metrics, "/v1/m"),
    between(Use::settings, "/v1/projects/", "/settings"),
    between(Use::script, "/analytics.js/v1/", "/analytics.min.js"),
    between(Use::script, "/analytics-next/bundles/", ""),
    // RudderStack in the browser.
    many("/beacon/v1/batch"), about(Use::source_config, "/sourceConfig/"),
    about(Use::source_config, "/sourceConfig"),
    // Jitsu in the browser and on servers.
    one("/api/s/track", track), one("/api/s/identify", identify), one("/api/s/page", page),
    one("/api/s/screen", screen), one("/api/s/group", group), one("/api/s/alias", alias),
    one("/api/s/s2s/track", track), one("/api/s/s2s/identify", identify),
    one("/api/s/s2s/page", page), one("/api/s/s2s/screen", screen),
    one("/api/s/s2s/group", group), one("/api/s/s2s/alias", alias),
    about(Use::openapi, "/openapi.json")};

}  // namespace

std::span<const Path> paths() { return table; }

std::optional<Found> path_of(std::string_view path) {
  for (const Path& row : table) {
    if (row.whole) {
      if (path == row.prefix) return Found{&row, {}};
      continue;
    }
    if (path.size() <= row.prefix.size() + row.suffix.size()) continue;
    if (!path.starts_with(row.prefix) || !path.ends_with(row.suffix)) continue;
    const auto part =
        path.substr(row.prefix.size(), path.size() - row.prefix.size() - row.suffix.size());
    if (part.find('/') == part.npos) return Found{&row, part};
  }
  return std::nullopt;
}

}  // namespace hospes::collect
