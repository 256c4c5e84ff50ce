// Receipts of a log on a disk that crashes: each byte counts, keys change, people are erased.
#include "receipt/receipt.h"

#include <gtest/gtest.h>

#include <future>
#include <iostream>
#include <numeric>
#include <random>

#include "base/dice.h"
#include "disk/memory.h"
#include "receipt/canonical.h"
#include "receipt/merkle.h"
#include "receipt/transparency_log.h"
#include "seal/memory_keys.h"

namespace hospes::receipt {
namespace {

const Instant noon = *parse_instant("2026-11-27T12:00:00Z");

Hash128 message(std::uint64_t n) { return hash128("message " + std::to_string(n)); }

struct Receipts : testing::Test {
  disk::MemoryDisk data, keys_disk;
  seal::MemoryKeys keys;
  std::unique_ptr<TransparencyLog> log;

  void SetUp() override { open(); }
  void open() {
    log.reset();
    auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().message;
    log = std::move(*opened);
  }
  Result<std::unique_ptr<TransparencyLog>> try_open() {
    return TransparencyLog::open(
        {data, keys_disk, keys}, {.origin = "test/receipts", .free_bytes_min = 0, .segment_bytes = 1 << 18}, noon
    );
  }
  AtomId atom(const std::string& user) {
    const Identifier identifier{0, user};
    return (*keys.resolve({&identifier, 1}, noon))[0].id;
  }
  static std::string record(std::uint64_t n) {
    return Canonical()
        .text("kind", "consent")
        .text("purpose", "mesure \"d'audience\" \n é")
        .number("n", n)
        .done();
  }
  Status enter(const std::vector<std::uint64_t>& numbers, AtomId of) {
    std::vector<Sealed> entries;
    for (const auto n : numbers) entries.push_back(*log->prepare({of, message(n), record(n)}));
    std::promise<Status> durable;
    TRY(log->append(std::move(entries), [&](Status s) { durable.set_value(std::move(s)); }));
    return durable.get_future().get();
  }
};

TEST_F(Receipts, prove_what_was_entered) {
  ASSERT_TRUE(enter({1, 2, 3}, atom("marie")));
  ASSERT_TRUE(enter({4}, {}));
  for (const std::uint64_t n : {1, 2, 3, 4}) {
    const auto proved = verify(*log->receipt(message(n)));
    ASSERT_TRUE(proved) << proved.error().message;
    EXPECT_EQ(proved->record, record(n));
    EXPECT_EQ(proved->leaf, n);  // the key's leaf is 0
    EXPECT_EQ(proved->checkpoint.size, 5u);
    EXPECT_EQ(proved->checkpoint.origin, "test/receipts");
  }
  EXPECT_EQ(log->receipt(message(5)).error().code, Code::not_found);
  EXPECT_EQ(log->receipt_at(5).error().code, Code::not_found);
  EXPECT_EQ(log->receipt_at(0).error().code, Code::not_found);
}

TEST_F(Receipts, are_refused_with_any_byte_changed) {
  ASSERT_TRUE(enter({1}, atom("marie")));
  ASSERT_TRUE(log->rotate(noon));
  ASSERT_TRUE(enter({2, 3, 4}, atom("marie")));
  const std::string good = *log->receipt(message(3));
  ASSERT_TRUE(verify(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    for (const int by : {1, 2, 4, 8, 16, 32, 64, 128}) {
      bad[i] = static_cast<char>(good[i] ^ by);
      EXPECT_FALSE(verify(bad)) << "byte " << i << " of " << good << " as " << bad[i];
    }
    for (const char c : std::string_view(" 0\"\\,]}e")) {
      bad[i] = c;
      EXPECT_EQ(verify(bad).has_value(), bad == good) << "byte " << i << " as " << c;
    }
    EXPECT_FALSE(verify(std::string_view(good).substr(0, i)));
    EXPECT_FALSE(verify(std::string(good).erase(i, 1))) << "without byte " << i;
  }
  EXPECT_FALSE(verify(good + good));
}

TEST_F(Receipts, may_be_laid_out_otherwise) {
  ASSERT_TRUE(enter({1}, atom("marie")));
  std::string spaced = *log->receipt(message(1));
  for (std::size_t at = 0; (at = spaced.find("\",\"", at)) != spaced.npos; at += 3)
    spaced.replace(at, 3, "\" ,\n  \"");
  EXPECT_TRUE(verify(spaced));
}

TEST_F(Receipts, hold_after_keys_change_and_people_are_erased) {
  ASSERT_TRUE(enter({1}, atom("marie")));
  ASSERT_TRUE(enter({2}, atom("paul")));
  const std::string old = *log->receipt(message(1));
  ASSERT_TRUE(log->rotate(noon));
  ASSERT_TRUE(keys.destroy(atom("marie")));
  open();
  ASSERT_TRUE(log->rotate(noon));
  EXPECT_TRUE(verify(old));
  EXPECT_EQ(log->receipt(message(1)).error().code, Code::not_found);
  const auto proved = verify(*log->receipt(message(2)));
  ASSERT_TRUE(proved);
  EXPECT_EQ(proved->keys.size(), 3u);
  const auto later = verify_growth(*verify(old), *log->growth(verify(old)->checkpoint.size));
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->size, 5u);
}

TEST_F(Receipts, of_another_house_are_not_of_this_one) {
  ASSERT_TRUE(enter({1, 2}, atom("marie")));
  const auto proved = *verify(*log->receipt(message(1)));
  disk::MemoryDisk other_data, other_keys;
  auto other = *TransparencyLog::open(
      {other_data, other_keys, keys}, {.origin = "test/receipts", .free_bytes_min = 0}, noon
  );
  std::vector<Sealed> entries;
  entries.push_back(*other->prepare({atom("marie"), message(1), record(1)}));
  entries.push_back(*other->prepare({atom("marie"), message(2), record(2)}));
  std::promise<Status> durable;
  ASSERT_TRUE(other->append(std::move(entries), [&](Status s) { durable.set_value(s); }));
  ASSERT_TRUE(durable.get_future().get());
  EXPECT_EQ(verify_growth(proved, *other->growth(3)).error().code, Code::corrupt);
}

TEST_F(Receipts, a_log_that_was_rewritten_is_found_out) {
  ASSERT_TRUE(enter({1, 2}, atom("marie")));
  const auto proved = *verify(*log->receipt(message(2)));
  const Signer key(log->origin(), *digest_read([&] {
                     const std::string file = keys_disk.peek("receipts/signing.key");
                     return file.substr(file.rfind('\n', file.size() - 2) + 1, 44);
                   }()));
  ASSERT_EQ(key.verifier(), proved.keys.front());
  // The house itself signs another past: the proof of growth cannot be made.
  Checkpoint forged{log->origin(), 4, leaf_hash("another past")};
  const auto growth = growth_json(3, {leaf_hash("x")}, key.sign(forged.text()), log->keys());
  EXPECT_EQ(verify_growth(proved, growth).error().code, Code::corrupt);
}

TEST_F(Receipts, a_message_is_one_leaf) {
  ASSERT_TRUE(enter({1, 1, 2}, atom("marie")));
  ASSERT_TRUE(enter({2, 1}, atom("marie")));
  EXPECT_EQ(log->size(), 3u);
  open();
  ASSERT_TRUE(enter({2, 1}, atom("marie")));
  EXPECT_EQ(log->size(), 3u);
  EXPECT_EQ(verify(*log->receipt(message(2)))->leaf, 2u);
}

TEST_F(Receipts, a_lost_key_is_told_and_not_made_again) {
  ASSERT_TRUE(enter({1}, atom("marie")));
  log.reset();
  ASSERT_TRUE(keys_disk.remove("receipts/signing.key"));
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::corrupt);
  EXPECT_NE(opened.error().message.find("restore the key folder"), std::string::npos);
}

TEST_F(Receipts, many_leaves_and_a_restart) {
  const AtomId marie = atom("marie");
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t n = 0; n < 700; ++n) {
    numbers.push_back(n);
    if (numbers.size() < 90) continue;
    ASSERT_TRUE(enter(numbers, marie));
    numbers.clear();
  }
  ASSERT_TRUE(enter(numbers, marie));
  const std::string before = log->checkpoint();
  open();
  EXPECT_EQ(log->checkpoint(), before);
  for (const std::uint64_t n : {0, 100, 254, 255, 256, 257, 511, 698, 699})
    EXPECT_EQ(verify(*log->receipt(message(n)))->record, record(n));
  for (const std::uint64_t from : {1, 255, 256, 257, 600, 701}) EXPECT_TRUE(log->growth(from));
}

/// More than one write of the log may bear: a long batch of answers must not end the house's day.
TEST_F(Receipts, more_at_once_than_one_append_bears) {
  std::vector<std::uint64_t> numbers(4'000);
  std::iota(numbers.begin(), numbers.end(), 0);
  ASSERT_TRUE(enter(numbers, atom("marie")));
  EXPECT_EQ(log->size(), 4'001u);
  EXPECT_TRUE(verify(*log->receipt(message(3'999))));
  open();
  EXPECT_EQ(log->size(), 4'001u);
}

/// Whatever was acknowledged is there after a crash at any operation, and its receipt still holds.
TEST_F(Receipts, survive_a_crash_at_any_moment) {
  const auto seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  Dice dice(seed);
  const AtomId marie = atom("marie");
  std::vector<std::pair<std::uint64_t, std::string>> given;
  std::uint64_t n = 0;
  for (int round = 0; round < 60; ++round) {
    disk::MemoryDisk& failing = dice.below(3) == 0 ? keys_disk : data;
    failing.fail_at(1 + dice.below(12), disk::MemoryDisk::Fault::power_cut);
    for (int i = 0; i < 6; ++i) {
      if (dice.below(4) == 0 && !log->rotate(noon)) break;
      if (!enter({n, n + 1}, marie)) break;
      for (const std::uint64_t m : {n, n + 1})  // reading fails on a dead disk as well
        if (const auto receipt = log->receipt(message(m))) given.emplace_back(m, *receipt);
      n += 2;
    }
    n += 2;
    log.reset();
    for (disk::MemoryDisk* disk : {&data, &keys_disk}) disk->crash(dice);
    open();
    ASSERT_TRUE(log) << "round " << round;
  }
  ASSERT_GT(given.size(), 20u);
  for (const auto& [m, receipt] : given) {
    const auto proved = verify(receipt);
    ASSERT_TRUE(proved);
    EXPECT_EQ(verify(*log->receipt(message(m)))->leaf, proved->leaf);
    const auto later = verify_growth(*proved, *log->growth(proved->checkpoint.size));
    EXPECT_TRUE(later) << later.error().message;
  }
}

TEST(Canonical, is_as_rfc_8785_says) {
  const auto read = read_members(
      "{ \"b\" : \"\\u20ac$\\u000F\\nA'\\u0042\\\"\\\\\\/\", \"a\":[3, {\"z\":1,\"y\":\"\"}]}"
  );
  ASSERT_TRUE(read);
  EXPECT_EQ(read->of.at("b"), "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\/\"");
  EXPECT_EQ(read->of.at("a"), "[3,{\"y\":\"\",\"z\":1}]");
  for (const char* bad :
       {"", "[]", "{\"a\":1.5}", "{\"a\":true}", "{\"a\":null}", "{\"a\":-1}", "{\"a\":1,\"a\":2}",
        "{\"\xc3\xa9\":1}", "{\"a\":9007199254740992}", "{\"a\":[[[[[[[[[[1]]]]]]]]]]}"})
    EXPECT_FALSE(read_members(bad)) << bad;
}

TEST(Verifier, has_one_spelling) {
  const Signer signer("house/receipts", sha256("seed"));
  const std::string text = signer.verifier().text();
  ASSERT_EQ(parse_verifier(text), signer.verifier());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] ^= 1;
    EXPECT_FALSE(parse_verifier(bad)) << bad;
  }
}

}  // namespace
}  // namespace hospes::receipt
