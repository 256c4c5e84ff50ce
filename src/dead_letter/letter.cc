#include "dead_letter/letter.h"

#include "base/hash_bytes.h"

namespace hospes::dead_letter {
namespace {

constexpr std::uint64_t atoms_max = 1'024, opened_max = 64;

std::unexpected<Error> damaged() { return fail(Code::corrupt, "a dead letter is damaged"); }

void write_atom(Writer& out, AtomId atom) {
  out.u64(atom.hi);
  out.u64(atom.lo);
}

AtomId read_atom(Reader& in) {
  AtomId out;
  out.hi = in.u64();
  out.lo = in.u64();
  return out;
}

}  // namespace

std::string encode(const Head& head) {
  std::string bytes;
  Writer out(bytes);
  write_hash(out, head.message);
  out.i64(head.received.us);
  out.i64(head.happened.us);
  out.varint(head.atoms.size());
  for (const AtomId atom : head.atoms) write_atom(out, atom);
  out.u64(head.mask);
  out.varint(head.opened.size());
  for (const OpenedBy& by : head.opened) {
    out.u8(by.purpose);
    write_atom(out, by.atom);
  }
  out.u8(head.use);
  out.u8(head.scopes);
  out.u8(head.call);
  out.u8(static_cast<std::uint8_t>((head.timed ? 1 : 0) | (head.gpc ? 2 : 0) | (head.reduced ? 4 : 0)));
  out.text(head.source);
  out.text(head.rule);
  out.text(head.event);
  return bytes;
}

Result<Head> decode_head(std::string_view& bytes) {
  Reader in(bytes);
  Head out;
  out.message = read_hash(in);
  out.received = {in.i64()};
  out.happened = {in.i64()};
  const auto atoms = in.varint();
  if (!in.ok() || atoms == 0 || atoms > atoms_max) return damaged();
  for (std::uint64_t i = 0; i < atoms; ++i) out.atoms.push_back(read_atom(in));
  out.mask = in.u64();
  const auto opened = in.varint();
  if (!in.ok() || opened > opened_max) return damaged();
  for (std::uint64_t i = 0; i < opened; ++i) {
    OpenedBy by{.purpose = in.u8()};
    by.atom = read_atom(in);
    out.opened.push_back(by);
  }
  out.use = in.u8();
  out.scopes = in.u8();
  out.call = in.u8();
  const auto flags = in.u8();
  out.timed = (flags & 1) != 0;
  out.gpc = (flags & 2) != 0;
  out.reduced = (flags & 4) != 0;
  out.source = in.text();
  out.rule = in.text();
  out.event = in.text();
  if (!in.ok()) return damaged();
  bytes = in.rest();
  return out;
}

std::string encode(const Content& content) {
  std::string bytes;
  Writer out(bytes);
  for (const auto* part : {&content.detail, &content.message_id, &content.context, &content.item})
    out.text(*part);
  return bytes;
}

Result<Content> decode_content(std::string_view bytes) {
  Reader in(bytes);
  Content out;
  for (auto* part : {&out.detail, &out.message_id, &out.context, &out.item}) *part = in.text();
  if (!in.done()) return damaged();
  return out;
}

}  // namespace hospes::dead_letter
