// The files of the house folder. toml++ throws; nothing it throws leaves here.
#include <algorithm>
#include <array>
#include <utility>

#include "catalog/actions_toml.h"
#include "catalog/campaigns.h"
#include "catalog/decisions_toml.h"
#include "catalog/house_folder.h"
#include "catalog/notices_toml.h"
#include "catalog/sources_toml.h"
#include "catalog/tees.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {
namespace {

// ---- house.toml

Status read_week_start(const Place& place, Weekday& out) {
  std::string text(to_string(out));
  TRY(read(place, "week_start", text));
  for (const Weekday day : {Weekday::monday, Weekday::saturday, Weekday::sunday}) {
    if (text != to_string(day)) continue;
    out = day;
    return {};
  }
  return wrong(
      place.file, *place.table.get("week_start"), "week_start is monday, saturday or sunday"
  );
}

Status read_house_file(const Place& place, House& house) {
  TRY(only_keys(place, {"name", "time_zone", "currency", "languages", "week_start", "partitions"}));
  TRY(read(place, "name", house.name));
  TRY(read(place, "time_zone", house.time_zone));
  TRY(read(place, "currency", house.currency));
  TRY(read(place, "languages", house.languages));
  TRY(read_week_start(place, house.week_start));
  std::int64_t partitions = house.partitions;
  TRY(read(place, "partitions", partitions));
  house.partitions = static_cast<unsigned>(std::clamp<std::int64_t>(partitions, 0, slots + 1));
  return placed(place, Result<void>(check_house(house)));
}

// ---- purposes.toml

Status read_basis(const Place& place, Purposes& purposes) {
  for (const auto& [key, node] : place.table) {
    const auto text = node.value_exact<std::string>();
    const auto basis = text ? parse_basis(*text) : std::nullopt;
    if (!basis) return wrong(place.file, node, "a basis is \"interest\" or \"consent\"");
    const auto chosen = purposes.choose(key.str(), *basis);
    if (!chosen) return wrong(place.file, node, chosen.error().message);
  }
  return {};
}

Status read_purposes_file(const Place& place, Purposes& purposes) {
  TRY(only_keys(place, {"basis", "purpose", "retired"}));
  if (const toml::table* basis = TRY(sub_table(place, "basis"))) {
    TRY(read_basis({*basis, place.file, "[basis]"}, purposes));
  }
  for (const toml::table* table : TRY(sub_tables(place, "purpose"))) {
    const Place row{*table, place.file, "[[purpose]]"};
    TRY(only_keys(row, {"name", "serves_en", "serves_fr"}));
    std::string name;
    std::string serves_en;
    std::string serves_fr;
    TRY(read(row, "name", name));
    TRY(read(row, "serves_en", serves_en));
    TRY(read(row, "serves_fr", serves_fr));
    TRY(placed(row, purposes.add(name, serves_en, serves_fr)));
  }
  std::vector<std::string> retired;
  TRY(read(place, "retired", retired));
  for (const std::string& name : retired) TRY(placed(place, Result<void>(purposes.retire(name))));
  return {};
}

// ---- events.toml

Result<PropertyRow> read_property(
    const Place& place, std::string_view name, const toml::node& node
) {
  const auto text = node.value_exact<std::string>();
  if (text && *text == "reference") return PropertyRow{std::string(name), PropertyType::text, true};
  const auto type = text ? parse_property_type(*text) : std::nullopt;
  if (!type) {
    return wrong(
        place.file, node,
        "property \"" + std::string(name) +
            "\" is text, number, boolean, instant, list, money or reference"
    );
  }
  return PropertyRow{std::string(name), *type, false};
}

/// A row of a known name starts from what is known: a house adds its fields, it need not repeat the
/// usual ones.
Status read_event(const Place& place, const Purposes& purposes, Events& events) {
  TRY(only_keys(place, {"name", "owner", "means_en", "means_fr", "serves", "properties"}));
  std::string name;
  TRY(read(place, "name", name));
  EventRow row = events.row(name);
  row.name = name;
  TRY(read(place, "owner", row.owner));
  TRY(read(place, "means_en", row.means_en));
  TRY(read(place, "means_fr", row.means_fr));
  if (place.table.contains("serves")) row.serves = TRY(read_mask(place, "serves", purposes));
  if (const toml::table* properties = TRY(sub_table(place, "properties"))) {
    for (const auto& [key, node] : *properties) {
      PropertyRow property = TRY(read_property(place, key.str(), node));
      std::erase_if(row.properties, [&](const PropertyRow& p) { return p.name == property.name; });
      row.properties.push_back(std::move(property));
    }
  }
  return placed(place, Result<void>(events.put(std::move(row), purposes)));
}

Status read_events_file(const Place& place, const Purposes& purposes, Events& events) {
  TRY(only_keys(place, {"event"}));
  for (const toml::table* table : TRY(sub_tables(place, "event"))) {
    TRY(read_event({*table, place.file, "[[event]]"}, purposes, events));
  }
  return {};
}

// ---- identifiers.toml

Result<KindRule> read_kind(const Place& place) {
  TRY(only_keys(place, {"name", "priority", "per_person", "device", "title_en", "title_fr", "normalise", "never"}));
  KindRule out;
  TRY(read(place, "name", out.name));
  if (const Kind* known = find_kind(std::string_view(out.name)); known != nullptr && known->id < own_kinds_begin)
    TRY(only_keys(place, {"name", "per_person", "never"}));
  std::int64_t priority = out.priority, per_person = 0;
  TRY(read(place, "priority", priority));
  TRY(read(place, "per_person", per_person));
  out.priority = static_cast<std::uint8_t>(std::clamp<std::int64_t>(priority, 0, 255));
  out.per_person = static_cast<std::uint32_t>(std::clamp<std::int64_t>(per_person, 0, 1'000));
  TRY(read(place, "device", out.is_device));
  TRY(read(place, "title_en", out.title_en));
  TRY(read(place, "title_fr", out.title_fr));
  TRY(read(place, "never", out.never));
  std::string normal = "as_is";
  TRY(read(place, "normalise", normal));
  const auto named = normal_named(normal);
  if (!named)
    return wrong(
        place.file, *place.table.get("normalise"),
        "normalise is as_is, lower, upper, digits, card, email, phone or sha256"
    );
  out.normal = *named;
  return out;
}

Status read_identifiers_file(const Place& place, KindRules& rules) {
  TRY(only_keys(place, {"quarantine_above", "kind"}));
  std::int64_t above = rules.quarantine_above;
  TRY(read(place, "quarantine_above", above));
  if (above < 1 || above > 10'000)
    return wrong(place.file, *place.table.get("quarantine_above"), "quarantine_above is 1 to 10000");
  rules.quarantine_above = static_cast<std::uint32_t>(above);
  for (const toml::table* table : TRY(sub_tables(place, "kind"))) {
    const Place row{*table, place.file, "[[kind]]"};
    KindRule rule = TRY(read_kind(row));
    TRY(placed(row, Result<void>(add(rules, std::move(rule)))));
  }
  return {};
}

// ---- all

constexpr std::array<std::string_view, 8> file_names = {"house.toml",     "purposes.toml", "events.toml",
                                                        "sources.toml",   "actions.toml",  "decisions.toml",
                                                        "notices.toml",   "identifiers.toml"};
constexpr std::size_t file_bytes_max = 4'000'000;

using Tables = std::array<toml::table, file_names.size()>;

Status parse(const TextFile& file, Tables& tables) {
  if (file.name == retention_file || file.name == tees_file) return {};  // read when the purposes are known
  if (file.name == campaigns_file) {  // its own readers keep it; here it is only to be well written
    TRY(read_campaigns(file.text));
    return {};
  }
  const auto at = std::ranges::find(file_names, file.name);
  if (at == file_names.end()) {
    return fail(
        Code::invalid_input, "unknown file \"" + file.name + "\" in the house folder" +
                                 nearest_hint(file.name, file_names) +
                                 " (known: house.toml, purposes.toml, events.toml, sources.toml, "
                                 "actions.toml, decisions.toml, notices.toml, identifiers.toml, retention.toml, campaigns.toml, tee.toml)"
    );
  }
  if (file.text.size() > file_bytes_max) return fail(Code::over_limit, file.name + " is over 4 MB");
  tables[static_cast<std::size_t>(at - file_names.begin())] = TRY(parse_toml(file.text, file.name));
  return {};
}

}  // namespace

Result<Catalog> read_house(std::span<const TextFile> files) {
  Tables tables;
  bool has_house = false;
  std::string actions_text, decisions_text, retention_text, tees_text;
  for (const TextFile& file : files) {
    TRY(parse(file, tables));
    if (file.name == file_names[4]) actions_text = file.text;
    if (file.name == file_names[5]) decisions_text = file.text;
    if (file.name == retention_file) retention_text = file.text;
    if (file.name == tees_file) tees_text = file.text;
    has_house = has_house || file.name == "house.toml";
  }
  if (!has_house) {
    return fail(
        Code::not_found,
        "the house folder has no house.toml; it may be as short as: name = \"My "
        "shop\""
    );
  }
  Catalog out;
  TRY(read_house_file({tables[0], file_names[0], "house.toml"}, out.house));
  TRY(read_purposes_file({tables[1], file_names[1], "purposes.toml"}, out.purposes));
  out.events = Events::usual(out.purposes);
  TRY(read_events_file({tables[2], file_names[2], "events.toml"}, out.purposes, out.events));
  TRY(read_sources_table({tables[3], file_names[3], "sources.toml"}, out.purposes, out.sources));
  out.actions = TRY(read_actions({tables[4], file_names[4], "actions.toml"}, out.purposes));
  out.actions.text = std::move(actions_text);
  out.decisions = TRY(read_decisions({tables[5], file_names[5], "decisions.toml"}, out.purposes));
  out.decisions.text = std::move(decisions_text);
  TRY(read_identifiers_file({tables[7], file_names[7], "identifiers.toml"}, out.kinds));
  TRY(read_notices({tables[6], file_names[6], "notices.toml"}, out.purposes, out.notices));
  out.retention = TRY(read_retention(retention_text, out.purposes));
  TRY(read_tees(tees_text, out.purposes, out.sources));  // the tee itself keeps it; here it is only to be well written
  return out;
}

}  // namespace hospes::catalog
