#include "model/timeline.h"

#include <algorithm>

namespace hospes {

void Timeline::add(const Event& event) {
  Moment m{
      .happened = event.happened,
      .received = event.received,
      .message = event.message,
      .mask = event.mask,
      .name = event.name,
      .source = event.source,
      .body_at = static_cast<std::uint32_t>(bodies_.size()),
      .type = event.type,
      .flags = event.flags};
  bodies_.append(event.properties.packed());
  m.body_size = static_cast<std::uint32_t>(event.properties.packed().size());
  if (!event.opened.empty()) {
    // Most people's events rest on the same few answers: share equal lists.
    auto at = std::ranges::find(opened_, event.opened);
    if (at == opened_.end()) at = opened_.insert(opened_.end(), event.opened);
    m.opened_at = static_cast<std::uint16_t>(at - opened_.begin() + 1);
  }
  ordered_ = ordered_ && (moments_.empty() || moments_.back().key() < m.key());
  moments_.push_back(m);
  simulated_ = simulated_ || (event.flags & flag_simulated) != 0;
}

std::span<const Moment> Timeline::in_order() const {
  if (!ordered_) {
    std::ranges::sort(moments_, {}, [](const Moment& m) { return m.key(); });
    ordered_ = true;
  }
  return moments_;
}

std::span<const OpenedBy> Timeline::opened(const Moment& m) const {
  if (m.opened_at == 0) return {};
  return opened_[m.opened_at - 1U];
}

std::size_t Timeline::keep(const std::function<Mask(const Moment&)>& kept) {
  const std::size_t before = moments_.size();
  std::vector<Moment> moments;
  std::string bodies;
  for (Moment m : in_order()) {
    m.mask = kept(m);
    if (m.mask == 0) continue;
    const std::string_view body_of = body(m);
    m.body_at = static_cast<std::uint32_t>(bodies.size());
    bodies.append(body_of);
    moments.push_back(m);
  }
  moments_ = std::move(moments);
  bodies_ = std::move(bodies);
  return before - moments_.size();
}

void Timeline::drop() {
  const bool simulated = simulated_;
  *this = Timeline();
  simulated_ = simulated;
}

std::size_t Timeline::heap_bytes() const {
  return moments_.capacity() * sizeof(Moment) + bodies_.capacity() +
         opened_.capacity() * sizeof(opened_.front());
}

}  // namespace hospes
