#include "dead_letter/repair.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/nearest.h"
#include "table/numbers.h"

namespace hospes::dead_letter {
namespace {

using Json = nlohmann::ordered_json;  // an item keeps the order of its fields
using Pointer = Json::json_pointer;   // RFC 6901

constexpr std::string_view known_operations[] = {"add", "remove", "replace", "move", "copy", "test", "convert"};

std::unexpected<Error> odd(std::size_t i, std::string what) {
  return fail(Code::invalid_input, "operation " + std::to_string(i + 1) + " of the patch: " + std::move(what));
}

/// The member, if it is a text; empty otherwise.
std::string text_of(const Json& operation, const char* name) {
  const auto at = operation.find(name);
  return at != operation.end() && at->is_string() ? at->get<std::string>() : std::string();
}

bool is_pointer(const std::string& text) {
  try {
    return !text.empty() && !Pointer(text).empty();
  } catch (const Json::exception&) {
    return false;
  }
}

Status check(const Json& operation, std::size_t i) {
  if (!operation.is_object()) return odd(i, "it is an object with op and path");
  const std::string op = text_of(operation, "op");
  if (std::ranges::find(known_operations, op) == std::end(known_operations))
    return odd(
        i, "op \"" + op + "\" is none" + nearest_hint(op, known_operations) +
               "; RFC 6902 has add, remove, replace, move, copy and test, and convert turns a text into a number"
    );
  if (!is_pointer(text_of(operation, "path")))
    return odd(i, "path is a place in the event, such as /properties/total (RFC 6901)");
  if ((op == "move" || op == "copy") && !is_pointer(text_of(operation, "from")))
    return odd(i, op + " needs from, the place where the value is now, such as /properties/totl");
  if ((op == "add" || op == "replace" || op == "test") && !operation.contains("value"))
    return odd(i, op + " needs value");
  const std::string to = text_of(operation, "to");
  if (op == "convert" && to != "number" && to != "text")
    return odd(i, "convert needs to: number or text");
  const std::string decimal = text_of(operation, "decimal");
  if (operation.contains("decimal") && decimal != "." && decimal != ",")
    return odd(i, "decimal is the sign before the fraction: \".\" or \",\"");
  return {};
}

Status to_number(Json& value, const Json& operation, std::size_t i) {
  if (value.is_number()) return {};
  if (!value.is_string()) return odd(i, "what stands there is neither a text nor a number");
  const std::string text = value.get<std::string>();
  const table::Number read = table::number(text);
  const std::string decimal = text_of(operation, "decimal");
  if (read.shape == table::Shape::either && decimal.empty())
    return odd(
        i, "\"" + text + "\" can be two numbers, " + read.digits + " and " + read.as_decimal +
               "; say which sign stands before the fraction: \"decimal\":\",\" or \"decimal\":\".\""
    );
  const auto sign = decimal.empty() ? table::DecimalSign::as_found
                    : decimal == "," ? table::DecimalSign::comma
                                     : table::DecimalSign::point;
  const auto number = table::value(read, sign);
  if (!number) return odd(i, "\"" + text + "\" is no number");
  value = Json::parse(*number);
  return {};
}

Status convert(Json& item, const Json& operation, std::size_t i) {
  const Pointer at(text_of(operation, "path"));
  if (!item.contains(at)) return odd(i, "nothing stands at " + at.to_string());
  Json& value = item.at(at);
  if (text_of(operation, "to") == "number") return to_number(value, operation, i);
  if (value.is_structured() || value.is_null()) return odd(i, "what stands there has no text");
  if (!value.is_string()) value = value.dump();
  return {};
}

bool is_time(const std::string& pointer) {
  return pointer.starts_with("/timestamp") || pointer.starts_with("/originalTimestamp") ||
         pointer.starts_with("/original_timestamp");
}

}  // namespace

struct Repair::Operations {
  std::vector<Json> list;
};

Repair::Repair() : operations_(std::make_unique<const Operations>()) {}
Repair::Repair(Repair&&) noexcept = default;
Repair& Repair::operator=(Repair&&) noexcept = default;
Repair::~Repair() = default;

Result<Repair> Repair::parse(std::string_view json) {
  const Json read = Json::parse(json, nullptr, false);
  if (!read.is_array() || read.size() > operations_max)
    return fail(
        Code::invalid_input,
        "a patch is a list of at most 64 operations, such as "
        R"([{"op":"move","from":"/properties/totl","path":"/properties/total"}])"
    );
  Operations made;
  for (const Json& operation : read) {
    TRY(check(operation, made.list.size()));
    made.list.push_back(operation);
  }
  Repair out;
  out.operations_ = std::make_unique<const Operations>(std::move(made));
  return out;
}

Result<std::string> Repair::apply(std::string_view item) const {
  if (empty()) return std::string(item);
  Json read = Json::parse(item, nullptr, false);
  if (read.is_discarded()) return fail(Code::invalid_input, "the event is no JSON");
  for (std::size_t i = 0; i < operations_->list.size(); ++i) {
    const Json& operation = operations_->list[i];
    if (operation.at("op") == "convert") {
      TRY(convert(read, operation, i));
      continue;
    }
    try {
      read = read.patch(Json::array({operation}));
    } catch (const Json::exception&) {
      return odd(
          i, text_of(operation, "op") + " finds no such place: " +
                 (operation.contains("from") ? text_of(operation, "from") + " or " : "") + text_of(operation, "path") +
                 (operation.at("op") == "test" ? " holds another value" : "")
      );
    }
  }
  return read.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool Repair::empty() const { return operations_->list.empty(); }

bool Repair::retimes() const {
  return std::ranges::any_of(operations_->list, [](const Json& operation) {
    return is_time(text_of(operation, "path")) || is_time(text_of(operation, "from"));
  });
}

}  // namespace hospes::dead_letter
