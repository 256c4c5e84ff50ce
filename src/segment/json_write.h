// A few words of JSON writing for this room: definitions and explanations.
#pragma once

#include <string>
#include <string_view>

#include "model/value.h"

namespace hospes::segment {

/// Well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);
/// With quotes. Bytes that are no UTF-8 become U+FFFD.
std::string json_text(std::string_view text);
std::string json_value(const ValueView& value);

/// Builds `{"key":value,…}`; values are JSON already.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, std::string_view json) {
    if (out_.size() > 1) out_ += ',';
    out_ += json_text(key);
    out_ += ':';
    out_ += json;
    return *this;
  }
  JsonObject& text(std::string_view key, std::string_view value) {
    return add(key, json_text(value));
  }
  std::string done() { return std::move(out_) + "}"; }

 private:
  std::string out_ = "{";
};

}  // namespace hospes::segment
