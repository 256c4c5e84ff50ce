// JSON in its one canonical form (RFC 8785, JCS), of texts, whole numbers, lists and objects only:
// a record that is hashed must have one spelling.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::receipt {

/// An object being written: its members come out in order, whatever the order they were said in.
/// Keys are ASCII, so that the order of bytes is that of RFC 8785 section 3.2.3.
class Canonical {
 public:
  Canonical& text(std::string_view key, std::string_view value);
  Canonical& number(std::string_view key, std::uint64_t value);
  Canonical& raw(std::string_view key, std::string json);
  Canonical& texts(std::string_view key, const std::vector<std::string>& values);
  std::string done() const;

 private:
  std::map<std::string, std::string, std::less<>> members_;
};

/// A JSON object read back: each member in canonical form.
struct Members {
  std::map<std::string, std::string, std::less<>> of;
};

inline constexpr std::size_t json_bytes_max = 256 * 1024;

/// invalid_input when it is no object, larger than `json_bytes_max`, nested beyond 8, has a member
/// twice, or holds what has no place here: fractions, true, false, null, keys beyond ASCII.
Result<Members> read_members(std::string_view json);
/// A canonical text or whole number, as a value. invalid_input when it is something else.
Result<std::string> text_of(std::string_view canonical);
Result<std::uint64_t> number_of(std::string_view canonical);
Result<std::vector<std::string>> texts_of(std::string_view canonical);

}  // namespace hospes::receipt
