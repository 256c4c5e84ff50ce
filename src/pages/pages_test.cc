#include "pages/pages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "http/inflate.h"
#include "pages/asset.h"

namespace hospes::pages {
namespace {

http::Request browser(std::string path, std::string_view coding = "gzip, deflate, br") {
  http::Request out{.method = "GET", .path = std::move(path)};
  out.headers.add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
  out.headers.add("Accept-Encoding", coding);
  return out;
}

class Built : public testing::Test {
 protected:
  void SetUp() override {
    if (embedded_assets().empty()) GTEST_SKIP() << "built with HOSPES_WEB=OFF";
  }
  const Pages pages_;
};

TEST_F(Built, EveryRoomIsTheShellAndTheApiIsNot) {
  for (const char* path : {"/", "/segments", "/segments/gold_circle", "/people/person:00ff"}) {
    const auto page = pages_.answer(browser(path));
    ASSERT_TRUE(page) << path;
    EXPECT_EQ(page->status, 200);
    EXPECT_EQ(page->headers.find("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page->headers.find("Cache-Control"), "no-cache");
    EXPECT_EQ(page->headers.find("Content-Security-Policy"), content_policy);
  }
  for (const char* path : {"/v1/segments", "/metrics", "/healthz", "/readyz", "/start/ABC"})
    EXPECT_FALSE(pages_.answer(browser(path))) << path;
  http::Request program{.method = "GET", .path = "/segments"};
  EXPECT_FALSE(pages_.answer(program)) << "a program gets the API's own answer";
  http::Request post = browser("/segments");
  post.method = "POST";
  EXPECT_FALSE(pages_.answer(post));
}

TEST_F(Built, TheListenersLibraryIsNoPageOfTheConsole) {
  const std::string library = "/analytics-next/bundles/standalone.js";
  http::Request asked = browser(library);
  EXPECT_EQ(embedded(asked, library, 200).status, 200);
  const auto page = pages_.answer(asked);
  EXPECT_EQ(page->headers.find("Content-Type"), "text/html; charset=utf-8");
}

TEST_F(Built, WhatIsNamedByItsContentIsKeptForEver) {
  std::size_t named = 0;
  for (const Asset& asset : embedded_assets()) {
    const auto asked = browser(std::string(asset.path));
    const auto page = asset.path.starts_with("/assets/") ? pages_.answer(asked)
                                                         : embedded(asked, asset.path, 200);
    ASSERT_TRUE(page);
    if (!asset.hashed) continue;
    ++named;
    EXPECT_EQ(page->headers.find("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(page->headers.find("Content-Encoding"), "br");
  }
  EXPECT_GT(named, 2U);
  const auto gone = pages_.answer(browser("/assets/index-gone.js"));
  EXPECT_EQ(gone->status, 404);
  EXPECT_EQ(gone->headers.find("Cache-Control"), "no-store");
}

TEST_F(Built, TheContentIsTheSameInEachCoding) {
  for (const Asset& asset : embedded_assets()) {
    const std::string path(asset.path == "/index.html" ? "/" : asset.path);
    const auto zipped = pages_.answer(browser(path, "gzip"));
    const auto plain = pages_.answer(browser(path, "identity"));
    EXPECT_EQ(zipped->headers.find("Content-Encoding"), "gzip");
    EXPECT_TRUE(plain->headers.find("Content-Encoding").empty());
    const auto opened = http::gunzip(zipped->body, {.bytes_max = Pages::file_bytes_max});
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, plain->body) << path;
    EXPECT_EQ(pages_.answer(browser(path, "br;q=0, gzip"))->headers.find("Content-Encoding"), "gzip");
  }
}

TEST_F(Built, ABrowserThatHasItIsToldSo) {
  http::Request again = browser("/");
  again.headers.add("If-None-Match", pages_.answer(browser("/"))->headers.find("ETag"));
  const auto page = pages_.answer(again);
  EXPECT_EQ(page->status, 304);
  EXPECT_TRUE(page->body.empty());
  EXPECT_EQ(pages_.shell(again, 403).status, 403) << "what is the matter is never 'not modified'";
}

TEST(Folder, FilesAreReadAnewAndNothingOutsideIs) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / "pages_folder";
  fs::create_directories(folder / "ui/assets");
  std::ofstream(folder / "secret.js") << "no";
  std::ofstream(folder / "ui/index.html") << "one";
  const Pages pages((folder / "ui").string());
  EXPECT_EQ(pages.answer(browser("/"))->body, "one");
  std::ofstream(folder / "ui/index.html") << "two";
  EXPECT_EQ(pages.answer(browser("/segments"))->body, "two");
  EXPECT_EQ(pages.answer(browser("/assets/../../secret.js"))->status, 404);
  EXPECT_EQ(pages.answer(browser("/assets/none.js"))->status, 404);
  fs::remove_all(folder);
}

TEST(Guards, StandOnEveryAnswerOnce) {
  http::Response out{200, {{"Cache-Control", "no-cache"}}, {}};
  add_guards(out.headers);
  EXPECT_EQ(out.headers.count("Cache-Control"), 1U);
  EXPECT_EQ(out.headers.find("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(
      out.headers.find("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'"
  );
}

}  // namespace
}  // namespace hospes::pages
