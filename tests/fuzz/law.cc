// notices.toml, purposes.toml and retention.toml, as a house writes them.
#include "catalog/house_folder.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const std::string text(fuzz::text_of(data, size));
  for (const char* name : {"notices.toml", "purposes.toml", "retention.toml"}) {
    const std::vector<catalog::TextFile> files = {{"house.toml", "name = \"h\""}, {name, text}};
    const auto house = catalog::read_house(files);
    fuzz::must(house || !house.error().message.empty(), "what is refused says why");
    if (!house) continue;
    fuzz::must(catalog::may_follow(catalog::Purposes::fr_eu(), house->purposes) || text.find("basis") != text.npos, "the pack's bits stay");
  }
  return 0;
}
