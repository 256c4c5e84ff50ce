// The house's campaigns: the file that people read and keep under version control, what of it is in
// force, and who may put it there. docs/campaigns.md. The file is the truth; a change made here changes
// both.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "catalog/campaigns.h"
#include "catalog/catalog.h"
#include "disk/disk.h"
#include "journey/definition.h"
#include "mail/messages.h"

namespace hospes::portal {

inline constexpr Duration approval_link_good_for = std::chrono::hours(24);
inline constexpr std::size_t approval_links_max = 100;  // the one that ends first makes room
/// From an approval to its campaign's date: by then every partition knows it.
inline constexpr Duration approval_lead = std::chrono::seconds(5);

/// Ids of the segments in force, with their purposes.
using SegmentPurposes = std::map<std::string, std::string, std::less<>>;

class Campaigns {
 public:
  enum class State : std::uint8_t { draft, tested, approved, running, done, stopped, missed };

  /// All outlive it. `messages` null: the house sends no mail.
  Campaigns(disk::Disk& folder, const catalog::Catalog& catalog, const mail::Messages* messages)
      : folder_(folder), catalog_(catalog), messages_(messages) {}

  Result<std::vector<catalog::Campaign>> all() const;
  /// not_found names those there are.
  Result<catalog::Campaign> named(std::string_view name) const;
  /// What a test and an approval are of: a hash of its words, its action and its message as written.
  std::string words_of(const catalog::Campaign& campaign) const;
  State state_of(const catalog::Campaign& campaign, Instant now) const;
  Instant date_of(const catalog::Campaign& campaign) const;
  /// Whether it could run: invalid_input says what of the house it does not fit.
  Status fits(const catalog::Campaign& campaign, const SegmentPurposes& segments) const;
  /// Those that are approved and not stopped, as journeys. One whose segment or action is gone is none.
  Result<std::vector<journey::Definition>> in_force(const SegmentPurposes& segments) const;
  journey::Definition journey_of(const catalog::Campaign& campaign) const;

  /// Of the file's text, another text (catalog/campaigns.h). In the file when it returns.
  Status change(const std::function<Result<std::string>(const std::string&)>& edit);

  /// What an approval link is for. `asker`: who made it, and so may not use it.
  struct Ask {
    std::string campaign, words, asker;
    Instant ends;
  };
  /// The code of a new link, good once.
  std::string new_link(Ask ask, Instant now);
  /// Nothing: wrong, used or too old.
  std::optional<Ask> link(std::string_view code, Instant now) const;
  void use_up(std::string_view code);

 private:
  Result<std::string> text() const;
  const catalog::Action* action_of(const catalog::Campaign& campaign) const;

  disk::Disk& folder_;
  const catalog::Catalog& catalog_;
  const mail::Messages* messages_;
  std::mutex changing_;  // one change at a time
  mutable std::mutex links_mutex_;
  std::map<std::string, Ask> links_;  // by SHA-256 of the code; guarded by links_mutex_
};
std::string_view to_string(Campaigns::State state);

}  // namespace hospes::portal
