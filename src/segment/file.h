// A file of segments as people keep it, changed one definition at a time with the rest untouched,
// comments too; and how what such a file says takes over from what is in force.
#pragma once

#include "segment/text.h"

namespace hospes::segment {

/// Where one of a file's definitions begins.
struct Standing {
  std::string id;  // of a life cycle: "lifecycle " before it
  std::uint32_t line = 0;  // 1 …, of its first word
};
/// `source` with `text` (whole lines) instead of the lines of that id, else behind all others. `all`: in the order of the
/// file, whatever it holds, each beginning on a line of its own.
std::string with_text(
    std::string_view source, const std::vector<Standing>& all, std::string_view id, std::string_view text
);

/// `source` with this definition instead of that of the same id, else behind all others. A mistake
/// in `source` is told, as is one in the definition.
Parsed<std::string> with_definition(std::string_view source, const Definition& definition);
/// Without it, and without the comment that stands right above it. Nothing changes when it is not
/// there.
Parsed<std::string> without_definition(std::string_view source, std::string_view id);

/// Canonical text of `next` as successor of `before`: who was there keeps its place, who is left out
/// leaves it empty (`retired`), who comes back takes it again, new ones come behind. Thresholds
/// stay: nobody leaves a segment because another was edited.
std::string succession(
    const InForce& before, const std::vector<Definition>& next,
    const std::vector<Lifecycle>& lifecycles = {}
);

}  // namespace hospes::segment
