#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/dice.h"

namespace hospes {
namespace {

HashSecret counting_secret() {
  HashSecret secret;
  for (std::size_t i = 0; i < secret.bytes.size(); ++i)
    secret.bytes[i] = static_cast<unsigned char>(i * 37 + 11);
  return secret;
}

TEST(Crc32c, MatchesRfc3720) {  // appendix B.4
  std::string up, down;
  for (int i = 0; i < 32; ++i) {
    up.push_back(static_cast<char>(i));
    down.push_back(static_cast<char>(31 - i));
  }
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(up), 0x46dd794eU);
  EXPECT_EQ(crc32c(down), 0x113fdb5cU);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, ContinuesWhereItStopped) {
  const std::string text = "an event is never lost once it was accepted";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text)) << cut;
  }
}

TEST(Crc32c, EveryFlippedBitIsSeen) {
  std::string text(100, 'q');
  const std::uint32_t sound = crc32c(text);
  for (std::size_t i = 0; i < text.size() * 8; ++i) {
    text[i / 8] = static_cast<char>(text[i / 8] ^ (1 << (i % 8)));
    EXPECT_NE(crc32c(text), sound);
    text[i / 8] = static_cast<char>(text[i / 8] ^ (1 << (i % 8)));
  }
}

// The unkeyed vectors come from another implementation's binding (python-xxhash); stored data
// depends on all of them.
TEST(Hash128, GoldenVectors) {
  EXPECT_EQ(to_hex(hash128("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(to_hex(hash128("hospes")), "8c7649c8ab1278f700b91f0b0ca942f4");
  EXPECT_EQ(to_hex(hash128(std::string(1000, 'a'))), "b01da365eddaa29cb3e7af627147db7c");
}

TEST(Hash128, GoldenVectorsWithASecret) {
  const HashSecret secret = counting_secret();
  EXPECT_EQ(to_hex(hash128("", secret)), "f3029ddce5fb903f004ed27f7fcccfe3");
  EXPECT_EQ(to_hex(hash128("hospes", secret)), "acf0f0a7ed0bbb5e52325dce8ed125c7");
  EXPECT_EQ(to_hex(hash128(std::string(1000, 'a'), secret)), "33b2824c61ff00b58cfa0d4e6156bd78");
}

TEST(Hash128, AnotherSecretIsAnotherHash) {
  HashSecret one = counting_secret();
  HashSecret other = one;
  for (auto& byte : other.bytes)
    byte = static_cast<unsigned char>(byte + 101);  // short texts use only a part of it
  for (const std::size_t size : {1U, 8U, 16U, 17U, 128U, 200U, 240U, 241U, 2000U}) {
    EXPECT_NE(hash128(std::string(size, 'a'), one), hash128(std::string(size, 'a'), other)) << size;
  }
}

TEST(Dice, TheSameSeedGivesTheSameRun) {
  Dice a(7), b(7), c(8);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t v = a.next();
    EXPECT_EQ(v, b.next());
    EXPECT_NE(v, c.next());
    seen.insert(v);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Dice, BelowIsEvenEnough) {
  Dice dice(9);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[dice.below(7)];
  for (const int n : counts) EXPECT_NEAR(n, 10'000, 500);  // five standard deviations
}

}  // namespace
}  // namespace hospes
