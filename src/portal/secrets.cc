#include "portal/secrets.h"

#include <sys/random.h>

#include "base/check.h"
#include "digest/digest.h"

namespace hospes::portal {

std::string hash_of(std::string_view secret) {
  return hex(view_of(sha256(secret)));
}

std::string new_secret() {
  constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  unsigned char bytes[32];
  check(getrandom(bytes, sizeof bytes, 0) == sizeof bytes, "the system gives random bytes");
  std::string out;
  for (const unsigned char byte : bytes) out += letters[byte & 31];
  return out;
}

std::string page_word(std::string_view session) {
  return hash_of(std::string("page ").append(session)).substr(0, 32);
}

std::string_view cookie_of(const http::Request& request, std::string_view name) {
  std::string_view rest = request.headers.find("Cookie");
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return part.substr(name.size() + 1);
  }
  return {};
}

}  // namespace hospes::portal
