// Segments that ask about each other, and segments that say the same.
#pragma once

#include <string>
#include <vector>

#include "segment/evaluate.h"

namespace hospes::segment {

/// The canonical text of what a predicate asks: parts of `and` and `or` in one order, once each,
/// not nested in their own kind; `not not` left out. Equal texts mean the same; the contrary is not
/// promised.
std::string essence(const Node& node);

/// By index: the ids of those that ask about it in their own predicate, in order; retired ones
/// ask nothing.
std::vector<std::vector<std::string>> used_in(const Definitions& definitions);

/// Ids of the others in force with the purpose and the essence of `definition`, in order. Cost: a
/// text for each of that purpose.
std::vector<std::string> twins_of(const Definitions& definitions, const Definition& definition);

}  // namespace hospes::segment
