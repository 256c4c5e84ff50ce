#include "collect/shapes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "base/dice.h"

namespace hospes::collect {
namespace {

const Instant start = *parse_instant("2026-11-24T10:00:00Z");

class ShapesTest : public testing::Test {
 protected:
  /// One event of `source` with one property.
  void say(std::string_view property, ValueView value, std::string id, Duration after = {}) {
    const Name event = *names.intern("Order");
    const auto* known = row.property(property);
    std::vector<SaidProperty> said;
    if (const auto type = shape_type(value))
      said.push_back({*names.intern(property), *type, known, known == nullptr || fits(*known, value)});
    shapes.hear({source, event, row, id, start + after, said});
  }
  std::vector<Drift> drifts(Duration after = {}) { return shapes.drifts("web", start + after); }
  static ValueView number(std::int64_t n) { return {ValueKind::number, {n * 1'000'000}, {}, {}}; }
  static ValueView text(std::string_view t) { return {ValueKind::text, {}, t, {}}; }

  Names names;
  Shapes shapes{names};
  catalog::Source source{.name = "web"};
  catalog::EventRow row;
};

TEST_F(ShapesTest, AChangeOfTypeIsTold) {
  say("total", number(1), "m1");
  EXPECT_TRUE(drifts().empty());
  say("total", text("12,50"), "m2", std::chrono::seconds(1));
  say("total", number(2), "m3", std::chrono::seconds(2));
  say("total", text("13,50"), "m4", std::chrono::seconds(3));
  const auto told = drifts(std::chrono::seconds(4));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].event, "Order");
  EXPECT_EQ(told[0].property, "total");
  EXPECT_EQ(told[0].was, "number");
  EXPECT_EQ(told[0].is, "text");
  EXPECT_EQ(told[0].first_message, "m2");
  EXPECT_EQ(told[0].first, start + std::chrono::seconds(1));
  EXPECT_EQ(told[0].last, start + std::chrono::seconds(3));
  EXPECT_EQ(told[0].times, 2u);
  EXPECT_EQ(told[0].of, 3u);
  EXPECT_EQ(told[0].per_min, 2u);
  EXPECT_EQ(drifts(std::chrono::minutes(3))[0].per_min, 0u);
}

TEST_F(ShapesTest, NullSaysNothingAndOtherSourcesAreOthers) {
  say("total", number(1), "m1");
  say("total", {}, "m2");
  EXPECT_TRUE(drifts().empty());
  source.name = "till";
  say("total", text("1"), "m3");
  EXPECT_TRUE(shapes.drifts("till", start).empty());
  EXPECT_TRUE(shapes.drifts("nobody", start).empty());
}

TEST_F(ShapesTest, PartsAndWholeAreOneProperty) {
  say("address", text("1, rue de la Paix"), "m1");
  say("address.city", text("Paris"), "m2");
  say("address.city", text("Paris"), "m3");
  auto told = drifts();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].property, "address");
  EXPECT_EQ(told[0].was, "text");
  EXPECT_EQ(told[0].is, "object");
  EXPECT_EQ(told[0].times, 2u);
  say("shop.city", text("Lyon"), "m4");
  say("shop", text("Lyon"), "m5");
  told = drifts();
  ASSERT_EQ(told.size(), 2u);
  const auto& back = told[0].property == "shop" ? told[0] : told[1];
  EXPECT_EQ(back.was, "object");
  EXPECT_EQ(back.is, "text");
}

TEST_F(ShapesTest, WhoIsWarnedHeedsTheCatalogue) {
  source.mode = catalog::CatalogueMode::warn;
  say("total", number(1), "m1");
  ASSERT_EQ(drifts().size(), 1u);
  EXPECT_EQ(drifts()[0].kind, Drift::Kind::event);
  row.name = "Order";
  row.properties = {{"when", catalog::PropertyType::instant, false}};
  say("when", text("2026-11-24"), "m2");
  EXPECT_EQ(drifts().size(), 1u);
  say("when", text("yesterday"), "m3");
  ASSERT_EQ(drifts().size(), 2u);
  say("other", text("x"), "m4", std::chrono::seconds(1));
  ASSERT_EQ(drifts().size(), 3u);
  EXPECT_EQ(drifts()[0].kind, Drift::Kind::property);
  EXPECT_EQ(drifts()[0].property, "other");
  const auto told = drifts();
  const auto when = std::ranges::find(told, "when", &Drift::property);
  ASSERT_NE(when, told.end());
  EXPECT_TRUE(when->catalogued);
  EXPECT_EQ(when->was, "instant");
  EXPECT_EQ(when->is, "text");
}

TEST_F(ShapesTest, AgreesWithASlowerWayOfSayingIt) {
  // Random values of three properties against a plain list of what was said.
  const std::uint64_t seed = 20261127;
  SCOPED_TRACE(seed);
  Dice dice(seed);
  struct Said {
    std::string property;
    ShapeType type;
  };
  std::vector<Said> all;
  const std::vector<ValueView> values = {number(1), text("x"), {ValueKind::boolean, {1}, {}, {}}};
  for (int i = 0; i < 500; ++i) {
    const std::string property(1, static_cast<char>('a' + dice.below(3)));
    const ValueView value = values[dice.below(3)];
    say(property, value, "m" + std::to_string(i));
    all.push_back({property, *shape_type(value)});
  }
  for (const Drift& drift : drifts()) {
    std::uint64_t times = 0, of = 0;
    std::optional<ShapeType> first;
    bool began = false;
    std::uint64_t since = 0;
    for (const Said& said : all) {
      if (said.property != drift.property) continue;
      if (!first) first = said.type;
      const bool hit = to_string(said.type) == drift.is;
      began = began || hit;
      if (began) ++since;
      if (!hit) continue;
      ++times;
      of = since;
    }
    EXPECT_EQ(to_string(*first), drift.was);
    EXPECT_EQ(times, drift.times);
    EXPECT_EQ(of, drift.of);
  }
  EXPECT_EQ(drifts().size(), 6u);
}

/// A later run, which heard nothing yet but remembers.
class ShapesAgainTest : public ShapesTest {
 protected:
  void restart(Duration after) {
    const auto kept = shapes.learnt();
    ASSERT_TRUE(kept);
    ShapeMemory memory(secret);
    memory.read(kept->written(), ShapeMemory::day_of(start + after));
    later.recall(std::move(memory));
  }
  void say_later(std::string_view property, ValueView value, std::string id, Duration after) {
    const Name event = *later_names.intern("Order");
    const std::vector<SaidProperty> said = {{*later_names.intern(property), *shape_type(value), nullptr, true}};
    later.hear({source, event, row, id, start + after, said});
  }
  void SetUp() override {
    secret.bytes[3] = 7;
    shapes.recall(ShapeMemory(secret));
  }

  HashSecret secret;
  Names later_names;
  Shapes later{later_names};
};

TEST_F(ShapesAgainTest, AChangeAfterARestartIsTold) {
  say("total", number(1), "m1");
  say("address", text("1, rue de la Paix"), "m2");
  say("shop.city", text("Lyon"), "m3");
  const Duration day = std::chrono::hours(24);
  restart(day);
  say_later("total", text("12,50 €"), "n1", day);
  say_later("address.city", text("Paris"), "n2", day);
  say_later("shop", text("Lyon"), "n3", day);
  say_later("fresh", text("x"), "n4", day);
  auto told = later.drifts("web", start + day);
  ASSERT_EQ(told.size(), 3u);
  std::ranges::sort(told, {}, &Drift::first_message);
  const std::vector<std::tuple<std::string, std::string, std::string>> wanted = {
      {"total", "number", "text"}, {"address", "text", "object"}, {"shop", "object", "text"}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(std::tie(told[i].property, told[i].was, told[i].is), wanted[i]);
    EXPECT_EQ(told[i].times, 1u);
    EXPECT_EQ(told[i].of, 1u);
  }
}

TEST_F(ShapesAgainTest, WhatNobodySaidForAMonthIsLearntAnew) {
  say("total", number(1), "m1");
  restart(std::chrono::hours(24 * 31));
  say_later("total", text("12,50"), "n1", std::chrono::hours(24 * 31));
  EXPECT_TRUE(later.drifts("web", start + std::chrono::hours(24 * 31)).empty());
}

TEST_F(ShapesAgainTest, NoNameStandsInWhatIsKept) {
  say("marie@example.org", text("x"), "m1");
  const auto kept = shapes.learnt();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->size(), 2u);  // and the object "marie@example" that its dot makes
  EXPECT_EQ(kept->written().find("marie"), std::string::npos);
  EXPECT_FALSE(shapes.learnt()) << "nothing new since";
  say("marie@example.org", text("y"), "m2");
  EXPECT_FALSE(shapes.learnt());
}

TEST(ShapeMemory, ReadsWhatItWroteAndNothingElse) {
  ShapeMemory memory;
  for (std::size_t i = 0; i < 1'000; ++i)
    memory.put(memory.key("s", "e", std::to_string(i)), static_cast<ShapeType>(i % 5), 100);
  ShapeMemory again;
  again.read(memory.written(), 100);
  ASSERT_EQ(again.size(), 1'000u);
  for (std::size_t i = 0; i < 1'000; ++i)
    EXPECT_EQ(again.find(again.key("s", "e", std::to_string(i))), static_cast<ShapeType>(i % 5));
  ShapeMemory none;
  for (const auto* text : {"", "shapes 2\n1 text 100\n", "shapes 1\n1 text\nx text 100\n1 word 100\n 1 text 100\n1 text 100"})
    none.read(text, 100);
  EXPECT_EQ(none.size(), 0u);
}

TEST(ShapeMemory, FullItMakesRoomForWhatIsHeardToday) {
  ShapeMemory memory;
  for (std::size_t i = 0; i < ShapeMemory::words_max; ++i) memory.put(i, ShapeType::text, i % 2 == 0 ? 99 : 100);
  memory.put(ShapeMemory::words_max, ShapeType::number, 100);
  EXPECT_EQ(memory.size(), ShapeMemory::words_max / 2 + 1);
  EXPECT_EQ(memory.find(ShapeMemory::words_max), ShapeType::number);
}

TEST_F(ShapesTest, BoundsAreReachedInTheOpen) {
  for (std::size_t i = 0; i < Shapes::properties_each_max + 10; ++i)
    say("p" + std::to_string(i), number(1), "m");
  EXPECT_EQ(shapes.beyond(), 10u);
  for (std::size_t i = 0; i < Shapes::drifts_max + 5; ++i)
    say("p" + std::to_string(i), text("x"), "m");
  EXPECT_EQ(drifts().size(), Shapes::drifts_max);
  EXPECT_EQ(shapes.beyond(), 15u);
}

}  // namespace
}  // namespace hospes::collect
