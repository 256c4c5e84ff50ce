// Everything that is *meant* in one house, as one value: settings, purposes, events, sources.
// Identifier kinds are in force process-wide once `use` took them (kinds.h).
#pragma once

#include "catalog/actions.h"
#include "catalog/decisions.h"
#include "catalog/events.h"
#include "catalog/house.h"
#include "catalog/kinds.h"
#include "catalog/notices.h"
#include "catalog/purposes.h"
#include "catalog/retention.h"
#include "catalog/sources.h"

namespace hospes::catalog {

struct Catalog {
  House house;
  KindRules kinds;
  Purposes purposes = Purposes::fr_eu();
  Events events = Events::usual(Purposes::fr_eu());
  Sources sources;
  Actions actions;
  Decisions decisions;
  Notices notices;
  Retention retention;
};

}  // namespace hospes::catalog
