// A receipt that somebody hands to `hospes verify`, and the house's proof of growth.
#include "receipt/receipt.h"

#include "receipt/canonical.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto text = fuzz::text_of(data, size);
  if (const auto proved = receipt::verify(text)) {
    fuzz::must(proved->leaf < proved->checkpoint.size, "what is proved stands in the log");
    const auto record = receipt::read_members(proved->record);
    fuzz::must(record.has_value(), "a record is an object");
    static_cast<void>(receipt::verify_growth(*proved, text));
  }
  if (const auto read = receipt::read_members(text)) {
    receipt::Canonical written;
    for (const auto& [key, value] : read->of) written.raw(key, value);
    const auto again = receipt::read_members(written.done());
    fuzz::must(again.has_value() && again->of == read->of, "the canonical form is its own");
  }
  static_cast<void>(receipt::verify_growth({}, text));
  if (const auto who = receipt::parse_verifier(text)) {
    fuzz::must(who->text() == text, "a verifier has one spelling");
  }
  if (const auto plain = base64_read(text))
    fuzz::must(base64(*plain) == text, "base64 has one spelling");
  return 0;
}
