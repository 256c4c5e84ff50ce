#include "zip/zip.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace hospes::zip
