#include "seal/envelope.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <set>

#include "seal/random.h"

namespace hospes::seal {
namespace {

Key some_key(unsigned char first) {
  Key key;
  for (auto& b : key.bytes) b = first++;
  return key;
}

TEST(Envelope, gives_back_what_was_sealed) {
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 500u, 70'000u}) {
    const std::string plain(size, 'x');
    std::string out = "before";
    seal(some_key(1), "context", plain, out);
    ASSERT_EQ(out.size(), 6 + size + overhead_bytes);
    const auto back = open(some_key(1), "context", std::string_view(out).substr(6));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, plain);
  }
}

TEST(Envelope, every_changed_byte_is_corrupt) {
  std::string out;
  seal(some_key(1), "context", "a secret", out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::string changed = out;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto back = open(some_key(1), "context", changed);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, Code::corrupt);
  }
  for (std::size_t size = 0; size < out.size(); ++size) {
    EXPECT_FALSE(open(some_key(1), "context", std::string_view(out).substr(0, size)));
  }
}

TEST(Envelope, wrong_key_or_context_is_corrupt) {
  std::string out;
  seal(some_key(1), "context", "a secret", out);
  EXPECT_FALSE(open(some_key(2), "context", out));
  EXPECT_FALSE(open(some_key(1), "Context", out));
  EXPECT_FALSE(open(some_key(1), "", out));
  EXPECT_TRUE(open(some_key(1), "context", out)) << "a failed open must not spoil the next";
}

TEST(Envelope, a_nonce_is_never_repeated) {
  std::set<std::string> nonces;
  for (int i = 0; i < 10'000; ++i) {
    std::string out;
    seal(some_key(1), "", "", out);
    nonces.insert(out.substr(0, 12));
  }
  EXPECT_EQ(nonces.size(), 10'000u);
}

// NIST CAVP gcmDecrypt256, Keylen 256, IVlen 96, PTlen 128, AADlen 0, Taglen 128, Count 0.
TEST(Envelope, reads_aes_256_gcm_as_nist_defines_it) {
  const auto unhex = [](std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return out;
  };
  const std::string raw = unhex("31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22");
  Key key;
  std::copy(raw.begin(), raw.end(), key.bytes.begin());
  const auto plain = open(
      key, "",
      unhex("0d18e06c7c725ac9e362e1ce"
            "fa4362189661d163fcd6a56d8bf0405a"
            "d636ac1bbedd5cc3ee727dc2ab4a9489")
  );
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, unhex("2db5168e932556f8089a0622981d017d"));
}

TEST(Envelope, cost_of_a_500_byte_event_is_printed) {
  const std::string plain(500, 'e');
  const Key key = some_key(9);
  std::string out;
  const auto start = std::chrono::steady_clock::now();
  constexpr int rounds = 50'000;
  for (int i = 0; i < rounds; ++i) {
    out.clear();
    seal(key, "0123456789abcdef0123456789abcdef", plain, out);
  }
  const auto taken = std::chrono::steady_clock::now() - start;
  std::cout << "seal 500 B: " << std::chrono::nanoseconds(taken).count() / rounds << " ns\n";
  EXPECT_TRUE(open(key, "0123456789abcdef0123456789abcdef", out));
}

}  // namespace
}  // namespace hospes::seal
