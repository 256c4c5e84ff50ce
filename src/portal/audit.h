// The transparency log as anybody may read it: digests, signatures and public keys, nothing about a
// person. Both listeners answer these paths.
#pragma once

#include <optional>
#include <span>
#include <string>
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
/// As the person is told of the caller: the role of their account, or `token`.
std::string seen_as(const ConsoleDoors& doors, const http::Request& request);
/// Enters that the caller read a person, or several: for each where they read it, and once in the house's own audit,
/// under the account. A read is answered in any case: a full disk must not blind the house, so what could not be
/// entered is noted in the diary.
void look_at(
    const ConsoleDoors& doors, const http::Request& request, AtomId atom, std::string_view what
);
void look_at(
    const ConsoleDoors& doors, const http::Request& request, std::span<const AtomId> atoms, std::string_view what,
    std::string_view list
);

/// Enters what somebody of the house did; likewise it never stands in the way of the act.
void note_act(const ConsoleDoors& doors, receipt::Act act);
/// By the caller: account, role and instant are filled in.
void note_act(const ConsoleDoors& doors, const http::Request& request, receipt::Act act);

}  // namespace hospes::portal
