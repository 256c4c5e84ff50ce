// Segment definitions as JSON.
#include "segment/json.h"
#include "segment/text.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto text = fuzz::text_of(data, size);
  if (const auto predicate = segment::parse_json_predicate(text)) segment::validate(*predicate);
  const auto parsed = segment::parse_json(text);
  if (!parsed) {
    fuzz::must(!segment::to_string(parsed.error(), "x.json").empty(), "a mistake is told");
    return 0;
  }
  for (const segment::Definition& definition : *parsed) {
    if (segment::validate(definition)) continue;
    const auto again = segment::parse_json(segment::to_json(definition));
    fuzz::must(again && again->size() == 1 && again->front() == definition, "JSON reads back");
    const auto written = segment::parse(segment::format(definition));
    fuzz::must(written && written->size() == 1, "the text form is read");
    fuzz::must(written->front() == definition, "and says the same");
  }
  return 0;
}
