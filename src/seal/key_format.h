// What stands in the key store's files. Integers little-endian, `crc` CRC-32C
// of everything else in its frame or header.
//
//   master.key       = "hospesmk" version:u8 key[32] crc:u32
//   house.secret     = "hospeshs" version:u8 sealed(master; house secret[192]
//   directory secret[192]) epoch-<n>.key    = "hospesek" version:u8
//   sealed(master; epoch key[32]) atoms-<n> = header entry* zeros header =
//   "hospesat" version:u8 epoch:u32 replaces:u32 day:u32 crc:u32 entry =
//   length:u32 crc:u32 version:u8 flags:u8 commit:u32 place:u32 body[length]
//   body             = id:u64,u64 born:i64 kind:u8 wrapped[76] sealed
//   identifier wrapped          = sealed(epoch key; directory hash[16] atom
//   key[32])       associated: id born kind identifier       = sealed(atom key;
//   value)                                  associated: id born kind flags =
//   bit 0: last of its commit; bit 2: end of the file (no body)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seal/keys.h"

namespace hospes::seal {

inline constexpr std::uint8_t keys_version = 1;
inline constexpr std::size_t atoms_header_bytes = 8 + 1 + 4 * 4;
inline constexpr std::size_t entry_frame_bytes = 18;
inline constexpr std::size_t wrapped_bytes = 48 + 28;
inline constexpr std::size_t body_fixed_bytes = 16 + 8 + 1 + wrapped_bytes;
inline constexpr std::uint8_t entry_last = 1;
inline constexpr std::uint8_t entry_end = 4;

struct AtomsHeader {
  std::uint32_t epoch = 0;
  std::uint32_t replaces = 0;  // 0: none. Its atoms, less the destroyed, are here
  std::uint32_t day = 0;       // since 1970, of the first atom
};
std::string encode(const AtomsHeader& header);
Result<AtomsHeader> decode_header(std::string_view bytes, const std::string& path);

struct Entry {
  std::uint32_t length = 0;
  std::uint8_t flags = 0;
  std::uint32_t commit = 0;
  std::uint32_t place = 0;  // in the file
  std::string_view body;    // borrows
  std::size_t size() const { return entry_frame_bytes + length; }
  bool last() const { return (flags & entry_last) != 0; }
  bool end() const { return (flags & entry_end) != 0; }
};
void encode(const Entry& entry, std::string& out);
/// Marks the entry that begins at `start` of `out` as the last of its commit.
void mark_last(std::string& out, std::size_t start);
/// The whole entry at `place` of a file whose bytes from `bytes_place` on are
/// `bytes`. Nothing when none stands there.
std::optional<Entry> decode_entry(
    std::string_view bytes, std::size_t place, std::size_t bytes_place = 0
);

/// What an entry says of one atom.
struct AtomEntry {
  Atom atom;
  Hash128 hash;  // directory hash of its identifier
  Key key;
};
std::string associated(const Atom& atom);
/// Appends fixed part and wrapped key; the sealed identifier follows.
void encode_body(const AtomEntry& entry, const Key& epoch_key, std::string& out);
Result<AtomEntry> decode_body(std::string_view body, const Key& epoch_key);
/// Without any key.
AtomId id_of(std::string_view body);
std::string_view sealed_identifier(std::string_view body);

/// Small files: a magic word, the version, and bytes that prove themselves.
std::string encode_master(const Key& key);
Result<Key> decode_master(std::string_view bytes, const std::string& path);
std::string encode_secret(
    std::string_view magic, std::string_view name, const Key& master, std::string_view secret
);
Result<std::string> decode_secret(
    std::string_view magic, std::string_view name, const Key& master, std::string_view bytes,
    const std::string& path
);
std::string_view view_of(const Key& key);
/// Precondition: 32 bytes.
Key key_of(std::string_view bytes);

}  // namespace hospes::seal
