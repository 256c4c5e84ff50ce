// What a message may know of its person, copied in one turn of the partition's thread.
#pragma once

#include <optional>
#include <string>

#include "flow/apply.h"
#include "liquid/value.h"
#include "model/names.h"
#include "seal/keys.h"

namespace hospes::activate {

struct Reading {
  std::string address;  // canonical; empty: the person has none
  AtomId address_atom;
  std::string language;   // as their traits say it; empty: nobody said
  liquid::Object person;  // `person` of a template
  liquid::Value offer;    // `offer` of one that a journey sends after it decided
  Mask open = 0;  // of the purposes asked about: those that somebody of the firm person opened
};

/// The identifier whose yes opens that purpose of consent to the firm person of the atom, its own
/// before another's. Nothing: nobody said yes, a no stands, or the atom is nobody's.
std::optional<AtomId> opened_by(
    const flow::Component& component, std::size_t atom, PurposeBit purpose,
    const flow::House& house, Instant now
);

/// The firm person of the anchor: the e-mail address seen last among those that firm edges tie to
/// it, and the latest traits that one of `purposes` may see. `asked`: purposes of consent that the
/// message depends on besides. Nothing: the anchor is in no person here.
std::optional<Reading> read_person(
    const flow::PartitionState& state, const flow::ComponentId& component, AtomId anchor,
    Mask purposes, const flow::House& house, seal::KeyStore& keys, Instant now, Mask asked = 0
);

}  // namespace hospes::activate
