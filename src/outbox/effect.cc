#include "outbox/effect.h"

#include <algorithm>

#include "base/hash_bytes.h"

namespace hospes::outbox {
namespace {

constexpr std::uint8_t form_version = 4;  // 1: without journeys, 2: without contact, 3: without offer

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::planned:
      return "planned";
    case State::ready:
      return "ready";
    case State::claimed:
      return "claimed";
    case State::done:
      return "done";
    case State::failed:
      return "failed";
    case State::uncertain:
      return "uncertain";
    case State::refused:
      return "refused";
  }
  return "unknown";
}

Hash128 effect_key(
    std::string_view rule, std::uint32_t version, AtomId anchor, const Passage& passage
) {
  std::string text;
  Writer out(text);
  out.text(rule);
  out.u32(version);
  out.u64(anchor.hi);
  out.u64(anchor.lo);
  out.text(passage.segment);
  out.u8(passage.entered ? 1 : 0);
  out.i64(passage.at.us);
  write_hash(out, passage.message);
  if (!passage.journey.empty()) {
    out.text(passage.journey);
    out.text(passage.step);
  }
  return hash128(text);
}

bool in_holdout(const Rule& rule, AtomId anchor) {
  if (rule.holdout == 0) return false;
  std::string text;
  Writer out(text);
  out.text("holdout");
  out.text(rule.name);
  out.u64(anchor.hi);
  out.u64(anchor.lo);
  return hash128(text).lo % 10'000 < rule.holdout;
}

// effects = version:u8 n × (key:16 rule:text version:u32 purpose:text destination:text segment:text
//           entered:u8 at:i64 message:16 journey:text step:text offer:text contact:u8 state:u8 reason:u8 since:i64 source:text decided due claimed
//           released finished:i64 epoch:u32 offset:u64 attempts:u32 tries:u32 status:u16)
std::string effects_form(const std::vector<Effect>& effects) {
  std::string form;
  Writer out(form);
  out.u8(form_version);
  out.varint(effects.size());
  for (const Effect& e : effects) {
    write_hash(out, e.key);
    out.text(e.rule);
    out.u32(e.version);
    out.text(e.purpose);
    out.text(e.destination);
    out.text(e.passage.segment);
    out.u8(e.passage.entered ? 1 : 0);
    out.i64(e.passage.at.us);
    write_hash(out, e.passage.message);
    out.text(e.passage.journey);
    out.text(e.passage.step);
    out.text(e.passage.offer);
    out.u8(e.contact ? 1 : 0);
    out.u8(static_cast<std::uint8_t>(e.state));
    out.u8(static_cast<std::uint8_t>(e.reason));
    out.i64(e.since.us);
    out.text(e.source);
    for (const Instant at : {e.decided, e.due, e.claimed, e.released, e.finished}) out.i64(at.us);
    out.u32(e.read.epoch);
    out.u64(e.read.offset);
    out.u32(e.attempts);
    out.u32(e.tries);
    out.u16(e.status);
  }
  return form;
}

bool read_effects(std::string_view form, std::vector<Effect>& effects) {
  Reader in(form);
  const std::uint8_t version = in.u8();
  if (version == 0 || version > form_version) return false;
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    Effect& e = effects.emplace_back();
    e.key = read_hash(in);
    e.rule = in.text();
    e.version = in.u32();
    e.purpose = in.text();
    e.destination = in.text();
    e.passage.segment = in.text();
    e.passage.entered = in.u8() != 0;
    e.passage.at.us = in.i64();
    e.passage.message = read_hash(in);
    if (version > 1) {
      e.passage.journey = in.text();
      e.passage.step = in.text();
    }
    if (version > 3) e.passage.offer = in.text();
    if (version > 2) e.contact = in.u8() != 0;
    e.state = static_cast<State>(std::min<std::uint8_t>(in.u8(), 6));
    e.reason = static_cast<Reason>(in.u8());
    if (static_cast<std::size_t>(e.reason) >= reasons) return false;
    e.since.us = in.i64();
    e.source = in.text();
    for (Instant* at : {&e.decided, &e.due, &e.claimed, &e.released, &e.finished}) at->us = in.i64();
    e.read.epoch = in.u32();
    e.read.offset = in.u64();
    e.attempts = in.u32();
    e.tries = in.u32();
    e.status = in.u16();
  }
  return in.done();
}

}  // namespace hospes::outbox
