#include "http/message.h"

#include <fmt/format.h>

namespace hospes::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool breaks_line(char c) { return c == '\r' || c == '\n' || c == '\0'; }

int status_of(Code code) {
  switch (code) {
    case Code::invalid_input:
      return 400;
    case Code::not_found:
      return 404;
    case Code::conflict:
      return 409;
    case Code::over_limit:
      return 429;
    case Code::unavailable:
      return 503;
    case Code::corrupt:
      return 500;
  }
  return 500;
}

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

Headers::Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
  Field field{.name_at = static_cast<std::uint32_t>(text_.size())};
  text_.append(name);
  const std::size_t value_at = text_.size();
  for (const char c : value) {
    if (!breaks_line(c)) text_.push_back(c);
  }
  field.name_size = static_cast<std::uint32_t>(name.size());
  field.value_size = static_cast<std::uint32_t>(text_.size() - value_at);
  fields_.push_back(field);
}

std::string_view Headers::find(std::string_view wanted) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (same_text(name(i), wanted)) return value(i);
  }
  return {};
}

std::size_t Headers::count(std::string_view wanted) const {
  std::size_t n = 0;
  for (std::size_t i = 0; i < size(); ++i) n += same_text(name(i), wanted) ? 1 : 0;
  return n;
}

std::string percent_decode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(form && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decode(pair.substr(0, equals), true) == name) {
      return percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

Response text(int status, std::string_view body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::string(body)};
}

Response json(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

Response from_error(const Error& error) {
  Response response = text(status_of(error.code), error.message + "\n");
  if (error.code == Code::over_limit || error.code == Code::unavailable) {
    response.headers.add("Retry-After", "1");
  }
  return response;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Answer";
  }
}

bool from_our_page(const Request& request) {
  const std::string_view site = request.headers.find("Sec-Fetch-Site");
  if (!site.empty()) return site == "same-origin";
  const std::string_view origin = request.headers.find("Origin");
  const auto scheme = origin.find("://");
  return scheme != origin.npos &&
         same_text(origin.substr(scheme + 3), request.headers.find("Host"));
}

}  // namespace hospes::http
