// Bad input is a normal day: for every report a clear error or a stated degenerate result, never a
// number that is not finite.
#include "insight/input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>

#include "base/dice.h"
#include "insight/test_data.h"

namespace hospes::insight {
namespace {

const Insight& named(std::string_view name) {
  const auto all = insights();
  return *std::ranges::find(all, name, &Insight::name);
}

Result<Report> asked(std::string_view name, std::string text, const Wishes& wishes = {}) {
  auto table = Columns::parse(std::move(text), "t.csv");
  if (!table) return std::unexpected(table.error());
  return run(named(name), *table, wishes);
}

std::string error_of(const Result<Report>& report) { return report ? "" : report.error().message; }

constexpr std::array order_reports = {"clv", "rfm", "power", "cohorts", "cards"};

TEST(BadInput, OrdersThatSayNothing) {
  for (const char* name : order_reports) {
    SCOPED_TRACE(name);
    EXPECT_NE(error_of(asked(name, "")).find("is empty"), std::string::npos);
    const auto none = asked(name, "customer,date,value\n");
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_TRUE(none->too_few);
    EXPECT_NE(none->sentence.en.find("n = 0"), std::string::npos);
    const auto one = asked(name, "customer,date,value\na,2026-01-01,5\na,2026-02-01,5\n");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_TRUE(one->too_few);
    EXPECT_NE(one->sentence.fr.find("n = 1"), std::string::npos);
    std::string same_day = "customer,date,value\n";
    for (int i = 0; i < 300; ++i) same_day += std::to_string(i % 150) + ",2026-01-01,5\n";
    const auto flat = asked(name, same_day);
    EXPECT_TRUE(flat) << flat.error().message;
  }
}

TEST(BadInput, CellsThatCannotBeRead) {
  for (const char* name : order_reports) {
    SCOPED_TRACE(name);
    const auto say = [&](std::string rows, const Wishes& w = {}) {
      return error_of(asked(name, "customer,date,value\n" + rows, w));
    };
    EXPECT_NE(
        say("a,2026-01-01,NaN\n").find("t.csv:2: value \"NaN\" is no number"), std::string::npos
    );
    EXPECT_NE(say("a,2026-01-01,inf\n").find("is no number"), std::string::npos);
    EXPECT_NE(say("a,2026-01-01,\n").find("is no number"), std::string::npos);
    EXPECT_NE(say("a,2026-01-01,1e999\n").find("is no number"), std::string::npos);
    EXPECT_NE(say("a,2026-02-30,5\n").find("is no date"), std::string::npos);
    EXPECT_NE(say("a,yesterday,5\n").find("write YYYY-MM-DD"), std::string::npos);
    EXPECT_NE(
        say("a,2026-01-01,5\nb,01/02/2026,5\n").find("written in two ways"), std::string::npos
    );
    EXPECT_NE(say("a,2026-01-01,5\nb,20260102,5\n").find("written in two ways"), std::string::npos);
    EXPECT_NE(say("a,01/02/2026,5\n").find("--dates dmy"), std::string::npos);
    EXPECT_NE(
        say("a,13/02/2026,5\nb,02/13/2026,5\n")
            .find("day first at t.csv:2 and month first at t.csv:3"),
        std::string::npos
    );
    EXPECT_EQ(say("a,01/02/2026,5\n", {.dates = DateOrder::day_first}), "");
    EXPECT_NE(say("a,2026-01-01\n").find("2 cells, but the header names 3"), std::string::npos);
    EXPECT_NE(say("a,\"2026-01-01,5\n").find("a quote is not closed"), std::string::npos);
    EXPECT_NE(say(std::string("a,2026\0,5\n", 10)).find("is no text"), std::string::npos);
  }
}

TEST(BadInput, ColumnsThatAreMissingOrTwice) {
  EXPECT_NE(
      error_of(asked("rfm", "who,date,value\n")).find("--columns customer=COLUMN"),
      std::string::npos
  );
  EXPECT_NE(
      error_of(asked("rfm", "customer,date,date\n")).find("two columns are named"),
      std::string::npos
  );
  EXPECT_NE(
      error_of(asked("rfm", "customer,date,worth\n", {.columns = {{"value", "wort"}}})
      ).find("the nearest known is \"worth\""),
      std::string::npos
  );
  EXPECT_NE(
      error_of(asked("rfm", "customer,date,value\n", {.columns = {{"valeu", "value"}}})
      ).find("the nearest known is \"value\""),
      std::string::npos
  );
  EXPECT_NE(
      error_of(asked("clv", "customer,date,value\n", {.settings = {{"cutt", "x"}}})
      ).find("the nearest known is \"cut\""),
      std::string::npos
  );
}

std::string shop(
    std::uint64_t seed, const std::string& header, int customers,
    const std::function<std::string(Dice&)>& rest
) {
  Dice dice(seed);
  std::string out = header + "\n";
  for (int c = 0; c < customers; ++c) {
    std::uint64_t day = dice.below(60);
    for (std::uint64_t k = 0, n = 1 + dice.below(6); k < n && day < 360;
         ++k, day += 1 + dice.below(90))
      out += "c" + std::to_string(c) + "," + date_text(static_cast<int>(20'000 + day)) + "," +
             rest(dice) + "\n";
  }
  return out;
}

TEST(BadInput, RefundsNamelessRowsAndRepeatsAreCounted) {
  std::string text =
      shop(1, "customer,date,value", 200, [](Dice& d) { return std::to_string(1 + d.below(90)); });
  text += "c1,2024-10-10,-30\n,2024-10-10,5\nc2,2024-10-11,7\nc2,2024-10-11,7\n";
  for (const char* name : order_reports) {
    const auto report = asked(name, text);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->too_few) << report->sentence.en;
    EXPECT_NE(report->card.data.en.find("1 rows without a customer left out"), std::string::npos)
        << report->card.data.en;
    EXPECT_NE(report->card.data.en.find("1 rows below zero"), std::string::npos);
    EXPECT_NE(report->card.data.en.find("1 rows repeat"), std::string::npos);
    EXPECT_NE(report->card.data.fr.find("lignes sans client"), std::string::npos);
  }
}

TEST(BadInput, TwoCurrenciesNeedARate) {
  const std::string text = "customer,date,value,currency\na,2026-01-01,5,EUR\nb,2026-01-02,5,USD\n";
  for (const char* name : order_reports)
    EXPECT_NE(error_of(asked(name, text)).find("--only currency=EUR"), std::string::npos) << name;
}

TEST(BadInput, AmountsThatAreAllZeroEqualOrHuge) {
  for (const char* amount : {"0", "7", "1e300", "1e-300"}) {
    const std::string text = shop(2, "customer,date,value", 300, [&](Dice&) { return amount; });
    for (const char* name : order_reports) {
      SCOPED_TRACE(std::string(name) + " of " + amount);
      const auto report = asked(name, text);
      // 1e300 squared is beyond a double: an error that names the figure is an answer, a NaN would
      // not be.
      if (report) {
        EXPECT_TRUE(settle(*report));
        continue;
      }
      EXPECT_EQ(std::string_view(amount), "1e300") << report.error().message;
      EXPECT_NE(report.error().message.find("could not be computed"), std::string::npos);
    }
  }
}

TEST(BadInput, PathsSegmentsAndLabels) {
  EXPECT_NE(
      error_of(asked("attribution", "path,conversions\na > > b,1\n"))
          .find("t.csv:2: a touch is empty"),
      std::string::npos
  );
  EXPECT_NE(
      error_of(asked("attribution", "path,conversions\na > b,-1\n")).find("below zero"),
      std::string::npos
  );
  const auto none = asked("attribution", "path,conversions\na > b,0\n");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->too_few);
  const auto sole = asked("attribution", "path,conversions,nulls\na,5,2\n");
  ASSERT_TRUE(sole) << sole.error().message;
  std::string many = "path\n";
  for (int i = 0; i < 10'001; ++i) many += "c" + std::to_string(i) + "\n";
  EXPECT_NE(error_of(asked("attribution", many)).find("over 10000 channels"), std::string::npos);

  EXPECT_NE(
      error_of(asked("responses", "segments,responded\na|b,2\n")).find("is 1 or 0"),
      std::string::npos
  );
  const auto few = asked("responses", "segments,responded\na|b,1\n");
  ASSERT_TRUE(few);
  EXPECT_NE(few->sentence.en.find("n = 1"), std::string::npos);
  std::string silent = "segments,responded,permitted,delivered\n";
  for (int i = 0; i < 50; ++i) silent += "a|a|,0,1,1\n,0,1,1\n,0,0,1\n,1,1,0\n";
  const auto nobody = asked("responses", silent);
  ASSERT_TRUE(nobody) << nobody.error().message;
  EXPECT_NE(nobody->notes[0].en.find("50 not permitted, 50 not delivered"), std::string::npos);

  std::string labels = "labels,sales,exposures\n";
  EXPECT_TRUE(asked("creatives", labels)->too_few);
  for (int i = 0; i < 30; ++i) labels += "all|tone:" + std::to_string(i % 3) + ",5,100\n";
  EXPECT_NE(error_of(asked("creatives", labels)).find("sales do not vary"), std::string::npos);
  labels += "all|tone:1,50,100\n";
  const auto screened = asked("creatives", labels);
  ASSERT_TRUE(screened) << screened.error().message;
  EXPECT_NE(screened->notes[0].en.find("\"all\" does not vary"), std::string::npos);
  EXPECT_NE(
      error_of(asked("creatives", labels + "all,1,0\n")).find("exposures must be above zero"),
      std::string::npos
  );
  std::string million = "labels,sales\n";
  for (int i = 0; i < 30; ++i) {
    million += "l";
    for (int k = 0; k < 300; ++k) million += std::to_string(i * 300 + k) + "|l";
    million += "," + std::to_string(i) + "\n";
  }
  EXPECT_NE(error_of(asked("creatives", million)).find("over 5000 labels"), std::string::npos);

  EXPECT_NE(error_of(asked("survival", "time,left\n-1,1\n")).find("below zero"), std::string::npos);
  EXPECT_NE(
      error_of(asked("survival", "time,left\n1,yes\n")).find("is no number"), std::string::npos
  );
  EXPECT_TRUE(asked("survival", "time,left\n1,1\n")->too_few);
  EXPECT_NE(
      error_of(asked("funnel", "person,event,time\na,see,2026-01-01\n")).find("say the steps"),
      std::string::npos
  );
  EXPECT_NE(
      error_of(asked(
                   "funnel", "person,event,time\na,see,2026-01-01\n",
                   {.settings = {{"steps", "see>buy"}}}
               )
      ).find("no event \"buy\""),
      std::string::npos
  );
  EXPECT_TRUE(asked("transitions", "person,event,time\na,see,2026-01-01\n")->too_few);
}

TEST(Report, TextJsonAndPictureAreWhole) {
  const std::string text =
      shop(3, "customer,date,value", 400, [](Dice& d) { return std::to_string(1 + d.below(90)); });
  for (const char* name : order_reports) {
    const auto report = asked(name, text);
    ASSERT_TRUE(report) << report.error().message;
    const std::string json = to_json(*report);
    EXPECT_EQ(json.find("nan"), std::string::npos);
    EXPECT_EQ(json.find("inf,"), std::string::npos);
    for (const Language l : {Language::en, Language::fr}) {
      EXPECT_NE(to_text(*report, l).find(report->sentence.in(l)), std::string::npos);
      for (const Plot& plot : report->plots) {
        EXPECT_FALSE(plot.footing.in(l).empty());
        const std::string picture = svg(plot, l);
        EXPECT_EQ(picture.find("nan"), std::string::npos);
        EXPECT_TRUE(picture.ends_with("</svg>\n"));
        EXPECT_NE(picture.find("<title id=\"t\">"), std::string::npos);
      }
    }
  }
}

TEST(Report, FiguresReadAsTheirLanguageWritesThem) {
  EXPECT_EQ(figure(23'582, Shape::whole, 0, Language::en), "23,582");
  EXPECT_EQ(figure(23'582, Shape::whole, 0, Language::fr), "23\u202f582");
  EXPECT_EQ(figure(.602, Shape::percent, 1, Language::en), "60.2%");
  EXPECT_EQ(figure(.602, Shape::percent, 1, Language::fr), "60,2\u202f%");
  EXPECT_EQ(figure(-402.79, Shape::money, 2, Language::fr), "-402,79");
  EXPECT_EQ(figure(-.001, Shape::whole, 0, Language::en), "0");
  EXPECT_EQ(figure(NAN, Shape::whole, 0, Language::en), "–");
}

TEST(Report, NamesFromTheDataAreEscaped) {
  Plot plot{
      .title = same("a <b> & \"c\""), .footing = same("n"), .bars = {{same("<script>"), 1, 0, 0}}};
  const std::string picture = svg(plot, Language::en);
  EXPECT_EQ(picture.find("<script>"), std::string::npos);
  EXPECT_NE(picture.find("a &lt;b&gt; &amp; &quot;c&quot;"), std::string::npos);
  EXPECT_EQ(to_csv({{}, {"a,\"b\""}, {}}), "person\n\"a,\"\"b\"\"\"\n");
}

TEST(Columns, SeparatorsQuotesAndDecimalCommas) {
  const auto semicolon = Columns::parse("a;b\n\"x;\"\"y\";1,5\n", "t");
  ASSERT_TRUE(semicolon);
  EXPECT_EQ(semicolon->text(0, 0), "x;\"y");
  EXPECT_EQ(*numbers(*semicolon, 1), std::vector<double>{1.5});
  const auto blanks = Columns::parse(" id  date\n 1   19970101\n", "t");
  ASSERT_TRUE(blanks);
  EXPECT_EQ(blanks->names(), (std::vector<std::string>{"id", "date"}));
  EXPECT_EQ(*instants(*blanks, 1), std::vector<std::int64_t>{9'862 * day_us});
  const auto quoted = Columns::parse(
      "\xef\xbb\xbf"
      "a,b\r\n\"two\nlines\",\r\nx,y\r\n",
      "t"
  );
  ASSERT_TRUE(quoted) << quoted.error().message;
  EXPECT_EQ(quoted->rows(), 2u);
  EXPECT_EQ(quoted->text(0, 0), "two\nlines");
  EXPECT_EQ(quoted->text(1, 0), "");
  EXPECT_EQ(quoted->place(1), "t:4");
}

TEST(Columns, RandomBytesNeverBreakTheReader) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    std::string text = "customer,date,value\n";
    constexpr std::string_view letters = "a1,\"\n\r;2026-01 \t\\.-";
    for (int i = 0; i < 200; ++i) text += letters[dice.below(letters.size())];
    const auto table = Columns::parse(text, "t");
    if (!table) continue;
    for (std::size_t row = 0; row < table->rows(); ++row)
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_LE(table->text(c, row).size(), text.size()) << seed;
  }
}

/// What demo.md prints on its cards, from CDNOW's own orders.
TEST(Cards, SayWhatTheDemoPrints) {
  NEED_DATA(path, "cdnow/CDNOW_master.txt");
  std::FILE* file = std::fopen(path.c_str(), "rb");
  ASSERT_NE(file, nullptr);
  std::string text(4 << 20, 0);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  const auto report = asked("cards", text);
  ASSERT_TRUE(report) << report.error().message;
  const auto value = [&](std::string_view name) {
    return std::ranges::find(report->estimates, name, &Estimate::name)->value;
  };
  EXPECT_NEAR(value("fifth_later_share"), .66, .005);
  EXPECT_NEAR(value("fifth_again"), .60, .005);
  EXPECT_NEAR(value("others_again"), .22, .005);
  EXPECT_NEAR(value("fifth_whole_share"), .68, .005);
  EXPECT_NEAR(value("gini"), .63, .005);
  EXPECT_NEAR(value("foreseen"), 16'874, 2);
  EXPECT_EQ(value("came"), 19'684);
  EXPECT_NEAR(value("off"), -.14, .005);
  const auto& steps = report->tables[0].rows;
  ASSERT_EQ(steps.size(), 4u);
  constexpr std::array n = {23'570., 11'146., 6'936., 4'691.};
  constexpr std::array rate = {.29, .43, .52, .59};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(std::get<double>(steps[k][1]), n[k]);
    EXPECT_NEAR(std::get<double>(steps[k][2]), rate[k], .005);
  }
  ASSERT_EQ(report->plots.size(), 3u);
  EXPECT_EQ(report->plots[1].title.en, "The second order is the steepest step.");
  EXPECT_NE(
      report->plots[2].title.en.find(
          "foresaw 16,874 purchases for 39 weeks; 19,684 came: 14% too few"
      ),
      std::string::npos
  ) << report->plots[2].title.en;
  const auto& next = *std::ranges::find(report->estimates, "next", &Estimate::name);
  EXPECT_LT(next.i95->low, next.value * .8);  // the model's own error is in it
}

}  // namespace
}  // namespace hospes::insight
