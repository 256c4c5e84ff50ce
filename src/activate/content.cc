#include "activate/content.h"

#include "base/json_text.h"
#include "catalog/kinds.h"

namespace hospes::activate {

std::optional<std::string> content_of(
    const flow::Effected& effected, seal::KeyStore& keys, const OfferToken& offer_token, Instant now
) {
  const auto identifier = keys.reveal(effected.anchor.id);
  const catalog::Kind* kind = identifier ? catalog::find_kind(identifier->kind) : nullptr;
  if (kind == nullptr) return std::nullopt;
  const outbox::Effect& e = effected.effect;
  const outbox::Passage& p = e.passage;
  const bool led = !p.journey.empty();
  std::string out = "{\"type\":\"";
  out += led ? "journey.step" : p.entered ? "segment.entered" : "segment.left";
  out += "\",\"timestamp\":\"" + to_string(p.at) + "\",\"data\":{\"effect\":\"" + to_hex(e.key);
  out += "\",\"action\":" + std::string(json_text(e.rule));
  out += ",\"version\":" + std::to_string(e.version);
  out += ",\"purpose\":" + std::string(json_text(e.purpose));
  if (led) {
    out += ",\"journey\":" + std::string(json_text(p.journey));
    out += ",\"step\":" + std::string(json_text(p.step));
    if (!p.offer.empty()) out += ",\"offer\":" + sent_offer(p.offer, offer_token, now);  // JSON already
  } else {
    out += ",\"segment\":" + std::string(json_text(p.segment));
    out += ",\"to\":\"" + std::string(p.entered ? "in" : "out") + "\"";
  }
  out += ",\"person\":" +
         std::string(json_text(std::string(kind->name).append(":").append(identifier->value)));
  out += ",\"simulated\":";
  out += effected.simulated ? "true" : "false";
  return out + "}}";
}

std::string message_id(const outbox::Effect& effect) { return "msg_" + to_hex(effect.key); }

}  // namespace hospes::activate
