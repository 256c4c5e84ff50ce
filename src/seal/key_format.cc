#include "seal/key_format.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"
#include "seal/envelope.h"

namespace hospes::seal {
namespace {

constexpr std::string_view atoms_magic = "hospesat";
constexpr std::string_view master_magic = "hospesmk";

std::unexpected<Error> damaged(const std::string& path) {
  return fail(Code::corrupt, path + " is damaged; restore the key folder from its backup");
}

Status check_version(std::uint8_t version, const std::string& path) {
  if (version == keys_version) return {};
  return fail(
      Code::corrupt, path + ": version " + std::to_string(version) +
                         "; this hospes reads version 1, start the one that wrote it"
  );
}

std::uint32_t crc_of(std::string_view entry) {
  return crc32c(entry.substr(8), crc32c(entry.substr(0, 4)));
}

}  // namespace

std::string_view view_of(const Key& key) {
  return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}

Key key_of(std::string_view bytes) {
  Key key;
  check(bytes.size() == key.bytes.size(), "a key has 32 bytes");
  std::memcpy(key.bytes.data(), bytes.data(), bytes.size());
  return key;
}

std::string encode(const AtomsHeader& header) {
  std::string out;
  Writer w(out);
  w.raw(atoms_magic);
  w.u8(keys_version);
  w.u32(header.epoch);
  w.u32(header.replaces);
  w.u32(header.day);
  w.u32(crc32c(out));
  return out;
}

Result<AtomsHeader> decode_header(std::string_view bytes, const std::string& path) {
  Reader r(bytes);
  if (r.raw(atoms_magic.size()) != atoms_magic) return damaged(path);
  TRY(check_version(r.u8(), path));
  AtomsHeader h;
  h.epoch = r.u32();
  h.replaces = r.u32();
  h.day = r.u32();
  if (r.u32() != crc32c(bytes.substr(0, atoms_header_bytes - 4)) || !r.ok()) return damaged(path);
  return h;
}

void encode(const Entry& entry, std::string& out) {
  const std::size_t start = out.size();
  Writer w(out);
  w.u32(static_cast<std::uint32_t>(entry.body.size()));
  w.u32(0);
  w.u8(keys_version);
  w.u8(entry.flags);
  w.u32(entry.commit);
  w.u32(entry.place);
  w.raw(entry.body);
  const std::uint32_t crc = crc_of(std::string_view(out).substr(start));
  std::memcpy(out.data() + start + 4, &crc, sizeof crc);
}

void mark_last(std::string& out, std::size_t start) {
  out[start + 9] = static_cast<char>(out[start + 9] | entry_last);
  std::uint32_t length = 0;
  std::memcpy(&length, out.data() + start, sizeof length);
  const std::uint32_t crc = crc_of(std::string_view(out).substr(start, entry_frame_bytes + length));
  std::memcpy(out.data() + start + 4, &crc, sizeof crc);
}

std::optional<Entry> decode_entry(
    std::string_view bytes, std::size_t place, std::size_t bytes_place
) {
  if (place - bytes_place + entry_frame_bytes > bytes.size()) return std::nullopt;
  const std::string_view here = bytes.substr(place - bytes_place);
  Reader r(here);
  Entry e;
  e.length = r.u32();
  const std::uint32_t crc = r.u32();
  const std::uint8_t version = r.u8();
  e.flags = r.u8();
  e.commit = r.u32();
  e.place = r.u32();
  e.body = r.raw(e.length);
  if (!r.ok() || e.place != place || version != keys_version) return std::nullopt;
  if (!e.end() && e.length < body_fixed_bytes + overhead_bytes) return std::nullopt;
  if (crc_of(here.substr(0, e.size())) != crc) return std::nullopt;
  return e;
}

std::string associated(const Atom& atom) {
  std::string out;
  Writer w(out);
  w.u64(atom.id.hi);
  w.u64(atom.id.lo);
  w.i64(atom.born.us);
  w.u8(atom.kind);
  return out;
}

void encode_body(const AtomEntry& entry, const Key& epoch_key, std::string& out) {
  const std::string name = associated(entry.atom);
  std::string secret;
  Writer w(secret);
  w.u64(entry.hash.hi);
  w.u64(entry.hash.lo);
  w.raw(view_of(entry.key));
  out += name;
  seal(epoch_key, name, secret, out);
}

AtomId id_of(std::string_view body) {
  Reader r(body);
  const std::uint64_t hi = r.u64();
  return {hi, r.u64()};
}

std::string_view sealed_identifier(std::string_view body) { return body.substr(body_fixed_bytes); }

Result<AtomEntry> decode_body(std::string_view body, const Key& epoch_key) {
  Reader r(body);
  AtomEntry e;
  e.atom.id.hi = r.u64();
  e.atom.id.lo = r.u64();
  e.atom.born.us = r.i64();
  e.atom.kind = r.u8();
  const std::string secret = TRY(open(epoch_key, associated(e.atom), r.raw(wrapped_bytes)));
  Reader s(secret);
  e.hash.hi = s.u64();
  e.hash.lo = s.u64();
  if (s.rest().size() != e.key.bytes.size()) return fail(Code::corrupt, "a wrapped key is short");
  e.key = key_of(s.rest());
  return e;
}

std::string encode_master(const Key& key) {
  std::string out;
  Writer w(out);
  w.raw(master_magic);
  w.u8(keys_version);
  w.raw(view_of(key));
  w.u32(crc32c(out));
  return out;
}

Result<Key> decode_master(std::string_view bytes, const std::string& path) {
  Reader r(bytes);
  if (r.raw(master_magic.size()) != master_magic) return damaged(path);
  TRY(check_version(r.u8(), path));
  const std::string_view key = r.raw(32);
  if (r.u32() != crc32c(bytes.substr(0, bytes.size() - 4)) || !r.done()) return damaged(path);
  return key_of(key);
}

std::string encode_secret(
    std::string_view magic, std::string_view name, const Key& master, std::string_view secret
) {
  std::string out(magic);
  out.push_back(static_cast<char>(keys_version));
  seal(master, std::string(magic) + std::string(name), secret, out);
  return out;
}

Result<std::string> decode_secret(
    std::string_view magic, std::string_view name, const Key& master, std::string_view bytes,
    const std::string& path
) {
  Reader r(bytes);
  if (r.raw(magic.size()) != magic) return damaged(path);
  TRY(check_version(r.u8(), path));
  auto secret = open(master, std::string(magic) + std::string(name), r.rest());
  if (!secret) {
    return fail(
        Code::corrupt, path +
                           " does not open with this master.key; restore the key folder "
                           "as a whole from its backup"
    );
  }
  return secret;
}

}  // namespace hospes::seal
