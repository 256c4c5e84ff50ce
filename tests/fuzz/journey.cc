// Journeys as text, and as JSON when it begins like it.
#include "journey/json.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto text = fuzz::text_of(data, size);
  const bool json = !text.empty() && text.front() == '{';
  const auto parsed = json ? journey::parse_json(text) : journey::parse(text);
  if (!parsed) {
    fuzz::must(!journey::to_string(parsed.error(), "x.jny").empty(), "a mistake is told");
    return 0;
  }
  for (const journey::Definition& definition : *parsed) {
    const auto again = journey::parse(journey::format(definition));
    fuzz::must(again && again->size() == 1, "the canonical text is read");
    fuzz::must(again->front() == definition, "and says the same");
    const auto through = journey::parse_json(journey::to_json(definition));
    fuzz::must(through && through->size() == 1, "the JSON form is read");
    fuzz::must(through->front() == definition, "and says the same");
  }
  const auto in_force = journey::parse_in_force(journey::succession({}, *parsed));
  fuzz::must(in_force && in_force->size() == parsed->size(), "what enters the log is read");
  return 0;
}
