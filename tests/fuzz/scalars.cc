// Times, numbers and durations as text.
#include "base/decimal.h"
#include "base/time.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto text = fuzz::text_of(data, size);
  if (const auto at = parse_instant(text))
    fuzz::must(parse_instant(to_string(*at)) == at, "a time that is printed reads back");
  if (const auto number = parse_decimal(text)) {
    const auto again = parse_decimal(to_string(*number));
    fuzz::must(again && again->micro == number->micro, "a number that is printed reads back");
  }
  if (const auto duration = parse_duration(text))
    fuzz::must(parse_duration(to_string(*duration)) == duration, "a duration reads back");
  return 0;
}
