// Compressed bodies. The first byte says whether the rest is one, or is to become one.
#include "http/inflate.h"
#include "http/message.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  auto text = fuzz::text_of(data, size);
  const http::InflateBounds bounds{
      .bytes_max = 256 * 1024, .ratio_max = 100, .ratio_from = 4 * 1024};
  if (fuzz::choose(text, 2) == 1) {
    const std::string sent = http::gzip(text);
    fuzz::must(http::looks_gzipped(sent), "what we compress is seen as compressed");
    const auto back = http::gunzip(sent, {.bytes_max = text.size(), .ratio_max = 2'000});
    fuzz::must(back && *back == text, "what we compress comes back");
    return 0;
  }
  const auto out = http::gunzip(text, bounds);
  if (!out) return 0;
  fuzz::must(out->size() <= bounds.bytes_max, "no more than bytes_max");
  fuzz::must(out->capacity() >= out->size() + http::body_padding, "padded");
  fuzz::must(
      out->size() <= bounds.ratio_from || out->size() / bounds.ratio_max <= text.size(),
      "no more than ratio_max"
  );
  return 0;
}
