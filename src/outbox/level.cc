#include "outbox/level.h"

#include <algorithm>

#include "base/hash_bytes.h"

namespace hospes::outbox {

std::optional<std::int64_t> frees_on(
    std::span<const std::int64_t> days, std::int64_t today, std::uint32_t cap, std::int64_t window
) {
  if (cap == 0) return std::nullopt;
  const auto within = std::ranges::upper_bound(days, today - window);
  const auto count = static_cast<std::size_t>(days.end() - within);
  if (count < cap) return std::nullopt;
  return within[static_cast<std::ptrdiff_t>(count - cap)] + window;
}

// choice = level:u8 since:i64 message:16 source:text
std::string choice_form(const Choice& choice) {
  std::string form;
  Writer out(form);
  out.u8(static_cast<std::uint8_t>(choice.level));
  out.i64(choice.since.us);
  write_hash(out, choice.message);
  out.text(choice.source);
  return form;
}

bool read_choice(std::string_view form, Choice& choice) {
  Reader in(form);
  const std::uint8_t level = in.u8();
  if (level >= level_names.size()) return false;
  choice.level = static_cast<Level>(level);
  choice.since.us = in.i64();
  choice.message = read_hash(in);
  choice.source = in.text();
  return in.done();
}

}  // namespace hospes::outbox
