// campaigns.toml as people keep it: one segment, one message, one date each; changed in one place with
// the rest untouched, comments too. docs/campaigns.md is its manual.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace hospes::catalog {

inline constexpr std::string_view campaigns_file = "campaigns.toml";
inline constexpr std::size_t campaigns_bytes_max = 1'000'000;
inline constexpr std::size_t campaigns_max = 300, test_addresses_max = 10;

/// What the house wrote beside a campaign: which words it was about, and when.
struct Mark {
  std::string of;  // hash of what stood there then
  Instant at;
  std::string by;  // approved: the name that was given
  bool operator==(const Mark&) const = default;
};

struct Campaign {
  std::string name;
  std::string title_en, title_fr;
  std::string segment, action;
  std::string at;               // `2026-12-01 10:00`, in the house's zone
  std::uint32_t control = 1'000;  // of 10,000 people
  std::string goal = "Order Completed";
  Duration within = std::chrono::days(14);
  std::vector<std::string> test;
  std::optional<Mark> tested, approved;
  std::optional<Instant> stopped;

  /// What a test and an approval are about: all but the house's own marks, in one spelling.
  std::string words() const;
  bool operator==(const Campaign&) const = default;
};

/// invalid_input with file, line and column.
Result<std::vector<Campaign>> read_campaigns(std::string_view text);
/// Behind all others. conflict when the name is taken.
Result<std::string> with_campaign(std::string_view text, const Campaign& campaign);

struct CampaignMarks {
  std::optional<Mark> tested, approved;
  std::optional<Instant> stopped;
};
/// Those that are set replace those that are there.
Result<std::string> with_marks(
    std::string_view text, std::string_view name, const CampaignMarks& marks
);

}  // namespace hospes::catalog
