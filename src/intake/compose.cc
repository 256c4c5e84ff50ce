#include "intake/compose.h"

#include <fmt/format.h>

#include "base/json_text.h"

namespace hospes::intake {

void put(std::string& out, std::string_view key, std::string_view json) {
  if (!out.empty()) out += ',';
  out += json_text(key);
  out += ':';
  out += json;
}

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

Composer::Composer(
    const Layout& layout, const Manifest& manifest, const zones::Zone& zone, std::string id_root
)
    : layout_(layout), manifest_(manifest), zone_(zone), id_root_(std::move(id_root)) {}

std::optional<Unfit> Composer::date(
    std::string_view cell, const Column& column, std::string& out, bool day_alone
) {
  const table::Stamp stamp = table::stamp(cell);
  const auto wall = table::wall_us(stamp, column.month_first);
  if (!wall)
    return Unfit{"bad_date", fmt::format("\"{}\" holds no date between 1900 and 2200", column.header)};
  const Instant at = stamp.offset_minutes ? Instant{*wall} : zones::instant_of(zone_, *wall);
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

std::optional<Unfit> Composer::take(std::string_view cell, const Column& c, Parts& out) {
  const auto keep = [&](std::string_view& into) { into = cell; };
  const auto add = [&](std::string& into) {
    into.append(into.empty() ? "" : "; ").append(c.header).append(" ").append(cell);
  };
  switch (c.part) {
    case Part::user_id:
      return keep(out.user_id), std::nullopt;
    case Part::anonymous_id:
      return keep(out.anonymous_id), std::nullopt;
    case Part::email:
      return keep(out.email), std::nullopt;
    case Part::phone:
      return keep(out.phone), std::nullopt;
    case Part::card:
      return keep(out.card), std::nullopt;
    case Part::event:
      return keep(out.event), std::nullopt;
    case Part::type:
      return keep(out.type), std::nullopt;
    case Part::message_id:
      return keep(out.id), std::nullopt;
    case Part::status:
      return keep(out.status), std::nullopt;
    case Part::blocked:
      return keep(out.blocked), std::nullopt;
    case Part::said_yes:
      return keep(out.said_yes), std::nullopt;
    case Part::proof:
      if (cell == "0" || boolean(cell) == false) return std::nullopt;  // a no proves no yes
      return add(out.proof), std::nullopt;
    case Part::reason:
      return add(out.reason), std::nullopt;
    case Part::dropped:
      return std::nullopt;
    case Part::timestamp:
      return date(cell, c, out.when, false);
    case Part::opted_in:
      return date(cell, c, out.opted_in, false);
    case Part::confirmed:
      return date(cell, c, out.confirmed, false);
    case Part::context:
      return put(out.context, c.property, json_text(cell)), std::nullopt;
    case Part::property:
      break;
  }
  std::string json;
  if (auto unfit = read(cell, c, json)) return unfit;
  if (c.property.empty()) return std::nullopt;
  put(out.fields, c.property, json);
  if (!c.currency.empty() && c.reading == Reading::number &&
      out.fields.find("\"currency\":") == out.fields.npos)
    put(out.fields, "currency", json_text(c.currency));
  return std::nullopt;
}

std::optional<Unfit> Composer::take_apart(std::span<const std::string_view> cells, Parts& out) {
  if (cells.size() != layout_.columns.size())
    return Unfit{
        "ragged", fmt::format(
                      "{} cells, but the header names {}", cells.size(), layout_.columns.size()
                  )};
  out.event = layout_.event, out.type = layout_.type, out.when = layout_.at;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view cell = plain_cell(cells[i]);
    out.has_said_yes |= layout_.columns[i].part == Part::said_yes;
    if (cell.empty()) continue;
    if (auto unfit = take(cell, layout_.columns[i], out)) return unfit;
  }
  const bool nobody = out.user_id.empty() && out.anonymous_id.empty() && out.email.empty() &&
                      out.phone.empty() && out.card.empty();
  if (nobody) return Unfit{"no_identifier", "nobody is named: the cells of who it is are empty"};
  return std::nullopt;
}

std::optional<Unfit> Composer::check_time(const std::string& when) const {
  if (when.empty()) return Unfit{"no_time", "no time: history keeps its own"};
  const auto at = parse_instant(when);
  if (!at) return Unfit{"bad_date", "this time cannot be read"};
  if (!covers(manifest_, *at)) return outside(manifest_, *at);
  return std::nullopt;
}

std::string Composer::event_of(const Parts& parts, std::uint64_t line) const {
  const bool identify = parts.type == "identify" || parts.type == "contact";
  std::string made, traits, context = parts.context;
  put(made, "type", identify ? R"("identify")" : json_text(parts.type));
  if (!identify) put(made, "event", json_text(parts.event));
  put(made, "messageId",
      json_text(parts.id.empty() ? fmt::format("{}-{}", id_root_, line) : std::string(parts.id)));
  put(made, "timestamp", json_text(parts.when));
  if (!parts.user_id.empty()) put(made, "userId", json_text(parts.user_id));
  if (!parts.anonymous_id.empty()) put(made, "anonymousId", json_text(parts.anonymous_id));
  if (!parts.email.empty()) put(traits, "email", json_text(parts.email));
  if (!parts.phone.empty()) put(traits, "phone", json_text(parts.phone));
  std::string fields = parts.fields;
  if (identify && !traits.empty()) {
    fields = traits + (fields.empty() ? "" : ",") + fields;
  } else if (!traits.empty()) {
    put(context, "traits", "{" + traits + "}");
  }
  if (!fields.empty()) put(made, identify ? "traits" : "properties", "{" + fields + "}");
  if (!parts.card.empty())
    put(context, "externalIds",
        R"([{"id":)" + json_text(parts.card) +
            R"(,"type":"card","collection":"users","encoding":"none"}])");
  if (!context.empty()) put(made, "context", "{" + context + "}");
  return "{" + made + "}";
}

std::optional<Unfit> Composer::row(
    std::span<const std::string_view> cells, std::uint64_t line, std::string& out,
    std::size_t& items
) {
  Parts parts;
  if (auto unfit = take_apart(cells, parts)) return unfit;
  const bool contact = parts.type == "contact";
  if (contact && parts.when.empty())
    parts.when = parts.confirmed.empty() ? parts.opted_in : parts.confirmed;
  if (auto unfit = check_time(parts.when)) return unfit;
  if (is_no(parts.type)) {
    out += no_of(parts, line);
    ++items;
    return std::nullopt;
  }
  if (!contact && parts.type != "identify" && parts.event.empty())
    return Unfit{"no_event_name", "the cell of what happened is empty"};
  std::string yes;
  auto unfit = contact ? yes_of(parts, line, yes) : std::nullopt;
  if (unfit && unfit->code == "said_no") return unfit;
  out += event_of(parts, line);
  ++items;
  if (yes.empty()) return unfit;
  out.append(",").append(yes);
  ++items;
  return std::nullopt;
}

}  // namespace hospes::intake
