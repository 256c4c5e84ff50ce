#include "flow/binding.h"

#include "catalog/kinds.h"
#include "segment/text.h"
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

std::string basis_of(const catalog::Catalog& catalog) {
  std::string out = catalog.house.time_zone;
  for (const catalog::Purpose& p : catalog.purposes.rows()) {
    out.append("\n").append(p.name).append(" ").append(to_string(p.basis));
    if (p.retired) out += " retired";
  }
  return out;
}

std::shared_ptr<const segment::Engine> compiled(
    std::string_view in_force, const segment::Binding& binding
) {
  auto parsed = segment::parse_in_force(in_force);
  if (!parsed) return nullptr;
  auto bound = segment::bind(
      std::move(parsed->definitions), binding, parsed->retired, parsed->thresholds, parsed->lifecycles
  );
  if (!bound) return nullptr;
  return std::make_shared<const segment::Engine>(std::move(*bound));
}

}  // namespace hospes::flow
