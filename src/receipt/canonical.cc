#include "receipt/canonical.h"

#include <simdjson.h>

#include <charconv>

namespace hospes::receipt {
namespace {

namespace dom = simdjson::dom;

constexpr unsigned depth_max = 8;
constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;  // RFC 8785: what a double holds

std::string spelled(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (byte >= 0x20) {
          out += c;
        } else {
          out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        }
    }
  }
  return out + '"';
}

std::string object_of(const std::map<std::string, std::string, std::less<>>& members) {
  std::string out = "{";
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out += ',';
    out.append(spelled(key)).append(1, ':').append(value);
  }
  return out + '}';
}

std::unexpected<Error> unfit(std::string_view what) {
  return fail(Code::invalid_input, std::string("no receipt of this kind holds ").append(what));
}

Result<std::string> canonical(dom::element in, unsigned depth);

Result<Members> members_of(dom::object object, unsigned depth) {
  Members out;
  for (const auto& [key, value] : object) {
    for (const char c : key)
      if (c < ' ' || c > '~') return unfit("such a key");
    auto text = TRY(canonical(value, depth + 1));
    if (!out.of.emplace(key, std::move(text)).second) return unfit("one member twice");
  }
  return out;
}

Result<std::string> list(dom::array array, unsigned depth) {
  std::string out = "[";
  for (const dom::element item : array)
    out.append(out.size() > 1 ? "," : "").append(TRY(canonical(item, depth + 1)));
  return out + ']';
}

Result<std::string> canonical(dom::element in, unsigned depth) {
  if (depth > depth_max) return unfit("so many levels");
  if (in.is_string()) return spelled(std::string_view(in));
  if (in.is_int64()) {
    const std::int64_t n{in};
    if (n < 0 || n > number_max) return unfit("such a number");
    return std::to_string(n);
  }
  if (in.is_object()) return object_of(TRY(members_of(dom::object(in), depth)).of);
  if (in.is_array()) return list(dom::array(in), depth);
  return unfit("anything but texts, whole numbers, lists and objects");
}

Result<dom::element> parsed(dom::parser& parser, std::string_view json) {
  if (json.size() > json_bytes_max) return fail(Code::invalid_input, "larger than a receipt");
  dom::element out;
  if (parser.parse(json.data(), json.size()).get(out) != simdjson::SUCCESS)
    return fail(Code::invalid_input, "this is no JSON");
  return out;
}

}  // namespace

Canonical& Canonical::raw(std::string_view key, std::string json) {
  members_.insert_or_assign(std::string(key), std::move(json));
  return *this;
}
Canonical& Canonical::text(std::string_view key, std::string_view value) {
  return raw(key, spelled(value));
}
Canonical& Canonical::number(std::string_view key, std::uint64_t value) {
  return raw(key, std::to_string(value));
}
Canonical& Canonical::texts(std::string_view key, const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& v : values) out.append(out.size() > 1 ? "," : "").append(spelled(v));
  return raw(key, out + ']');
}
std::string Canonical::done() const { return object_of(members_); }

Result<Members> read_members(std::string_view json) {
  dom::parser parser;
  const dom::element top = TRY(parsed(parser, json));
  if (!top.is_object()) return fail(Code::invalid_input, "this is no JSON object");
  return members_of(dom::object(top), 0);
}

Result<std::string> text_of(std::string_view json) {
  dom::parser parser;
  const dom::element in = TRY(parsed(parser, json));
  if (!in.is_string()) return unfit("something else where a text belongs");
  return std::string(std::string_view(in));
}

Result<std::uint64_t> number_of(std::string_view json) {
  std::uint64_t out = 0;
  const auto read = std::from_chars(json.data(), json.data() + json.size(), out);
  if (read.ec != std::errc() || read.ptr != json.data() + json.size())
    return unfit("something else where a number belongs");
  return out;
}

Result<std::vector<std::string>> texts_of(std::string_view json) {
  dom::parser parser;
  const dom::element in = TRY(parsed(parser, json));
  if (!in.is_array()) return unfit("something else where a list belongs");
  std::vector<std::string> out;
  for (const dom::element item : dom::array(in)) {
    if (!item.is_string()) return unfit("something else where a text belongs");
    out.emplace_back(std::string_view(item));
  }
  return out;
}

}  // namespace hospes::receipt
