#include "collect/consent_string.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "signal/gpp.h"

namespace hospes::collect {
namespace {

const Instant now = *parse_instant("2026-11-27T12:00:00Z");

/// Yes to purpose 8 alone, as the TCF 2.3 has it.
signal::TcString yes_to_eight() {
  return {
      .created = now, .updated = now, .policy = 5, .consent = 0x80, .disclosed = signal::Vendors{}};
}

bool allows(const TcfCategories& said, const std::string& category) {
  const auto at = std::ranges::find(said, category, &std::pair<std::string, bool>::first);
  return at != said.end() && at->second;
}

TEST(ConsentString, SaysYesOrNoToEachOfElevenPurposes) {
  const auto said = tcf_categories(signal::write_tc(yes_to_eight()), "", now);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->size(), 11u);
  for (int n = 1; n <= 11; ++n) EXPECT_EQ(allows(*said, "tcf:" + std::to_string(n)), n == 8) << n;
}

TEST(ConsentString, OfTheGppCountsByItsEuropeanSection) {
  const std::string tc = signal::write_tc(yes_to_eight());
  const auto both = tcf_categories("", signal::write_gpp({{2, tc}, {6, "1YYN"}}), now);
  ASSERT_TRUE(both);
  EXPECT_TRUE(allows(*both, "tcf:8"));
  const auto america = tcf_categories("", signal::write_gpp({{6, "1YYN"}}), now);
  ASSERT_TRUE(america);
  EXPECT_TRUE(america->empty());
  EXPECT_TRUE(tcf_categories("", "", now)->empty());
}

TEST(ConsentString, ThatDoesNotHoldIsNeverSilence) {
  EXPECT_FALSE(tcf_categories("nonsense", "", now));
  EXPECT_FALSE(tcf_categories("", "DBAB", now));
  signal::TcString core = yes_to_eight();
  core.disclosed.reset();
  EXPECT_FALSE(tcf_categories(signal::write_tc(core), "", now)) << "TCF 2.3";
  signal::TcString old = yes_to_eight();
  old.created = old.updated = now - std::chrono::days(400);
  EXPECT_FALSE(tcf_categories(signal::write_tc(old), "", now)) << "older than 13 months";
  const std::string good = signal::write_tc(yes_to_eight());
  EXPECT_FALSE(tcf_categories(good, "nonsense", now)) << "one good string does not cure another";
}

}  // namespace
}  // namespace hospes::collect
