#include "collect/provenance.h"

#include <algorithm>

#include "model/imported.h"

namespace hospes::collect {
namespace {

constexpr std::size_t origin_bytes_max = 300;

bool is_manifest(const Field& field) {
  return field.name == manifest_field && field.value.kind == ValueKind::text &&
         field.value.text.size() == 16 &&
         field.value.text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Begins with an instant, and is no place for anything longer.
bool is_origin(const Field& field) {
  const std::string_view text = field.value.text;
  return field.name == origin_field && field.value.kind == ValueKind::text &&
         text.size() <= origin_bytes_max && parse_instant(text.substr(0, text.find(' ')));
}

bool is_acts(const Field& field) {
  return field.name == acts_field && field.value.kind == ValueKind::boolean;
}

}  // namespace

bool is_provenance(const Field& field) { return is_manifest(field) || is_origin(field) || is_acts(field); }

bool imported(const Item& item) {
  return std::ranges::any_of(item.fields, [](const Field& f) { return is_manifest(f) || is_origin(f); });
}

std::string_view origin_of(const Item& item) {
  const auto at = std::ranges::find_if(item.fields, is_origin);
  return at == item.fields.end() ? std::string_view() : at->value.text;
}

}  // namespace hospes::collect
