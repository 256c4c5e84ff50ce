// With takeaway.cc the only file of the room that knows simdjson.
#include "intake/ndjson.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <span>

#include "base/json_text.h"

namespace hospes::intake {

namespace dom = simdjson::dom;

namespace {

/// `[from, name]` of each object down to the preferences; else the value as it was.
void put_without_yes(std::string& out, dom::element value, std::span<const std::string_view> path) {
  dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    out += simdjson::minify(value);
    return;
  }
  out += '{';
  bool first = true;
  for (const dom::key_value_pair field : object) {
    bool yes = false;
    if (path.empty() && field.value.get_bool().get(yes) == simdjson::SUCCESS && yes) continue;
    out.append(first ? "" : ",").append(json_text(field.key)).append(":");
    first = false;
    if (!path.empty() && field.key == path.front())
      put_without_yes(out, field.value, path.subspan(1));
    else
      out += simdjson::minify(field.value);
  }
  out += '}';
}

}  // namespace

struct EventLines::Parser {
  dom::parser parser;
};

EventLines::EventLines(const Manifest& manifest, std::string at, std::string id_root)
    : manifest_(manifest),
      at_(std::move(at)),
      id_root_(std::move(id_root)),
      parser_(std::make_unique<Parser>()) {}
EventLines::~EventLines() = default;

std::optional<Unfit> EventLines::line(
    std::string_view json, std::uint64_t number, std::string& out
) {
  dom::element root;
  const auto error = parser_->parser.parse(json.data(), json.size(), false).get(root);
  if (error == simdjson::UTF8_ERROR) return Unfit{"not_utf8", "the line is not UTF-8"};
  if (error != simdjson::SUCCESS) return Unfit{"not_json", "the line is not one JSON object"};
  dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS)
    return Unfit{"not_json", "the line is JSON, but no object"};
  const auto text = [&](std::string_view key) {
    std::string_view value;
    return object[key].get_string().get(value) == simdjson::SUCCESS ? value : std::string_view();
  };
  std::string added;
  const auto put = [&](std::string_view key, std::string_view value) {
    added += json_text(key) + ":" + json_text(value) + ",";
  };
  if (text("messageId").empty() && text("message_id").empty())
    put("messageId", fmt::format("{}-{}", id_root_, number));
  const std::string_view type = text("type");
  if (type.empty() && !text("event").empty()) put("type", "track");
  std::string_view when = text(type == "consent" ? "happened" : "timestamp");
  for (const char* other : {"timestamp", "originalTimestamp", "original_timestamp"})
    if (when.empty()) when = text(other);
  if (when.empty() && at_.empty())
    return Unfit{"no_time", "no timestamp: history keeps its own times, or say --at TIME for all"};
  if (when.empty()) put("timestamp", when = at_);
  const auto at = parse_instant(when);
  if (!at) return Unfit{"bad_date", "its timestamp is no RFC 3339 time"};
  if (!covers(manifest_, *at)) return outside(manifest_, *at);
  const std::string_view rest = json.substr(json.find('{') + 1);
  if (added.size() > 0 && object.size() == 0) added.pop_back();
  out.append("{").append(added).append(rest);
  while (out.ends_with('\r') || out.ends_with(' ') || out.ends_with('\t')) out.pop_back();
  return std::nullopt;
}

std::optional<Unfit> EventLines::line_of(
    std::string_view house, std::string_view json, std::uint64_t number, std::string& out
) {
  dom::element root;
  if (parser_->parser.parse(json.data(), json.size(), false).get(root) != simdjson::SUCCESS)
    return line(json, number, out);  // which says what is wrong
  std::string_view type, state;
  if (root["type"].get(type) == simdjson::SUCCESS && type == "consent" &&
      root["state"].get(state) == simdjson::SUCCESS && state == "given")
    return Unfit{"yes_to_another", fmt::format("this yes was given to {}: ask for your own", house)};
  constexpr std::string_view path[] = {"context", "consent", "categoryPreferences"};
  std::string kept;
  put_without_yes(kept, root, path);
  const std::size_t size = kept.size();
  kept.append(simdjson::SIMDJSON_PADDING, ' ');
  return line(std::string_view(kept).substr(0, size), number, out);
}

Result<Verdicts> read_verdicts(std::string_view body) {
  dom::parser parser;
  dom::element root;
  const auto strange = [&] {
    return fail(
        Code::corrupt,
        fmt::format("this is no answer of a hospes server: {}", body.substr(0, 200))
    );
  };
  std::int64_t accepted = 0;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS ||
      root["accepted"].get(accepted) != simdjson::SUCCESS)
    return strange();
  Verdicts out{.accepted = static_cast<std::size_t>(accepted)};
  const auto take = [&](const char* list, const char* code, const char* reason, auto& into) {
    dom::array items;
    if (root[list].get(items) != simdjson::SUCCESS) return;
    for (const dom::element item : items) {
      std::int64_t i = 0;
      std::string_view said, why;
      if (item["i"].get(i) != simdjson::SUCCESS) continue;
      if (*code != '\0' && item[code].get(said) != simdjson::SUCCESS) said = "rejected";
      if (item[reason].get(why) != simdjson::SUCCESS) why = "";
      into.push_back({static_cast<std::size_t>(i), std::string(said), std::string(why)});
    }
  };
  take("rejected", "code", "reason", out.rejected);
  take("withheld", "", "missing", out.withheld);
  return out;
}

}  // namespace hospes::intake
