// The demo house's own segments over 69,659 real orders: the bracketed counts of the demo, by
// evaluator and by engine.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "segment/engine.h"
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
};

std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

const std::filesystem::path root = HOSPES_ROOT;

std::shared_ptr<const Definitions> demo_segments(Names& names) {
  auto read = parse(read_all(root / "house/disquaire/segments.seg"));
  EXPECT_TRUE(read) << to_string(read.error(), "segments.seg");
  if (!read) return nullptr;
  const Binding binding{
      .names = &names,
      .purpose = [](std::string_view) { return std::optional<PurposeBit>(0); },
      .kind = [](std::string_view) { return std::optional<KindId>(0); },
  };
  auto bound = bind(*std::move(read), binding);
  EXPECT_TRUE(bound) << bound.error().message;
  return bound ? *bound : nullptr;
}

struct Order {
  std::string date;
  Decimal quantity, total;
};

Event order_event(const Order& order, std::uint64_t row, Names& names) {
  Event e;
  e.happened = *parse_instant(
      order.date.substr(0, 4) + "-" + order.date.substr(4, 2) + "-" + order.date.substr(6, 2) +
      "T12:00:00Z"
  );
  e.received = e.happened;
  e.message = {0, row};
  e.mask = 1;
  e.name = *names.intern("Order Completed");
  e.properties = {
      {*names.intern("original_date"), Value::of(std::string_view(order.date))},
      {*names.intern("quantity"), Value::of(order.quantity)},
      {*names.intern("total"), Value::of(order.total)}};
  return e;
}

TEST(cdnow, counts_of_the_demo) {
  const char* data = std::getenv("HOSPES_DATA");
  const auto file = (data != nullptr ? std::filesystem::path(data) : root / "../shared/data") /
                    "cdnow/CDNOW_master.txt";
  std::ifstream in(file);
  if (!in) GTEST_SKIP() << "no CDNOW orders at HOSPES_DATA/cdnow/CDNOW_master.txt";

  Names names;
  const auto definitions = demo_segments(names);
  ASSERT_TRUE(definitions);
  std::map<std::string, Timeline> people;
  std::string line;
  std::getline(in, line);
  std::uint64_t rows = 0;
  Wide spent = 0;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string person, date, quantity, total;
    if (!(fields >> person >> date >> quantity >> total)) continue;
    const Order order{date, *parse_decimal(quantity), *parse_decimal(total)};
    spent += order.total.micro;
    people[person].add(order_event(order, ++rows, names));
  }
  EXPECT_EQ(rows, 69'659U);
  EXPECT_TRUE(spent == Wide{2'500'315'630'000});
  EXPECT_EQ(people.size(), 23'570U);

  const Instant now = *parse_instant("1998-07-01T00:00:00Z");
  const Engine engine(definitions);
  std::map<std::string, int> naive, live;
  for (const auto& [id, timeline] : people) {
    Page page;
    Flips flips;
    std::vector<Seen> so_far;
    for (const Moment& m : timeline.in_order()) {
      const Seen seen{&m, timeline.body(m), m.mask};
      so_far.push_back(seen);
      while (engine.due(page) <= m.happened) {
        const Instant due = engine.due(page);
        const std::span before(so_far.begin(), so_far.end() - 1);
        if (engine.fire(page, due, flips) == Added::needs_rebuild) {
          engine.rebuild(page, {before, 0}, due, flips, Cause::time);
        }
      }
      if (engine.add(page, seen, 0, m.happened, flips) == Added::needs_rebuild) {
        engine.rebuild(page, {so_far, 0}, m.happened, flips, Cause::event);
      }
    }
    while (engine.due(page) <= now) {
      const Instant due = engine.due(page);
      if (engine.fire(page, due, flips) == Added::needs_rebuild) {
        engine.rebuild(page, {so_far, 0}, due, flips, Cause::time);
      }
    }
    for (const Member& m : page.members()) ++live[definitions->at(m.segment).definition.id];
    const Memberships truth = evaluate_all(*definitions, {so_far, 0}, now);
    for (SegmentIndex i = 0; i < definitions->size(); ++i) {
      naive[definitions->at(i).definition.id] += truth.in[i];
    }
  }
  for (const auto& [id, count] : expected) {
    EXPECT_EQ(naive[id], count) << id;
    EXPECT_EQ(live[id], count) << id;
  }
}

TEST(cdnow, the_demo_segments_are_complete) {
  Names names;
  const auto definitions = demo_segments(names);
  ASSERT_TRUE(definitions);
  EXPECT_GE(definitions->size(), 25U);
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
