// A guest's answers as consent records of ISO/IEC TS 27560:2023, in JSON-LD with the W3C's Data
// Privacy Vocabulary (DPV 2).
#pragma once

#include <string>

#include "guest/acts.h"
#include "guest/knows.h"

namespace hospes::guest {

/// One document: a record for each answer that stands, with notice, process, controller, storage
/// condition and event; what was never answered gives none. The record's id is a UUID that follows
/// from the answer, so two documents of one day are equal.
std::string consent_records(const Doors& doors, const Known& known);

}  // namespace hospes::guest
