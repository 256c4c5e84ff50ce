// Records to bytes and back; what is personal is sealed under its owner atom's key. Format:
// docs/formats/record.md.
#pragma once

#include <string>
#include <string_view>

#include "base/hash_bytes.h"
#include "base/result.h"
#include "model/names.h"
#include "record/record.h"
#include "seal/keys.h"

namespace hospes::record {

inline constexpr std::uint8_t format_version = 1;

/// not_found when a key it needs was destroyed meanwhile; else whatever the key store says.
Result<std::string> encode(const Record& record, const Names& names, seal::KeyStore& keys);

/// A record whose key is gone decodes as `Erased`; a bundle loses only the atoms whose keys are
/// gone. corrupt when the bytes are not a record of a known version or fail authentication.
Result<Record> decode(std::string_view bytes, Names& names, seal::KeyStore& keys);

/// Event bodies with names as text; shared with the rows of the store.
void write_properties(Writer& out, const Properties& properties, const Names& names);
/// Without their number.
void write_fields(Writer& out, std::string_view packed, const Names& names);
Result<Properties> read_properties(Reader& in, Names& names);

void write_atom(Writer& out, const Atom& atom);
Atom read_atom(Reader& in);
void write_id(Writer& out, AtomId id);
AtomId read_id(Reader& in);
void write_component(Writer& out, const ComponentId& id);
ComponentId read_component(Reader& in);

}  // namespace hospes::record
