#include "server/start_checks.h"

#include <fmt/format.h>

#include <filesystem>

#include "http/address.h"

namespace hospes::server {

Result<std::unique_ptr<http::Server>> take_port(
    const http::ServerOptions& options, std::string_view section, std::string_view command
) {
  auto server = http::Server::open(options);
  if (server || server.error().code != Code::unavailable) return server;
  const auto address = TRY(http::parse_address(options.listen));
  std::string advice;
  for (unsigned port = address.port + 10u; port < 65'536 && port <= address.port + 100u;
       port += 10) {
    http::ServerOptions other;
    other.listen = fmt::format("{}:{}", options.listen.substr(0, options.listen.rfind(':')), port);
    if (!http::Server::open(other)) continue;
    advice = fmt::format(", or: hospes {} --{} {}", command, section, other.listen);
    break;
  }
  return fail(
      Code::unavailable,
      fmt::format(
          "{}. Change [{}] listen in hospes.toml{}", server.error().message, section, advice
      )
  );
}

Status check_pair(const config::Settings& settings) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool keys = fs::exists(fs::path(settings.keys_folder) / "keys/house.secret", error);
  if (keys || !fs::exists(fs::path(settings.data_folder) / "store/made", error)) return {};
  return fail(
      Code::conflict,
      fmt::format(
          "{} holds a house, but {} holds no keys, and without its keys nothing of it can be "
          "read. Restore them (hospes restore --help), or name the right folder at [keys] folder",
          settings.data_folder, settings.keys_folder
      )
  );
}

Status check_floor(disk::Disk& disk, std::string_view what, std::int64_t floor_mb) {
  const std::uint64_t free_mb = TRY(disk.free_bytes()) >> 20;
  if (free_mb >= static_cast<std::uint64_t>(floor_mb)) return {};
  return fail(
      Code::unavailable,
      fmt::format(
          "the disk of the {} folder has {} MB free, less than [disk] floor_mb = {}: the house "
          "reads but accepts nothing. Free some space; it resumes by itself",
          what, free_mb, floor_mb
      )
  );
}

Status take_identifiers(disk::Disk& data, const catalog::KindRules& rules) {
  constexpr std::string_view file = "identifiers";
  const std::string now = rules.fixed();
  auto read = disk::read_all(data, std::string(file), std::size_t{1} << 20);
  if (!read && read.error().code != Code::not_found) return std::unexpected(read.error());
  // A house from before this file has the usual rules.
  const bool made = data.open("store/made", disk::Mode::read).has_value();
  const std::string before = read ? *read : made ? catalog::KindRules{}.fixed() : now;
  if (!now.starts_with(before)) {
    std::size_t line = 0;
    while (line < before.size() && now.compare(0, before.find('\n', line) + 1, before, 0, before.find('\n', line) + 1) == 0)
      line = before.find('\n', line) + 1;
    return fail(
        Code::conflict,
        fmt::format(
            "identifiers.toml says otherwise than when this house was made: then \"{}\". Who is who hangs on it, so it stays; "
            "kinds of your own may be added behind those that are there",
            before.substr(line, before.find('\n', line) - line)
        )
    );
  }
  if (!read || now != before) TRY(disk::replace(data, "", std::string(file), now));
  catalog::use(rules);
  return {};
}

Status may_bind(const std::string& listen, bool behind_proxy, std::string_view section) {
  const auto address = TRY(http::parse_address(listen));
  if (http::is_loopback(address.host) || behind_proxy) return {};
  return fail(
      Code::invalid_input,
      fmt::format(
          "[{0}] listen = \"{1}\" is reachable from other machines, and hospes speaks no TLS "
          "itself. Listen on "
          "127.0.0.1, or put a proxy with TLS in front and say [{0}] behind_proxy = true",
          section, listen
      )
  );
}

}  // namespace hospes::server
