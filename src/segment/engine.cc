#include "segment/engine.h"

#include <algorithm>

#include "segment/plan.h"
#include "segment/turn.h"

namespace hospes::segment {

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::event:
      return "event";
    case Cause::time:
      return "time";
    case Cause::rebuild:
      return "rebuild";
  }
  return "";
}

std::optional<Instant> Page::since(SegmentIndex segment) const {
  const auto at = std::ranges::lower_bound(members_, segment, {}, &Member::segment);
  if (at == members_.end() || at->segment != segment) return std::nullopt;
  return at->since;
}

std::size_t Page::memory_bytes() const {
  const auto held = [](const auto& list) { return list.capacity() * sizeof(list[0]); };
  const std::size_t bytes = sizeof *this + held(members_) + held(bits_) + held(traits_) +
                            held(slow_) + cells_.memory_bytes();
  return bytes;
}

Engine::Engine(std::shared_ptr<const Definitions> definitions)
    : definitions_(std::move(definitions)), plan_(make_plan(*definitions_)) {}

void Engine::rebuild(Page& page, const Person& person, Instant now, Flips& out, Cause cause) const {
  page.bits_.clear();  // laid out, perhaps, by the plan of other definitions: read by this one it may lie outside
  Turn(*definitions_, *plan_, page, now).rebuild(person, cause, out);
}

Added Engine::add(Page& page, const Seen& event, std::uint64_t kinds, Instant now, Flips& out)
    const {
  return Turn(*definitions_, *plan_, page, now).add(event, kinds, out);
}

Added Engine::fire(Page& page, Instant now, Flips& out) const {
  return Turn(*definitions_, *plan_, page, now).fire(out);
}

}  // namespace hospes::segment
