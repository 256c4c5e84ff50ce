// Text parts and headers of a message, of whatever text.
#include <algorithm>

#include "mail/message.h"
#include "mail/text.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hospes;
  auto text = fuzz::text_of(data, size);
  std::size_t subject = fuzz::choose(text, 200);
  subject = std::min(subject, text.size());  // of what is left
  const auto made = mail::compose(
      {.from = {"Shop", "news@shop.example"},
       .to = "zoe@example.org",
       .reply_to = {},
       .subject = std::string(text.substr(0, subject)),
       .html = std::string(text.substr(subject)),
       .text = {},
       .message_id = "1@shop.example",
       .date = {0},
       .list_id = {},
       .feedback_id = {},
       .unsubscribe_url = {},
       .unsubscribe_address = {}}
  );
  if (!made) return 0;
  const std::string whole = made->text();
  std::size_t line = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto c = static_cast<unsigned char>(whole[i]);
    if (c == '\r') {
      fuzz::must(i + 1 < whole.size() && whole[i + 1] == '\n', "CR comes with LF");
      line = 0;
      ++i;
      continue;
    }
    fuzz::must(c == '\t' || (c >= ' ' && c < 127), "what travels is ASCII");
    fuzz::must(++line <= 998, "no line is too long");
  }
  for (const auto& [name, field] : made->fields)
    fuzz::must(field.ends_with("\r\n") && field.starts_with(name + ": "), "a field is one");
  return 0;
}
