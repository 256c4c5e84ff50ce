// Body of a collect path → plain parts. The first byte says which path.
#include <simdjson.h>

#include "collect/canonical.h"
#include "collect/limits.h"
#include "collect/parse.h"
#include "target.h"

namespace hospes::collect {
namespace {

using fuzz::must;

void look(const Item& item) {
  const HashSecret secret{};
  must(canonical_id(item, secret) == canonical_id(item, secret), "the same item has the same id");
  if (item.reject != nullptr) return;
  must(item.bytes <= event_bytes_max, "an event is within its size");
  must(item.message_id.size() <= message_id_bytes_max, "a messageId is within its size");
  must(item.user_id.size() <= identifier_bytes_max, "an identifier is within its size");
  for (const Field& field : item.fields) {
    must(field.name.size() <= name_bytes_max, "a name is within its size");
    must(field.name.find('\0') == field.name.npos, "a name has no NUL");
    must(simdjson::validate_utf8(field.name), "a name is UTF-8");
    if (field.value.kind != ValueKind::text && field.value.kind != ValueKind::json) continue;
    must(field.value.text.size() <= string_bytes_max, "a text is within its size");
    must(field.value.text.find('\0') == field.value.text.npos, "a text has no NUL");
    must(simdjson::validate_utf8(field.value.text), "a text is UTF-8");
    if (field.value.kind != ValueKind::json) continue;
    simdjson::dom::parser parser;
    const auto read = parser.parse(field.value.text.data(), field.value.text.size()).error();
    // Numbers that no double holds are JSON too.
    const bool number = read == simdjson::NUMBER_ERROR || read == simdjson::BIGINT_ERROR;
    must(read == simdjson::SUCCESS || number, "what is kept as JSON is JSON");
  }
}

}  // namespace
}  // namespace hospes::collect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  using collect::Shape;
  static collect::Parser parser;  // as the door does: one for many bodies
  auto text = fuzz::text_of(data, size);
  const unsigned path = fuzz::choose(text, 8);
  Shape shape{Shape::Kind::batch, EventType::track};
  if (path == 1) shape.kind = Shape::Kind::consent;
  if (path > 1) shape = {Shape::Kind::event, static_cast<EventType>(path - 2)};
  std::string body(text);
  body.reserve(body.size() + 64);
  const auto parsed = parser.parse(body, shape);
  if (!parsed) {
    fuzz::must(!parsed.error().message.empty(), "a refusal says why");
    return 0;
  }
  fuzz::must(parsed->items.size() <= collect::events_max, "no more events than allowed");
  for (const auto& item : parsed->items) collect::look(item);
  return 0;
}
