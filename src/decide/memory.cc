// memory = version:u8 n×(offer:text total:u32 day:i64 today:u32 last:i64)
//          n×(trial:text version:u32 variant:text at:i64 decision:16)
//          n×(exposure:text at:i64 flags:u8 [outcome:u8] [value:i64])
#include "decide/memory.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"

namespace hospes::decide {
namespace {

constexpr std::uint8_t form_version = 1;

void assign(
    Memory& memory, std::string trial, std::uint32_t version, const std::string& variant, Instant at,
    Hash128 decision
) {
  const bool known = std::ranges::any_of(memory.assigned, [&](const Assigned& a) {
    return a.trial == trial && a.version == version && a.variant == variant;
  });
  if (known) return;  // the first of each variant: a person who saw two is crossed
  memory.assigned.push_back({std::move(trial), version, variant, at, decision});
  if (memory.assigned.size() > Memory::assigned_max) memory.assigned.erase(memory.assigned.begin());
}

void count(Memory& memory, const std::string& offer, Instant at, std::int64_t day) {
  auto tally = std::ranges::find(memory.tallies, offer, &Tally::offer);
  if (tally == memory.tallies.end()) {
    if (memory.tallies.size() >= Memory::tallies_max)
      memory.tallies.erase(std::ranges::min_element(memory.tallies, {}, &Tally::last));
    memory.tallies.push_back({.offer = offer});
    tally = std::prev(memory.tallies.end());
  }
  if (tally->day != day) tally->today = 0;
  tally->day = day;
  ++tally->today;
  ++tally->total;
  tally->last = at;
}

}  // namespace

void Memory::add(const Exposure& e, Instant at, std::int64_t day) {
  if (!e.is_flag)
    for (const std::string& offer : e.items) count(*this, offer, at, day);
  if (!e.trial.empty() && !e.held) assign(*this, e.trial, e.trial_version, e.variant, at, e.decision);
  if (e.drawn)
    assign(*this, holdout_trial(e.holdout), 1, e.held ? "" : "free", at, e.decision);
  seen.push_back({.exposure = e, .at = at, .outcome = {}, .value = {}});
  if (seen.size() > seen_max) seen.erase(seen.begin());
}

void Memory::add(const Feedback& f) {
  for (Seen& s : seen) {
    if (s.exposure.decision != f.decision) continue;
    s.outcome = f.outcome;
    s.value = f.value;
  }
}

std::string holdout_trial(std::string_view salt) {
  return std::string("[holdout] ").append(salt);
}

Count count_of(Memories memories, std::string_view offer, std::int64_t today) {
  Count out;
  for (const Memory* memory : memories) {
    for (const Tally& t : memory->tallies) {
      if (t.offer != offer) continue;
      out.total += t.total;
      out.today += t.day == today ? t.today : 0;
    }
  }
  return out;
}

Sticky sticky_of(Memories memories, std::string_view trial, std::uint32_t version) {
  Sticky out;
  for (const Memory* memory : memories) {
    for (const Assigned& a : memory->assigned) {
      if (a.trial != trial || a.version != version) continue;
      if (out.first != nullptr && out.first->variant != a.variant) out.crossed = true;
      if (out.first == nullptr ||
          std::tie(a.at, a.decision) < std::tie(out.first->at, out.first->decision))
        out.first = &a;
    }
  }
  return out;
}

std::string memory_form(const Memory& memory) {
  std::string form;
  Writer out(form);
  out.u8(form_version);
  out.varint(memory.tallies.size());
  for (const Tally& t : memory.tallies) {
    out.text(t.offer);
    out.u32(t.total);
    out.i64(t.day);
    out.u32(t.today);
    out.i64(t.last.us);
  }
  out.varint(memory.assigned.size());
  for (const Assigned& a : memory.assigned) {
    out.text(a.trial);
    out.u32(a.version);
    out.text(a.variant);
    out.i64(a.at.us);
    out.u64(a.decision.hi);
    out.u64(a.decision.lo);
  }
  out.varint(memory.seen.size());
  for (const Seen& s : memory.seen) {
    out.text(exposure_form(s.exposure));
    out.i64(s.at.us);
    out.u8(static_cast<std::uint8_t>((s.outcome ? 1 : 0) | (s.value ? 2 : 0)));
    if (s.outcome) out.u8(static_cast<std::uint8_t>(*s.outcome));
    if (s.value) out.i64(s.value->micro);
  }
  return form;
}

bool read_memory(std::string_view form, Memory& memory) {
  Reader in(form);
  if (in.u8() != form_version) return false;
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    Tally t;
    t.offer = in.text();
    t.total = in.u32();
    t.day = in.i64();
    t.today = in.u32();
    t.last.us = in.i64();
    memory.tallies.push_back(std::move(t));
  }
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    Assigned a;
    a.trial = in.text();
    a.version = in.u32();
    a.variant = in.text();
    a.at.us = in.i64();
    a.decision.hi = in.u64();
    a.decision.lo = in.u64();
    memory.assigned.push_back(std::move(a));
  }
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    Seen s;
    if (!read_exposure(in.text(), s.exposure)) return false;
    s.at.us = in.i64();
    const std::uint8_t flags = in.u8();
    if ((flags & 1) != 0) s.outcome = static_cast<Outcome>(std::min<std::uint8_t>(in.u8(), 2));
    if ((flags & 2) != 0) s.value = Decimal{in.i64()};
    memory.seen.push_back(std::move(s));
  }
  return in.done();
}

}  // namespace hospes::decide
