#include "model/value.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"

namespace hospes {
namespace {

constexpr std::uint64_t value_seed = 0x5eed0004;

Value random_value(Dice& dice) {
  Value v;
  v.kind = static_cast<ValueKind>(dice.below(6));
  switch (v.kind) {
    case ValueKind::null:
      break;
    case ValueKind::boolean:
      v.number.micro = static_cast<std::int64_t>(dice.below(2));
      break;
    case ValueKind::number:
      v.number.micro = static_cast<std::int64_t>(dice.next()) >> dice.below(64);
      break;
    case ValueKind::text:
    case ValueKind::json:
      v.text = std::string(dice.below(300), static_cast<char>('a' + dice.below(26)));
      break;
    case ValueKind::atom:
      v.atom = {dice.next(), dice.next()};
      break;
  }
  return v;
}

TEST(Value, PackedPropertiesReadBack) {
  SCOPED_TRACE("seed " + std::to_string(value_seed));
  Dice dice(value_seed);
  for (int round = 0; round < 3'000; ++round) {
    std::vector<Property> properties(dice.below(20));
    for (Property& p : properties)
      p = {static_cast<Name>(dice.next() >> (32 + dice.below(32))), random_value(dice)};
    const Properties made(properties);
    const std::string_view packed = made.packed();
    std::vector<Property> read;
    for (PackedReader in(packed); in.next();) read.push_back({in.name(), Value(in.value())});
    ASSERT_EQ(read, properties);
    for (const Property& p : properties) {
      // The first of that name wins.
      const auto first = std::ranges::find(properties, p.name, &Property::name);
      ASSERT_EQ(Value(find_property(packed, p.name)), first->value);
    }
  }
}

TEST(Value, AnAbsentPropertyIsNull) {
  const Properties made{{7, Value::of("blue")}};
  const std::string_view packed = made.packed();
  EXPECT_EQ(find_property(packed, 8).kind, ValueKind::null);
  EXPECT_EQ(find_property("", 7).kind, ValueKind::null);
}

TEST(Value, TornOrForeignBytesAreSeen) {
  std::string bytes;
  Writer out(bytes);
  write_value(out, Value::of("some text").view());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    Reader in(std::string_view(bytes).substr(0, cut));
    read_value(in);
    EXPECT_FALSE(in.ok()) << cut;
  }
  Reader foreign("\x77");
  read_value(foreign);
  EXPECT_FALSE(foreign.ok());
}

/// What the plain readers make of a packed body, up to where it is torn.
std::vector<Property> read_plainly(std::string_view packed) {
  std::vector<Property> read;
  for (Reader in(packed); !in.rest().empty();) {
    const auto name = static_cast<Name>(in.varint());
    const ValueView value = read_value(in);
    if (!in.ok()) break;
    read.push_back({name, Value(value)});
  }
  return read;
}

TEST(Value, ATornOrForeignBodyIsReadUpToItsTear) {
  SCOPED_TRACE("seed " + std::to_string(value_seed));
  Dice dice(value_seed + 1);
  for (int round = 0; round < 3'000; ++round) {
    std::vector<Property> properties(1 + dice.below(6));
    for (Property& p : properties)
      p = {static_cast<Name>(dice.next() >> (32 + dice.below(32))), random_value(dice)};
    std::string body(Properties(properties).packed());
    if (dice.below(2) == 0) body.resize(dice.below(body.size() + 1));
    if (!body.empty() && dice.below(2) == 0)
      body[dice.below(body.size())] = static_cast<char>(dice.below(256));
    // A block of its own size: a read beyond it is seen by the sanitizers.
    const std::vector<char> exact(body.begin(), body.end());
    std::vector<Property> read;
    for (PackedReader in(std::string_view(exact.data(), exact.size())); in.next();)
      read.push_back({in.name(), Value(in.value())});
    ASSERT_EQ(read, read_plainly(body));
  }
}

TEST(Value, BooleansAndNumbersAreDifferentThings) {
  EXPECT_TRUE(Value::of(true).view().truth());
  EXPECT_FALSE(Value::of(false).view().truth());
  EXPECT_FALSE(Value::of(Decimal::whole(1)).view().truth());
  EXPECT_NE(Value::of(true), Value::of(Decimal{1}));
}

}  // namespace
}  // namespace hospes
