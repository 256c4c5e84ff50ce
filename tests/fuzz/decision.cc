// What strangers ask of the counter, the forms that decisions are kept in, and a house's decisions.toml.
#include "catalog/decisions.h"
#include "decide/memory.h"
#include "target.h"
#include "touchpoint/question.h"
#include "touchpoint/token.h"

using namespace hospes;

namespace {


void ask(std::string_view text, catalog::KeyUse use) {
  static const catalog::Source source{.name = "web"};
  static const catalog::Purposes purposes = catalog::Purposes::fr_eu();
  const touchpoint::Caller caller{.source = &source, .use = use};
  if (const auto q = touchpoint::read_question(text, caller, purposes)) {
    fuzz::must(!q->placements.empty(), "a question asks something");
    fuzz::must(q->placements.size() <= touchpoint::placements_max, "and not too much");
    fuzz::must(q->deadline <= touchpoint::deadline_max, "its deadline is bounded");
    fuzz::must((q->yes & q->no) == 0, "a no wins");
    fuzz::must(q->event.empty() == q->message_id.empty(), "its event can be waited for");
    if (!caller.is_page()) return;
    fuzz::must(q->yes == 0, "a source without a trusted tool opens nothing");
    for (const Identifier& id : q->subject)
      fuzz::must(id.kind == catalog::kind::anonymous_id, "a page speaks of its device alone");
  }
  (void)touchpoint::read_evaluation(text, caller, purposes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::text_of(data, size);
  switch (fuzz::choose(text, 6)) {
    case 0:
      ask(text, catalog::KeyUse::server_key);
      break;
    case 1:
      ask(text, catalog::KeyUse::public_key);
      break;
    case 2:
      if (const auto tokens = touchpoint::read_tokens(text))
        fuzz::must(tokens->size() <= touchpoint::tokens_max, "tokens are bounded");
      (void)touchpoint::read_word(text);
      break;
    case 3: {
      static const touchpoint::Tokens tokens{HashSecret{}};
      fuzz::must(!tokens.read(text, Instant{}).has_value(), "nobody guesses a token");
      break;
    }
    case 4: {
      decide::Memory memory;
      if (decide::read_memory(text, memory)) {
        decide::Memory again;
        fuzz::must(decide::read_memory(decide::memory_form(memory), again) && again == memory, "it reads back");
      }
      break;
    }
    default:
      (void)catalog::read_decisions(text, catalog::Purposes::fr_eu());
  }
  return 0;
}
