#include "portal/value_json.h"

#include "base/json_text.h"

namespace hospes::portal {

std::string value_json(const ValueView& v, seal::KeyStore& keys) {
  switch (v.kind) {
    case ValueKind::null:
      return "null";
    case ValueKind::boolean:
      return v.truth() ? "true" : "false";
    case ValueKind::number:
      return to_string(v.number);
    case ValueKind::text:
      return json_text(v.text);
    case ValueKind::json:
      return std::string(v.text);
    case ValueKind::atom: {
      const auto identifier = keys.reveal(v.atom);
      return identifier ? json_text(identifier->value) : "null";
    }
  }
  return "null";
}

}  // namespace hospes::portal
