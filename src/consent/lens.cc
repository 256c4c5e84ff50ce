#include "consent/lens.h"

#include <algorithm>
#include <bit>

namespace hospes::consent {

Lens::Lens(
    std::span<const Ledger* const> person, std::span<const Ledger* const> openers, Mask heedless
)
    : openers_(openers.begin(), openers.end()), heedless_(heedless) {
  for (const Ledger* ledger : person) {
    for (const Standing& s : ledger->standings()) {
      if (s.closed_through == Instant::beginning()) continue;
      Instant& closed = closed_through_[s.purpose];
      closed =
          (answered_ & bit(s.purpose)) != 0 ? std::max(closed, s.closed_through) : s.closed_through;
      answered_ |= bit(s.purpose);
    }
  }
}

Mask Lens::visible(Mask mask, Instant start, std::span<const OpenedBy> opened, Instant now) const {
  for (Mask asked = mask & answered_ & ~heedless_; asked != 0; asked &= asked - 1) {
    const auto p = static_cast<PurposeBit>(std::countr_zero(asked));
    if (start <= closed_through_[p]) mask &= ~bit(p);
  }
  for (const OpenedBy& o : opened) {
    if ((mask & bit(o.purpose) & ~heedless_) != 0 && !rests(o, start, now)) mask &= ~bit(o.purpose);
  }
  return mask;
}

bool Lens::rests(const OpenedBy& opened, Instant start, Instant now) const {
  return std::ranges::any_of(openers_, [&](const Ledger* ledger) {
    if (ledger->atom() != opened.atom) return false;
    const Standing* s = ledger->standing(opened.purpose);
    return s != nullptr && s->yes_over(start, std::max(start, now));
  });
}

Instant Lens::next_change(Instant now) const {
  Instant next = Instant::never();
  for (const Ledger* ledger : openers_) {
    for (const Standing& s : ledger->standings()) {
      if (s.yes_end > now) next = std::min(next, s.yes_end);
    }
  }
  return next;
}

}  // namespace hospes::consent
