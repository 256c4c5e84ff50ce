// What data may be used for, and on what ground: the purpose table of the policy pack (pack.h), one
// row a bit.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"

namespace hospes::catalog {

enum class Basis : std::uint8_t { contract, duty, interest, consent };
std::string_view to_string(Basis basis);
std::optional<Basis> parse_basis(std::string_view text);

struct Purpose {
  PurposeBit ordinal = 0;  // never reused in a house
  std::string name;        // `measure`, `contact:email`, `share:acme`
  Basis basis = Basis::consent;
  bool catalogued_only =
      false;  // serves only event types whose catalogue row names it, whatever the basis
  bool on_device =
      false;         // a trusted consent tool may open it for an anonymous atom, with a public key
  bool gpc = false;  // Sec-GPC closes it
  bool retired = false;  // its bit stays with the events that have it; nothing uses it any more
  std::string serves_en;
  std::string serves_fr;
};

/// A row of a pack: what the law leaves open of it, and where it says so.
struct PurposeRule {
  Purpose purpose;
  std::vector<Basis> may_be;  // empty: as it stands
  std::string source;
};

/// Ordinals and masks of one house. A value; rows in order of ordinal.
class Purposes {
 public:
  static constexpr std::size_t purposes_max = 64;  // bits of a Mask

  /// Of the FR/EU pack, with its defaults: `market` on interest, all `contact:*` on consent.
  static Purposes fr_eu();
  /// Those of a pack. `pinned`: its name and version, which refusals say.
  static Purposes of_rules(std::vector<PurposeRule> rules, std::string_view pinned);

  /// Chooses between the bases that the pack leaves open (`may_be`). invalid_input for any other
  /// purpose or basis: it names the rule. Only before a house has events: the basis of a purpose is
  /// never changed (see may_follow).
  Status choose(std::string_view name, Basis basis);
  /// Adds `share:<partner>`, or a consent purpose of the house's own, at the next ordinal.
  /// over_limit for the 65th.
  Result<PurposeBit> add(
      std::string_view name, std::string_view serves_en, std::string_view serves_fr
  );

  /// Nothing is kept or computed for it from now on; what stands in its place are others. not_found;
  /// invalid_input for contract and duty, which the house cannot put down, and for `link`.
  Status retire(std::string_view name);

  /// `fr-eu 2026-11-28`.
  const std::string& pack() const { return pack_; }
  std::span<const Purpose> rows() const { return rows_; }
  std::optional<PurposeBit> find(std::string_view name) const;
  /// not_found, with the nearest known name; a retired one is none.
  Result<PurposeBit> named(std::string_view name) const;
  const Purpose& at(PurposeBit ordinal) const;
  bool knows(PurposeBit ordinal) const { return ordinal < rows_.size(); }

  /// Every purpose there is.
  Mask all() const { return masks_.all; }
  Mask consent() const { return masks_.consent; }
  Mask interest() const { return masks_.interest; }
  /// Contract and duty: no answer opens or closes them.
  Mask heedless() const { return masks_.heedless; }
  Mask catalogued_only() const { return masks_.catalogued_only; }
  Mask on_device() const { return masks_.on_device; }
  Mask gpc() const { return masks_.gpc; }
  Mask retired() const { return masks_.retired; }

  /// Names in order of ordinal; bits without a row are left out.
  std::vector<std::string_view> names(Mask mask) const;
  Result<Mask> mask(std::span<const std::string_view> names) const;

 private:
  struct Masks {
    Mask all = 0, consent = 0, interest = 0, heedless = 0, catalogued_only = 0, on_device = 0,
         gpc = 0, retired = 0;
  };
  void put(Purpose purpose);
  void remask();

  std::vector<Purpose> rows_;
  std::vector<PurposeRule> rules_;  // of the pack, by ordinal
  std::string pack_;
  Masks masks_;
};

/// Whether a house may move from one table to the next: no ordinal changes its name or basis, none
/// disappears.
Status may_follow(const Purposes& before, const Purposes& after);

}  // namespace hospes::catalog
