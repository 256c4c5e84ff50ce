#include "evidence/evidence.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"
#include "disk/memory.h"

namespace hospes::evidence {
namespace {

const Instant now = *parse_instant("2026-11-28T10:00:00Z");
const Instant in_a_year = *parse_instant("2027-11-28T00:00:00Z"), in_two = *parse_instant("2028-11-28T00:00:00Z");

Entry entry(std::string what, Instant until = in_a_year) { return {"GDPR art. 7(1)", until, std::move(what)}; }

struct EvidenceTest : testing::Test {
  disk::MemoryDisk data, keys;
  std::unique_ptr<Evidence> open(Instant at = now) {
    auto made = Evidence::open(data, keys, at);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  std::vector<std::string> found(std::string_view who, Instant at = now) {
    std::vector<std::string> out;
    const auto got = find(data, keys, who, at);
    EXPECT_TRUE(got) << got.error().message;
    if (got)
      for (const Entry& e : *got) out.push_back(e.what);
    return out;
  }
  std::size_t files() { return data.list("evidence")->size() + keys.list("evidence")->size(); }
};

TEST_F(EvidenceTest, WhoKnowsTheIdentifierFindsItAndNobodyElse) {
  {
    const auto evidence = open();
    ASSERT_TRUE(evidence->keep("user_id:ana", entry("{\"a\":1}")));
    ASSERT_TRUE(evidence->keep("user_id:ana", entry("{\"a\":1}")));  // an erasure that was begun again
    ASSERT_TRUE(evidence->keep("user_id:ana", entry("{\"b\":2}", in_two)));
    ASSERT_TRUE(evidence->keep("user_id:bob", entry("{}")));
  }
  open();
  EXPECT_EQ(found("user_id:ana"), (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"}));
  EXPECT_EQ(found("user_id:an"), std::vector<std::string>{});
  std::size_t plains = 0;
  ASSERT_TRUE(dig(data, keys, [&](std::string_view plain) {
    ++plains;
    EXPECT_EQ(plain.find("ana"), plain.npos) << "it names nobody, also to who has the key";
  }));
  EXPECT_EQ(plains, 4u);
}

TEST_F(EvidenceTest, AtItsEndTheKeyIsGoneAndThenTheFile) {
  const auto evidence = open();
  ASSERT_TRUE(evidence->keep("user_id:ana", entry("1")));
  ASSERT_TRUE(evidence->keep("user_id:ana", entry("2", in_two)));
  ASSERT_TRUE(evidence->sweep(in_a_year - std::chrono::microseconds(1)));
  EXPECT_EQ(found("user_id:ana").size(), 2u);
  EXPECT_EQ(found("user_id:ana", in_a_year).size(), 1u) << "ended, though nobody swept";
  const std::string old = *disk::read_all(data, "evidence/2027-11-28", 4096);
  ASSERT_TRUE(evidence->sweep(in_a_year));
  EXPECT_EQ(files(), 2u);
  EXPECT_EQ(found("user_id:ana"), std::vector<std::string>{"2"});
  ASSERT_TRUE(evidence->keep("user_id:ana", entry("3")));  // of that day again: under another key
  ASSERT_TRUE(disk::replace(data, "evidence", "2027-11-28", old));
  EXPECT_EQ(found("user_id:ana"), std::vector<std::string>{"2"}) << "what is put back stays unreadable";
}

TEST_F(EvidenceTest, AMissingKeyStopsTheStartUntilItsDay) {
  ASSERT_TRUE(open()->keep("user_id:ana", entry("1")));
  ASSERT_TRUE(keys.remove("evidence/2027-11-28.key"));
  const auto refused = Evidence::open(data, keys, now);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("evidence/2027-11-28.key"), std::string::npos);
  open(in_a_year);
  EXPECT_EQ(files(), 0u);
}

/// Whatever is cut short: what was acknowledged is there, what has ended is not, and the next start goes on.
TEST_F(EvidenceTest, ACrashAnywhereLosesNothingAcknowledged) {
  const std::uint64_t seed = 20'261'128;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Dice dice(seed);
  std::vector<std::string> kept;
  for (int round = 0; round < 200; ++round) {
    auto made = Evidence::open(data, keys, now);
    ASSERT_TRUE(made) << made.error().message;
    disk::MemoryDisk& breaks = dice.below(2) == 0 ? data : keys;
    breaks.fail_at(1 + dice.below(12), disk::MemoryDisk::Fault::power_cut);
    for (int i = 0; i < 3; ++i) {
      const std::string what = std::to_string(round * 10 + i);
      if ((*made)->keep("user_id:ana", entry(what, in_two))) kept.push_back(what);
    }
    made->reset();
    data.crash(dice);
    keys.crash(dice);
    const auto got = found("user_id:ana");
    for (const std::string& one : kept) ASSERT_NE(std::ranges::find(got, one), got.end()) << one << ", round " << round;
  }
  EXPECT_GT(kept.size(), 50u);
}

}  // namespace
}  // namespace hospes::evidence
