#include <fmt/format.h>

#include "base/json_text.h"
#include "insight/report.h"

namespace hospes::insight {
namespace {

std::string json(const Words& words) {
  return fmt::format("{{\"en\":{},\"fr\":{}}}", json_text(words.en), json_text(words.fr));
}

std::string json(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return json_text(*text);
  if (const auto* words = std::get_if<Words>(&value)) return json(*words);
  return "null";
}

std::string json(const Estimate& e);
std::string json(const Field& field);
std::string json(const Plot& plot);
std::string json(const Table& table);

template <class Items>
std::string list(const Items& items) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + json(item);
  return out + "]";
}

std::string_view name_of(Shape shape) {
  switch (shape) {
    case Shape::whole:
      return "whole";
    case Shape::plain:
      return "plain";
    case Shape::percent:
      return "percent";
    case Shape::money:
      return "money";
    case Shape::days:
      return "days";
  }
  return {};
}

std::string json(const Field& field) {
  return fmt::format(
      "{{\"name\":{},\"title\":{},\"shape\":\"{}\",\"digits\":{}}}", json_text(field.name),
      json(field.title), name_of(field.shape), field.digits
  );
}

std::string json(const Estimate& e) {
  std::string out = fmt::format(
      "{{\"name\":{},\"means\":{},\"value\":{},\"shape\":\"{}\",\"digits\":{}",
      json_text(e.name), json(e.means), e.value, name_of(e.shape), e.digits
  );
  if (e.i80) out += fmt::format(",\"interval80\":[{},{}]", e.i80->low, e.i80->high);
  if (e.i95) out += fmt::format(",\"interval95\":[{},{}]", e.i95->low, e.i95->high);
  return out + "}";
}

std::string json(const Table& table) {
  std::string rows = "[";
  for (const auto& row : table.rows) {
    rows += rows.size() > 1 ? ",{" : "{";
    for (std::size_t i = 0; i < row.size(); ++i)
      rows += fmt::format("{}{}:{}", i > 0 ? "," : "", json_text(table.fields[i].name), json(row[i]));
    rows += "}";
  }
  return fmt::format(
      "{{\"name\":{},\"title\":{},\"fields\":{},\"rows\":{}]}}", json_text(table.name),
      json(table.title), list(table.fields), rows
  );
}

std::string json(const Card& card) {
  return fmt::format(
      "{{\"data\":{},\"cohort\":{},\"period\":{},\"n\":{},\"purpose\":{},\"computed\":{},"
      "\"parameters\":{},\"fit\":{},\"limits\":{}}}",
      json(card.data), json(card.cohort), json(card.period), card.n, json_text(card.purpose),
      json_text(card.computed), list(card.parameters), list(card.fit), list(card.limits)
  );
}

/// Its words; the drawing is asked for apart (svg).
std::string json(const Plot& plot) {
  return fmt::format("{{\"title\":{},\"footing\":{}}}", json(plot.title), json(plot.footing));
}

}  // namespace

std::string to_json(const Report& report) {
  return fmt::format(
      "{{\"insight\":{},\"sentence\":{},\"too_few\":{},\"estimates\":{},\"tables\":{},\"plots\":{},"
      "\"notes\":{},\"card\":{}}}",
      json_text(report.name), json(report.sentence), report.too_few, list(report.estimates),
      list(report.tables), list(report.plots), list(report.notes), json(report.card)
  );
}

}  // namespace hospes::insight
