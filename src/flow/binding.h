// What segment definitions need to know of a house: its names, purposes, identifier kinds and zone.
#pragma once

#include "catalog/catalog.h"
#include "segment/evaluate.h"

namespace hospes::flow {

std::optional<KindId> kind_id(std::string_view name);

/// Borrows both.
segment::Binding binding_of(Names& names, const catalog::Catalog& catalog);

}  // namespace hospes::flow
