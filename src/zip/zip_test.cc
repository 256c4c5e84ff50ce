#include "zip/zip.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hospes::zip {
namespace {

constexpr Instant now{1'774'728'000'000'000};

TEST(Zip, HoldsWhatWasPutIn) {
  const std::string out = stored({{"a.json", "{}\n"}, {"é/b", ""}}, now);
  EXPECT_TRUE(out.starts_with(std::string("PK\3\4\x14\0\0\x08\0\0", 10)));
  EXPECT_NE(out.find("a.json{}\n"), out.npos);
  EXPECT_EQ(out.substr(out.size() - 22, 4), std::string("PK\5\6"));
  EXPECT_EQ(out[out.size() - 22 + 10], 2);
}

bool same(const std::vector<File>& a, const std::vector<File>& b) {
  return std::ranges::equal(a, b, [](const File& x, const File& y) { return x.name == y.name && x.bytes == y.bytes; });
}

TEST(Zip, IsReadBackAndAnyByteChangedIsSeenOrChangesNothing) {
  const std::vector<File> files = {{"a.json", "{}\n"}, {"é/b", ""}, {"c", std::string(300, 'x')}};
  const std::string whole = stored(files, now);
  const auto read = read_stored(whole);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(same(*read, files));
  std::size_t seen = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string other = whole;
    other[i] = static_cast<char>(other[i] ^ 0x55);
    const auto got = read_stored(other);
    if (!got) {
      ++seen;
      continue;
    }
    for (std::size_t f = 0; f < got->size(); ++f) EXPECT_EQ((*got)[f].bytes, files[f].bytes) << "byte " << i;
  }
  EXPECT_GT(seen, whole.size() / 2);
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(read_stored(std::string_view(whole).substr(0, n))) << n;
}

TEST(Zip, WhatIsPackedOrThereTwiceIsRefused) {
  std::string packed = stored({{"a", "aaaa"}}, now);
  packed[packed.find("PK\1\2") + 10] = 8;  // deflated, says the directory
  ASSERT_FALSE(read_stored(packed));
  EXPECT_NE(read_stored(packed).error().message.find("as it was taken"), std::string::npos);
  EXPECT_FALSE(read_stored(stored({{"a", "1"}, {"a", "2"}}, now)));
  // One stretch named a dozen times: more than there is.
  std::vector<File> files = {{"0", std::string(1000, 'a')}};
  for (char name = 'a'; name < 'm'; ++name) files.push_back({std::string(1, name), ""});
  std::string many = stored(files, now);
  const auto first = many.find("PK\1\2");
  for (auto at = many.find("PK\1\2", first + 1); at != many.npos; at = many.find("PK\1\2", at + 1)) {
    many.replace(at + 16, 12, many.substr(first + 16, 12));  // its CRC and sizes
    many.replace(at + 42, 4, std::string(4, '\0'));         // its place
  }
  ASSERT_FALSE(read_stored(many));
  EXPECT_NE(read_stored(many).error().message.find("over one another"), std::string::npos);
}

}  // namespace
}  // namespace hospes::zip
