#include "rights/request.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"

namespace hospes::rights {
namespace {

Instant at(std::string_view text) { return parse_instant(text).value(); }

TEST(Request, a_month_ends_on_its_last_day_where_it_is_short) {
  EXPECT_EQ(months_after(at("2026-01-31T10:00:00Z"), 1), at("2026-02-28T10:00:00Z"));
  EXPECT_EQ(months_after(at("2028-01-31T10:00:00Z"), 1), at("2028-02-29T10:00:00Z"));
  EXPECT_EQ(months_after(at("2026-11-27T13:00:00Z"), 1), at("2026-12-27T13:00:00Z"));
  EXPECT_EQ(months_after(at("2026-12-31T23:59:59Z"), 1), at("2027-01-31T23:59:59Z"));
  EXPECT_EQ(months_after(at("2026-10-15T00:00:00Z"), 3), at("2027-01-15T00:00:00Z"));
}

TEST(Request, nobody_but_the_person_ends_what_stops_the_house) {
  for (const RightRow& row : table()) {
    for (const By by : {By::session, By::token, By::guest}) {
      const bool staff = by != By::guest;
      Request r{.right = row.right, .by = by, .reason = "why"};
      r.state = State::revoked;
      EXPECT_EQ(may_be(r), !staff) << row.name;
      r.state = State::denied;
      EXPECT_EQ(may_be(r), staff && !row.stops) << row.name;
      r.state = State::extended;
      EXPECT_EQ(may_be(r), staff && !row.stops) << row.name;
      r.reason.clear();
      EXPECT_FALSE(may_be(r)) << "a refusal has a reason";
    }
  }
}

TEST(Request, words_give_the_same_in_every_order) {
  constexpr std::uint64_t seed = 7;
  Dice dice(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Request> words;
    const std::uint64_t many = 2 + dice.below(8);
    for (std::uint64_t i = 0; i < many; ++i) {
      const std::uint64_t id = dice.below(3);
      Request r{.id = {id, 1}, .right = static_cast<Right>(id * 2)};
      r.made = Instant{static_cast<std::int64_t>(100 + id)};
      r.changed = Instant{static_cast<std::int64_t>(200 + dice.below(4))};
      r.state = static_cast<State>(dice.below(5));
      r.by = static_cast<By>(dice.below(3));
      r.reason = dice.below(2) == 0 ? "" : "why";
      words.push_back(std::move(r));
    }
    std::vector<Request> one, other;
    for (const Request& r : words) put(one, r);
    for (std::size_t i = words.size(); i > 1; --i) std::swap(words[i - 1], words[dice.below(i)]);
    for (const Request& r : words) put(other, r);
    EXPECT_EQ(one, other) << "seed " << seed << " round " << round;
    EXPECT_EQ(halts(one), std::ranges::any_of(one, [](const Request& r) { return halts(r); }));
  }
}

TEST(Request, reads_back_and_refuses_what_is_cut_or_changed) {
  Request r{.id = {1, 2}, .right = Right::correction, .state = State::denied, .by = By::token,
            .made = Instant{5}, .deadline = Instant{6}, .changed = Instant{7}, .what = "city",
            .reason = "two people say so"};
  const std::string form = form_of(r);
  Request back;
  ASSERT_TRUE(read_request(form, back));
  EXPECT_EQ(back, r);
  for (std::size_t n = 0; n < form.size(); ++n)
    EXPECT_FALSE(read_request(std::string_view(form).substr(0, n), back)) << n;
  EXPECT_FALSE(read_request(form + "x", back));
  const std::vector<Request> list = {r, r};
  std::vector<Request> lists;
  ASSERT_TRUE(read_requests(requests_form(list), lists));
  EXPECT_EQ(lists, list);
}

TEST(Request, what_stands_is_never_pushed_out) {
  std::vector<Request> all;
  Request stop{.id = {9, 9}, .right = Right::restriction, .state = State::fulfilled};
  put(all, stop);
  for (std::uint64_t i = 0; i < 3 * kept_max; ++i) {
    Request r{.id = {1, i}, .state = State::fulfilled};
    r.made = r.changed = Instant{static_cast<std::int64_t>(10 + i)};
    put(all, r);
  }
  EXPECT_EQ(all.size(), kept_max);
  EXPECT_TRUE(halts(all));
}

}  // namespace
}  // namespace hospes::rights
