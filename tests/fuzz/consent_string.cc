// TC and GPP strings, as a consent tool or a stranger sends them.
#include "signal/gpp.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto text = fuzz::text_of(data, size);
  if (const auto tc = signal::parse_tc(text)) {
    const std::string written = signal::write_tc(*tc);
    if (written.size() <= signal::tc_bytes_max) {
      const auto again = signal::parse_tc(written);
      fuzz::must(again && *again == *tc, "what is written reads back the same");
    }
    signal::check_tc(*tc, Instant{1'795'000'000'000'000}).has_value();
  }
  if (const auto sections = signal::parse_gpp(text)) {
    const auto again = signal::parse_gpp(signal::write_gpp(*sections));
    fuzz::must(again && *again == *sections, "a GPP string reads back the same");
  }
  return 0;
}
