// Just enough JSON writing for the answers of the console.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_text.h"

namespace hospes::portal {

/// `{"key":value,…}`, in order. `json` is a finished value.
class Object {
 public:
  Object& raw(std::string_view key, std::string_view json) {
    if (out_.size() > 1) out_ += ',';
    out_.append(json_text(key)).append(1, ':').append(json);
    return *this;
  }
  Object& text(std::string_view key, std::string_view value) { return raw(key, json_text(value)); }
  Object& number(std::string_view key, std::uint64_t value) {
    return raw(key, std::to_string(value));
  }
  Object& truth(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  std::string done() { return std::move(out_) + "}"; }

 private:
  std::string out_ = "{";
};

/// `[value,…]`.
class List {
 public:
  List& add(std::string_view json) {
    if (out_.size() > 1) out_ += ',';
    out_.append(json);
    return *this;
  }
  std::string done() { return std::move(out_) + "]"; }

 private:
  std::string out_ = "[";
};

}  // namespace hospes::portal
