// JSON of the collect paths into plain parts, once, at the door. Knows the spellings that clients
// use, and the limits; knows nothing of keys, people or permission.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/event.h"

namespace hospes::collect {

/// Why one event of a request is not taken: a code for programs and a sentence that says what to
/// change.
struct Reject {
  std::string_view code;
  std::string_view reason;
};

struct Field {
  std::string_view name;  // dotted; context under "context."
  ValueView value;
};

/// What an event says about consent by itself.
struct Signal {
  bool present = false;  // an answer object was there, even if empty
  std::vector<std::pair<std::string_view, bool>>
      categories;          // Segment's shape; Rudder's lists as false and true
  std::string_view token;  // compact JWS, unread
  std::string_view tc, gpp;  // strings of the IAB, unread
};

struct ExternalId {
  std::string_view type;
  std::string_view value;
};

/// Fields of an item of type `consent`, as they came.
struct Answer {
  std::string_view purpose, state, basis, notice_id, notice_version, notice_lang, happened, until,
      proof;
  std::string_view email, phone, card;  // whom it is about, beside userId and anonymousId
};

/// Views live until the parser's next call and as long as the body.
struct Item {
  const Reject* reject = nullptr;  // the first thing that was wrong; what could be read is there all the same
  std::uint32_t refusals = 0;      // things that were wrong
  bool blurred = false;  // one of them may hide whom it is about, or what they answered
  bool consent = false;
  EventType type = EventType::track;
  std::string_view event, message_id, user_id, anonymous_id, previous_id;
  std::string_view timestamp, original_timestamp, sent_at;
  std::vector<Field> fields;
  std::vector<ExternalId> external_ids;
  Signal signal;
  Answer answer;
  std::size_t bytes = 0;
  std::string_view raw;  // its JSON, as it came
};

struct Parsed {
  std::string_view write_key;  // of the body, if any
  std::string_view context;    // JSON of the envelope's, which fills what an item leaves open
  std::vector<Item> items;
};

/// What the path says about the body.
struct Shape {
  enum class Kind : std::uint8_t { event, batch, consent } kind = Kind::batch;
  EventType type = EventType::track;
};

/// Not thread-safe; keep one per thread, its buffers are reused.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// `body` must have 64 readable bytes behind it. invalid_input when it is no JSON, no UTF-8 or of
  /// another shape (nothing of it is taken then); over_limit for more than events_max items. What
  /// is wrong with one item stands in that item.
  Result<Parsed> parse(std::string_view body, Shape shape);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hospes::collect
