// Identifiers, as they stand in URLs and events.
#include "catalog/kinds.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  const auto text = fuzz::text_of(data, size);
  if (const auto one = catalog::parse_identifier(text)) {
    fuzz::must(catalog::find_kind(one->kind) != nullptr, "its kind is known");
    const auto again = catalog::normalise(one->kind, one->value);
    fuzz::must(again && *again == one->value, "the canonical form is its own canonical form");
  }
  for (const catalog::Kind& kind : catalog::kinds()) {
    const auto normal = catalog::normalise(kind.id, text);
    if (!normal) continue;
    fuzz::must(!normal->empty(), "nobody has no name");
    fuzz::must(normal->size() <= catalog::identifier_bytes_max, "within its size");
    const auto again = catalog::normalise(kind.id, *normal);
    fuzz::must(again && *again == *normal, "the canonical form is its own canonical form");
  }
  return 0;
}
