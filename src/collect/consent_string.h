// What a TC or GPP string in an event says, as categories that a source maps to purposes. Private to
// collect/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace hospes::collect {

using TcfCategories = std::vector<std::pair<std::string, bool>>;

/// `tcf:1` … `tcf:11`, each with what the person chose for that purpose of the TCF. Nothing when a
/// string cannot be read, or does not hold at `received` (signal/tc_string.h): it was meant to say
/// something and is never taken for silence. A GPP string counts by its European section; one
/// without says nothing of these. Both empty: no categories.
std::optional<TcfCategories> tcf_categories(
    std::string_view tc, std::string_view gpp, Instant received
);

}  // namespace hospes::collect
