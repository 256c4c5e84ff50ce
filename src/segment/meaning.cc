// Pieces that `why` and the engine share with the evaluator.
#include <algorithm>

#include "segment/numbers.h"

namespace hospes::segment {

bool passes(const ValueView& value, Test test, std::span<const Value> literals) {
  if (value.kind == ValueKind::null) return false;
  const auto equal = [&](const Value& literal) { return value == literal.view(); };
  const bool texts = value.kind == ValueKind::text;
  switch (test) {
    case Test::exists:
      return true;
    case Test::eq:
      return equal(literals[0]);
    case Test::ne:
      return !equal(literals[0]);
    case Test::in:
      return std::ranges::any_of(literals, equal);
    case Test::contains:
      return texts && value.text.find(literals[0].text) != std::string_view::npos;
    case Test::starts:
      return texts && value.text.starts_with(literals[0].text);
    default:
      return value.kind == ValueKind::number &&
             compares(value.number.micro, test, literals[0].number.micro);
  }
}

bool selects(const BoundNamed& selection, const Moment& moment, std::string_view body) {
  if (moment.name != selection.event) return false;
  return std::ranges::all_of(selection.where, [&](const BoundClause& c) {
    return c.test == Test::falls || c.test == Test::near ||
           passes(find_property(body, c.name), c.test, c.values);
  });
}

const zones::Zone& zone_of(const Clock& clock, const Person& person, Mask purpose, Instant now) {
  for (const Name name : {clock.timezone, clock.context_timezone}) {
    const ValueView said = trait_of(person, purpose, name, now);
    if (said.kind != ValueKind::text) continue;
    if (const zones::Zone* zone = zones::find(said.text)) return *zone;
  }
  return *clock.house;
}

ValueView trait_of(const Person& person, Mask purpose, Name name, Instant now) {
  for (std::size_t i = person.events.size(); i-- > 0;) {
    const Seen& seen = person.events[i];
    if ((seen.mask & purpose) == 0 || seen.moment->type != EventType::identify ||
        seen.moment->happened > now) {
      continue;
    }
    for (PackedReader in(seen.body); in.next();) {
      if (in.name() == name) return in.value();  // null too: that is how a trait is taken back
    }
  }
  return {};
}

bool in_window(const Window& window, Instant happened, Instant now) {
  return happened <= now - window.to && (!window.from || happened > now - *window.from);
}

Instant next_edge(const Window& window, Instant happened, Instant now) {
  const Instant enters = happened + window.to;
  if (enters > now) return enters;
  if (!window.from) return Instant::never();
  const Instant leaves = happened + *window.from;
  return leaves > now ? leaves : Instant::never();
}

Answer date_answer(const BoundNode& node, const ValueView& value, Instant now) {
  const auto at = value.kind == ValueKind::text ? parse_instant(value.text) : std::nullopt;
  return at ? date_answer(node, *at, now) : Answer{};
}

Answer date_answer(const BoundNode& node, Instant t, Instant now) {
  const auto edge = [&](Instant e) { return e > now ? e : Instant::never(); };
  const auto step = Duration(1);
  switch (node.date) {
    case DateTest::before:
      if (node.absolute) return {t < *node.absolute};
      return {t < now + node.offset, edge(t - node.offset + step)};
    case DateTest::after:
      if (node.absolute) return {t > *node.absolute};
      return {t > now + node.offset, edge(t - node.offset)};
    case DateTest::past: {
      const Window window{.from = node.offset};
      return {in_window(window, t, now), next_edge(window, t, now)};
    }
    case DateTest::coming: {
      const Instant starts = t - node.offset;
      return {t > now && t <= now + node.offset, starts > now ? starts : edge(t)};
    }
  }
  return {};
}

}  // namespace hospes::segment
