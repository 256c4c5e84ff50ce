// A house described by a folder of text files: house.toml, purposes.toml, events.toml,
// sources.toml, actions.toml, decisions.toml, notices.toml, retention.toml. Every key is known or an error that names the nearest known one, with file and
// line.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/catalog.h"

namespace hospes::catalog {

struct TextFile {
  std::string name;  // `sources.toml`
  std::string text;
};

/// house.toml is needed, the others may be absent: then the pack's defaults stand. Order of the
/// files does not matter.
///
///   house.toml     name, time_zone, currency, languages, week_start, partitions
///   purposes.toml  [basis] market = "interest" | "consent", train = …; [[purpose]] name,
///   serves_en, serves_fr events.toml    [[event]] name, owner, means_en, means_fr, serves =
///   [purpose…];
///                  [event.properties] name = "text|number|boolean|instant|list|money|reference"
///   sources.toml   [[source]] name, enabled, simulated, origins, without_answer, events_per_s_max;
///                  [[source.key]] sha256, use = "public" | "server", label, enabled;
///                  [source.categories] category = [purpose…]; [source.trusted] tool, notice,
///                  version, lang; [source.id_cookie] name, domain, purpose, days
///   actions.toml   [[destination]] name, url, secret_file, timeout, connections, retry = [duration…];
///                  [[action]] name, version, when = "enters" | "leaves" | "journey", segment, purpose,
///                  destination, cap_per_day, quiet = "21:00-08:00", holdout = "10%", valid_for,
///                  message; of a destination of kind = "mail" also user, password_file, tls, from,
///                  domain, bounces, public_url, dkim = ["selector:file"…]
///   campaigns.toml [[campaign]]: docs/campaigns.md
///   decisions.toml [holdout], [[placement]], [[experiment]], [[offer]], [[flag]]: docs/decisions.md
///   notices.toml   [[notice]], [[notice.choice]]: docs/notices.md
///   retention.toml [[class]], no_act, answers: docs/retention.md
///   tee.toml       [[tee]]: docs/moving-from-segment.md
Result<Catalog> read_house(std::span<const TextFile> files);

/// Reads the folder's *.toml files and calls read_house. Other files in it belong to other rooms.
Result<Catalog> read_house_folder(const std::string& folder);

}  // namespace hospes::catalog
