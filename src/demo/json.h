// Just enough JSON to speak to the public API.
#pragma once

#include <string>
#include <string_view>

#include "base/json_text.h"

namespace hospes::demo {

/// One flat or nested object, written in order: `Object(out).text("a", "b").raw("n",
/// "12").close()`.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_.push_back('{'); }
  Object& text(std::string_view key, std::string_view value) {
    name(key);
    out_ += json_text(value);
    return *this;
  }
  /// `json` is a number, true, false or a finished object.
  Object& raw(std::string_view key, std::string_view json) {
    name(key);
    out_.append(json);
    return *this;
  }
  void close() { out_.push_back('}'); }

 private:
  void name(std::string_view key) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_ += json_text(key);
    out_.push_back(':');
  }
  std::string& out_;
  bool first_ = true;
};

}  // namespace hospes::demo
