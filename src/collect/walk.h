// Walks JSON values on demand: flattens objects into dotted names, compacts arrays, and looks at
// what is skipped too, so that broken JSON is seen wherever it hides. Private to parse.cc, the one
// place where simdjson is included.
#pragma once

#include <simdjson.h>

#include "collect/json_text.h"
#include "collect/limits.h"
#include "collect/rejects.h"

namespace hospes::collect {

namespace od = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

/// The first error of simdjson ends the walk: nothing after it can be trusted.
#define STEP(expression)                                                       \
  do {                                                                         \
    if (const error_code step_ = (expression); step_ != SUCCESS) return step_; \
  } while (false)

class Walker {
 protected:
  /// A string, a whole number as its digits, or null as nothing.
  error_code text(
      od::value& value, Item& out, std::string_view& into, std::size_t bytes_max,
      const Reject& too_long
  );
  error_code skip(od::value& value, Item& out);
  error_code compact(od::value& value, unsigned depth, Item& out);
  error_code leaf(od::value& value, unsigned depth, Item& out, ValueView& made);
  error_code flatten(od::value& value, unsigned depth, Item& out, std::size_t& count);
  error_code object_under(std::string_view prefix, od::value& value, Item& out, std::size_t& count);
  static void refuse(Item& item, const Reject& why) {
    if (item.reject == nullptr) item.reject = &why;
    ++item.refusals;
  }
  /// Like refuse, where it may hide whom the item is about or what they answered.
  static void blur(Item& item, const Reject& why) {
    refuse(item, why);
    item.blurred = true;
  }

  Arena arena_;
  std::string name_;     // the dotted name being built
  std::string compact_;  // the array being compacted
};

inline error_code Walker::text(
    od::value& value, Item& out, std::string_view& into, std::size_t bytes_max,
    const Reject& too_long
) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type == od::json_type::string) {
    STEP(value.get_string(true).get(into));
  } else if (type == od::json_type::number) {
    STEP(value.raw_json().get(into));
    into = trimmed(into);
    if (!is_number(into)) return simdjson::NUMBER_ERROR;
    if (into.find_first_of(".eE") != std::string_view::npos) refuse(out, wrong_type);
  } else {
    if (type != od::json_type::null) refuse(out, wrong_type);
    return skip(value, out);
  }
  if (into.find('\0') != std::string_view::npos) refuse(out, nul);
  if (into.size() > bytes_max) {
    refuse(out, too_long);
    into = into.substr(0, 0);
  }
  return SUCCESS;
}

/// Walks what nobody wants, so that broken JSON is seen wherever it hides.
inline error_code Walker::skip(od::value& value, Item& out) {
  compact_.clear();
  Item ignored;
  ignored.reject = out.reject;
  return compact(value, 0, ignored);
}

inline error_code Walker::compact(od::value& value, unsigned depth, Item& out) {
  if (depth > 512) return simdjson::DEPTH_ERROR;
  if (depth > depth_max) refuse(out, too_deep);
  od::json_type type{};
  STEP(value.type().get(type));
  if (type == od::json_type::array) {
    compact_.push_back('[');
    od::array array;
    STEP(value.get_array().get(array));
    bool first = true;
    for (auto element : array) {
      od::value inner;
      STEP(element.get(inner));
      if (!std::exchange(first, false)) compact_.push_back(',');
      STEP(compact(inner, depth + 1, out));
    }
    compact_.push_back(']');
    return SUCCESS;
  }
  if (type == od::json_type::object) {
    compact_.push_back('{');
    od::object object;
    STEP(value.get_object().get(object));
    bool first = true;
    for (auto field : object) {
      std::string_view key;
      STEP(field.unescaped_key(true).get(key));
      if (key.find('\0') != std::string_view::npos) refuse(out, nul);
      if (!std::exchange(first, false)) compact_.push_back(',');
      append_string(compact_, key);
      compact_.push_back(':');
      od::value inner;
      STEP(field.value().get(inner));
      STEP(compact(inner, depth + 1, out));
    }
    compact_.push_back('}');
    return SUCCESS;
  }
  ValueView made;
  STEP(leaf(value, depth, out, made));
  switch (made.kind) {
    case ValueKind::null:
      compact_ += "null";
      break;
    case ValueKind::boolean:
      compact_ += made.truth() ? "true" : "false";
      break;
    case ValueKind::number:
      compact_ += to_string(made.number);
      break;
    default:
      if (type == od::json_type::number)
        compact_ += made.text;
      else
        append_string(compact_, made.text);
  }
  return SUCCESS;
}

inline error_code Walker::leaf(od::value& value, unsigned depth, Item& out, ValueView& made) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type == od::json_type::string) {
    made.kind = ValueKind::text;
    STEP(value.get_string(true).get(made.text));
    if (std::memchr(made.text.data(), 0, made.text.size()) != nullptr) refuse(out, nul);
    if (made.text.size() > string_bytes_max) refuse(out, string_too_long);
  } else if (type == od::json_type::number) {
    STEP(value.raw_json().get(made.text));
    made.text = trimmed(made.text);
    if (!is_number(made.text)) return simdjson::NUMBER_ERROR;
    const auto decimal = parse_decimal(made.text);
    made.kind = decimal ? ValueKind::number : ValueKind::text;
    if (decimal) made = {ValueKind::number, *decimal, {}, {}};
    if (!decimal && made.text.size() > string_bytes_max) refuse(out, string_too_long);
  } else if (type == od::json_type::boolean) {
    bool truth = false;
    STEP(value.get_bool().get(truth));
    made = {ValueKind::boolean, {truth ? 1 : 0}, {}, {}};
  } else if (type == od::json_type::null) {
    bool null = false;
    STEP(value.is_null().get(null));
    if (!null) return simdjson::TAPE_ERROR;
  } else {
    compact_.clear();
    STEP(compact(value, depth + 1, out));
    if (compact_.size() > string_bytes_max) refuse(out, string_too_long);
    made = {ValueKind::json, {}, arena_.keep(compact_), {}};
  }
  return SUCCESS;
}

inline error_code Walker::flatten(od::value& value, unsigned depth, Item& out, std::size_t& count) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (count > properties_max) return skip(value, out);
  if (depth > depth_max) {
    refuse(out, too_deep);
    return skip(value, out);
  }
  if (type != od::json_type::object) {
    Field made{.name = arena_.keep(name_)};
    const auto before = out.refusals;
    STEP(leaf(value, depth, out, made.value));
    if (++count > properties_max) blur(out, too_many);
    if (out.refusals == before) out.fields.push_back(made);
    return SUCCESS;
  }
  od::object object;
  STEP(value.get_object().get(object));
  const std::size_t before = name_.size();
  for (auto field : object) {
    std::string_view key;
    STEP(field.unescaped_key(true).get(key));
    if (key.find('\0') != std::string_view::npos) refuse(out, nul);
    if (before > 0 && name_.back() != '.') name_.push_back('.');
    name_.append(key);
    od::value inner;
    STEP(field.value().get(inner));
    if (name_.size() > name_bytes_max) {
      refuse(out, name_too_long);
      STEP(skip(inner, out));
    } else {
      STEP(flatten(inner, depth + 1, out, count));
    }
    name_.resize(before);
  }
  return SUCCESS;
}

inline error_code Walker::object_under(
    std::string_view prefix, od::value& value, Item& out, std::size_t& count
) {
  od::json_type type{};
  STEP(value.type().get(type));
  if (type != od::json_type::object) {
    if (type != od::json_type::null) blur(out, wrong_type);  // traits may name somebody
    return skip(value, out);
  }
  name_.assign(prefix);
  return flatten(value, 1, out, count);
}

}  // namespace hospes::collect
