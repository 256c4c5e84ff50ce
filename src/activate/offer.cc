#include "activate/offer.h"

#include <simdjson.h>

#include "digest/digest.h"

namespace hospes::activate {
namespace {

namespace dom = simdjson::dom;

liquid::Value value_of(dom::element in) {
  switch (in.type()) {
    case dom::element_type::OBJECT: {
      liquid::Object out;
      for (const auto field : dom::object(in)) out.emplace_back(std::string(field.key), value_of(field.value));
      return out;
    }
    case dom::element_type::ARRAY: {
      liquid::Array out;
      for (const dom::element one : dom::array(in)) out.push_back(value_of(one));
      return out;
    }
    case dom::element_type::STRING:
      return std::string_view(in);
    case dom::element_type::BOOL:
      return bool(in);
    case dom::element_type::INT64:
      return std::int64_t(in);
    case dom::element_type::NULL_VALUE:
      return {};
    default: {
      const std::string number = simdjson::minify(in);
      const auto exact = parse_decimal(number);
      return exact ? liquid::Value(*exact) : liquid::Value(number);
    }
  }
}

constexpr std::string_view ticket_member = ",\"ticket\":\"", its_end = "\"}";

}  // namespace

std::string sent_offer(std::string_view json, const OfferToken& token, Instant sent) {
  const std::size_t at = json.rfind(ticket_member);
  // The last member of all, or it is one of the payload's own.
  if (at == json.npos || !json.ends_with(its_end)) return std::string(json);
  const std::size_t begin = at + ticket_member.size();
  const auto ticket = base64_read(json.substr(begin, json.size() - its_end.size() - begin));
  if (!ticket) return std::string(json);
  std::string out(json.substr(0, at));
  if (token) out.append(",\"token\":\"").append(token(*ticket, sent)).append("\"");
  return out + "}";
}

liquid::Value offer_of(std::string_view json, std::string_view language) {
  dom::parser parser;
  dom::object whole, payload;
  std::string_view name;
  if (json.empty() || parser.parse(json.data(), json.size()).get(whole) != simdjson::SUCCESS ||
      whole["name"].get(name) != simdjson::SUCCESS || whole["payload"].get(payload) != simdjson::SUCCESS)
    return {};
  liquid::Value shown;
  for (const auto field : payload) {
    const bool meant = !language.empty() && language.substr(0, field.key.size()) == field.key;
    if (shown.is_nil() || meant) shown = value_of(field.value);
    if (meant) break;
  }
  liquid::Object out{{"name", liquid::Value(name)}, {"payload", std::move(shown)}};
  if (std::string_view token; whole["token"].get(token) == simdjson::SUCCESS) out.emplace_back("token", token);
  return out;
}

}  // namespace hospes::activate
