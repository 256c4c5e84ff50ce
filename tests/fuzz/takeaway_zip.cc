// A zip that somebody brings. The first byte says whether the rest is one, or becomes what lies in one.
#include "target.h"
#include "zip/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  auto text = fuzz::text_of(data, size);
  if (fuzz::choose(text, 2) == 1) {
    const auto cut = text.size() / 2;
    const std::vector<zip::File> files = {{"a", std::string(text.substr(0, cut))}, {"b/é", std::string(text.substr(cut))}, {"c", ""}};
    const auto back = zip::read_stored(zip::stored(files, Instant{1'774'728'000'000'000}));
    fuzz::must(back && back->size() == files.size(), "what we store comes back");
    for (std::size_t i = 0; i < files.size(); ++i)
      fuzz::must((*back)[i].name == files[i].name && (*back)[i].bytes == files[i].bytes, "as it was");
    return 0;
  }
  const auto out = zip::read_stored(text);
  if (!out) {
    fuzz::must(!out.error().message.empty(), "what is refused says why");
    return 0;
  }
  std::size_t total = 0;
  for (const zip::File& file : *out) total += file.bytes.size();
  fuzz::must(total <= text.size(), "no more than there was");
  return 0;
}
