// The JSON form of journeys, for programs: it says what the text says, without loss.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "journey/text.h"

namespace hospes::journey {

/// parse_json(to_json(x)) == x.
std::string to_json(const Definition& definition);
std::string to_json(const Step& step);
/// One definition, or `{"journeys":[…]}`. A mistake names the member that it is about; what is read is
/// valid. Survives any input.
Parsed<std::vector<Definition>> parse_json(std::string_view json);

}  // namespace hospes::journey
