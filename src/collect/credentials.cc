#include "collect/credentials.h"

namespace hospes::collect {

std::optional<std::string> base64(std::string_view text) {
  std::string out;
  unsigned bits = 0, held = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    unsigned v = 0;
    if (c >= 'A' && c <= 'Z')
      v = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      v = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      v = static_cast<unsigned>(c - '0') + 52;
    else if (c == '+' || c == '-')
      v = 62;
    else if (c == '/' || c == '_')
      v = 63;
    else
      return std::nullopt;
    bits = (bits << 6 | v) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  return out;
}

std::string write_key_of(const http::Request& request) {
  const auto said = request.headers.find("Authorization");
  const auto space = said.find(' ');
  const auto scheme = said.substr(0, space);
  const auto rest = space == said.npos ? std::string_view{} : said.substr(space + 1);
  if (http::same_text(scheme, "basic")) {
    const auto pair = base64(rest);
    if (pair) return pair->substr(0, pair->find(':'));
  }
  if (const auto key = request.headers.find("X-Write-Key"); !key.empty()) return std::string(key);
  if (auto key = request.query_value("writeKey"); key && !key->empty()) return *key;
  return {};
}

std::string bearer_of(const http::Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto said = request.headers.find("Authorization");
  return http::same_text(said.substr(0, scheme.size()), scheme)
             ? std::string(said.substr(scheme.size()))
             : std::string();
}

}  // namespace hospes::collect
