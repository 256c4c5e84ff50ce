#include <algorithm>

#include "segment/turn.h"

namespace hospes::segment {

void Turn::hear(const Seen& event) {
  heard_.clear();
  for (PackedReader in(event.body); in.next();) {
    const Field* field = plan_.field(in.name());
    if (field == nullptr) continue;
    const auto index = static_cast<std::uint32_t>(field - plan_.fields.data());
    // A name that comes twice: the first counts, as in find_property.
    if (std::ranges::find(heard_, index, &Heard::field) != heard_.end()) continue;
    const ValueView& value = in.value();
    const bool text = value.kind == ValueKind::text;
    heard_.push_back({index, text ? field->literal(value.text) : no_literal, value});
  }
}

const ValueView* Turn::heard(Name name) const {
  const Field* field = plan_.field(name);
  const auto index = static_cast<std::uint32_t>(field - plan_.fields.data());
  const auto at = std::ranges::find(heard_, index, &Heard::field);
  return at == heard_.end() ? nullptr : &at->value;
}

bool Turn::selected(const LocalStream& stream, const Seen& event, bool verify) const {
  if ((event.mask & bit(stream.purpose)) == 0) return false;
  if (!verify) return true;
  return std::ranges::all_of(plan_.streams[stream.stream].select.where, [&](const auto& clause) {
    const ValueView* value = heard(clause.name);
    return value != nullptr && passes(*value, clause.test, clause.values);
  });
}

bool Turn::amount_of(const LocalStream& stream, std::int64_t& amount) const {
  if (stream.rule.keep != Keep::amounts) return true;
  const ValueView* value = heard(stream.property);
  if (value == nullptr || value->kind != ValueKind::number) return false;
  amount = value->number.micro;
  return true;
}

/// The group's streams that this event belongs to.
void Turn::match(const View& view, const Seen& event, Few<Local, 16>& out) const {
  const auto use = std::ranges::find(view.group->events, event.moment->name, &EventUse::event);
  if (use == view.group->events.end()) return;
  const auto take = [&](Local stream, bool verify) {
    if (selected(view.group->streams[stream], event, verify)) out.push_back(stream);
  };
  for (const Local s : use->plain) take(s, false);
  for (const Local s : use->others) take(s, true);
  const auto place = [](const EventUse::Filed& f) { return std::pair(f.field, f.key); };
  for (const Heard& h : heard_) {
    if (h.literal != no_literal) {
      const std::pair key(h.field, static_cast<std::int64_t>(h.literal));
      for (auto at = std::ranges::lower_bound(use->equal, key, {}, place);
           at != use->equal.end() && place(*at) == key; ++at)
        take(at->stream, at->verify);
    }
    if (h.value.kind == ValueKind::number) {
      for (auto at = std::ranges::lower_bound(use->above, h.field, {}, &EventUse::Filed::field);
           at != use->above.end() && at->field == h.field && at->key <= h.value.number.micro; ++at)
        take(at->stream, at->verify);
    }
  }
}

}  // namespace hospes::segment
