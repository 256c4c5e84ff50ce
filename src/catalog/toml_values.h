// Values that several files of a house bear. Private to catalog/.
#pragma once

#include "catalog/toml_read.h"

namespace hospes::catalog {

/// a-z, 0-9, _ and -, beginning with a letter, 64 bytes at most: as URLs, metrics and rows bear it.
bool is_slug(std::string_view text);
/// At the key when it is there, else at its table.
std::unexpected<Error> wrong_at(
    const Place& place, std::string_view key, const std::string& message
);
Status read_name(const Place& place, std::string& out);
/// A number between `least` and `most`; `out` stays when the key is absent.
Status read_count(
    const Place& place, std::string_view key, std::int64_t least, std::int64_t most,
    std::uint32_t& out
);
/// `10%`, `2.5%`; up to two decimals and 50%, as of 10,000.
Status read_share(const Place& place, std::string_view key, std::uint32_t& out);
/// What a TOML value is in JSON; dates and times are texts.
std::string json_of(const toml::node& node);

}  // namespace hospes::catalog
