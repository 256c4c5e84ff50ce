// Just enough JSON to speak to the public API.
#pragma once

#include <string>
#include <string_view>

namespace hospes::demo {

/// Appends `text` as a JSON string. `text` is UTF-8.
void quote(std::string& out, std::string_view text);

/// One flat or nested object, written in order: `Object(out).text("a", "b").raw("n",
/// "12").close()`.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_.push_back('{'); }
  Object& text(std::string_view key, std::string_view value) {
    name(key);
    quote(out_, value);
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
    quote(out_, key);
    out_.push_back(':');
  }
  std::string& out_;
  bool first_ = true;
};

}  // namespace hospes::demo
