// The tree against its definition written down plainly, and against what golang.org/x/mod/sumdb
// says (tests/receipt/vectors.json).
#include "receipt/merkle.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <iostream>
#include <random>

#include "base/dice.h"
#include "receipt/note.h"

namespace hospes::receipt {
namespace {

Digest leaf(std::uint64_t n) { return leaf_hash("entry " + std::to_string(n)); }

/// MTH of RFC 9162 section 2.1.1, over the leaves themselves.
Digest plain_root(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return sha256("");
  if (end - begin == 1) return leaf(begin);
  std::uint64_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return node_hash(plain_root(begin, begin + k), plain_root(begin + k, end));
}

Tree grown(std::uint64_t size) {
  Tree tree([](std::uint64_t tile) -> Result<std::vector<Digest>> {
    std::vector<Digest> out;
    for (std::uint64_t i = 0; i < Tree::tile_leaves; ++i)
      out.push_back(leaf(tile * Tree::tile_leaves + i));
    return out;
  });
  for (std::uint64_t i = 0; i < size; ++i) tree.append(leaf(i));
  return tree;
}

std::vector<Digest> digests(simdjson::dom::array list) {
  std::vector<Digest> out;
  for (const std::string_view text : list) out.push_back(*digest_read(text));
  return out;
}

struct Vectors : testing::Test {
  simdjson::dom::parser parser;
  simdjson::dom::element json = parser.load(HOSPES_SOURCE "/tests/receipt/vectors.json");
  std::uint64_t number(simdjson::dom::element of, const char* key) { return of[key]; }
};

TEST_F(Vectors, of_go_agree_with_roots_and_proofs) {
  const Tree tree = grown(1200);
  for (const auto v : json["roots"].get_array())
    EXPECT_EQ(base64(view_of(*tree.root(number(v, "Size")))), std::string_view(v["Root"]));
  for (const auto v : json["inclusions"].get_array())
    EXPECT_EQ(*tree.inclusion(number(v, "Leaf"), number(v, "Size")), digests(v["Proof"]));
  for (const auto v : json["consistencies"].get_array())
    EXPECT_EQ(*tree.consistency(number(v, "From"), number(v, "To")), digests(v["Proof"]));
}

TEST_F(Vectors, of_go_agree_with_notes) {
  const auto text = [&](const char* key) { return std::string(std::string_view(json[key])); };
  const Signer signer("house.example/receipts", *digest_read(text("seed")));
  EXPECT_EQ(signer.verifier().text(), text("verifier"));
  EXPECT_EQ(signer.sign(text("text")), text("note"));
  const auto who = parse_verifier(text("verifier"));
  ASSERT_TRUE(who);
  EXPECT_EQ(open_note(text("note"), *who), text("text"));
}

TEST(Merkle, roots_and_proofs_are_as_defined) {
  for (std::uint64_t size = 0; size < 20; ++size) {
    const Tree tree = grown(size);
    EXPECT_EQ(tree.root(), plain_root(0, size));
    for (std::uint64_t to = 1; to <= size; ++to) {
      const Digest root = plain_root(0, to);
      for (std::uint64_t i = 0; i < to; ++i) {
        const auto proof = *tree.inclusion(i, to);
        EXPECT_TRUE(verify_inclusion(leaf(i), i, to, proof, root)) << i << " of " << to;
        for (std::uint64_t other = 0; other < to; ++other)
          EXPECT_EQ(verify_inclusion(leaf(i), other, to, proof, root), other == i);
      }
      for (std::uint64_t from = 1; from <= to; ++from) {
        const auto proof = *tree.consistency(from, to);
        EXPECT_TRUE(verify_consistency(from, plain_root(0, from), to, root, proof));
        EXPECT_EQ(
            verify_consistency(from, plain_root(0, from - 1), to, root, proof), false
        ) << from << " to " << to;
      }
    }
  }
}

TEST(Merkle, large_trees_are_as_defined) {
  const auto seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  Dice dice(seed);
  const std::uint64_t size = 256 * 5 + dice.below(700);
  const Tree tree = grown(size);
  EXPECT_EQ(tree.root(), plain_root(0, size));
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t to = 1 + dice.below(size);
    const std::uint64_t from = 1 + dice.below(to);
    const std::uint64_t at = dice.below(to);
    const Digest root = plain_root(0, to);
    EXPECT_EQ(*tree.root(to), root);
    auto proof = *tree.inclusion(at, to);
    EXPECT_TRUE(verify_inclusion(leaf(at), at, to, proof, root));
    const auto growth = *tree.consistency(from, to);
    EXPECT_TRUE(verify_consistency(from, plain_root(0, from), to, root, growth));
    if (proof.empty()) continue;
    proof[dice.below(proof.size())][dice.below(32)] ^= 1;
    EXPECT_FALSE(verify_inclusion(leaf(at), at, to, proof, root));
    proof.push_back({});
    EXPECT_FALSE(verify_inclusion(leaf(at), at, to, proof, root));
  }
}

TEST(Merkle, what_is_not_there_is_refused) {
  const Tree tree = grown(300);
  for (const auto& proof :
       {tree.inclusion(300, 300), tree.inclusion(0, 301), tree.inclusion(0, 0),
        tree.consistency(0, 300), tree.consistency(200, 100), tree.consistency(1, 301)})
    EXPECT_EQ(proof.error().code, Code::invalid_input);
  EXPECT_FALSE(verify_inclusion(leaf(0), 5, 5, {}, leaf(0)));
  EXPECT_FALSE(verify_consistency(0, {}, 5, {}, {}));
}

/// Leaves are appended before they are durable: a proof for what is durable rests on nothing else.
TEST(Merkle, proofs_need_no_leaf_beyond_their_size) {
  const std::uint64_t durable = 250;
  Tree tree([](std::uint64_t tile) -> Result<std::vector<Digest>> {
    std::vector<Digest> out;
    for (std::uint64_t i = 0; i < durable && tile == 0; ++i) out.push_back(leaf(i));
    return out;
  });
  for (std::uint64_t i = 0; i < 300; ++i) tree.append(leaf(i));
  const auto proof = tree.inclusion(7, durable);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_TRUE(verify_inclusion(leaf(7), 7, durable, *proof, plain_root(0, durable)));
  EXPECT_EQ(*tree.root(durable), plain_root(0, durable));
  EXPECT_EQ(tree.inclusion(251, 256).error().code, Code::corrupt);
}

TEST(Merkle, what_cannot_be_fetched_is_told) {
  Tree tree([](std::uint64_t) -> Result<std::vector<Digest>> {
    return fail(Code::unavailable, "the disk");
  });
  for (std::uint64_t i = 0; i < 300; ++i) tree.append(leaf(i));
  EXPECT_EQ(tree.root(), plain_root(0, 300));
  EXPECT_EQ(tree.inclusion(3, 300).error().code, Code::unavailable);
  EXPECT_TRUE(tree.inclusion(299, 300));
}

}  // namespace
}  // namespace hospes::receipt
