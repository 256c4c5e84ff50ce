#include "server/json.h"

#include <simdjson.h>

namespace hospes::server {

namespace dom = simdjson::dom;

struct Json::Document {
  dom::parser parser;
};
struct Json::Place {
  dom::element element;
};

Result<Json> Json::parse(std::string_view text) {
  auto document = std::make_shared<Document>();
  dom::element root;
  if (const auto error = document->parser.parse(simdjson::padded_string(text)).get(root)) {
    // "TAPE_ERROR: The JSON document has an improper structure: … . This is …": its first sentence.
    std::string why = simdjson::error_message(error);
    why.erase(0, why.find(": ") == why.npos ? 0 : why.find(": ") + 2);
    return fail(Code::invalid_input, "this is no JSON: " + why.substr(0, why.find(". ")));
  }
  Json json;
  json.document_ = std::move(document);
  json.at_ = std::make_shared<Place>(Place{root});
  return json;
}

Json Json::operator[](std::string_view member) const {
  Json out;
  dom::element found;
  if (!at_ || !at_->element.is_object() || at_->element[member].get(found) != simdjson::SUCCESS)
    return out;
  out.document_ = document_;
  out.at_ = std::make_shared<Place>(Place{found});
  return out;
}

std::vector<Json> Json::items() const {
  std::vector<Json> out;
  dom::array array;
  if (!at_ || at_->element.get_array().get(array) != simdjson::SUCCESS) return out;
  for (const dom::element element : array) {
    Json& one = out.emplace_back();
    one.document_ = document_;
    one.at_ = std::make_shared<Place>(Place{element});
  }
  return out;
}

bool Json::is_null() const { return !at_ || at_->element.is_null(); }
bool Json::is_object() const { return at_ && at_->element.is_object(); }

std::string Json::text() const {
  std::string_view text;
  if (is_null()) return "";
  if (at_->element.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
  if (at_->element.is_object() || at_->element.is_array()) return "";
  return simdjson::minify(at_->element);
}

std::int64_t Json::whole() const {
  std::int64_t number = 0;
  if (!at_ || at_->element.get_int64().get(number) != simdjson::SUCCESS) return 0;
  return number;
}

bool Json::truth() const {
  bool truth = false;
  return at_ && at_->element.get_bool().get(truth) == simdjson::SUCCESS && truth;
}

}  // namespace hospes::server
