// Who is led where: what others ask of a partition's state about journeys. The engine is guide.cc.
#pragma once

#include <functional>

#include "flow/apply.h"

namespace hospes::flow {

/// Every journey that a person of the component is or was in, in no order.
void visit_led(
    const Component& component, const PersonState& person,
    const std::function<void(const AtomState&, const journey::Instance&)>& visit
);

}  // namespace hospes::flow
