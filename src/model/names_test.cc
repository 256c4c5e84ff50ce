#include "model/names.h"

#include <gtest/gtest.h>

#include <thread>

#include "model/event.h"
#include "model/ids.h"

namespace hospes {
namespace {

TEST(Names, OneTextHasOneName) {
  Names names;
  const Name viewed = names.intern("Product Viewed").value();
  EXPECT_EQ(names.intern("Product Viewed").value(), viewed);
  EXPECT_NE(names.intern("product viewed").value(), viewed);
  EXPECT_EQ(names.text(viewed), "Product Viewed");
  EXPECT_EQ(names.find("Product Viewed"), viewed);
  EXPECT_EQ(names.find("Never Said"), no_name);
  EXPECT_EQ(names.intern("").value(), no_name);
  EXPECT_EQ(names.text(no_name), "");
}

TEST(Names, AStrangerCannotFillTheMemory) {
  Names names;
  for (std::size_t i = names.size(); i < Names::names_max; ++i) {
    ASSERT_TRUE(names.intern("invented " + std::to_string(i)));
  }
  const auto refused = names.intern("one too many");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::over_limit);
  EXPECT_TRUE(names.intern("invented 1"));
}

TEST(Names, TextsStayWhereTheyAreWhileOthersAreAdded) {
  Names names;
  const std::string_view first = names.text(names.intern("first").value());
  std::thread adds([&] {
    for (int i = 0; i < 20'000; ++i) names.intern("a" + std::to_string(i)).value();
  });
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = "a" + std::to_string(i);
    ASSERT_EQ(names.text(names.intern(text).value()), text);
  }
  adds.join();
  EXPECT_EQ(first, "first");
  EXPECT_EQ(names.size(), 20'002U);
}

// Slots and partitions are fixed for ever: stored data lies by them.
TEST(Ids, SlotGoldenVectors) {
  EXPECT_EQ(slot_of({0, 0}), 0);
  EXPECT_EQ(slot_of({0x0010000000000000, 0}), 1);
  EXPECT_EQ(slot_of({0xfff0000000000000, 0}), 4095);
  EXPECT_EQ(slot_of({0xffffffffffffffff, 0}), 4095);
  EXPECT_EQ(slot_of({0x123456789abcdef0, 0xffff}), 0x123);
  EXPECT_EQ(partition_of(Slot{0}, 64), 0);
  EXPECT_EQ(partition_of(Slot{63}, 64), 0);
  EXPECT_EQ(partition_of(Slot{64}, 64), 1);
  EXPECT_EQ(partition_of(Slot{4095}, 64), 63);
  EXPECT_EQ(partition_of(Slot{4095}, 1), 0);
  EXPECT_EQ(partition_of(AtomId{0x123456789abcdef0, 0}, 64), 4);
}

TEST(Ids, EveryPartitionHasItsShareOfSlots) {
  for (const unsigned partitions : {1U, 2U, 8U, 64U, 256U, 4096U}) {
    std::vector<unsigned> count(partitions);
    for (unsigned slot = 0; slot < slots; ++slot)
      ++count[partition_of(static_cast<Slot>(slot), partitions)];
    for (const unsigned n : count) EXPECT_EQ(n, slots / partitions);
  }
}

TEST(Ids, TheEldestAtomNamesThePerson) {
  const PersonId old = person_of({.id = {9, 9}, .born = {1}, .kind = 0});
  const PersonId young = person_of({.id = {1, 1}, .born = {2}, .kind = 0});
  const PersonId twin = person_of({.id = {1, 1}, .born = {1}, .kind = 3});
  EXPECT_LT(old, young);
  EXPECT_LT(twin, old);
}

TEST(EventNames, PagesAndScreensAreEventsToo) {
  EXPECT_EQ(event_name(EventType::track, "Order Completed"), "Order Completed");
  EXPECT_EQ(event_name(EventType::page, "ignored"), "Page Viewed");
  EXPECT_EQ(event_name(EventType::screen, ""), "Screen Viewed");
  EXPECT_EQ(event_name(EventType::identify, ""), "identify");
}

}  // namespace
}  // namespace hospes
