#include "collect/consent_string.h"

#include <algorithm>

#include "signal/gpp.h"

namespace hospes::collect {
namespace {

constexpr unsigned purposes = 11;  // of the TCF

bool add(std::string_view text, Instant received, TcfCategories& out) {
  const auto tc = signal::parse_tc(text);
  if (!tc || !signal::check_tc(*tc, received)) return false;
  for (unsigned n = 1; n <= purposes; ++n)
    out.emplace_back("tcf:" + std::to_string(n), tc->consents_to(n));
  return true;
}

}  // namespace

std::optional<TcfCategories> tcf_categories(
    std::string_view tc, std::string_view gpp, Instant received
) {
  TcfCategories out;
  if (!tc.empty() && !add(tc, received, out)) return std::nullopt;
  if (gpp.empty()) return out;
  const auto sections = signal::parse_gpp(gpp);
  if (!sections) return std::nullopt;
  const auto europe = std::ranges::find(*sections, signal::gpp_europe, &signal::GppSection::id);
  if (europe != sections->end() && !add(europe->text, received, out)) return std::nullopt;
  return out;
}

}  // namespace hospes::collect
