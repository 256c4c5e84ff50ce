// What no form may say: limits, targets that are not there, steps that nothing leads to, circles
// that do not wait. And names that the house does not know.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "journey/definition.h"

namespace hospes::journey {

/// The first mistake, with its place; or nothing. Its source line is left empty.
std::optional<Mistake> validate(const Definition& definition);
/// Two of one name.
std::optional<Mistake> validate_together(const std::vector<Definition>& definitions);

/// Names that the house knows. A list left out is not checked.
struct Vocabulary {
  std::optional<std::vector<std::string>> purposes, segments, events, actions, traits;
  std::optional<std::vector<std::string>> webhooks;  // actions whose destination is no mail
  std::optional<std::vector<std::string>> placements, offers;
  std::map<std::string, std::string> segment_purposes;  // those listed are held against the journey's
};
/// Every unknown name, and every segment of another purpose (it would lend the journey what that may
/// not see), in order of place. `source`: the text they were read from, for the lines of
/// the mistakes; may be empty.
std::vector<Mistake> check(
    const std::vector<Definition>& definitions, const Vocabulary& vocabulary, std::string_view source
);

}  // namespace hospes::journey
