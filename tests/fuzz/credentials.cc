// Who a request says it is: headers, query and form escapes.
#include "collect/credentials.h"

#include "http/address.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  auto text = fuzz::text_of(data, size);
  const unsigned where = fuzz::choose(text, 4);
  http::Request request;
  if (where == 0) request.headers.add("Authorization", text);
  if (where == 1) request.headers.add("authorization", "Basic " + std::string(text));
  if (where == 2) request.query = std::string(text);
  if (where == 3) request.headers.add("X-Write-Key", text);
  const std::string key = collect::write_key_of(request);
  fuzz::must(key.size() <= size, "a key is no longer than what was sent");
  collect::bearer_of(request);
  const auto plain = collect::base64(text);
  fuzz::must(!plain || plain->size() <= text.size(), "base64 only shrinks");
  for (const bool form : {false, true}) {
    const std::string decoded = http::percent_decode(text, form);
    fuzz::must(decoded.size() <= text.size(), "escapes only shrink");
  }
  if (const auto address = http::parse_address(text))
    fuzz::must(!address->host.empty(), "an address has a host");
  return 0;
}
