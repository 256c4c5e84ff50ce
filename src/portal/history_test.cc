// A segment's past, against the evaluator asked at each point; and where a day begins.
#include "portal/history.h"

#include <gtest/gtest.h>

#include <random>

#include "catalog/kinds.h"
#include "catalog/purposes.h"
#include "portal/day.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

constexpr Duration day = std::chrono::hours(24);
constexpr Instant now{1'772'366'400'000'000};

constexpr std::string_view definitions = R"(
segment quiet
  purpose market
  name en "Quiet" fr "Discrets"
  sentence en "x" fr "x"
  where
    count("Order Completed") >= 2 and last("Order Completed") < 40d ago
segment busy
  purpose market
  name en "Busy" fr "Actifs"
  sentence en "x" fr "x"
  where
    count("Order Completed", 30d) >= 1 and not in segment quiet
)";

struct World {
  Names names;
  std::shared_ptr<const segment::Definitions> bound;
  std::unique_ptr<segment::Engine> engine;

  World() {
    static const auto purposes = catalog::Purposes::fr_eu();
    auto parsed = segment::parse(definitions);
    EXPECT_TRUE(parsed) << parsed.error().message;
    segment::Binding binding;
    binding.names = &names;
    binding.purpose = [](std::string_view name) { return purposes.find(name); };
    binding.kind = [](std::string_view) -> std::optional<KindId> { return std::nullopt; };
    bound = std::move(segment::bind(std::move(*parsed), binding)).value();
    engine = std::make_unique<segment::Engine>(bound);
  }
};

TEST(History, EachPointIsWhatTheEvaluatorSaysThen) {
  World world;
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 dice(seed);
  const Name order = world.names.intern("Order Completed").value();
  for (int round = 0; round < 200; ++round) {
    std::vector<Moment> moments(dice() % 8);
    for (Moment& m : moments) {
      m.happened = now - Duration(static_cast<std::int64_t>(dice() % 200'000'000) * 86'400);
      if (dice() % 4 == 0) m.happened = now - day * static_cast<std::int64_t>(dice() % 120);  // on an edge
      m.received = m.happened;
      m.message = {dice(), dice()};
      m.name = order;
      m.mask = ~Mask{0};
    }
    std::ranges::sort(moments, [](const Moment& a, const Moment& b) { return a.key() < b.key(); });
    std::vector<segment::Seen> seen;
    for (const Moment& m : moments) seen.push_back({&m, {}, m.mask});
    const segment::Person person{seen, 0};
    for (const std::string_view id : {"quiet", "busy"}) {
      const auto segment = *world.bound->find(id);
      std::vector<HistoryPoint> points(90);
      add_past(*world.engine, segment, person, now, day, points);
      std::uint64_t before = 0;
      for (std::size_t i = 0; i < points.size(); ++i) {
        const Instant at = now - day * static_cast<std::int64_t>(points.size() - 1 - i);
        const auto known = std::ranges::upper_bound(seen, at, {}, [](const segment::Seen& s) {
          return s.moment->happened;
        });
        const segment::Person then{{seen.begin(), known}, 0};
        const bool in = segment::evaluate_all(*world.bound, then, at).in[segment];
        EXPECT_EQ(points[i].members, in ? 1U : 0U) << id << " point " << i;
        if (i > 0) {
          EXPECT_EQ(points[i].members, before + points[i].in - points[i].out) << id << i;
        }
        before = points[i].members;
      }
    }
  }
}

TEST(History, SumsPeople) {
  World world;
  std::vector<HistoryPoint> points(10);
  Moment m;
  m.happened = m.received = now - day * 5;
  m.name = world.names.intern("Order Completed").value();
  m.mask = ~Mask{0};
  const segment::Seen seen{&m, {}, m.mask};
  const auto busy = *world.bound->find("busy");
  for (int i = 0; i < 3; ++i) add_past(*world.engine, busy, {{&seen, 1}, 0}, now, day, points);
  EXPECT_EQ(points[3], (HistoryPoint{}));
  EXPECT_EQ(points[4], (HistoryPoint{.members = 3, .in = 3, .out = 0}));
  EXPECT_EQ(points[9], (HistoryPoint{.members = 3, .in = 0, .out = 0}));
}

Instant at(std::string_view text) { return *parse_instant(text); }

TEST(Day, BeginsAtMidnightOfTheZone) {
  const auto began = [](std::string_view zone, std::string_view when) {
    return to_string(day_began(zone, at(when)).value());
  };
  EXPECT_EQ(began("Europe/Paris", "2026-11-26T22:59:59Z"), "2026-11-25T23:00:00Z");
  EXPECT_EQ(began("Europe/Paris", "2026-11-26T23:00:00Z"), "2026-11-26T23:00:00Z");
  EXPECT_EQ(began("Europe/Paris", "2026-03-29T12:00:00Z"), "2026-03-28T23:00:00Z") << "23 hours long";
  EXPECT_EQ(began("Asia/Kolkata", "2026-06-01T00:00:00Z"), "2026-05-31T18:30:00Z");
  EXPECT_EQ(began("Africa/Cairo", "2026-04-24T12:00:00Z"), "2026-04-23T22:00:00Z") << "midnight is skipped";
  EXPECT_EQ(date_of("Pacific/Auckland", at("2026-11-26T12:00:00Z")).value(), "2026-11-27");
  EXPECT_EQ(day_began("Mars/Olympus", now).error().code, Code::unavailable);
}

}  // namespace
}  // namespace hospes::portal
