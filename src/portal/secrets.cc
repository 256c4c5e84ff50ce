#include "portal/secrets.h"

namespace hospes::portal {

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
