// At use the mask only closes: what of an event one may see now, given the answers of its person.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "consent/ledger.h"
#include "model/timeline.h"

namespace hospes::consent {

/// The answers of one person, as they stand. Borrows the ledgers. Cheap to make: one pass over the
/// standings.
class Lens {
 public:
  /// `ledgers`: of all atoms of the person, in either reading (an answer against counts in both),
  /// and of atoms that opened one of their events without belonging to them. `heedless`: contract
  /// and duty, which no answer closes.
  Lens(std::span<const Ledger* const> ledgers, Mask heedless) : Lens(ledgers, ledgers, heedless) {}
  /// The same with `openers` apart: their yes is asked for, their no closes nothing else.
  Lens(
      std::span<const Ledger* const> person, std::span<const Ledger* const> openers, Mask heedless
  );

  /// What of `mask` is visible: no answer against from start to now, and each bit that rests on a
  /// yes still rests on it. An opener whose ledger is not here has no yes.
  Mask visible(Mask mask, Instant start, std::span<const OpenedBy> opened, Instant now) const;
  Mask visible(const Moment& m, std::span<const OpenedBy> opened, Instant now) const {
    return visible(m.mask, m.start(), opened, now);
  }
  /// The next instant after `now` at which a yes ends and so hides something; never() when none
  /// does.
  Instant next_change(Instant now) const;

 private:
  bool rests(const OpenedBy& opened, Instant start, Instant now) const;

  std::vector<const Ledger*> openers_;
  Mask answered_ = 0;  // purposes somebody of this person once said no to
  Mask heedless_ = 0;
  std::array<Instant, 64> closed_through_;  // of the purposes in `answered_`
};

}  // namespace hospes::consent
