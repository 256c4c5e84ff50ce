// What must hold before a house opens, and what to change when it does not.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/kinds.h"
#include "config/settings.h"
#include "disk/disk.h"
#include "http/server.h"

namespace hospes::server {

/// Binds, or says who has the port and what would do: the next port ten further that is free.
Result<std::unique_ptr<http::Server>> take_port(
    const http::ServerOptions& options, std::string_view section, std::string_view command
);
/// Data without keys would be read as erased, all of it, and new keys would be made: refuse.
Status check_pair(const config::Settings& settings);
/// Room that the house leaves on a disk, so that it stops before a write fails.
Status check_floor(disk::Disk& disk, std::string_view what, std::int64_t floor_mb);
/// The house's kinds of identifier, in force from here on. What decides who is who is fixed when a house is made
/// (`identifiers` in the data folder): conflict when a rule is another since, but for kinds of its own added behind.
Status take_identifiers(disk::Disk& data, const catalog::KindRules& rules);
/// Beyond loopback only behind a proxy that ends TLS.
Status may_bind(const std::string& listen, bool behind_proxy, std::string_view section);

}  // namespace hospes::server
