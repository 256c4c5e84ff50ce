// What a client asked and what it is answered, as plain values. Nothing of HTTP's wire form
// outlives the session.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace hospes::http {

/// Header fields in the order they came; names compare without case. All text lies in one block.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

  /// A value may not break the line: CR, LF and NUL are dropped from what is added.
  void add(std::string_view name, std::string_view value);
  /// First field of that name; empty when there is none. Valid until the next `add`.
  std::string_view find(std::string_view name) const;
  bool has(std::string_view name) const { return count(name) > 0; }
  std::size_t count(std::string_view name) const;
  std::size_t size() const { return fields_.size(); }
  std::string_view name(std::size_t i) const {
    return cut(fields_[i].name_at, fields_[i].name_size);
  }
  std::string_view value(std::size_t i) const {
    return cut(fields_[i].name_at + fields_[i].name_size, fields_[i].value_size);
  }

 private:
  struct Field {
    std::uint32_t name_at = 0;
    std::uint32_t name_size = 0;
    std::uint32_t value_size = 0;
  };
  std::string_view cut(std::size_t at, std::size_t size) const {
    return std::string_view(text_).substr(at, size);
  }

  std::string text_;
  std::vector<Field> fields_;
};

/// Readable bytes behind every request body: simdjson reads in blocks.
inline constexpr std::size_t body_padding = 64;

struct Request {
  std::string method;
  std::string path;   // percent-decoded, without the query
  std::string query;  // as sent, without '?'
  Headers headers;
  std::string body;    // capacity ≥ size + body_padding
  std::string remote;  // the peer's address, without port

  /// Percent-decoded value of a query parameter.
  std::optional<std::string> query_value(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Date and Connection are the server's business
  std::string body;
};

/// That a page of ours sent the form: the browser's own word, else its Origin (OWASP, cross-site
/// request forgery). Referrer-Policy is same-origin, so that browsers without the first send the
/// second.
bool from_our_page(const Request& request);

Response text(int status, std::string_view body);
Response json(int status, std::string body);
/// The one place where error codes become statuses. `over_limit` and `unavailable` carry
/// Retry-After: 1.
Response from_error(const Error& error);
std::string_view reason_of(int status);

/// Turns %41 into A, and with `form` '+' into a space. Malformed escapes stay as they are.
std::string percent_decode(std::string_view text, bool form);
bool same_text(std::string_view a, std::string_view b);  // ASCII, without case

}  // namespace hospes::http
