#include "touchpoint/answer.h"

#include "base/bytes.h"
#include "base/json_text.h"

namespace hospes::touchpoint {
namespace {

void add(std::string& out, std::string_view key, std::string_view json) {
  if (out.back() != '{') out += ',';
  out.append("\"").append(key).append("\":").append(json);
}
void add_text(std::string& out, std::string_view key, std::string_view text) {
  add(out, key, json_text(text));
}

std::string item_json(const decide::Offer& offer, std::uint64_t propensity, const Telling& telling) {
  std::string out = "{";
  add_text(out, "id", offer.name);
  add(out, "payload", decide::payload_in(offer, telling.locale, telling.definitions.languages));
  if (offer.price) {
    std::string price = "{";
    add_text(price, "amount", to_string(offer.price->amount));
    add_text(price, "currency", offer.price->currency);
    add(out, "price", price + "}");
  }
  if (!telling.to_page) add(out, "propensity", decide::probability_text(propensity));
  return out + "}";
}

std::string why_json(const decide::Candidate& candidate) {
  const decide::Words& words = decide::words_of(candidate.reason);
  std::string out = "{";
  add_text(out, "offer", candidate.offer->name);
  add_text(out, "reason", words.name);
  add_text(out, "en", words.en);
  add_text(out, "fr", words.fr);
  if (candidate.denied.reason != outbox::Reason::none) {
    const outbox::Words& no = outbox::words_of(candidate.denied.reason);
    std::string permission = "{";
    add_text(permission, "code", no.name);
    add_text(permission, "en", no.en);
    add_text(permission, "fr", no.fr);
    add(out, "permission", permission + "}");
  }
  if (candidate.reason == decide::Reason::not_in_segment)
    add_text(out, "segment", candidate.offer->segment_name);
  return out + "}";
}

void add_trial(std::string& out, const decide::Choice& choice) {
  if (choice.trial == nullptr) return;
  const decide::Part& part = choice.part;
  std::string trial = "{";
  add_text(trial, "name", choice.trial->name);
  add(trial, "version", std::to_string(choice.trial->version));
  add(trial, "held", part.held ? "true" : "false");
  add(trial, "sticky", part.sticky ? "true" : "false");
  add(trial, "crossed", part.crossed ? "true" : "false");
  add(out, "experiment", trial + "}");
  if (!part.held) add_text(out, "variant", choice.trial->variants[part.variant].name);
}

}  // namespace

std::string decided_json(const Decided& decided, const Telling& telling) {
  const decide::Choice& choice = decided.choice;
  std::string items = "[";
  for (std::size_t i = 0; i < choice.items.size(); ++i)
    items.append(i == 0 ? "" : ",").append(item_json(*choice.items[i], choice.propensities[i], telling));
  std::string out = "{";
  add_text(out, "placement", decided.placement->name);
  add_text(out, "decision_id", to_hex(decided.exposure.decision));
  add(out, "items", items + "]");
  if (telling.to_page) {
    add_text(out, "reason", choice.items.empty() ? "FALLBACK" : "DECIDED");
  } else {
    add_text(out, "reason", decide::to_string(choice.reason));
    add_text(out, "policy", "priority");
    add(out, "holdout", choice.held ? "true" : "false");
    add_trial(out, choice);
    if (telling.explain) {
      std::string why = "[";
      for (const decide::Candidate& c : choice.why)
        why.append(why.size() == 1 ? "" : ",").append(why_json(c));
      add(out, "why", why + "]");
    }
  }
  add_text(out, "token", decided.token);
  return out + "}";
}

std::string etag_of(const std::vector<Decided>& decided, const Telling& telling) {
  std::string text;
  Writer out(text);
  for (const Decided& d : decided) {
    out.text(d.placement->name);
    out.varint(d.choice.items.size());
    for (const decide::Offer* offer : d.choice.items) {
      out.text(offer->name);
      out.text(decide::payload_in(*offer, telling.locale, telling.definitions.languages));
    }
    if (!telling.to_page) out.u8(static_cast<std::uint8_t>(d.choice.reason));
  }
  return to_hex(hash128(text));
}

}  // namespace hospes::touchpoint
