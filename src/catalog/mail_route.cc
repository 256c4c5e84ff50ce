#include "catalog/mail_route.h"

namespace hospes::catalog {
namespace {

/// A relay's trouble passes in minutes, a full mailbox in hours: 1, 5, 15 and 60 minutes, then
/// hourly for two days.
std::vector<Duration> usual_pauses() {
  std::vector<Duration> out{
      std::chrono::minutes(1), std::chrono::minutes(5), std::chrono::minutes(15)};
  for (int hour = 0; hour < 48; ++hour) out.emplace_back(std::chrono::hours(1));
  return out;
}

std::unexpected<Error> wrong_key(const Place& place, std::string_view key, std::string_view must) {
  const toml::node* node = place.table.get(key);
  return wrong(
      place.file, node != nullptr ? *node : place.table,
      std::string(key) + " in " + place.what + " " + std::string(must)
  );
}

Status read_keys(const Place& place, MailRoute& out) {
  std::vector<std::string> keys;
  TRY(read(place, "dkim", keys));
  for (const std::string& key : keys) {
    const std::size_t colon = key.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == key.size() || keys.size() > 4)
      return wrong_key(place, "dkim", "is a list of \"selector:file.pem\", four at most");
    out.dkim.emplace_back(key.substr(0, colon), key.substr(colon + 1));
  }
  if (out.dkim.empty())
    return wrong_key(
        place, "dkim",
        "names at least one key, as \"selector:file.pem\": mailbox providers refuse mail without a "
        "signature"
    );
  return {};
}

}  // namespace

Status read_mail(const Place& place, Destination& out) {
  std::string kind;
  TRY(read(place, "kind", kind));
  if (kind.empty() || kind == "webhook") return {};
  if (kind != "mail") return wrong_key(place, "kind", "is \"mail\" or \"webhook\"");
  TRY(only_keys(
      place, {"name", "kind", "url", "timeout", "connections", "retry", "user", "password_file",
              "tls", "ca_file", "from", "domain", "bounces", "public_url", "dkim"}
  ));
  MailRoute route;
  TRY(read(place, "user", route.user));
  TRY(read(place, "password_file", route.password_file));
  TRY(read(place, "tls", route.tls));
  TRY(read(place, "ca_file", route.ca_file));
  TRY(read(place, "from", route.from));
  TRY(read(place, "domain", route.domain));
  TRY(read(place, "bounces", route.bounces));
  TRY(read(place, "public_url", route.public_url));
  if (route.user.empty() != route.password_file.empty())
    return wrong_key(place, "user", "and password_file belong together");
  if (route.from.empty()) return wrong_key(place, "from", "is needed: \"Name <local@domain>\"");
  if (route.domain.empty())
    return wrong_key(place, "domain", "is needed: the domain that signs, such as mail.example.com");
  if (!route.public_url.empty() && !route.public_url.starts_with("https://") &&
      !route.public_url.starts_with("http://127.0.0.1"))
    return wrong_key(
        place, "public_url",
        "is the https:// address under which guests reach this house, for unsubscribing"
    );
  while (route.public_url.ends_with('/')) route.public_url.pop_back();
  TRY(read_keys(place, route));
  out.mail = std::move(route);
  out.retry = usual_pauses();
  return {};
}

}  // namespace hospes::catalog
