// One event that could not be taken as it came.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"

namespace hospes::dead_letter {

/// What stands beside the sealed part, for whoever lists.
struct Head {
  Hash128 message;  // keyed hash of (house, source, messageId): the letter's name
  Instant received;
  Instant happened;             // as the door read it; receipt where it could not
  std::vector<AtomId> atoms;    // whom it names; the first is the owner, under whose key it is sealed
  Mask mask = 0;                // purposes that were open to it
  std::vector<OpenedBy> opened;  // bits that rest on a standing yes
  std::uint8_t use = 0;          // catalog::KeyUse of the key that it came with
  std::uint8_t scopes = 0;       // catalog::Scopes of it
  std::uint8_t call = 0;         // EventType that the path said; no_call: the item says it
  bool timed = false;            // `happened` was read, not guessed
  bool gpc = false;              // Sec-GPC came with it
  bool reduced = false;          // fields that the catalogue does not list might not be kept
  std::string source, rule;      // rule: the code that its sender was told
  std::string event;             // its name if the catalogue lists it, else the type of the call
  bool operator==(const Head&) const = default;

  static constexpr std::uint8_t no_call = 255;
  Instant start() const { return happened < received ? happened : received; }
};

/// What is sealed.
struct Content {
  std::string detail;      // where it was wrong
  std::string message_id;  // its own, or the one made of it as it came
  std::string context;     // of the envelope; JSON, or empty
  std::string item;        // JSON, as it came
  bool operator==(const Content&) const = default;
};

struct Letter {
  Head head;
  Content content;
  bool operator==(const Letter&) const = default;
};

std::string encode(const Head& head);
/// Takes the head off the front of `bytes`. corrupt when it is none.
Result<Head> decode_head(std::string_view& bytes);
std::string encode(const Content& content);
Result<Content> decode_content(std::string_view bytes);

}  // namespace hospes::dead_letter
