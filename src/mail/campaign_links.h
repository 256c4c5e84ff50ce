// The links of a message that belongs to a campaign say which: utm_source, utm_medium, utm_campaign, as
// every web analytics tool reads them. They name the campaign, nobody.
#pragma once

#include <string>
#include <string_view>

namespace hospes::mail {

struct CampaignLinks {
  std::string source, campaign;  // of letters, digits, `-` and `_`
  std::string except;            // links that begin so stay: the way out
};

/// Each http and https link of an <a href>, unless it has utm parameters of its own. Linear.
std::string with_campaign(std::string_view html, const CampaignLinks& links);
/// A name as such a parameter bears it: small letters, digits and `-`.
std::string link_name(std::string_view name);

}  // namespace hospes::mail
