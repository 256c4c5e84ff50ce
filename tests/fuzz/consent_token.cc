// Consent tokens, as any page may send them.
#include <cstring>

#include "collect/consent_token.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  static const HashSecret secret{};
  static collect::ConsentTokens tokens(secret, "house");
  const auto text = fuzz::text_of(data, size);
  if (const auto read = tokens.read(text))
    fuzz::must(tokens.make(*read) == text, "only what was made is read");
  // What is made of any words is read back the same.
  std::string words;
  for (const char c : text.substr(0, 200)) words += static_cast<char>(' ' + (static_cast<unsigned char>(c) % 95));
  const auto third = words.size() / 3;
  const collect::ConsentToken made{
      .device = words.substr(0, third), .purpose = words.substr(third, third), .notice_id = words.substr(2 * third), .notice_version = "1",
      .issued = {static_cast<std::int64_t>(size) * 1'000'000}, .expires = {static_cast<std::int64_t>(2 * size) * 1'000'000}};
  const auto again = tokens.read(tokens.make(made));
  fuzz::must(again && *again == made, "a token reads back the same");
  return 0;
}
