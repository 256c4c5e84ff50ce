#include "http/message.h"

#include <gtest/gtest.h>

#include "base/dice.h"
#include "http/address.h"
#include "http/client.h"
#include "http/inflate.h"

namespace hospes::http {
namespace {

TEST(Headers, NamesCompareWithoutCaseAndValuesCannotBreakTheLine) {
  Headers headers{{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", "2"}};
  headers.add("X-Evil", "a\r\nSet-Cookie: b");
  EXPECT_EQ(headers.find("content-type"), "text/plain");
  EXPECT_EQ(headers.count("X-A"), 2U);
  EXPECT_EQ(headers.find("x-evil"), "aSet-Cookie: b");
  EXPECT_FALSE(headers.has("x"));
}

TEST(Request, QueryValuesAreDecoded) {
  Request request{.query = "writeKey=a%20b&empty&x=1=2&p=a+b&bad=%zz"};
  EXPECT_EQ(request.query_value("writeKey"), "a b");
  EXPECT_EQ(request.query_value("empty"), "");
  EXPECT_EQ(request.query_value("x"), "1=2");
  EXPECT_EQ(request.query_value("p"), "a b");
  EXPECT_EQ(request.query_value("bad"), "%zz");
  EXPECT_EQ(request.query_value("none"), std::nullopt);
}

TEST(Response, ErrorsBecomeStatusesInOnePlace) {
  const Response busy = from_error(Error{Code::over_limit, "full"});
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.headers.find("Retry-After"), "1");
  EXPECT_EQ(from_error(Error{Code::invalid_input, "x"}).status, 400);
  EXPECT_EQ(from_error(Error{Code::unavailable, "x"}).status, 503);
}

TEST(Inflate, RoundTripsAndJoinsMembers) {
  const std::string text(300'000, 'h');
  Dice dice(7);
  std::string noise;
  for (int i = 0; i < 100'000; ++i) noise.push_back(static_cast<char>(dice.below(256)));
  const InflateBounds wide{.ratio_max = 10'000};
  EXPECT_EQ(gunzip(gzip(text), wide).value(), text);
  EXPECT_EQ(gunzip(gzip(noise) + gzip(text), wide).value(), noise + text);
  EXPECT_EQ(gunzip(gzip(""), wide).value(), "");
  EXPECT_TRUE(looks_gzipped(gzip("x")));
  EXPECT_FALSE(looks_gzipped("{}"));
}

TEST(Inflate, BombsStopAtTheBounds) {
  const auto by_ratio = gunzip(gzip(std::string(3'000'000, '0')), {});
  ASSERT_FALSE(by_ratio);
  EXPECT_EQ(by_ratio.error().code, Code::over_limit);
  const auto by_size = gunzip(gzip(std::string(5'000'000, '0')), {.ratio_max = 1'000'000});
  ASSERT_FALSE(by_size);
  EXPECT_EQ(by_size.error().code, Code::over_limit);
}

TEST(Inflate, EveryCutAndEveryFlippedByteIsRefusedOrHarmless) {
  const std::string whole =
      gzip("{\"event\":\"Order Completed\",\"userId\":\"u1\",\"properties\":{\"total\":12.5}}");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(gunzip(std::string_view(whole).substr(0, n), {})) << n;
    std::string flipped = whole;
    flipped[n] = static_cast<char>(flipped[n] ^ 0x5a);
    (void)gunzip(flipped, {})
        .has_value();  // a flipped file time is still a good file; it must only not go wrong
  }
}

TEST(Address, NumericOnly) {
  EXPECT_EQ(parse_address("127.0.0.1:8080")->port, 8080);
  EXPECT_EQ(parse_address("[::1]:1")->host, "::1");
  for (const auto* bad :
       {"localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:80", "1.2.3:4", ":80"}) {
    EXPECT_FALSE(parse_address(bad)) << bad;
  }
  EXPECT_TRUE(is_loopback("127.0.0.9"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("0.0.0.0"));
}

TEST(Url, PlainHttpOnly) {
  const auto url = parse_url("http://127.0.0.1:8080/a?b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->first.host, "127.0.0.1");
  EXPECT_EQ(url->first.port, 8080);
  EXPECT_EQ(url->second, "/a?b");
  EXPECT_EQ(parse_url("http://shop")->second, "/");
  EXPECT_FALSE(parse_url("https://shop"));
  EXPECT_FALSE(parse_url("shop:80"));
}

}  // namespace
}  // namespace hospes::http
