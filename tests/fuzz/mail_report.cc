// A bounce or a complaint, as anybody may write one.
#include "mail/report.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto report = mail::parse_report(fuzz::text_of(data, size));
  if (!report) return 0;
  fuzz::must(report->address_name.empty() || report->address_name.size() == 24, "a name is whole");
  fuzz::must(
      report->effect.empty() == report->address_name.empty(), "both are there, or none"
  );
  fuzz::must(report->status.size() <= 9 && report->address.size() <= 320, "lengths are bounded");
  fuzz::must(!report->permanent || report->status.starts_with('5'), "what is for ever has class 5");
  return 0;
}
