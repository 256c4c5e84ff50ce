#include "zones/zones.h"

#include <gtest/gtest.h>

namespace hospes::zones {
namespace {

std::string wall(const char* zone, const char* at) {
  const Local l = local(*find(zone), *parse_instant(at));
  return to_string(Instant{l.day * 86'400'000'000 + l.us});
}

TEST(zones, clocks_go_forward_and_back) {
  EXPECT_EQ(wall("Europe/Paris", "2026-03-29T00:59:59Z"), "2026-03-29T01:59:59Z");
  EXPECT_EQ(wall("Europe/Paris", "2026-03-29T01:00:00Z"), "2026-03-29T03:00:00Z");
  EXPECT_EQ(wall("Europe/Paris", "2026-10-25T00:59:59Z"), "2026-10-25T02:59:59Z");
  EXPECT_EQ(wall("Europe/Paris", "2026-10-25T01:00:00Z"), "2026-10-25T02:00:00Z");
  EXPECT_EQ(wall("Asia/Kolkata", "2026-01-01T00:00:00Z"), "2026-01-01T05:30:00Z");
  EXPECT_EQ(wall("Pacific/Kiritimati", "1969-12-31T23:59:59.999999Z"), "1969-12-31T13:19:59.999999Z");
}

TEST(zones, a_stretch_ends_where_the_next_begins) {
  const Zone& paris = *find("Europe/Paris");
  const Stretch winter = paris.stretch(*parse_instant("2026-01-01T00:00:00Z"));
  EXPECT_EQ(winter.offset_us, 3'600'000'000);
  EXPECT_EQ(to_string(winter.until), "2026-03-29T01:00:00Z");
  const Stretch summer = paris.stretch(winter.until);
  EXPECT_EQ(summer.offset_us, 7'200'000'000);
  EXPECT_EQ(to_string(summer.until), "2026-10-25T01:00:00Z");
  EXPECT_EQ(to_string(paris.stretch(*parse_instant("2090-07-01T00:00:00Z")).until), "2090-10-29T01:00:00Z")
      << "beyond the table: by the rule of the footer";
  EXPECT_EQ(utc().stretch(Instant{0}).until, Instant::never());
  EXPECT_EQ(utc().stretch(Instant::never()).offset_us, 0);
  EXPECT_EQ(utc().stretch(Instant::beginning()).offset_us, 0);
}

std::string instant(const char* zone, const char* shown) {
  return to_string(instant_of(*find(zone), parse_instant(shown)->us));
}

TEST(zones, what_the_wall_shows_is_an_instant) {
  EXPECT_EQ(instant("Europe/Paris", "2026-03-29T01:59:59Z"), "2026-03-29T00:59:59Z");
  EXPECT_EQ(instant("Europe/Paris", "2026-03-29T02:30:00Z"), "2026-03-29T01:00:00Z") << "skipped";
  EXPECT_EQ(instant("Europe/Paris", "2026-03-29T03:00:00Z"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(instant("Europe/Paris", "2026-10-25T02:30:00Z"), "2026-10-25T00:30:00Z") << "twice: the first";
  EXPECT_EQ(instant("Europe/Paris", "2026-10-25T03:00:00Z"), "2026-10-25T02:00:00Z");
  EXPECT_EQ(instant("Africa/Cairo", "2026-04-24T00:00:00Z"), "2026-04-23T22:00:00Z") << "no midnight that day";
  EXPECT_EQ(instant("Pacific/Kiritimati", "2026-01-01T00:00:00Z"), "2025-12-31T10:00:00Z");
  EXPECT_EQ(instant("UTC", "1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
}

TEST(zones, wall_and_instant_agree_both_ways) {
  for (const char* name : {"Europe/Paris", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"}) {
    const Zone& zone = *find(name);
    for (std::int64_t hour = 0; hour < 60 * 365 * 24; hour += 7) {
      const Instant at{hour * 3'600'000'000};
      const Local shown = local(zone, at);
      const Instant first = instant_of(zone, shown.day * 86'400'000'000 + shown.us);
      EXPECT_LE(first, at) << name;
      const Local again = local(zone, first);
      EXPECT_EQ(std::pair(again.day, again.us), std::pair(shown.day, shown.us)) << name << to_string(at);
    }
  }
}

TEST(zones, knows_only_names_of_the_database) {
  for (const char* name : {"", "Paris", "europe/paris", "/etc/passwd", "../UTC", "Europe/Paris/", "localtime", "UTC+1"})
    EXPECT_EQ(find(name), nullptr) << name;
  EXPECT_NE(find("America/Argentina/Buenos_Aires"), nullptr);
  EXPECT_GE(version(), "2026");
}

TEST(zones, civil_days) {
  EXPECT_EQ(weekday_of(0), 3U) << "1970-01-01 was a Thursday";
  EXPECT_EQ(weekday_of(-4), 6U);
  for (const std::int64_t day : {-719'162L, -1L, 0L, 59L, 10'956L, 20'512L, 2'932'896L})
    EXPECT_EQ(day_of(date_of(day)), day);
}

TEST(Zones, a_time_on_the_wall_reads_back) {
  for (const char* text : {"2026-12-01 10:00", "1969-12-31 23:59", "2024-02-29 00:00", "2026-12-01 10:00:30"})
    EXPECT_EQ(wall_text(wall_of(text).value()), text);
  EXPECT_EQ(wall_of("1970-01-02 00:01"), 86'460'000'000);
  for (const char* text : {"2026-02-29 10:00", "2026-12-01", "2026-12-01 24:00", "2026-12-01 10:60", "2026-12-01T10:00",
                           "2026-12-01 10:00:", "2026-12-01 10:00:60", "2026-1-01 10:00", ""})
    EXPECT_EQ(wall_of(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hospes::zones
