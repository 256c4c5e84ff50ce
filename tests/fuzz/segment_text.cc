// Segment definitions as text.
#include "segment/json.h"
#include "segment/text.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto text = fuzz::text_of(data, size);
  const auto parsed = segment::parse(text);
  if (!parsed) {
    fuzz::must(!segment::to_string(parsed.error(), "x.seg").empty(), "a mistake is told");
    return 0;
  }
  for (const segment::Definition& definition : *parsed) {
    if (const auto mistake = segment::validate(definition)) {
      segment::to_string(*mistake, "x.seg");
      continue;
    }
    const auto again = segment::parse(segment::format(definition));
    fuzz::must(again && again->size() == 1, "the canonical text is read");
    fuzz::must(again->front() == definition, "and says the same");
    const auto json = segment::parse_json(segment::to_json(definition));
    fuzz::must(json && json->size() == 1, "the JSON form is read");
    fuzz::must(json->front() == definition, "and says the same");
  }
  return 0;
}
