// What a webhook says: the payload of Standard Webhooks (type, timestamp, data).
#pragma once

#include <optional>
#include <string>

#include "activate/offer.h"
#include "flow/apply.h"
#include "seal/keys.h"

namespace hospes::activate {

/// Nothing: the key of the person's identifier is gone, and with it what could be said.
/// `offer_token`, `now`: sent_offer.
std::optional<std::string> content_of(
    const flow::Effected& effected, seal::KeyStore& keys, const OfferToken& offer_token, Instant now
);

/// `webhook-id`: the same for every attempt, so that a receiver knows a repetition.
std::string message_id(const outbox::Effect& effect);

}  // namespace hospes::activate
