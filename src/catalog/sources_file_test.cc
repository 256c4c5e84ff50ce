#include "catalog/sources_file.h"

#include <gtest/gtest.h>

#include <random>

namespace hospes::catalog {
namespace {

const Purposes purposes = Purposes::fr_eu();

WriteKey key_named(const std::string& word, KeyUse use) {
  return {.hash = hash_key(word), .use = use, .label = word};
}

constexpr std::string_view by_hand = R"(# the shop's sources

[[source]]
name = "web"          # été 2026
origins = ["https://a.example",
           "https://b.example"]  # two
[[source.key]]
sha256 = "195acbe9d46ad7a570f8288acbbc572f25c53ec435b2e15439d14873fc13189f"
use = "public"
label = "page"
[source.categories]
analytics = ["measure"]

# the till
[[source]]
name = "till"
)";

TEST(SourcesFile, AKeyGoesBehindTheOthersOfItsSource) {
  const auto out = with_key(by_hand, "web", key_named("new", KeyUse::server_key), purposes);
  ASSERT_TRUE(out.has_value()) << out.error().message;
  const std::string block = "[[source.key]]\nsha256 = \"" + to_hex(hash_key("new")) +
                            "\"\nuse = \"server\"\nlabel = \"new\"\n";
  const auto at = out->find(block);
  ASSERT_NE(at, std::string::npos) << *out;
  std::string without = *out;
  EXPECT_EQ(without.erase(at, block.size()), by_hand);  // and nothing else is touched
  EXPECT_LT(at, out->find("# the till"));
}

TEST(SourcesFile, AnEndIsWrittenOnceAndMoved) {
  const auto hash = hash_key("wk_demo_web");
  const auto later = *parse_instant("2027-01-01T00:00:00Z");
  const auto once = with_key_end(by_hand, "web", hash, later, purposes);
  ASSERT_TRUE(once.has_value()) << once.error().message;
  EXPECT_NE(once->find("until = \"2027-01-01T00:00:00"), std::string::npos) << *once;
  const auto twice =
      with_key_end(*once, "web", hash, *parse_instant("2026-12-01T00:00:00Z"), purposes);
  ASSERT_TRUE(twice.has_value());
  EXPECT_EQ(twice->find("2027"), std::string::npos);
  EXPECT_EQ(twice->size(), once->size());
  EXPECT_EQ(
      with_key_end(by_hand, "web", hash_key("other"), later, purposes).error().code, Code::not_found
  );
}

TEST(SourcesFile, AListOverTwoLinesIsReplacedWhole) {
  const auto out =
      with_change(by_hand, "web", {.enabled = false, .origins = {{"https://c.example"}}}, purposes);
  ASSERT_TRUE(out.has_value()) << out.error().message;
  EXPECT_NE(out->find("origins = [\"https://c.example\"]  # two\n"), std::string::npos) << *out;
  EXPECT_NE(out->find("[[source]]\nenabled = false\nname = \"web\"          # été 2026\n"), std::string::npos);
}

TEST(SourcesFile, WhatItCannotChangeItRefuses) {
  constexpr std::string_view inline_tables = R"(source = [{name = "web"}])";
  const auto no = with_key(inline_tables, "web", key_named("k", KeyUse::public_key), purposes);
  EXPECT_EQ(no.error().code, Code::conflict) << no.error().message;
  EXPECT_EQ(with_change(by_hand, "wbe", {.enabled = false}, purposes).error().code, Code::not_found);
  EXPECT_EQ(with_source(by_hand, {.name = "till"}, purposes).error().code, Code::conflict);
}

/// What is written reads back the same, whatever the names hold, and the rest of the file stays.
TEST(SourcesFile, RandomChangesReadBack) {
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  const std::vector<std::string> words = {"plain", "a \"b\" \\c", "tab\there", "été ✓", "line\nbreak", "#no"};
  const auto word = [&] { return words[below(static_cast<unsigned>(words.size()))]; };
  std::string text(by_hand);
  for (int i = 0; i < 200; ++i) {
    const Sources before = *read_sources(text, purposes);
    auto at = before.rows().begin();
    std::advance(at, below(static_cast<unsigned>(before.rows().size())));
    const Source& some = at->second;
    Result<std::string> out = text;
    switch (below(4)) {
      case 0: {
        Source fresh{.name = "s" + std::to_string(i)};
        fresh.keys = {key_named("k" + std::to_string(i), KeyUse::server_key)};
        fresh.keys[0].scopes = static_cast<Scopes>(below(8));
        fresh.keys[0].label = word();
        fresh.origins = {"https://" + std::to_string(i) + ".example"};
        fresh.categories[word()] = 1;
        if (below(2) == 0) fresh.trusted = ConsentTool{word(), word(), "1", ""};
        if (below(2) == 0) fresh.id_cookie = IdCookie{"ajs_anonymous_id", "shop.example", *purposes.find("personalise"), 30};
        out = with_source(text, fresh, purposes);
        break;
      }
      case 1:
        out = with_key(text, some.name, key_named("x" + std::to_string(i), KeyUse::public_key), purposes);
        break;
      case 2:
        out = with_change(
            text, some.name,
            {.enabled = below(2) == 0, .origins = {{word(), word()}}, .events_per_s_max = 1 + below(100),
             .mode = CatalogueMode::warn},
            purposes
        );
        break;
      default:
        if (some.keys.empty()) break;
        out = with_key_end(
            text, some.name, some.keys[below(static_cast<unsigned>(some.keys.size()))].hash,
            {static_cast<std::int64_t>(below(1'000'000'000)) * 1'000'000}, purposes
        );
    }
    ASSERT_TRUE(out.has_value()) << out.error().message << "\n" << text;
    text = *out;
    for (const std::string_view kept : {"# the shop's sources", "# été 2026", "# the till", "# two"})
      ASSERT_NE(text.find(kept), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace hospes::catalog
