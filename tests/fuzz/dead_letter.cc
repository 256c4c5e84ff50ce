// What stands in a file of dead letters, and a repair that somebody sends.
#include "dead_letter/letter.h"
#include "dead_letter/repair.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  auto text = fuzz::text_of(data, size);
  switch (fuzz::choose(text, 3)) {
    case 0:
      if (auto rest = text; const auto head = dead_letter::decode_head(rest)) {
        const std::string written = dead_letter::encode(*head);
        std::string_view again = written;
        const auto read = dead_letter::decode_head(again);
        fuzz::must(read.has_value() && *read == *head && again.empty(), "a head comes back");
      }
      break;
    case 1:
      if (const auto content = dead_letter::decode_content(text)) {
        const auto again = dead_letter::decode_content(dead_letter::encode(*content));
        fuzz::must(again.has_value() && *again == *content, "a content comes back");
      }
      break;
    default: {
      const auto cut = text.find('\n');
      const auto repair = dead_letter::Repair::parse(text.substr(0, cut));
      if (!repair || cut == text.npos) break;
      const auto item = repair->apply(text.substr(cut + 1));
      const dead_letter::Repair none;
      if (item) fuzz::must(none.apply(*item).has_value(), "what is repaired can be repaired again");
      if (!item) fuzz::must(!item.error().message.empty(), "a refusal says why");
    }
  }
  return 0;
}
