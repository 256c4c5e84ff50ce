#include "guest/form.h"

#include <algorithm>

namespace hospes::guest {
namespace {

constexpr std::size_t form_bytes_max = 16 * 1024;

}  // namespace

std::optional<std::string_view> below(std::string_view path, std::string_view folder) {
  if (!path.starts_with(folder)) return std::nullopt;
  return path.substr(folder.size());
}

std::string field(const http::Request& request, std::string_view name) {
  std::string_view rest = request.body;
  if (rest.size() > form_bytes_max) return {};
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals != pair.npos && http::percent_decode(pair.substr(0, equals), true) == name)
      return http::percent_decode(pair.substr(equals + 1), true);
  }
  return {};
}

void guard(http::Response& response, bool tls) {
  http::Headers& h = response.headers;
  h.add(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
      "'none'"
  );
  h.add("X-Content-Type-Options", "nosniff");
  h.add("Referrer-Policy", "same-origin");
  h.add("X-Frame-Options", "DENY");
  h.add("Cross-Origin-Resource-Policy", "same-origin");
  h.add("Cross-Origin-Opener-Policy", "same-origin");
  h.add("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  if (!h.has("Cache-Control")) h.add("Cache-Control", "no-store");
  if (tls) h.add("Strict-Transport-Security", "max-age=31536000");
}

http::Response to_page(std::string where) {
  http::Response out{303, {}, ""};
  out.headers.add("Location", where);
  return out;
}

}  // namespace hospes::guest
