#include "record/codec.h"

#include <gtest/gtest.h>

#include "base/dice.h"
#include "seal/memory_keys.h"

namespace hospes::record {
namespace {

struct Room {
  Dice dice{20'261'124};
  Names names;
  seal::MemoryKeys keys;

  Atom atom(KindId kind, const std::string& value) {
    const Identifier id{kind, value};
    return keys.resolve({&id, 1}, Instant{1'000'000}).value().front();
  }
  Name name(std::string_view text) { return names.intern(text).value(); }

  Record arrived(const std::string& marker) {
    Event e;
    e.owner = atom(0, "marie");
    e.anchor = atom(7, "device-1");
    e.others = {e.anchor};
    e.message = {dice.next(), dice.next()};
    e.mask = dice.next();
    e.happened = {static_cast<std::int64_t>(dice.below(1ULL << 50))};
    e.received = {static_cast<std::int64_t>(dice.below(1ULL << 50))};
    e.name = name("Product Viewed");
    e.source = name("web");
    e.message_id = "m-1";
    e.opened = {{5, e.anchor.id}};
    e.properties = {
        {name("title"), Value::of(std::string_view(marker))},
        {name("price"), Value::of(Decimal{static_cast<std::int64_t>(dice.next())})},
        {name("gift"), Value::of(true)}};
    return {.stamp = e.received, .origin = {}, .to = {}, .body = Arrived{e, {Hash128{1, 2}}}};
  }
};

TEST(Codec, ARecordReadsBackAsItWasAndShowsNothingPersonal) {
  Room room;
  for (int i = 0; i < 200; ++i) {
    Record record = room.arrived("canary-8f31");
    if (i % 2 == 0) record.origin = Origin{3, {1, room.dice.next()}, 9};
    if (i % 3 == 0) record.to = person_of(room.atom(0, "paul"));
    const std::string bytes = encode(record, room.names, room.keys).value();
    EXPECT_EQ(bytes.find("canary"), std::string::npos);
    EXPECT_EQ(bytes.find("Product"), std::string::npos);
    EXPECT_EQ(bytes.find("device-1"), std::string::npos);
    EXPECT_EQ(decode(bytes, room.names, room.keys).value(), record);
  }
}

TEST(Codec, EveryKindReadsBack) {
  Room room;
  const Atom marie = room.atom(0, "marie");
  const Atom phone = room.atom(2, "+33612345678");
  const std::vector<Body> bodies{
      Answered{
          marie, 4, 1, Instant{5}, Instant::never(), {1, 2}, "crm", "n1", "3", "fr", "form 12",
          Instant{6}, Position{1, 9}},
      Link{person_of(marie), phone, marie},
      Invite{person_of(phone)},
      Bundle{person_of(phone), {{marie, "m content"}, {phone, "p content"}}, "edges"},
      Repoint{phone.id, person_of(marie)},
      Defined{3, Instant{77}, "segment x", "[[action]]"},
      Tick{},
      Erased{marie.id},
      Ruled{marie, phone, Ruled::Word::part, 2, {3, 4}, Instant{6}, Position{1, 9}},
      Forgotten{marie, {{phone.id, Grade::proved, Instant{8}}}, {5, 6}, {5, 7}},
      Claimed{marie, {7, 8}, 2},
      Performed{
          marie, {7, 8}, 2, Performed::Outcome::again, 4, 503, Instant{9}, Instant{8}, "guest_page",
          Instant{7}, Position{1, 9}},
      Witnessed{marie, {9, 1}, Witnessed::What::feedback, "seen"},
      Witnessed{{}, {9, 2}, Witnessed::What::exposure, "by nobody"},
      Took{"vinyl_week", {9, 3}},
      SoldOut{"vinyl_week", 100},
      Levelled{marie, 3, {9, 4}, "guest_book"},
      Requested{marie, {9, 5}, "a request"}};
  for (const Body& body : bodies) {
    const Record record{.stamp = Instant{42}, .origin = {}, .to = {}, .body = body};
    const std::string bytes = encode(record, room.names, room.keys).value();
    EXPECT_EQ(decode(bytes, room.names, room.keys).value(), record) << "kind " << body.index();
  }
}

TEST(Codec, ARecordWhoseKeyIsGoneIsErased) {
  Room room;
  const Record record = room.arrived("x");
  const AtomId owner = std::get<Arrived>(record.body).event.owner.id;
  const std::string bytes = encode(record, room.names, room.keys).value();
  ASSERT_TRUE(room.keys.destroy(owner));
  EXPECT_EQ(decode(bytes, room.names, room.keys).value().body, Body(Erased{owner}));
}

TEST(Codec, ABundleLosesOnlyTheAtomsWhoseKeysAreGone) {
  Room room;
  const Atom marie = room.atom(0, "marie");
  const Atom phone = room.atom(2, "+33612345678");
  const Record record{
      .stamp = {},
      .origin = {},
      .to = {},
      .body = Bundle{person_of(phone), {{marie, "m"}, {phone, "p"}}, ""}};
  const std::string bytes = encode(record, room.names, room.keys).value();
  ASSERT_TRUE(room.keys.destroy(marie.id));
  const Record read = decode(bytes, room.names, room.keys).value();
  const std::vector<Moved> left{{phone, "p"}};
  EXPECT_EQ(std::get<Bundle>(read.body).atoms, left);
}

TEST(Codec, AnyFlippedByteIsRefusedOrChangesNothingSealed) {
  Room room;
  const Record record = room.arrived("x");
  const std::string bytes = encode(record, room.names, room.keys).value();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string torn = bytes;
    torn[i] = static_cast<char>(torn[i] ^ 0x20);
    const auto read = decode(torn, room.names, room.keys);
    // Another owner id means another key: then it reads as erased, never as something else.
    if (!read) continue;
    EXPECT_FALSE(std::holds_alternative<Arrived>(read->body)) << "byte " << i;
  }
}

TEST(Codec, AnyCutIsRefused) {
  Room room;
  const std::string bytes = encode(room.arrived("x"), room.names, room.keys).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size), room.names, room.keys)) << size;
  }
}

}  // namespace
}  // namespace hospes::record
