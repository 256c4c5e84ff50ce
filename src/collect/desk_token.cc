// Consent tokens at the desk: given with a yes that a server records for a device, read from that
// device's events.
#include <algorithm>

#include "catalog/kinds.h"
#include "collect/desk.h"

namespace hospes::collect {
namespace {

constexpr std::size_t tokens_max = 8;  // of one event
constexpr auto good_for = std::chrono::days(183);  // CNIL guidelines on trackers: a choice is kept six months

}  // namespace

std::string Desk::token_of(const Identifier& who, const consent::Row& row) const {
  const catalog::Kind* kind = catalog::find_kind(who.kind);
  if (row.state != consent::Answer::given || kind == nullptr || !kind->is_device) return {};
  const Instant end = std::min(row.until, row.acted + Duration(good_for));
  if (end <= row.acted) return {};
  return tokens_.make(
      {.device = tokens_.device(who),
       .purpose = doors_.catalog.purposes.at(row.purpose).name,
       .notice_id = row.notice.id,
       .notice_version = row.notice.version,
       .issued = row.acted,
       .expires = end}
  );
}

bool Desk::carried(
    const Item& item, const Who& who, Instant start, Instant received, Mask& yes
) {
  std::string_view rest = item.signal.token;
  for (std::size_t n = 0; !rest.empty(); ++n) {
    const std::string_view one = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (n >= tokens_max) return false;
    const auto token = tokens_.read(one);
    if (!token) return false;
    const auto purpose = doors_.catalog.purposes.find(token->purpose);
    const bool ours = std::ranges::any_of(who.identifiers, [&](const Identifier& identifier) {
      return tokens_.device(identifier) == token->device;
    });
    // Another device's: it may have been taken from there.
    if (!purpose || !ours) return false;
    // A yes that came after the event, or has ended, opens nothing and closes nothing.
    const bool covers = token->issued <= start && std::max(start, received) < token->expires;
    const bool valid = doors_.catalog.notices.against(token->notice_id, token->notice_version, *purpose) == nullptr;
    if (covers && valid) yes |= bit(*purpose);
  }
  return true;
}

}  // namespace hospes::collect
