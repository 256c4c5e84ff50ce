#include "catalog/campaigns.h"

#include <gtest/gtest.h>

namespace hospes::catalog {
namespace {

constexpr std::string_view usual = R"(# of the winter
[[campaign]]
name = "winter_sale"   # a comment that stays
title.en = "Winter sale"
segment = "loyal_quiet"
action = "winter_mail"
at = "2026-12-01 10:00"
test = ["amelie@shop.example"]

[[campaign]]
name = "spring"
segment = "active"
action = "spring_mail"
at = "2027-03-20 09:30"
control = "2.5%"
within = "7d"
)";

std::string error_of(std::string_view text) {
  const auto read = read_campaigns(text);
  return read ? "" : read.error().message;
}

TEST(Campaigns, what_is_written_is_what_is_read) {
  const auto all = read_campaigns(usual);
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 2u);
  const Campaign& c = all->at(0);
  EXPECT_EQ(c.title_en, "Winter sale");
  EXPECT_EQ(c.control, 1'000u) << "a control group unless somebody says otherwise";
  EXPECT_EQ(c.goal, "Order Completed");
  EXPECT_EQ(c.within, std::chrono::days(14));
  EXPECT_EQ(all->at(1).control, 250u);
  EXPECT_TRUE(read_campaigns("")->empty());
}

TEST(Campaigns, a_mistake_says_where_and_what_would_do) {
  const std::string head = "[[campaign]]\nname = \"a\"\nsegment = \"s\"\naction = \"m\"\n";
  EXPECT_NE(error_of(head).find("a date and a time of the house"), std::string::npos);
  for (const char* at : {"2026-02-29 10:00", "2026-12-01", "2026-12-01 24:00", "2026-12-01T10:00", "2026-13-01 10:00", "2026-12-01 10:00:60"})
    EXPECT_NE(error_of(head + "at = \"" + at + "\"\n").find("campaigns.toml:5"), std::string::npos) << at;
  const std::string good = head + "at = \"2026-12-01 10:00\"\n";
  EXPECT_EQ(error_of(good), "");
  EXPECT_NE(error_of(good + "contrl = \"10%\"\n").find("control"), std::string::npos);
  EXPECT_NE(error_of(good + "control = \"60%\"\n").find("share"), std::string::npos);
  EXPECT_NE(error_of(good + "within = \"1m\"\n").find("1h to 90d"), std::string::npos);
  EXPECT_NE(error_of(good + good).find("two campaigns"), std::string::npos);
  EXPECT_NE(error_of("[[campaign]]\nname = \"a-b\"\n").find("names a journey"), std::string::npos);
}

TEST(Campaigns, a_change_leaves_the_rest_as_it_was) {
  const Mark mark{.of = "9f", .at = *parse_instant("2026-11-28T09:00:00Z"), .by = "Paul \"P\""};
  const auto once = with_marks(usual, "winter_sale", {.tested = Mark{"9f", mark.at, {}}, .approved = mark});
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_NE(once->find("name = \"winter_sale\"   # a comment that stays"), std::string::npos);
  EXPECT_TRUE(once->starts_with("# of the winter\n"));
  const auto all = read_campaigns(*once).value();
  EXPECT_EQ(all[0].approved, mark);
  EXPECT_EQ(all[1].approved, std::nullopt);
  EXPECT_EQ(all[0].words(), read_campaigns(usual)->at(0).words()) << "marks are no words of it";
  const auto twice = with_marks(*once, "winter_sale", {.approved = Mark{"aa", mark.at, "Zoé"}, .stopped = mark.at});
  ASSERT_TRUE(twice) << twice.error().message;
  EXPECT_EQ(read_campaigns(*twice)->at(0).approved->by, "Zoé");
  EXPECT_EQ(read_campaigns(*twice)->at(0).stopped, mark.at);
  EXPECT_EQ(with_marks(usual, "autumn", {.stopped = mark.at}).error().code, Code::not_found);

  Campaign more = all[1];
  EXPECT_EQ(with_campaign(usual, more).error().code, Code::conflict);
  more.name = "summer";
  more.test = {"a@b.example", "c\"d@e.example"};
  const auto added = with_campaign(usual, more);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(read_campaigns(*added)->at(2), more);
  more.goal = "Signed Up";
  EXPECT_NE(more.words(), read_campaigns(*added)->at(2).words());
}

}  // namespace
}  // namespace hospes::catalog
