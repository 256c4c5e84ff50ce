#include "journey/instance.h"

#include <algorithm>
#include <array>

#include "base/hash_bytes.h"

namespace hospes::journey {
namespace {

constexpr std::uint8_t form_version = 2;  // 1: without offer

template <class E>
bool read_enum(Reader& in, E& out, std::size_t values) {
  const std::uint8_t value = in.u8();
  out = static_cast<E>(value);
  return value < values;
}

}  // namespace

std::string_view to_string(End end) {
  static constexpr std::array<std::string_view, 9> names = {
      "live", "exit", "goal", "released", "holdout", "restarted", "joined", "stopped", "permission"};
  return names[static_cast<std::size_t>(end)];
}

std::string_view to_string(How how) {
  static constexpr std::array<std::string_view, 8> names = {
      "here", "passed", "late", "done", "refused", "failed", "uncertain", "ended"};
  return names[static_cast<std::size_t>(how)];
}

std::vector<Move> Instance::way() const {
  std::vector<Move> out = past;
  if (live()) {
    if (out.size() >= way_max) out.erase(out.begin());
    out.push_back({.step = step, .arrived = arrived});
  }
  return out;
}

Hash128 instance_id(
    std::string_view journey, std::string_view key, AtomId anchor, Instant at, Hash128 message
) {
  std::string text;
  Writer out(text);
  out.text("journey");
  out.text(journey);
  out.text(key);
  out.u64(anchor.hi);
  out.u64(anchor.lo);
  out.i64(at.us);
  write_hash(out, message);
  return hash128(text);
}

std::uint32_t share_of(
    std::string_view journey, std::uint32_t version, std::string_view step, AtomId anchor,
    std::uint32_t parts
) {
  std::string text;
  Writer out(text);
  out.text("share");
  out.text(journey);
  out.u32(version);
  out.text(step);
  out.u64(anchor.hi);
  out.u64(anchor.lo);
  return static_cast<std::uint32_t>(hash128(text).lo % parts);
}

// instances = version:u8 n × (id:16 journey:text version:varint key:text entered:i64 end:u8 reason:u8
//             ended:i64 step:varint arrived due:i64 effect:16 flags:u8 offer:text n × (step times:varint)
//             n × (step:varint how:u8 reason:u8 arrived left:i64))
std::string instances_form(const std::vector<Instance>& instances) {
  std::string form;
  Writer out(form);
  out.u8(form_version);
  out.varint(instances.size());
  for (const Instance& i : instances) {
    write_hash(out, i.id);
    out.text(i.journey);
    out.varint(i.version);
    out.text(i.key());
    out.i64(i.entered.us);
    out.u8(static_cast<std::uint8_t>(i.end));
    out.u8(static_cast<std::uint8_t>(i.reason));
    out.i64(i.ended.us);
    out.varint(i.step);
    out.i64(i.arrived.us);
    out.i64(i.due.us);
    write_hash(out, i.effect);
    out.u8(static_cast<std::uint8_t>((i.firm ? 1 : 0) | (i.asleep ? 2 : 0)));
    out.text(i.rare->offer);
    out.varint(i.rare->jumps.size());
    for (const auto& [step, times] : i.rare->jumps) {
      out.varint(step);
      out.varint(times);
    }
    const std::vector<Move> way = i.way();
    out.varint(way.size());
    for (const Move& m : way) {
      out.varint(m.step);
      out.u8(static_cast<std::uint8_t>(m.how));
      out.u8(static_cast<std::uint8_t>(m.reason));
      out.i64(m.arrived.us);
      out.i64(m.left.us);
    }
  }
  return form;
}

bool read_instances(std::string_view form, std::vector<Instance>& instances, Names& names) {
  Reader in(form);
  const std::uint8_t version = in.u8();
  if (version == 0 || version > form_version) return false;
  bool known = true;
  auto n = in.varint();
  instances.reserve(std::min<std::uint64_t>(n, instances_max));
  for (; n > 0 && in.ok() && known; --n) {
    Instance& i = instances.emplace_back();
    i.id = read_hash(in);
    const auto name = names.intern(in.text());
    if (!name) return false;
    i.journey = names.text(*name);
    i.version = static_cast<std::uint32_t>(in.varint());
    if (const std::string_view key = in.text(); !key.empty()) i.rare.edit().key = key;
    i.entered.us = in.i64();
    known = read_enum(in, i.end, 9) && read_enum(in, i.reason, outbox::reasons);
    i.ended.us = in.i64();
    i.step = static_cast<std::uint16_t>(in.varint());
    i.arrived.us = in.i64();
    i.due.us = in.i64();
    i.effect = read_hash(in);
    const std::uint8_t flags = in.u8();
    i.firm = (flags & 1) != 0;
    i.asleep = (flags & 2) != 0;
    if (version > 1)
      if (const std::string_view offer = in.text(); !offer.empty()) i.rare.edit().offer = offer;
    for (auto m = in.varint(); m > 0 && in.ok(); --m) {
      const auto step = static_cast<std::uint16_t>(in.varint());
      i.rare.edit().jumps.emplace_back(step, static_cast<std::uint16_t>(in.varint()));
    }
    for (auto m = in.varint(); m > 0 && in.ok() && known; --m) {
      Move& move = i.past.emplace_back();
      move.step = static_cast<std::uint16_t>(in.varint());
      known = read_enum(in, move.how, 8) && read_enum(in, move.reason, outbox::reasons);
      move.arrived.us = in.i64();
      move.left.us = in.i64();
    }
    if (i.live() && !i.past.empty()) i.past.pop_back();  // where it is
    i.past.shrink_to_fit();
  }
  return known && in.done();
}

}  // namespace hospes::journey
