#include "consent/permissions.h"

#include <gtest/gtest.h>

#include <thread>

namespace hospes::consent {
namespace {

Row row(std::uint64_t atom, Answer state, std::int64_t acted, std::uint64_t message) {
  return {
      .atom = {atom, atom},
      .purpose = 4,
      .state = state,
      .since = Instant{acted},
      .acted = Instant{acted},
      .message = {message, message}};
}

TEST(Permissions, AnEchoOfAYesDoesNotReviveItAfterItsWithdrawal) {
  Permissions index;
  index.add(row(1, Answer::given, 10, 1));
  index.add(row(1, Answer::withdrawn, 20, 2));
  index.add(row(1, Answer::given, 21, 1)
  );  // the partition's own word on what the door already knew
  const auto found = index.find({1, 1});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->standing(4)->state, Answer::withdrawn);
  EXPECT_EQ(found->standing(4)->closed_through, Instant::never());
}

TEST(Permissions, LearnsAWholeLedgerAndForgets) {
  Ledger ledger(AtomId{1, 1});
  ledger.add(row(1, Answer::given, 10, 1));
  Permissions index;
  index.learn(ledger);
  EXPECT_EQ(index.find({1, 1})->standings()[0], ledger.standings()[0]);
  EXPECT_EQ(index.find({2, 2}), nullptr);
  EXPECT_EQ(index.size(), 1U);
  index.forget({1, 1});
  EXPECT_EQ(index.find({1, 1}), nullptr);
}

TEST(Permissions, LooksAheadWithoutLearning) {
  Permissions index;
  index.add(row(1, Answer::given, 10, 1));
  const std::vector<Row> coming{
      row(1, Answer::refused, 20, 2), row(2, Answer::given, 20, 3), row(1, Answer::given, 30, 1)};
  EXPECT_EQ(index.find({1, 1}, coming)->standing(4)->state, Answer::refused)
      << "the echo of the known yes counts for nothing";
  EXPECT_EQ(index.find({2, 2}, coming)->standing(4)->yes_begin, Instant{20});
  EXPECT_EQ(index.find({3, 3}, coming), nullptr);
  EXPECT_EQ(index.find({1, 1})->standing(4)->state, Answer::given);
  EXPECT_EQ(index.size(), 1U);
}

TEST(Permissions, ReadersKeepWhatTheyFoundWhileOthersAdd) {
  Permissions index;
  index.add(row(1, Answer::given, 1, 0));
  const auto before = index.find({1, 1});
  std::jthread writer([&] {
    for (std::uint64_t i = 1; i < 2'000; ++i) {
      index.add(
          row(1, i % 2 != 0 ? Answer::refused : Answer::given, static_cast<std::int64_t>(i), i)
      );
    }
  });
  for (int i = 0; i < 2'000; ++i) ASSERT_NE(index.find({1, 1})->standing(4), nullptr);
  writer.join();
  EXPECT_EQ(before->standing(4)->state, Answer::given);
  EXPECT_EQ(index.find({1, 1})->standing(4)->state, Answer::refused);
}

}  // namespace
}  // namespace hospes::consent
