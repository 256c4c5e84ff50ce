// exposure = version:u8 decision:16 decided:i64 definitions:u64 placement:text flags:u8 n×(item:text propensity:u64) reason:u8
//            trial:text version:u32 variant:text holdout:text
// flags    = 1 of a flag, 2 by a page, 4 a holdout had a say, 8 held
// feedback = version:u8 decision:16 outcome:u8 valued:u8 [value:i64]
#include "decide/exposure.h"

#include <array>

#include "base/hash_bytes.h"

namespace hospes::decide {
namespace {

constexpr std::uint8_t form_version = 1;
constexpr std::size_t items_max = 64;
constexpr std::array<std::string_view, 3> outcomes = {"clicked", "taken", "dismissed"};

}  // namespace

std::string_view to_string(Outcome outcome) { return outcomes[static_cast<std::size_t>(outcome)]; }

std::optional<Outcome> outcome_of(std::string_view name) {
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (outcomes[i] == name) return static_cast<Outcome>(i);
  return std::nullopt;
}

std::string probability_text(std::uint64_t of_certain) {
  if (of_certain >= certain) return "1";
  std::string digits = std::to_string(of_certain);
  digits.insert(0, 12 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits.empty() ? "0" : "0." + digits;
}

std::string exposure_form(const Exposure& e) {
  std::string form;
  Writer out(form);
  out.u8(form_version);
  write_hash(out, e.decision);
  out.i64(e.decided.us);
  out.u64(e.definitions);
  out.text(e.placement);
  out.u8(static_cast<std::uint8_t>(
      (e.is_flag ? 1 : 0) | (e.by_page ? 2 : 0) | (e.drawn ? 4 : 0) | (e.held ? 8 : 0)
  ));
  out.varint(e.items.size());
  for (std::size_t i = 0; i < e.items.size(); ++i) {
    out.text(e.items[i]);
    out.u64(i < e.propensities.size() ? e.propensities[i] : certain);
  }
  out.u8(static_cast<std::uint8_t>(e.reason));
  out.text(e.trial);
  out.u32(e.trial_version);
  out.text(e.variant);
  out.text(e.holdout);
  return form;
}

bool read_exposure(std::string_view form, Exposure& e) {
  Reader in(form);
  if (in.u8() != form_version) return false;
  e.decision = read_hash(in);
  e.decided.us = in.i64();
  e.definitions = in.u64();
  e.placement = in.text();
  const std::uint8_t flags = in.u8();
  e.is_flag = (flags & 1) != 0;
  e.by_page = (flags & 2) != 0;
  e.drawn = (flags & 4) != 0;
  e.held = (flags & 8) != 0;
  for (auto n = in.varint(); n > 0 && in.ok() && e.items.size() < items_max; --n) {
    e.items.emplace_back(in.text());
    e.propensities.push_back(in.u64());
  }
  const std::uint8_t reason = in.u8();
  e.reason = reason < reasons ? static_cast<Reason>(reason) : Reason::fallback;
  e.trial = in.text();
  e.trial_version = in.u32();
  e.variant = in.text();
  e.holdout = in.text();
  return in.done();
}

std::string feedback_form(const Feedback& f) {
  std::string form;
  Writer out(form);
  out.u8(form_version);
  write_hash(out, f.decision);
  out.u8(static_cast<std::uint8_t>(f.outcome));
  out.u8(f.value ? 1 : 0);
  if (f.value) out.i64(f.value->micro);
  return form;
}

bool read_feedback(std::string_view form, Feedback& f) {
  Reader in(form);
  if (in.u8() != form_version) return false;
  f.decision = read_hash(in);
  const std::uint8_t outcome = in.u8();
  if (outcome >= outcomes.size()) return false;
  f.outcome = static_cast<Outcome>(outcome);
  if (in.u8() != 0) f.value = Decimal{in.i64()};
  return in.done();
}

}  // namespace hospes::decide
