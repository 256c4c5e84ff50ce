// The demo house's own segments over 69,659 real orders: the bracketed counts of the demo, by
// evaluator and by engine.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "segment/chance.h"
#include "segment/engine.h"
#include "segment/explain.h"
#include "segment/text.h"

namespace hospes::segment {
namespace {

// "Now" is the end of the real data, orders only, before permissions.
const std::map<std::string, int> expected{
    {"one_order_long_gone", 12'054},
    {"second_order_made", 307},
    {"quick_repeaters", 4'115},
    {"regulars", 3'415},
    {"every_season", 797},
    {"gold_circle", 760},
    {"on_a_roll", 499},
    {"big_basket", 308},
    {"collectors", 671},
    {"one_at_a_time", 788},
    {"great_start_no_sequel", 809},
    {"high_average_basket", 744},
    {"ten_club", 1'154},
    {"active", 3'301},
    {"this_week", 334},
    {"loyal_going_quiet", 1'227},
    {"slipping_away", 2'972},
    {"lost", 15'238},
    {"sleeping_big_spenders", 361},
    {"holiday_buyers", 2'370},
    {"came_back", 1'173},
    {"quieter_than_usual", 2'454},
    {"top_fifth", 4'715},
    {"good_customers_unreachable", 4'195},
};

std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

const std::filesystem::path root = HOSPES_ROOT;

std::shared_ptr<const Definitions> demo_segments(
    Names& names, std::span<const Threshold> thresholds = {}
) {
  auto read = parse(read_all(root / "house/disquaire/segments.seg"));
  EXPECT_TRUE(read) << to_string(read.error(), "segments.seg");
  if (!read) return nullptr;
  const Binding binding{
      .names = &names,
      .purpose = [](std::string_view) { return std::optional<PurposeBit>(0); },
      .kind = [](std::string_view) { return std::optional<KindId>(0); },
  };
  auto bound = bind(*std::move(read), binding, {}, thresholds);
  EXPECT_TRUE(bound) << bound.error().message;
  return bound ? *bound : nullptr;
}

struct Order {
  std::string date;
  Decimal quantity, total;
};

Event order_event(const Order& order, std::uint64_t row, Names& names) {
  Event e;
  const std::string date =
      order.date.substr(0, 4) + "-" + order.date.substr(4, 2) + "-" + order.date.substr(6, 2);
  e.happened = *parse_instant(date + "T12:00:00Z");
  e.received = e.happened;
  e.message = {0, row};
  e.mask = 1;
  e.name = *names.intern("Order Completed");
  e.properties = {
      {*names.intern("original_date"), Value::of(std::string_view(date))},
      {*names.intern("quantity"), Value::of(order.quantity)},
      {*names.intern("total"), Value::of(order.total)}};
  return e;
}

struct RealOrders {
  std::map<std::string, Timeline> people;
  std::uint64_t rows = 0;
  Wide spent = 0;
};

/// Nothing when the orders are not on this machine.
std::optional<RealOrders> real_orders(Names& names) {
  const char* data = std::getenv("HOSPES_DATA");
  const auto file = (data != nullptr ? std::filesystem::path(data) : root / "../shared/data") /
                    "cdnow/CDNOW_master.txt";
  std::ifstream in(file);
  if (!in) return std::nullopt;
  RealOrders out;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string person, date, quantity, total;
    if (!(fields >> person >> date >> quantity >> total)) continue;
    const Order order{date, *parse_decimal(quantity), *parse_decimal(total)};
    out.spent += order.total.micro;
    out.people[person].add(order_event(order, ++out.rows, names));
  }
  return out;
}

/// The thresholds of the tests that compare people, counted by sorting everybody's value.
std::vector<Threshold> thresholds(
    const Definitions& definitions, const RealOrders& orders, Instant now
) {
  std::vector<Threshold> out;
  for (const Definitions::Ranking& r : definitions.rankings()) {
    std::vector<Decimal> values;
    for (const auto& [id, timeline] : orders.people) {
      const auto seen = seen_of(timeline);
      if (const auto value = ranked_value(*r.node, {seen, 0}, 1, now)) values.push_back(*value);
    }
    std::ranges::sort(values, std::greater<>());
    out.push_back({r.purpose, r.text, values[values.size() / 5 - 1], now});
  }
  return out;
}

/// A customer's page after all their orders, each as it came, and the time until `now`.
Page lived(const Engine& engine, const std::vector<Seen>& seen, Instant now) {
  Page page;
  Flips flips;
  std::size_t known = 0;
  const auto rebuild = [&](Instant at, Cause cause) {
    engine.rebuild(page, {std::span(seen).first(known), 0}, at, flips, cause);
  };
  const auto wait = [&](Instant until) {
    for (Instant due = engine.due(page); due <= until; due = engine.due(page)) {
      if (engine.fire(page, due, flips) == Added::needs_rebuild) rebuild(due, Cause::time);
    }
  };
  for (const Seen& order : seen) {
    const Instant at = order.moment->happened;
    wait(at);
    ++known;
    if (engine.add(page, order, 0, at, flips) == Added::needs_rebuild) rebuild(at, Cause::event);
  }
  wait(now);
  return page;
}

TEST(cdnow, counts_of_the_demo) {
  Names names;
  const auto orders = real_orders(names);
  if (!orders) GTEST_SKIP() << "no CDNOW orders at HOSPES_DATA/cdnow/CDNOW_master.txt";
  const Instant now = *parse_instant("1998-07-01T00:00:00Z");
  const auto unranked = demo_segments(names);
  ASSERT_TRUE(unranked);
  const auto counted = thresholds(*unranked, *orders, now);
  ASSERT_EQ(counted.size(), 1U);
  EXPECT_EQ(to_string(counted[0].value), "133.95");
  const auto definitions = demo_segments(names, counted);
  ASSERT_TRUE(definitions);
  const auto& people = orders->people;
  EXPECT_EQ(orders->rows, 69'659U);
  EXPECT_TRUE(orders->spent == Wide{2'500'315'630'000});
  EXPECT_EQ(people.size(), 23'570U);
  const Engine engine(definitions);
  std::map<std::string, int> naive;
  std::size_t followed = 0;
  for (const auto& [id, timeline] : people) {
    const auto seen = seen_of(timeline);
    const Memberships truth = evaluate_all(*definitions, {seen, 0}, now);
    for (SegmentIndex i = 0; i < definitions->size(); ++i)
      naive[definitions->at(i).definition.id] += truth.in[i];
    // Each order is a rebuild for the segments that have no cell: every eighth customer will do.
    if (followed++ % 8 != 0) continue;
    const Page page = lived(engine, seen, now);
    for (SegmentIndex i = 0; i < definitions->size(); ++i)
      EXPECT_EQ(page.since(i).has_value(), truth.in[i]) << id << " " << i;
  }
  for (const auto& [id, count] : expected) EXPECT_EQ(naive[id], count) << id;
}

// What `why` proposes, for 1,000 pairs of a real customer and a segment of the demo house: the
// change, applied in a copy, flips the membership; so does waiting; or the answer says that it
// knows of nothing.
TEST(cdnow, flip) {
  Names names;
  const auto orders = real_orders(names);
  if (!orders) GTEST_SKIP() << "no CDNOW orders at HOSPES_DATA/cdnow/CDNOW_master.txt";
  const auto definitions = demo_segments(names);
  ASSERT_TRUE(definitions);
  const std::uint64_t seed = fresh_seed();
  std::cout << "HOSPES_SEED=" << seed << "\n";
  Dice dice(seed);
  std::vector<const Timeline*> people;
  for (const auto& [id, timeline] : orders->people) people.push_back(&timeline);
  const Instant now = *parse_instant("1998-07-01T00:00:00Z");
  std::map<std::string, int> told;
  for (int pair = 0; pair < 1'000; ++pair) {
    const Timeline& timeline = *people[dice.below(people.size())];
    const auto segment = static_cast<SegmentIndex>(dice.below(definitions->size()));
    std::vector<Seen> seen;
    for (const Moment& m : timeline.in_order()) seen.push_back({&m, timeline.body(m), ~Mask{0}});
    const Person person{seen, 0};
    const Explanation e = explain(*definitions, segment, person, std::nullopt, now);
    const std::string what = to_text(e, *definitions, Language::en);
    ASSERT_EQ(e.in, evaluate_all(*definitions, person, now).in[segment]) << what;
    if (e.change) {
      EXPECT_NE(carried_out(*definitions, segment, person, names, *e.change, now), e.in) << what;
      ++told["changes"];
    }
    if (e.passes) {
      EXPECT_NE(evaluate_all(*definitions, person, *e.passes).in[segment], e.in) << what;
      ++told["waits"];
    }
    if (!e.nothing_known()) continue;
    const std::string_view said =
        e.unproposed.empty() ? "no single change is known" : "no change proposed, because";
    EXPECT_NE(what.find(said), std::string::npos) << what;
    ++told["nothing"];
  }
  std::cout << "1000 pairs: " << told["changes"] << " flipped by a change, " << told["waits"]
            << " by time alone, " << told["nothing"] << " by neither, and said so\n";
  EXPECT_GT(told["changes"], 500);
}

TEST(cdnow, the_demo_segments_are_complete) {
  Names names;
  const auto definitions = demo_segments(names);
  ASSERT_TRUE(definitions);
  EXPECT_EQ(definitions->size(), 41U) << "forty, and those of two of them whom a journey welcomes back";
  for (SegmentIndex i = 0; i < definitions->size(); ++i) {
    const Definition& d = definitions->at(i).definition;
    EXPECT_FALSE(
        d.name_en.empty() || d.name_fr.empty() || d.sentence_en.empty() || d.sentence_fr.empty()
    ) << d.id;
    EXPECT_EQ(parse(format(d))->at(0), d);
  }
}

}  // namespace
}  // namespace hospes::segment
