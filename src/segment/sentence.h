// Predicates as sentences, in French and English: one grammar, written once, that both writes and
// reads them. What it writes it reads back to the same tree.
#pragma once

#include <string>
#include <string_view>

#include "segment/text.h"

namespace hospes::segment {

enum class Language : std::uint8_t { en, fr };

/// `The number of "Order Completed" in the last 90 days is at least 3.`
std::string to_sentence(const Node& node, Language language);
/// The same back; a mistake points at where it no longer understands. Capital and full stop may be
/// left out.
Parsed<Node> parse_sentence(std::string_view sentence, Language language);

}  // namespace hospes::segment
