#include "segment/engine.h"

#include <algorithm>

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
  return sizeof *this + members_.capacity() * sizeof(Member);
}

Engine::Engine(std::shared_ptr<const Definitions> definitions)
    : definitions_(std::move(definitions)) {}

void Engine::rebuild(Page& page, const Person& person, Instant now, Flips& out, Cause cause) const {
  const Memberships truth = evaluate_all(*definitions_, person, now);
  std::vector<Member> members;
  for (SegmentIndex i = 0; i < definitions_->size(); ++i) {
    const auto since = page.since(i);
    if (truth.in[i] != since.has_value()) out.push_back({i, truth.in[i], now, cause});
    if (truth.in[i]) members.push_back({i, since.value_or(now)});
  }
  page.members_ = std::move(members);
  page.due_ = truth.due;
  page.kinds_ = person.kinds;
}

Added Engine::add(Page& page, const Seen&, std::uint64_t, Instant, Flips&) const {
  page.due_ = std::min(page.due_, Instant::never());
  return Added::needs_rebuild;
}

Added Engine::fire(Page& page, Instant now, Flips&) const {
  return now < page.due_ ? Added::done : Added::needs_rebuild;
}

}  // namespace hospes::segment
