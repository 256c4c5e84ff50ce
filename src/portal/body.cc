#include "portal/body.h"

#include <simdjson.h>

#include <algorithm>

namespace hospes::portal {
namespace {

constexpr std::size_t fields_max = 16;

std::unexpected<Error> broken() {
  return fail(Code::invalid_input, "the body must be one JSON object");
}

}  // namespace

Result<std::vector<std::string>> read_texts(const Field& field) {
  simdjson::dom::parser parser;
  simdjson::dom::array array;
  std::vector<std::string> out;
  const auto no = [&] {
    return fail(Code::invalid_input, field.name + " is a list of texts, such as [\"…\"]");
  };
  const simdjson::padded_string padded(field.value);
  if (field.text || parser.parse(padded).get(array) != simdjson::SUCCESS) return no();
  for (const simdjson::dom::element item : array) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return no();
    out.emplace_back(text);
  }
  return out;
}

Result<std::vector<Field>> read_object(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) return broken();
  std::vector<Field> out;
  for (const auto& [key, value] : object) {
    Field field{.name = std::string(key)};
    if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
      field.text = true;
      field.value = text;
    } else {
      field.text = value.is_number();
      field.value = simdjson::minify(value);
    }
    if (std::ranges::find(out, field.name, &Field::name) != out.end())
      return fail(Code::invalid_input, "the key " + field.name + " stands twice in the body");
    if (out.size() == fields_max) return fail(Code::invalid_input, "the body has too many keys");
    out.push_back(std::move(field));
  }
  return out;
}

}  // namespace hospes::portal
