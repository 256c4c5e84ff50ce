// What is asked, from JSON into plain parts: the bodies of /v1/decide, /v1/exposures, /v1/feedback and
// of OFREP. Strangers write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "decide/exposure.h"
#include "model/event.h"
#include "touchpoint/caller.h"

namespace hospes::touchpoint {

inline constexpr std::size_t body_bytes_max = 256 * 1024;
inline constexpr std::size_t placements_max = 32, tokens_max = 200;
inline constexpr Duration deadline_usual = std::chrono::milliseconds(200);
inline constexpr Duration deadline_max = std::chrono::seconds(1);

struct Slot {
  std::string key;
  std::uint32_t n = 0;  // 0: as many as the placement allows
};

struct Question {
  std::vector<Identifier> subject;  // normalised, strongest first; of a page an anonymous id at most
  std::string locale;
  Mask yes = 0, no = 0;  // what the question itself says of permission
  std::vector<Slot> placements;
  std::vector<std::string> flags;  // of OFREP; with `all_flags` none are named
  bool all_flags = false;
  bool execute = true;
  bool explain = false;  // each candidate with its reason; never to a page
  std::string event;       // one item of a batch, as JSON; empty: none
  std::string message_id;  // of it
  Duration deadline = deadline_usual;
};

Result<Question> read_question(
    std::string_view body, const Caller& caller, const catalog::Purposes& purposes
);

/// OFREP's `{"context": {"targetingKey": …}}`. `targetingKey` is a user id for a server, or
/// `kind:value`; an anonymous id for a page. not_found: there is no targetingKey.
Result<Question> read_evaluation(
    std::string_view body, const Caller& caller, const catalog::Purposes& purposes
);

Result<std::vector<std::string>> read_tokens(std::string_view body);

struct Word {
  std::string token, item;
  decide::Outcome outcome = decide::Outcome::clicked;
  std::optional<Decimal> value;
};
Result<Word> read_word(std::string_view body);

}  // namespace hospes::touchpoint
