// What a journey had decided, as a message may show it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "liquid/value.h"

namespace hospes::activate {

/// Seals what an offer's decision left (`ticket` of journey::Rare::offer) into a token that says what came of it, as
/// one sent at that instant.
using OfferToken = std::function<std::string(std::string_view ticket, Instant sent)>;

/// `json`, a journey::Rare::offer, as the world is told it: a `token` in place of the ticket; without `token`, or of a
/// decision that left none, neither.
std::string sent_offer(std::string_view json, const OfferToken& token, Instant sent);

/// `offer` of a template: its name, its payload in that language (`fr`, `fr-FR`), else in the first there is, and its
/// token, where it has one. `json`: of sent_offer; nil when it is empty or no such JSON.
liquid::Value offer_of(std::string_view json, std::string_view language);

}  // namespace hospes::activate
