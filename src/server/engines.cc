#include "server/engines.h"

#include <algorithm>

#include "catalog/kinds.h"
#include "flow/binding.h"
#include "segment/text.h"

namespace hospes::server {

std::shared_ptr<const segment::Engine> Engines::of(const record::Defined& defined) {
  const std::lock_guard lock(mutex_);
  if (last_ && last_text_ == defined.segments) return last_;
  auto parsed = segment::parse_in_force(defined.segments);
  if (!parsed) return nullptr;
  auto bound = segment::bind(std::move(parsed->definitions), flow::binding_of(names_, catalog_), {}, parsed->thresholds);
  if (!bound) return nullptr;
  last_ = std::make_shared<const segment::Engine>(std::move(*bound));
  last_text_ = defined.segments;
  return last_;
}

std::optional<std::string> strongest_of(
    const flow::PartitionState& state, std::uint32_t dense, seal::KeyStore& keys
) {
  const flow::PersonRef ref = state.dense[dense];
  if (ref.component == nullptr) return std::nullopt;
  const auto& atoms = ref.component->atoms;
  const auto& own = ref.component->people[ref.index].atoms;
  const auto strongest =
      std::ranges::min_element(own, {}, [&](std::uint16_t i) { return atoms[i].atom.kind; });
  const auto found = keys.reveal(atoms[*strongest].atom.id);
  const catalog::Kind* kind = found ? catalog::find_kind(found->kind) : nullptr;
  if (kind == nullptr) return std::nullopt;
  return std::string(kind->name).append(":").append(found->value);
}

}  // namespace hospes::server
