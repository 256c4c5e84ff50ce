#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "base/dice.h"

namespace hospes {
namespace {

constexpr std::uint64_t bytes_seed = 0x5eed0003;

/// A number whose size in bits is uniform, so that every length of a varint is met.
std::uint64_t spread(Dice& dice) { return dice.next() >> dice.below(64); }

TEST(Bytes, IntegersAreLittleEndian) {
  std::string out;
  Writer w(out);
  w.u8(0x01);
  w.u16(0x0302);
  w.u32(0x07060504);
  w.u64(0x0f0e0d0c0b0a0908);
  std::string expected;
  for (char c = 1; c <= 15; ++c) expected.push_back(c);
  EXPECT_EQ(out, expected);
}

TEST(Bytes, VarintsAreLeb128AndSignedOnesZigzag) {
  const auto varint = [](std::uint64_t v) {
    std::string out;
    Writer(out).varint(v);
    return out;
  };
  const auto zigzag = [](std::int64_t v) {
    std::string out;
    Writer(out).zigzag(v);
    return out;
  };
  EXPECT_EQ(varint(0), std::string(1, '\0'));
  EXPECT_EQ(varint(127), "\x7f");
  EXPECT_EQ(varint(300), "\xac\x02");
  EXPECT_EQ(varint(std::numeric_limits<std::uint64_t>::max()).size(), 10U);
  EXPECT_EQ(zigzag(-1), "\x01");
  EXPECT_EQ(zigzag(1), "\x02");
  EXPECT_EQ(
      zigzag(std::numeric_limits<std::int64_t>::min()),
      varint(std::numeric_limits<std::uint64_t>::max())
  );
}

struct Step {
  unsigned kind = 0;
  std::uint64_t number = 0;
  std::string text;
};

void write(Writer& out, const Step& s) {
  switch (s.kind) {
    case 0:
      return out.u8(static_cast<std::uint8_t>(s.number));
    case 1:
      return out.u32(static_cast<std::uint32_t>(s.number));
    case 2:
      return out.i64(static_cast<std::int64_t>(s.number));
    case 3:
      return out.varint(s.number);
    case 4:
      return out.zigzag(static_cast<std::int64_t>(s.number));
    default:
      return out.text(s.text);
  }
}

bool reads_back(Reader& in, const Step& s) {
  switch (s.kind) {
    case 0:
      return in.u8() == static_cast<std::uint8_t>(s.number);
    case 1:
      return in.u32() == static_cast<std::uint32_t>(s.number);
    case 2:
      return in.i64() == static_cast<std::int64_t>(s.number);
    case 3:
      return in.varint() == s.number;
    case 4:
      return in.zigzag() == static_cast<std::int64_t>(s.number);
    default:
      return in.text() == s.text;
  }
}

TEST(Bytes, WhatIsWrittenReadsBackAndEveryCutIsSeen) {
  SCOPED_TRACE("seed " + std::to_string(bytes_seed));
  Dice dice(bytes_seed);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Step> steps(1 + dice.below(8));
    std::string bytes;
    Writer out(bytes);
    for (Step& s : steps) {
      s = {static_cast<unsigned>(dice.below(6)), spread(dice), std::string(dice.below(200), 'x')};
      write(out, s);
    }
    Reader whole(bytes);
    for (const Step& s : steps) ASSERT_TRUE(reads_back(whole, s));
    ASSERT_TRUE(whole.done());
    Reader torn(std::string_view(bytes).substr(0, dice.below(bytes.size())));
    for (const Step& s : steps) reads_back(torn, s);
    ASSERT_FALSE(torn.ok());
  }
}

TEST(Bytes, AfterABadReadEverythingIsZero) {
  Reader in(
      "\x05"
      "ab"
  );
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.varint(), 0U);
  EXPECT_FALSE(in.done());
}

TEST(Bytes, AVarintThatNeverEndsIsRefused) {
  const std::string endless(11, '\xff');
  Reader in(endless);
  in.varint();
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, RandomBytesNeverReadPastTheEnd) {
  SCOPED_TRACE("seed " + std::to_string(bytes_seed));
  Dice dice(bytes_seed);
  for (int round = 0; round < 5'000; ++round) {
    std::string noise(dice.below(40), '\0');
    for (char& c : noise) c = static_cast<char>(dice.next());
    Reader in(noise);
    std::size_t taken = 0;
    while (in.ok() && !in.done()) taken += dice.chance(50) ? in.text().size() : (in.varint(), 1U);
    ASSERT_LE(taken, noise.size() + 1);
  }
}

}  // namespace
}  // namespace hospes
