// JSON that the command line reads: answers of the house, and what somebody types.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::server {

/// A value; missing members are `null`, so a chain of look-ups needs no checks. Cheap to copy.
class Json {
 public:
  /// invalid_input says what is wrong.
  static Result<Json> parse(std::string_view text);

  Json operator[](std::string_view member) const;
  std::vector<Json> items() const;  // of an array
  bool is_null() const;
  bool is_object() const;
  std::string text() const;    // of a string; a number or truth as written; else empty
  std::int64_t whole() const;  // of a number; else 0
  bool truth() const;

 private:
  struct Document;
  struct Place;
  std::shared_ptr<const Document> document_;
  std::shared_ptr<const Place> at_;
};

}  // namespace hospes::server
