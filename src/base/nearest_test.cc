#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace hospes {
namespace {

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("market", "makret"), 1U);  // a swap is one edit
  EXPECT_EQ(edit_distance("Order Complete", "order completed"), 1U);
}

TEST(Nearest, NamesTheClosestOrNothing) {
  const std::vector<std::string> known = {"Order Completed", "Order Updated", "Product Viewed"};
  EXPECT_EQ(nearest("Order Complete", known), "Order Completed");
  EXPECT_EQ(nearest("Zebra", known), std::nullopt);
  EXPECT_EQ(nearest_hint("Prodct Viewed", known), "; the nearest known is \"Product Viewed\"");
  EXPECT_EQ(nearest_hint("Zebra", known), "");
}

TEST(Nearest, OnlyTheFirst64BytesCount) {
  const std::string long_name(10'000, 'a');
  EXPECT_EQ(edit_distance(long_name, std::string(64, 'a')), 0U);
}

}  // namespace
}  // namespace hospes
