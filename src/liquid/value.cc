#include "liquid/value.h"

#include <algorithm>
#include <charconv>

#include "base/json_text.h"

namespace hospes::liquid {
namespace {

constexpr std::int64_t micro = 1'000'000;
constexpr std::int64_t whole_max = 9'223'372'036'854;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// With at least one decimal, so that `5.0` stays what it was.
std::string text_of(Decimal d) {
  std::string out = hospes::to_string(d);
  if (!out.contains('.')) out += ".0";
  return out;
}

}  // namespace

std::optional<Decimal> Value::as_decimal() const {
  if (const Decimal* d = decimal()) return *d;
  const std::int64_t* n = whole();
  if (n == nullptr || *n > whole_max || *n < -whole_max) return std::nullopt;
  return Decimal::whole(*n);
}

bool Value::lacks(Lack kind) const {
  if (const Text* t = text())
    return kind == Lack::empty ? t->text.empty() : std::ranges::all_of(t->text, is_space);
  if (const Array* a = array()) return a->empty();
  if (const Object* o = object()) return o->empty();
  if (const Range* r = range()) return r->size() == 0;
  if (const Lack* other = lack()) return *other == kind;
  return kind == Lack::blank && !truth();
}

const Value* Value::member(std::string_view name) const {
  const Object* o = object();
  if (o == nullptr) return nullptr;
  const auto at = std::ranges::find(*o, name, &Object::value_type::first);
  return at == o->end() ? nullptr : &at->second;
}

void Value::print(std::string& out, std::size_t bytes_max) const {
  if (const bool* b = boolean()) {
    out += *b ? "true" : "false";
  } else if (const std::int64_t* n = whole()) {
    out += std::to_string(*n);
  } else if (const Decimal* d = decimal()) {
    out += text_of(*d);
  } else if (const Text* t = text()) {
    out += t->text;
  } else if (const Range* r = range()) {
    out += std::to_string(r->first) + ".." + std::to_string(r->last);
  } else if (const Array* a = array()) {
    for (const Value& v : *a) {
      if (out.size() > bytes_max) return;
      v.print(out, bytes_max);
    }
  } else if (object() != nullptr) {
    print_json(out, bytes_max);
  }
}

std::string Value::printed(std::size_t bytes_max) const {
  std::string out;
  print(out, bytes_max);
  return out;
}

void Value::print_json(std::string& out, std::size_t bytes_max) const {
  if (out.size() > bytes_max) return;
  if (const Array* a = array()) {
    out += '[';
    for (bool first = true; const Value& v : *a) {
      if (!std::exchange(first, false)) out += ',';
      v.print_json(out, bytes_max);
    }
    out += ']';
  } else if (const Object* o = object()) {
    out += '{';
    for (bool first = true; const auto& [name, v] : *o) {
      if (!std::exchange(first, false)) out += ',';
      out += std::string(json_text(name)) + ":";
      v.print_json(out, bytes_max);
    }
    out += '}';
  } else if (const Text* t = text()) {
    out += std::string(json_text(t->text));
  } else if (range() != nullptr) {
    out += std::string(json_text(printed()));
  } else if (is_nil() || lack() != nullptr) {
    out += "null";
  } else {
    print(out, bytes_max);
  }
}

bool Value::operator==(const Value& other) const {
  if (const Lack* l = lack()) return other.lacks(*l);
  if (const Lack* l = other.lack()) return lacks(*l);
  if (whole() != nullptr && other.whole() != nullptr) return *whole() == *other.whole();
  if (is_number() && other.is_number()) return as_decimal() == other.as_decimal();
  if (held_.index() != other.held_.index()) return false;
  if (is_nil()) return true;
  if (const bool* b = boolean()) return *b == *other.boolean();
  if (const Text* t = text()) return t->text == other.text()->text;
  if (const Range* r = range()) return *r == *other.range();
  if (const Array* a = array()) return *a == *other.array();
  if (const Object* o = object()) return *o == *other.object();
  return false;
}

std::optional<bool> less(const Value& a, const Value& b) {
  if (a.whole() != nullptr && b.whole() != nullptr) return *a.whole() < *b.whole();
  if (a.is_number() && b.is_number()) {
    // Beyond what a decimal holds a whole number is further out than any of them.
    const auto wide = [](const Value& v) {
      return v.whole() != nullptr ? Wide(*v.whole()) * micro : Wide(v.decimal()->micro);
    };
    return wide(a) < wide(b);
  }
  if (a.text() != nullptr && b.text() != nullptr) return a.text()->text < b.text()->text;
  return std::nullopt;
}

Value number_of(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc() && end == text.data() + text.size()) return whole;
  if (const auto decimal = parse_decimal(text)) return *decimal;
  return {};
}

}  // namespace hospes::liquid
