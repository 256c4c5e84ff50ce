// The one file of the room that knows simdjson.
#include "shops/payload.h"

#include <simdjson.h>

#include <optional>

#include "base/decimal.h"
#include "base/json_text.h"
#include "base/time.h"
#include "table/dates.h"
#include "zones/zones.h"

namespace hospes::shops {
namespace {

namespace dom = simdjson::dom;

void put(std::string& members, std::string_view key, std::string_view json) {
  if (!members.empty()) members += ',';
  members.append(json_text(key)).append(":").append(json);
}

std::optional<dom::element> at(dom::element from, std::string_view path) {
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    dom::object object;
    if (from.get_object().get(object) != simdjson::SUCCESS ||
        object[name].get(from) != simdjson::SUCCESS)
      return std::nullopt;
  }
  return from;
}

/// A scalar as text; nothing for null, empty, objects and lists.
std::optional<std::string> scalar(std::optional<dom::element> found) {
  std::string_view text;
  if (!found || found->is_null() || found->is_object() || found->is_array()) return std::nullopt;
  if (found->get_string().get(text) != simdjson::SUCCESS)
    return std::string(simdjson::minify(*found));
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

/// `list[].path` summed; one value otherwise.
std::optional<Decimal> number(dom::element from, std::string_view path) {
  const auto mark = path.find("[].");
  if (mark == path.npos) {
    const auto text = scalar(at(from, path));
    return text ? parse_decimal(*text) : std::nullopt;
  }
  const auto list = at(from, path.substr(0, mark));
  dom::array items;
  if (!list || list->get_array().get(items) != simdjson::SUCCESS) return std::nullopt;
  Decimal sum;
  for (const dom::element item : items) {
    const auto one = number(item, path.substr(mark + 3));
    if (!one || __builtin_add_overflow(sum.micro, one->micro, &sum.micro)) return std::nullopt;
  }
  return sum;
}

/// Text with {path}s; nothing when one of them is not there.
std::optional<std::string> filled(dom::element from, std::string_view text) {
  std::string out;
  for (;;) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == text.npos) return out;
    const auto close = text.find('}', open);
    if (close == text.npos) return std::nullopt;
    const auto value = scalar(at(from, text.substr(open + 1, close - open - 1)));
    if (!value) return std::nullopt;
    out += *value;
    text.remove_prefix(close + 1);
  }
}

/// An expression as text.
std::optional<std::string> text_of(dom::element from, std::string_view expression) {
  if (expression.empty()) return std::nullopt;
  if (expression.starts_with('=')) return std::string(expression.substr(1));
  if (expression.find('{') != expression.npos) return filled(from, expression);
  return scalar(at(from, expression.substr(0, expression.find(':'))));
}

/// An expression as JSON; nothing when it is not there, or no number where one is wanted.
std::optional<std::string> json_of(dom::element from, std::string_view expression) {
  const auto colon = expression.rfind(':');
  const bool plain = expression.starts_with('=') || expression.find('{') != expression.npos;
  const std::string_view type = plain || colon == expression.npos ? "text" : expression.substr(colon + 1);
  if (type == "number") {
    const auto value = number(from, expression.substr(0, colon));
    if (!value) return std::nullopt;
    return to_string(*value);
  }
  const auto text = text_of(from, expression);
  if (!text) return std::nullopt;
  if (type == "bool") return std::string(*text == "true" || *text == "1" ? "true" : "false");
  return json_text(*text);
}

bool fits(dom::element from, std::string_view where) {
  if (where.empty()) return true;
  const auto equals = where.find('=');
  const std::string value = text_of(from, where.substr(0, equals)).value_or("");
  for (std::string_view left = where.substr(std::min(where.size(), equals + 1));;) {
    const auto bar = left.find('|');
    if (left.substr(0, bar) == value) return true;
    if (bar == left.npos) return false;
    left.remove_prefix(bar + 1);
  }
}

/// RFC 3339 in UTC.
std::optional<std::string> time_of(dom::element from, std::string_view path, std::string_view zone) {
  const auto text = text_of(from, path);
  if (!text) return std::nullopt;
  const table::Stamp stamp = table::stamp(*text);
  if (stamp.form != table::Form::iso) return std::nullopt;
  const auto wall = table::wall_us(stamp, false);
  const zones::Zone* known = zones::find(zone);
  if (!wall || !known) return std::nullopt;
  return to_string(stamp.offset_minutes ? Instant{*wall} : zones::instant_of(*known, *wall));
}

std::string products_of(dom::element from, const Rule& rule) {
  dom::array items;
  const auto list = at(from, rule.products_from);
  if (!list || list->get_array().get(items) != simdjson::SUCCESS) return "[]";
  std::string out;
  for (const dom::element item : items) {
    std::string members;
    for (const auto& [name, expression] : rule.products)
      if (const auto json = json_of(item, expression)) put(members, name, *json);
    out.append(out.empty() ? "{" : ",{").append(members).append("}");
  }
  return "[" + out + "]";
}

std::unexpected<Error> lacks(const Hook& hook, const Rule& rule, std::string_view what) {
  return fail(
      Code::invalid_input, "hooks/" + hook.name + ".toml, topic \"" + rule.topic +
                               "\": the payload has no " + std::string(what)
  );
}

/// Who it is about, as members of the item; traits of `identify` stand in `traits`.
Status put_who(
    dom::element root, const Hook& hook, const Rule& rule, std::string& item, std::string& traits
) {
  bool somebody = false;
  const auto member = [&](std::string& into, const char* key, const std::string& expression) {
    const auto text = text_of(root, expression);
    if (!text) return;
    put(into, key, json_text(*text));
    somebody = true;
  };
  const bool answer = !rule.purpose.empty();
  member(item, "userId", rule.user_id);
  member(answer ? item : traits, "email", rule.email);
  member(answer ? item : traits, "phone", rule.phone);
  if (answer) member(item, "card", rule.card);
  return somebody ? Status{} : lacks(hook, rule, "user_id, email, phone or card: nobody is named");
}

/// Nothing: the shop's word is neither a yes nor a no.
Result<std::optional<std::string>> item_of(dom::element root, const Hook& hook, const Rule& rule) {
  const auto id = filled(root, rule.message_id);
  if (!id) return lacks(hook, rule, rule.message_id);
  const auto when = time_of(root, rule.timestamp, hook.zone);
  if (!when) return lacks(hook, rule, "time at " + rule.timestamp);
  std::string item, traits, fields, context;
  const bool answer = !rule.purpose.empty(), identify = !rule.type.empty();
  put(item, "type", answer ? R"("consent")" : identify ? R"("identify")" : R"("track")");
  put(item, "messageId", json_text(*id));
  put(item, answer ? "happened" : "timestamp", json_text(*when));
  TRY(put_who(root, hook, rule, item, traits));
  if (answer) {
    const auto state = rule.states.find(text_of(root, rule.state).value_or(""));
    if (state == rule.states.end()) return std::optional<std::string>();
    put(item, "purpose", json_text(rule.purpose));
    put(item, "state", json_text(state->second));
    put(item, "proof", json_text("webhook " + hook.name + " " + rule.topic + " " + *id));
    return "{" + item + "}";
  }
  for (const auto& [name, expression] : rule.properties)
    if (const auto json = json_of(root, expression)) put(fields, name, *json);
  if (!rule.products_from.empty()) put(fields, "products", products_of(root, rule));
  if (identify) {
    if (!traits.empty() && !fields.empty()) traits += ',';
    put(item, "traits", "{" + traits + fields + "}");
    return "{" + item + "}";
  }
  put(item, "event", json_text(rule.event));
  put(item, "properties", "{" + fields + "}");
  if (!traits.empty()) put(context, "traits", "{" + traits + "}");
  if (const auto card = text_of(root, rule.card))
    put(context, "externalIds",
        R"([{"id":)" + json_text(*card) +
            R"(,"type":"card","collection":"users","encoding":"none"}])");
  if (!context.empty()) put(item, "context", "{" + context + "}");
  return "{" + item + "}";
}

}  // namespace

Result<Mapped> map_payload(const Hook& hook, std::string_view topic, std::string_view body) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS || !root.is_object())
    return fail(Code::invalid_input, "the body is not one JSON object");
  Mapped out;
  for (const Rule& rule : hook.rules) {
    if (rule.topic != topic) continue;
    out.known = true;
    if (!fits(root, rule.where)) continue;
    const auto item = TRY(item_of(root, hook, rule));
    if (!item) continue;
    out.items.append(out.items.empty() ? "" : ",").append(*item);
    ++out.count;
  }
  return out;
}

}  // namespace hospes::shops
