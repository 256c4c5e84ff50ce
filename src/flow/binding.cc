#include "flow/binding.h"

#include "catalog/kinds.h"
#include "zones/zones.h"

namespace hospes::flow {

std::optional<KindId> kind_id(std::string_view name) {
  const catalog::Kind* kind = catalog::find_kind(name);
  if (kind == nullptr) return std::nullopt;
  return kind->id;
}

segment::Binding binding_of(Names& names, const catalog::Catalog& catalog) {
  segment::Binding binding;
  binding.names = &names;
  binding.purpose = [&catalog](std::string_view name) { return catalog.purposes.find(name); };
  binding.kind = kind_id;
  binding.zone = zones::find(catalog.house.time_zone);
  return binding;
}

}  // namespace hospes::flow
