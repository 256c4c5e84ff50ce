// One line in, one line out: {"template", "data", "escape", "language", "zone"} → {"text"} or
// {"error"}.
#include <simdjson.h>

#include <iostream>
#include <string>

#include "base/json_text.h"
#include "liquid/template.h"

namespace {

using hospes::liquid::Array;
using hospes::liquid::Object;
using hospes::liquid::Value;
namespace dom = simdjson::dom;

Value value_of(dom::element e) {
  switch (e.type()) {
    case dom::element_type::ARRAY: {
      Array out;
      for (dom::element item : dom::array(e)) out.push_back(value_of(item));
      return out;
    }
    case dom::element_type::OBJECT: {
      Object out;
      for (const auto& field : dom::object(e))
        out.emplace_back(std::string(field.key), value_of(field.value));
      return out;
    }
    case dom::element_type::INT64:
      return std::int64_t(e);
    case dom::element_type::DOUBLE:
      return *hospes::parse_decimal(simdjson::minify(e));
    case dom::element_type::STRING:
      return std::string_view(e);
    case dom::element_type::BOOL:
      return bool(e);
    default:
      return {};
  }
}

std::string answer(dom::element request) {
  hospes::liquid::Setting setting;
  setting.escape = bool(request["escape"]);
  setting.now = {1'795'773'600'000'000};  // 2026-11-27T10:00:00Z
  setting.zone = hospes::zones::find(std::string_view(request["zone"]));
  if (std::string_view(request["language"]) == "fr")
    setting.language = hospes::liquid::Language::fr;
  const dom::element parts = request["parts"];
  const auto part = [&](std::string_view name) -> std::optional<std::string> {
    std::string_view out;
    if (parts[name].get(out) != simdjson::SUCCESS) return std::nullopt;
    return std::string(out);
  };
  const auto made =
      hospes::liquid::Template::compile(std::string_view(request["template"]), "template", part);
  if (!made) return "{\"error\":" + std::string(hospes::json_text(made.error().message)) + "}";
  const Value data = value_of(request["data"]);
  const auto rendered = made->render(*data.object(), setting);
  if (!rendered)
    return "{\"error\":" + std::string(hospes::json_text(rendered.error().message)) + "}";
  return "{\"text\":" + std::string(hospes::json_text(rendered->text)) + "}";
}

}  // namespace

int main() {
  dom::parser parser;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(parser.parse(line)) << "\n" << std::flush;
}
