#include "intake/compose.h"

#include <fmt/format.h>

#include "base/json_text.h"

namespace hospes::intake {
namespace {

void put(std::string& out, std::string_view key, std::string_view json) {
  if (!out.empty()) out += ',';
  out += json_text(key);
  out += ':';
  out += json;
}

}  // namespace

bool covers(const Manifest& manifest, Instant at) {
  constexpr std::chrono::hours grace{24};
  return at >= manifest.from - grace && at < manifest.until + grace;
}

Unfit outside(const Manifest& manifest, Instant at) {
  return {
      "outside_manifest",
      fmt::format(
          "it happened on {}, the manifest speaks of {} to {}", to_string(at).substr(0, 10),
          to_string(manifest.from).substr(0, 10),
          to_string(manifest.until - std::chrono::hours(24)).substr(0, 10)
      )};
}

Composer::Composer(const Layout& layout, const Manifest& manifest, Zone zone, std::string id_root)
    : layout_(layout), manifest_(manifest), zone_(zone), id_root_(std::move(id_root)) {}

std::optional<Unfit> Composer::date(
    std::string_view cell, const Column& column, std::string& out, bool day_alone
) {
  const table::Stamp stamp = table::stamp(cell);
  const auto wall = table::wall_us(stamp, column.month_first);
  if (!wall)
    return Unfit{"bad_date", fmt::format("\"{}\" holds no date between 1900 and 2200", column.header)};
  const Instant at = stamp.offset_minutes ? Instant{*wall} : zone_.utc(*wall);
  out = !stamp.has_time && day_alone ? to_string(Instant{*wall}).substr(0, 10) : to_string(at);
  return std::nullopt;
}

/// The JSON of a property's cell into `out`.
std::optional<Unfit> Composer::read(std::string_view cell, const Column& c, std::string& out) {
  switch (c.reading) {
    case Reading::text:
      break;
    case Reading::boolean:
      if (const auto truth = boolean(cell)) return out = *truth ? "true" : "false", std::nullopt;
      if (c.must) return Unfit{"bad_boolean", fmt::format("\"{}\" is neither oui nor non", c.header)};
      break;
    case Reading::date: {
      const auto unfit = date(cell, c, value_, true);
      if (!unfit) return out = json_text(value_), std::nullopt;
      if (c.must) return unfit;
      break;
    }
    case Reading::number: {
      if (auto number = table::value(table::number(cell), c.sign))
        return out = std::move(*number), std::nullopt;
      if (c.must) return Unfit{"bad_number", fmt::format("\"{}\" holds no number", c.header)};
      break;
    }
  }
  out = json_text(cell);
  return std::nullopt;
}

std::optional<Unfit> Composer::row(
    std::span<const std::string_view> cells, std::uint64_t line, std::string& out
) {
  if (cells.size() != layout_.columns.size())
    return Unfit{
        "ragged", fmt::format(
                      "{} cells, but the header names {}", cells.size(), layout_.columns.size()
                  )};
  std::string_view user_id, anonymous_id, event = layout_.event, type = layout_.type, id;
  std::string json;
  fields_.clear(), traits_.clear(), external_.clear(), when_ = layout_.at;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Column& column = layout_.columns[i];
    const std::string_view cell = plain_cell(cells[i]);
    if (cell.empty()) continue;
    switch (column.part) {
      case Part::user_id:
        user_id = cell;
        break;
      case Part::anonymous_id:
        anonymous_id = cell;
        break;
      case Part::email:
      case Part::phone:
        put(traits_, to_string(column.part), json_text(cell));
        break;
      case Part::card:
        put(external_, "id", json_text(cell));
        break;
      case Part::event:
        event = cell;
        break;
      case Part::type:
        type = cell;
        break;
      case Part::message_id:
        id = cell;
        break;
      case Part::timestamp:
        if (auto unfit = date(cell, column, when_, false)) return unfit;
        break;
      case Part::property:
        if (column.property.empty()) break;
        if (auto unfit = read(cell, column, json)) return unfit;
        put(fields_, column.property, json);
        if (!column.currency.empty() && column.reading == Reading::number &&
            fields_.find("\"currency\":") == fields_.npos)
          put(fields_, "currency", json_text(column.currency));
    }
  }
  if (when_.empty()) return Unfit{"no_time", "no time: history keeps its own"};
  const auto at = parse_instant(when_);
  if (!at) return Unfit{"bad_date", "this time cannot be read"};
  if (!covers(manifest_, *at)) return outside(manifest_, *at);
  if (user_id.empty() && anonymous_id.empty() && traits_.empty() && external_.empty())
    return Unfit{"no_identifier", "nobody is named: the cells of who it is are empty"};
  const bool identify = type == "identify";
  if (!identify && event.empty()) return Unfit{"no_event_name", "the cell of what happened is empty"};

  std::string made;
  put(made, "type", json_text(type));
  if (!identify) put(made, "event", json_text(event));
  put(made, "messageId", id.empty() ? json_text(fmt::format("{}-{}", id_root_, line)) : json_text(id));
  put(made, "timestamp", json_text(when_));
  if (!user_id.empty()) put(made, "userId", json_text(user_id));
  if (!anonymous_id.empty()) put(made, "anonymousId", json_text(anonymous_id));
  if (identify && !traits_.empty()) {
    if (!fields_.empty()) traits_ += ',';
    fields_.insert(0, traits_);
    traits_.clear();
  }
  if (!fields_.empty()) put(made, identify ? "traits" : "properties", "{" + fields_ + "}");
  std::string context;
  if (!traits_.empty()) put(context, "traits", "{" + traits_ + "}");
  if (!external_.empty())
    put(context, "externalIds",
        "[{" + external_ + R"(,"type":"card","collection":"users","encoding":"none"}])");
  if (!context.empty()) put(made, "context", "{" + context + "}");
  out.append("{").append(made).append("}");
  return std::nullopt;
}

}  // namespace hospes::intake
