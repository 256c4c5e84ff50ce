// What segment definitions need to know of a house: its names, purposes, identifier kinds and zone.
#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "segment/engine.h"

namespace hospes::flow {

std::optional<KindId> kind_id(std::string_view name);

/// Borrows both.
segment::Binding binding_of(Names& names, const catalog::Catalog& catalog);

/// What of the house decides who is in a segment, beside the definitions: zone and purposes.
std::string basis_of(const catalog::Catalog& catalog);

/// What runs a text in force (segment::parse_in_force). Null when it does not compile.
std::shared_ptr<const segment::Engine> compiled(
    std::string_view in_force, const segment::Binding& binding
);

}  // namespace hospes::flow
