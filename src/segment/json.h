// The JSON form of definitions: the same tree as the text form, for APIs and for the SQL oracle.
// Grammar in docs/segments.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "segment/text.h"

namespace hospes::segment {

/// One definition object, or an array of them. Unknown keys are refused.
Parsed<std::vector<Definition>> parse_json(std::string_view json);
Parsed<Node> parse_json_predicate(std::string_view json);

std::string to_json(const Definition& definition);
std::string to_json(const Node& node);

}  // namespace hospes::segment
