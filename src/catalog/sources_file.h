// sources.toml as people keep it, changed in one place with the rest untouched, comments too. Each
// change is read back and must say what was meant, or nothing is given: invalid_input for a text that
// is no sources.toml, not_found for a source or key that it does not have, conflict when it is written
// in a way that no change can be made in (a source not under [[source]]).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/sources.h"

namespace hospes::catalog {

inline constexpr std::string_view sources_file = "sources.toml";
inline constexpr std::size_t sources_bytes_max = 4'000'000;

Result<Sources> read_sources(std::string_view text, const Purposes& purposes);

/// Behind all others. conflict when the name or one of its keys is taken.
Result<std::string> with_source(
    std::string_view text, const Source& source, const Purposes& purposes
);

/// What can be changed in a source that is there; absent: it stays.
struct SourceChange {
  std::optional<bool> enabled;
  std::optional<std::vector<std::string>> origins;
  std::optional<Mask> without_answer;
  std::optional<std::uint32_t> events_per_s_max;
  std::optional<CatalogueMode> mode;
};
Result<std::string> with_change(
    std::string_view text, std::string_view source, const SourceChange& change,
    const Purposes& purposes
);

Result<std::string> with_key(
    std::string_view text, std::string_view source, const WriteKey& key, const Purposes& purposes
);
/// The key ends then.
Result<std::string> with_key_end(
    std::string_view text, std::string_view source, const KeyHash& key, Instant until,
    const Purposes& purposes
);

}  // namespace hospes::catalog
