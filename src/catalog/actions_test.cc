#include "catalog/actions.h"

#include <gtest/gtest.h>

namespace hospes::catalog {
namespace {

constexpr std::string_view crm = R"(
[[destination]]
name = "crm"
url = "https://crm.example/hook"
secret_file = "crm.secret"
retry = ["100ms", "2s"]
)";

Result<Actions> with(std::string_view action) {
  return read_actions(std::string(crm) + "[[action]]\n" + std::string(action), Purposes::fr_eu());
}

std::string error_of(const Result<Actions>& read) { return read ? "" : read.error().message; }

TEST(Actions, what_is_written_is_what_is_read) {
  const auto read = with(R"(
name = "welcome"
version = 3
when = "enters"
segment = "new_customers"
purpose = "market"
destination = "crm"
cap_per_day = 2
quiet = "21:30-08:00"
holdout = "2.5%"
valid_for = "6h"
)");
  ASSERT_TRUE(read) << error_of(read);
  const Action& a = read->actions.at(0);
  EXPECT_EQ(a.version, 3u);
  EXPECT_TRUE(a.on_enter);
  EXPECT_EQ(a.purpose, Purposes::fr_eu().named("market").value());
  EXPECT_EQ(a.quiet->first, (21 * 60 + 30) * 60'000'000LL);
  EXPECT_EQ(a.quiet->second, 8 * 3'600'000'000LL);
  EXPECT_EQ(a.holdout, 250u);
  EXPECT_EQ(a.valid_for, std::chrono::hours(6));
  const Destination& d = *read->destination("crm");
  EXPECT_EQ(d.retry, (std::vector<Duration>{std::chrono::milliseconds(100), std::chrono::seconds(2)}));
}

TEST(Actions, a_mail_is_tried_for_two_days) {
  const auto read = read_actions(
      R"([[destination]]
name = "relay"
kind = "mail"
url = "smtps://relay.example"
from = "House <hello@house.example>"
domain = "house.example"
dkim = ["s:dkim.pem"]
)",
      Purposes::fr_eu()
  );
  ASSERT_TRUE(read) << error_of(read);
  const auto& retry = read->destination("relay")->retry;
  Duration all{};
  for (const Duration pause : retry) all += pause;
  using std::chrono::minutes, std::chrono::hours;
  EXPECT_EQ((std::vector<Duration>(retry.begin(), retry.begin() + 4)), (std::vector<Duration>{minutes(1), minutes(5), minutes(15), hours(1)}));
  EXPECT_EQ(retry.back(), hours(1));
  EXPECT_EQ(all, minutes(21) + hours(48));
}

TEST(Actions, a_mistake_says_where_and_what_would_do) {
  const std::string good = R"(name = "a"
when = "enters"
segment = "s"
purpose = "market"
destination = "crm"
)";
  EXPECT_EQ(error_of(with(good)), "");
  const auto says = [&](const std::string& action, std::string_view part) {
    const std::string error = error_of(with(action));
    EXPECT_NE(error.find(part), std::string::npos) << error;
    EXPECT_EQ(error.find("actions.toml:"), 0u) << error;
  };
  says("name = \"A\"\n", "needs a name of a-z");
  says(good + "whne = \"enters\"\n", "unknown key \"whne\"");
  says("name = \"a\"\nwhen = \"entering\"\n", "is \"enters\", \"leaves\" or \"journey\"");
  says("name = \"a\"\nwhen = \"enters\"\nsegment = \"s\"\n", "without one");
  says("name = \"a\"\nwhen = \"enters\"\nsegment = \"s\"\npurpose = \"markett\"\n", "market");
  says(
      "name = \"a\"\nwhen = \"enters\"\nsegment = \"s\"\npurpose = \"market\"\ndestination = \"cmr\"\n",
      "the nearest known is"
  );
  for (const char* quiet : {"21:00", "21:00-21:00", "00:00-24:00", "9:00-10:00", "24:01-08:00", "aa:bb-cc:dd"})
    says(good + "quiet = \"" + quiet + "\"\n", "two times of day");
  for (const char* holdout : {"10", "60%", "1.234%", "%", "-1%", "1e1%"})
    says(good + "holdout = \"" + holdout + "\"\n", "share of people");
  says(good + "cap_per_day = 0\n", "1 to 24");
  says(good + "[caps]\nper_day = 0\n", "1 to 24");
  says(good + "[caps]\nper_month = 1\n", "per_month");
  const auto capped = read_actions("[caps]\nper_day = 2\n", Purposes::fr_eu());
  ASSERT_TRUE(capped) << error_of(capped);
  EXPECT_EQ(capped->contacts_per_day, 2u);
  EXPECT_EQ(capped->contacts_per_week, 0u);
  EXPECT_EQ(capped->contacts_less_per_week, 1u);
  says(good + "valid_for = \"1ms\"\n", "1s to 30d");
  says(good + "[[action]]\n" + good, "two actions are called");
  EXPECT_FALSE(read_actions("[[action", Purposes::fr_eu()));
  for (const char* url : {"ftp://a.example/", "https://", "https://user:pw@a.example/", "crm.example"}) {
    const auto read = read_actions(
        std::string("[[destination]]\nname = \"d\"\nurl = \"") + url + "\"\n", Purposes::fr_eu()
    );
    EXPECT_NE(error_of(read).find("url in"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace hospes::catalog
