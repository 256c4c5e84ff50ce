#include "collect/canonical.h"

#include <algorithm>

#include "base/bytes.h"

namespace hospes::collect {
namespace {

/// Pointers to the elements, in order of their names; equal names keep their order.
template <class List, class Name>
auto by_name(const List& list, Name name) {
  std::vector<const typename List::value_type*> out;
  out.reserve(list.size());
  for (const auto& element : list) out.push_back(&element);
  std::ranges::stable_sort(out, {}, [&](const auto* element) { return name(*element); });
  return out;
}

}  // namespace

std::string canonical_id(const Item& item, const HashSecret& secret) {
  std::string text;
  Writer out(text);
  out.text("canonical event");
  out.u8(static_cast<std::uint8_t>(item.type));
  for (const auto part :
       {item.event, item.user_id, item.anonymous_id, item.previous_id, item.timestamp,
        item.original_timestamp, item.signal.token})
    out.text(part);
  out.varint(item.external_ids.size());
  for (const ExternalId& id : item.external_ids) {
    out.text(id.type);
    out.text(id.value);
  }
  out.u8(item.signal.present ? 1 : 0);
  out.varint(item.signal.categories.size());
  for (const auto* said : by_name(item.signal.categories, [](const auto& c) { return c.first; })) {
    out.text(said->first);
    out.u8(said->second ? 1 : 0);
  }
  for (const auto part : {item.signal.tc, item.signal.gpp})
    if (!part.empty()) out.text(part);  // events without keep the hash that they had
  out.varint(item.fields.size());
  for (const Field* field : by_name(item.fields, [](const Field& f) { return f.name; })) {
    out.text(field->name);
    write_value(out, field->value);
  }
  return "canonical-" + to_hex(hash128(text, secret));
}

}  // namespace hospes::collect
