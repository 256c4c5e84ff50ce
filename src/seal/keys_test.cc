// The contract of KeyStore, run on every implementation.
#include "seal/keys.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "disk/memory.h"
#include "seal/key_file.h"
#include "seal/memory_keys.h"

namespace hospes::seal {
namespace {

struct Maker {
  const char* name;
  std::function<std::unique_ptr<KeyStore>(std::size_t atoms_max)> make;
};

class KeyStoreContract : public testing::TestWithParam<Maker> {
 protected:
  std::unique_ptr<KeyStore> store = GetParam().make(1000);
  Atom resolve(const Identifier& i, std::int64_t at = 7) {
    return store->resolve(std::vector{i}, Instant{at}).value()[0];
  }
};

TEST_P(KeyStoreContract, an_identifier_is_one_atom_for_ever) {
  const std::vector<Identifier> both{{1, "a"}, {2, "a"}, {1, "b"}, {1, "a"}};
  const auto first = store->resolve(both, Instant{5});
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 4u);
  EXPECT_EQ((*first)[0], (*first)[3]) << "a repeat within one call is the same atom";
  std::set<AtomId> ids;
  for (const auto& a : *first) ids.insert(a.id);
  EXPECT_EQ(ids.size(), 3u) << "kind and value both tell";
  EXPECT_EQ((*first)[1].kind, 2);
  EXPECT_EQ((*first)[0].born, Instant{5});
  const auto again = store->resolve(both, Instant{99});
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *first) << "born is the first sight";
  EXPECT_EQ(store->size(), 3u);
}

TEST_P(KeyStoreContract, find_never_makes) {
  EXPECT_EQ(store->find({1, "a"}).value(), std::nullopt);
  EXPECT_EQ(store->size(), 0u);
  const Atom a = resolve({1, "a"});
  EXPECT_EQ(store->find({1, "a"}).value(), a);
  EXPECT_EQ(store->find({2, "a"}).value(), std::nullopt);
}

TEST_P(KeyStoreContract, each_atom_has_its_key_and_its_identifier) {
  const Atom a = resolve({1, "a"});
  const Atom b = resolve({3, std::string("b\0c", 3)});
  EXPECT_NE(store->key(a.id).value().bytes, store->key(b.id).value().bytes);
  EXPECT_EQ(store->reveal(b.id).value(), (Identifier{3, std::string("b\0c", 3)}));
  ASSERT_TRUE(store->sync());
  EXPECT_EQ(store->reveal(a.id).value(), (Identifier{1, "a"}));
  EXPECT_EQ(store->key({1, 2}).error().code, Code::not_found);
  EXPECT_EQ(store->reveal({1, 2}).error().code, Code::not_found);
}

TEST_P(KeyStoreContract, the_destroyed_are_unknown_and_seen_again_are_new) {
  const Atom a = resolve({1, "a"});
  const Atom b = resolve({1, "b"});
  const Key key_b = store->key(b.id).value();
  ASSERT_TRUE(store->destroy(a.id));
  EXPECT_EQ(store->key(a.id).error().code, Code::not_found);
  EXPECT_EQ(store->reveal(a.id).error().code, Code::not_found);
  EXPECT_EQ(store->find({1, "a"}).value(), std::nullopt);
  EXPECT_EQ(store->destroy(a.id).error().code, Code::not_found);
  EXPECT_EQ(store->size(), 1u);
  EXPECT_EQ(store->key(b.id).value().bytes, key_b.bytes) << "the living keep their keys";
  EXPECT_EQ(store->reveal(b.id).value().value, "b");
  const Atom again = resolve({1, "a"}, 50);
  EXPECT_NE(again.id, a.id);
  EXPECT_EQ(again.born, Instant{50});
  EXPECT_EQ(store->key(a.id).error().code, Code::not_found);
}

TEST_P(KeyStoreContract, a_full_store_makes_nothing) {
  store = GetParam().make(3);
  resolve({1, "a"});
  resolve({1, "b"});
  const std::vector<Identifier> two{{1, "c"}, {1, "d"}};
  EXPECT_EQ(store->resolve(two, Instant{1}).error().code, Code::over_limit);
  EXPECT_EQ(store->size(), 2u);
  EXPECT_EQ(store->find({1, "c"}).value(), std::nullopt);
  const std::vector<Identifier> same{{1, "c"}, {1, "c"}, {1, "a"}};
  EXPECT_TRUE(store->resolve(same, Instant{1})) << "two names of one are one";
}

/// A key file on a disk of its own.
class OwnedKeyFile final : public KeyStore {
 public:
  explicit OwnedKeyFile(std::size_t atoms_max)
      : file_(open_key_file(disk_, {.atoms_max = atoms_max}).value()) {}
  Result<std::vector<Atom>> resolve(std::span<const Identifier> i, Instant now) override {
    return file_->resolve(i, now);
  }
  Result<std::optional<Atom>> find(const Identifier& i) override { return file_->find(i); }
  Status sync() override { return file_->sync(); }
  Result<Key> key(AtomId a) override { return file_->key(a); }
  Result<Identifier> reveal(AtomId a) override { return file_->reveal(a); }
  Status destroy(AtomId a) override { return file_->destroy(a); }
  std::size_t size() const override { return file_->size(); }
  const HashSecret& house_secret() const override { return file_->house_secret(); }

 private:
  disk::MemoryDisk disk_;
  std::unique_ptr<KeyStore> file_;
};

INSTANTIATE_TEST_SUITE_P(
    , KeyStoreContract,
    testing::Values(
        Maker{
            "memory",
            [](std::size_t max) {
              return std::make_unique<MemoryKeys>(MemoryKeys::Options{.atoms_max = max});
            }},
        Maker{"file", [](std::size_t max) { return std::make_unique<OwnedKeyFile>(max); }}
    ),
    [](const auto& made) { return made.param.name; }
);

TEST(MemoryKeys, ids_depend_on_the_seed_and_not_on_order) {
  const auto id = [](std::uint64_t seed, std::vector<Identifier> order) {
    MemoryKeys keys({.seed = seed});
    EXPECT_TRUE(keys.resolve(order, Instant{1}));
    return keys.find({1, "a"}).value()->id;
  };
  EXPECT_EQ(id(4, {{1, "a"}, {1, "b"}}), id(4, {{1, "b"}, {1, "a"}}));
  EXPECT_NE(id(4, {{1, "a"}}), id(5, {{1, "a"}}));
}

TEST(MemoryKeys, refuses_when_told) {
  MemoryKeys keys;
  const std::vector<Identifier> a{{1, "a"}};
  ASSERT_TRUE(keys.resolve(a, Instant{1}));
  keys.refuse(true);
  EXPECT_EQ(keys.sync().error().code, Code::unavailable);
  EXPECT_TRUE(keys.resolve(a, Instant{1})) << "the known need no disk";
  EXPECT_EQ(
      keys.resolve(std::vector<Identifier>{{1, "b"}}, Instant{1}).error().code, Code::unavailable
  );
  EXPECT_EQ(keys.size(), 1u);
}

}  // namespace
}  // namespace hospes::seal
