// The transparency log as anybody may read it: digests, signatures and public keys, nothing about a
// person. Both listeners answer these paths.
#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"
#include "model/ids.h"
#include "receipt/notary.h"
#include "receipt/transparency_log.h"

namespace hospes::portal {

struct ConsoleDoors;

/// GET /v1/audit/checkpoint, /v1/audit/keys and /v1/audit/consistency?from=. Cost: below 1 ms.
http::Response audit(const receipt::TransparencyLog& log, const http::Request& request);
/// Whether the path is one of these.
bool is_audit(std::string_view path);

/// Enters that somebody of the house looked at a person, where the person reads it. Durable.
Status tell_look(const ConsoleDoors& doors, const receipt::Look& look);
/// The same for a read, which is answered in any case: a full disk must not blind the house, so what
/// could not be entered is noted in the diary.
void look_at(
    const ConsoleDoors& doors, const http::Request& request, AtomId atom, std::string_view what
);

}  // namespace hospes::portal
