#include "lake/duck.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace hospes::lake {
namespace {

std::unique_ptr<Duck> open() {
  auto duck = Duck::open({});
  EXPECT_TRUE(duck) << (duck ? "" : duck.error().message);
  return duck ? std::move(*duck) : nullptr;
}

std::filesystem::path folder() {
  auto path = std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

TEST(Duck, ReadsValuesAsTextWithTheirTypes) {
  const auto duck = open();
  const auto told = duck->read(
      "SELECT 1 AS n, 2.50::DECIMAL(18,6) AS d, NULL AS nothing, [1, 2] AS list, 'é' AS n ORDER BY 1", 10
  );
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->columns[1], (Column{"d", "DECIMAL(18,6)"}));
  EXPECT_TRUE(is_number(told->columns[1]));
  EXPECT_FALSE(is_number(told->columns[3]));
  ASSERT_EQ(told->rows.size(), 1u);
  EXPECT_EQ(told->rows[0][1], "2.500000");
  EXPECT_EQ(told->rows[0][2], std::nullopt);
  EXPECT_EQ(told->rows[0][3], "[1, 2]");
  EXPECT_EQ(told->rows[0][4], "é");
  EXPECT_FALSE(told->cut);
}

TEST(Duck, KeepsTheOrderAndSaysWhenItWasCut) {
  const auto duck = open();
  const auto told = duck->read("SELECT range AS n FROM range(100000) ORDER BY n DESC", 5'000);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_TRUE(told->cut);
  ASSERT_EQ(told->rows.size(), 5'000u);
  for (std::size_t i = 0; i < told->rows.size(); ++i) ASSERT_EQ(told->rows[i][0], std::to_string(99'999 - i));
}

TEST(Duck, SaysWhatIsWrong) {
  const auto duck = open();
  const auto told = duck->read("SELECT valu FROM (SELECT 1 AS value)", 10);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, Code::invalid_input);
  EXPECT_NE(told.error().message.find("\"value\""), std::string::npos) << told.error().message;
}

TEST(Duck, AppendsAndWritesParquetThatReadsBack) {
  const auto duck = open();
  ASSERT_TRUE(duck->run("CREATE TABLE t (n UBIGINT, moment TIMESTAMP, yes BOOLEAN, text VARCHAR, delta BIGINT)"));
  auto rows = duck->append("t");
  ASSERT_TRUE(rows);
  rows->add(std::uint64_t{1} << 63);
  rows->add(Instant{1'000'000});
  rows->add(true);
  rows->add(std::string_view("a\0b", 3));
  rows->add_null();
  rows->end();
  ASSERT_TRUE(rows->close());
  const std::string file = folder() / "t.parquet";
  ASSERT_TRUE(duck->run("COPY t TO " + sql_text(file) + " (FORMAT parquet)"));
  const auto told = duck->read("SELECT * FROM read_parquet(" + sql_text(file) + ")", 10);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->rows[0][0], "9223372036854775808");
  EXPECT_EQ(told->rows[0][1], "1970-01-01 00:00:01");
  EXPECT_EQ(told->rows[0][3], std::string("a\0b", 3));
  EXPECT_EQ(told->rows[0][4], std::nullopt);
}

TEST(Duck, LockedReadsOnlyItsFolders) {
  const auto inside = folder(), outside = std::filesystem::path(testing::TempDir()) / "duck_outside.csv";
  std::ofstream(inside / "a.csv") << "n\n1\n";
  std::ofstream(outside) << "n\n2\n";
  const auto duck = open();
  ASSERT_TRUE(duck->lock({inside.string() + "/"}));
  EXPECT_TRUE(duck->read("SELECT * FROM read_csv(" + sql_text((inside / "a.csv").string()) + ")", 10));
  EXPECT_FALSE(duck->read("SELECT * FROM read_csv(" + sql_text(outside.string()) + ")", 10));
  EXPECT_FALSE(duck->read("SELECT * FROM " + sql_text(outside.string()), 10));
  EXPECT_FALSE(duck->run("SET enable_external_access = true"));
  EXPECT_FALSE(duck->run("INSTALL httpfs"));
  EXPECT_FALSE(duck->run("ATTACH " + sql_text((std::filesystem::path(testing::TempDir()) / "x.db").string())));
}

TEST(Duck, StopsWhenToldAndSaysHowFar) {
  const auto duck = open();
  int asked = 0;
  const Watch watch{
      .progress = [](double part) { EXPECT_LE(part, 1); },
      .stop = [&]() -> std::optional<Error> {
        if (++asked < 3) return std::nullopt;
        return Error{Code::over_limit, "enough"};
      }};
  const auto told = duck->read("SELECT count(*) FROM range(100000) a, range(100000) b", 10, watch);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().message, "enough");
  EXPECT_TRUE(duck->read("SELECT 1", 10));
}

TEST(Duck, MemoryThatRunsOutIsALimit) {
  auto duck = Duck::open({.memory_mb_max = 16});
  ASSERT_TRUE(duck);
  const auto told = (*duck)->read("SELECT list(range) FROM range(10000000)", 10);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, Code::over_limit) << told.error().message;
}

}  // namespace
}  // namespace hospes::lake
