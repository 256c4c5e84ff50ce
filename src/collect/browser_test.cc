#include "collect/browser.h"
#include "catalog/catalog.h"

#include <gtest/gtest.h>

#include <set>

#include "http/inflate.h"

namespace hospes::collect {
namespace {

catalog::Catalog shop() {
  catalog::Catalog out;
  catalog::Source web{.name = "web"};
  web.keys = {{catalog::hash_key("pub"), catalog::KeyUse::public_key, "page", true}};
  web.origins = {"https://shop.example"};
  web.categories = {{"ads", 1}, {"stats", 2}};
  catalog::Source blog{.name = "blog"};
  blog.keys = {
      {catalog::hash_key("blog"), catalog::KeyUse::public_key, "page", true},
      {catalog::hash_key("secret"), catalog::KeyUse::server_key, "till", true}};
  blog.origins = {"https://blog.example"};
  EXPECT_TRUE(out.sources.add(web));
  EXPECT_TRUE(out.sources.add(blog));
  return out;
}

http::Request asked(std::string method, std::string path, std::string query, http::Headers headers) {
  return {
      .method = std::move(method),
      .path = std::move(path),
      .query = std::move(query),
      .headers = std::move(headers),
      .body = {},
      .remote = {}};
}

bool says_access_control(const http::Response& response) {
  for (std::size_t i = 0; i < response.headers.size(); ++i)
    if (response.headers.name(i).starts_with("Access-Control-")) return true;
  return false;
}

TEST(Paths, EachRowIsFoundOnce) {
  std::set<std::string> seen;
  for (const Path& row : paths()) {
    const std::string path =
        std::string(row.prefix) + (row.whole ? "" : "part") + std::string(row.suffix);
    EXPECT_TRUE(seen.insert(path).second) << path;
    const auto found = path_of(path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->row, &row) << path;
    EXPECT_EQ(found->part, row.whole ? "" : "part");
  }
  for (const char* path :
       {"/", "/v1", "/v1/x", "/v1/projects//settings", "/v1/projects/a/b/settings",
        "/v1/projects/settings", "/analytics-next/bundles/", "/analytics-next/bundles/a/b",
        "/v1/profiles/user_id:1", "/api/s/", "/v1/batch/"})
    EXPECT_FALSE(path_of(path)) << path;
}

TEST(Browser, OnlyTheSourcesPagesRead) {
  const auto catalog = shop();
  const auto* web = catalog.sources.find("web");
  const std::string shop_page = "https://shop.example", blog_page = "https://blog.example";
  EXPECT_EQ(shared_with(catalog.sources, web, shop_page), shop_page);
  EXPECT_EQ(shared_with(catalog.sources, web, blog_page), "");
  EXPECT_EQ(shared_with(catalog.sources, nullptr, blog_page), blog_page);
  EXPECT_EQ(shared_with(catalog.sources, nullptr, "https://evil.example"), "");
  EXPECT_EQ(shared_with(catalog.sources, web, ""), "");
}

TEST(Browser, PreflightsSayYesOrNothing) {
  const auto catalog = shop();
  for (const Path& row : paths()) {
    if (!row.shared()) continue;
    const std::string path =
        std::string(row.prefix) + (row.whole ? "" : "pub") + std::string(row.suffix);
    const auto answer = [&](std::string_view origin) {
      return preflight(
          {catalog.sources, catalog.purposes, {}}, *path_of(path), asked("OPTIONS", path, "", {{"Origin", origin}})
      );
    };
    const auto good = answer("https://shop.example");
    EXPECT_EQ(good.status, 204) << path;
    EXPECT_EQ(good.headers.find("Access-Control-Allow-Origin"), "https://shop.example");
    EXPECT_EQ(good.headers.find("Access-Control-Max-Age"), "7200");
    EXPECT_EQ(good.headers.find("Vary"), "Origin");
    const auto bad = answer("https://evil.example");
    EXPECT_EQ(bad.status, 403) << path;
    EXPECT_FALSE(says_access_control(bad)) << path;
    // Where the path or the query says which source it is, another source's pages are foreign.
    const auto other = answer("https://blog.example");
    EXPECT_EQ(other.status, row.use == Use::settings ? 403 : 204) << path;
  }
}

TEST(Browser, SettingsAreOfTheSourceAndItsHost) {
  const auto catalog = shop();
  const auto get = [&](std::string key, http::Headers headers, bool tls = false) {
    const std::string path = "/v1/projects/" + key + "/settings";
    return document(
        {catalog.sources, catalog.purposes, {}, tls}, *path_of(path),
        asked("GET", path, "", std::move(headers))
    );
  };
  const auto good = get("pub", {{"Host", "collect.example:8443"}, {"Origin", "https://shop.example"}});
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.headers.find("Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_NE(good.body.find(R"("apiHost":"collect.example:8443/v1","protocol":"http")"), std::string::npos);
  EXPECT_NE(good.body.find(R"("allCategories":["ads","stats"])"), std::string::npos) << good.body;
  EXPECT_NE(get("pub", {{"Host", "a"}}, true).body.find(R"("protocol":"https")"), std::string::npos);
  // Without a map of its own, the purposes that rest on consent.
  EXPECT_NE(get("blog", {{"Host", "a"}}).body.find(R"("measure")"), std::string::npos);
  EXPECT_EQ(get("blog", {{"Host", "a"}}).body.find(R"("operate")"), std::string::npos);
  EXPECT_EQ(get("nobody", {{"Host", "a"}}).status, 401);
  EXPECT_EQ(get("secret", {{"Host", "a"}}).status, 403);
  EXPECT_EQ(get("pub", {{"Host", "a\"b"}}).status, 400);
  const auto foreign = get("pub", {{"Host", "a"}, {"Origin", "https://blog.example"}});
  EXPECT_EQ(foreign.status, 403);
  EXPECT_FALSE(says_access_control(foreign));
}

TEST(Browser, SourceConfigTakesTheKeyAsRudderSendsIt) {
  const auto catalog = shop();
  const auto get = [&](std::string query, http::Headers headers) {
    return document(
        {catalog.sources, catalog.purposes, {}}, *path_of("/sourceConfig/"),
        asked("GET", "/sourceConfig/", std::move(query), std::move(headers))
    );
  };
  const auto by_query = get("p=npm&writeKey=pub", {{"Host", "a"}});
  EXPECT_EQ(by_query.status, 200);
  EXPECT_NE(by_query.body.find(R"("enabled":true)"), std::string::npos);
  EXPECT_NE(by_query.body.find(R"("consentCategories":["ads","stats"])"), std::string::npos);
  EXPECT_EQ(get("", {{"Host", "a"}, {"Authorization", "Basic cHViOg=="}}).body, by_query.body);
  EXPECT_EQ(get("", {{"Host", "a"}}).status, 401);
}

TEST(Browser, ScriptsNeedNoLeave) {
  const auto catalog = shop();
  const std::string path = "/analytics-next/bundles/no-such-file.js";
  const auto none = document(
      {catalog.sources, catalog.purposes, {}}, *path_of(path), asked("GET", path, "", {})
  );
  EXPECT_FALSE(says_access_control(none));
  EXPECT_GE(none.status, 400);  // 501 in a server that was built without pages
}

/// W3C, Global Privacy Control, section 4: a site that heeds the signal says so.
TEST(Gpc, IsSaidToBeHeeded) {
  const auto catalog = shop();
  const auto path = path_of("/.well-known/gpc.json");
  ASSERT_TRUE(path);
  const auto said = document(
      {catalog.sources, catalog.purposes, {}, true}, *path,
      asked("GET", "/.well-known/gpc.json", "", {})
  );
  EXPECT_EQ(said.status, 200);
  const std::string& pack = catalog.purposes.pack();  // its name and its date
  EXPECT_EQ(said.body, "{\"gpc\":true,\"lastUpdate\":\"" + pack.substr(pack.find(' ') + 1) + "\"}\n");
  EXPECT_TRUE(said.headers.find("Content-Type").starts_with("application/json"));
  EXPECT_FALSE(says_access_control(said));
}

}  // namespace
}  // namespace hospes::collect
