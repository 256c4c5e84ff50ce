// Campaigns as staff see and change them, and as whoever approves one does. Private to portal/.
#pragma once

#include <memory>
#include <mutex>

#include "portal/campaigns.h"
#include "portal/console.h"

namespace hospes::portal {

/// How many were reached how often lately: counted over everybody, and so kept for a minute.
class Pressure {
 public:
  struct Told {
    std::vector<std::uint64_t> people;                      // by times reached in the last seven days
    std::map<std::string, std::vector<std::uint64_t>> of;   // the same of the members of a segment
    Instant as_of = Instant::beginning();
  };
  static constexpr std::size_t times_max = 5;  // the last stands for it and above
  std::shared_ptr<const Told> of(const ConsoleDoors& doors, const std::vector<std::string>& segments);

 private:
  std::mutex mutex_;
  std::shared_ptr<const Told> last_;
};

/// GET /v1/campaigns, GET /v1/campaigns/{name}; POST /v1/campaigns, …/test, …/ask, …/stop.
http::Response campaigns(const ConsoleDoors& doors, Pressure& pressure, const http::Request& request);
/// /approve/{code}: a page for whoever holds the link, without a session of the console.
/// The second person's yes to a campaign whose test and approval are of `words`: in force when it returns. conflict: it
/// was changed, stopped, or its date is too near.
Status approve_campaign(
    const ConsoleDoors& doors, std::string_view name, std::string_view words, std::string_view by
);
http::Response approval(const ConsoleDoors& doors, const http::Request& request);

/// The message that the campaign's action sends; empty: none, it is no mail.
std::string message_of(const ConsoleDoors& doors, const catalog::Campaign& campaign);
/// Who asks, or approves: a session by the word of its pages; empty: nobody that the house knows.
std::string caller_of(const ConsoleDoors& doors, const http::Request& request);
/// Writes the marks into the file, and puts in force what they mean.
Status mark(
    const ConsoleDoors& doors, const catalog::Campaign& campaign, const catalog::CampaignMarks& marks
);

}  // namespace hospes::portal
