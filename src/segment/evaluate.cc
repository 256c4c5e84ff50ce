#include "segment/evaluate.h"

#include <algorithm>
#include <limits>
#include <set>

namespace hospes::segment {

namespace {

bool compares(Wide left, Test test, Wide right) {
  switch (test) {
    case Test::eq:
      return left == right;
    case Test::ne:
      return left != right;
    case Test::lt:
      return left < right;
    case Test::le:
      return left <= right;
    case Test::gt:
      return left > right;
    case Test::ge:
      return left >= right;
    default:
      return false;
  }
}

constexpr Wide micro = 1'000'000;

/// A sum or average as far as a decimal can say it; beyond, its digits as text.
Value shown(Wide micros) {
  const bool fits = micros >= std::numeric_limits<std::int64_t>::min() &&
                    micros <= std::numeric_limits<std::int64_t>::max();
  if (fits) return Value::of(Decimal{static_cast<std::int64_t>(micros)});
  return Value::of(
      std::string_view(micros > 0 ? "> 9223372036854.775807" : "< -9223372036854.775808")
  );
}

class Evaluation {
 public:
  Evaluation(const Person& person, Mask purpose, const MemberOf& member_of, Instant now)
      : person_(person), purpose_(purpose), member_of_(member_of), now_(now) {}

  Answer of(const BoundNode& node) {
    switch (node.kind) {
      case BoundKind::all:
        return parts(node, true);
      case BoundKind::any:
        return parts(node, false);
      case BoundKind::negation: {
        const Answer inner = of(node.of[0]);
        return {!inner.truth, inner.next};
      }
      default:
        return leaf(node).answer;
    }
  }

  Finding leaf(const BoundNode& node) {
    switch (node.kind) {
      case BoundKind::in_segment:
        return {.answer = member_of_(node.segment)};
      case BoundKind::identifier:
        return {.answer = {(person_.kinds >> node.identifier & 1) != 0}};
      case BoundKind::trait:
      case BoundKind::date:
        return trait(node);
      case BoundKind::folded:
        return folded(node);
      case BoundKind::aged:
        return aged(node);
      case BoundKind::sequence:
        return sequence(node);
      default:
        return {.answer = of(node)};
    }
  }

 private:
  Answer parts(const BoundNode& node, bool all) {
    Answer out{.truth = all};
    for (const BoundNode& child : node.of) {
      const Answer a = of(child);
      out.truth = all ? out.truth && a.truth : out.truth || a.truth;
      out.next = std::min(out.next, a.next);
    }
    return out;
  }

  /// Selected, visible events of the window; notes every edge after now, also of events outside it.
  std::vector<const Seen*> within(
      const BoundSelection& select, const Window& window, Instant& next
  ) {
    std::vector<const Seen*> out;
    for (const Seen& seen : person_.events) {
      if ((seen.mask & purpose_) == 0 || !selects(select, *seen.moment, seen.body)) continue;
      const Instant happened = seen.moment->happened;
      next = std::min(next, next_edge(window, happened, now_));
      if (in_window(window, happened, now_)) out.push_back(&seen);
    }
    return out;
  }

  Finding trait(const BoundNode& node) {
    const ValueView value = trait_of(person_, purpose_, node.clause.name, now_);
    Finding out{.value = Value(value)};
    out.answer = node.kind == BoundKind::date
                     ? date_answer(node, value, now_)
                     : Answer{passes(value, node.clause.test, node.clause.values)};
    // Identifies ahead of `now`: the door lets none through, replays at earlier instants meet them.
    for (const Seen& seen : person_.events) {
      if ((seen.mask & purpose_) != 0 && seen.moment->type == EventType::identify &&
          seen.moment->happened > now_) {
        out.answer.next = std::min(out.answer.next, seen.moment->happened);
      }
    }
    return out;
  }

  Finding folded(const BoundNode& node) {
    Finding out;
    out.events = within(node.select, node.window, out.answer.next);
    switch (node.fold) {
      case Fold::count:
        counted(out, node, out.events.size());
        break;
      case Fold::distinct:
        counted(out, node, distinct(node, out.events));
        break;
      case Fold::first:
      case Fold::last:
        if (out.events.empty()) break;
        out.value = Value(find_property(
            (node.fold == Fold::first ? out.events.front() : out.events.back())->body, node.property
        ));
        out.answer.truth = passes(out.value.view(), node.clause.test, node.clause.values);
        break;
      default:
        numbers(out, node);
    }
    return out;
  }

  static void counted(Finding& out, const BoundNode& node, std::uint64_t n) {
    const Wide micros = static_cast<Wide>(n) * micro;
    out.value = shown(micros);
    out.answer.truth = compares(micros, node.clause.test, node.clause.values[0].number.micro);
  }

  static std::uint64_t distinct(const BoundNode& node, const std::vector<const Seen*>& events) {
    std::set<std::string> values;
    for (const Seen* seen : events) {
      const ValueView v = find_property(seen->body, node.property);
      if (v.kind == ValueKind::null) continue;
      std::string stored;
      Writer out(stored);
      write_value(out, v);
      values.insert(std::move(stored));
      if (values.size() > distinct_max) break;  // every comparison that was let in is decided
    }
    return values.size();
  }

  /// sum, average, min, max over the numbers among the property's values.
  static void numbers(Finding& out, const BoundNode& node) {
    Wide sum = 0, low = 0, high = 0;
    std::int64_t n = 0;
    for (const Seen* seen : out.events) {
      const ValueView v = find_property(seen->body, node.property);
      if (v.kind != ValueKind::number) continue;
      const Wide x = v.number.micro;
      sum += x;
      low = n == 0 ? x : std::min(low, x);
      high = n == 0 ? x : std::max(high, x);
      ++n;
    }
    const Test test = node.clause.test;
    const Wide literal = node.clause.values[0].number.micro;
    if (n == 0 && node.fold != Fold::sum) return;
    if (node.fold == Fold::average) {
      out.value = shown(sum / n);  // for the eye; the comparison multiplies
      out.answer.truth = compares(sum, test, literal * n);
      return;
    }
    const Wide x = node.fold == Fold::sum ? sum : node.fold == Fold::min ? low : high;
    out.value = shown(x);
    out.answer.truth = compares(x, test, literal);
  }

  Finding aged(const BoundNode& node) {
    Finding out;
    out.events = within(node.select, node.window, out.answer.next);
    if (out.events.empty()) return out;
    out.events = {node.fold == Fold::first ? out.events.front() : out.events.back()};
    const Instant happened = out.events[0]->moment->happened;
    out.value = Value::of(std::string_view(to_string(happened)));
    out.answer.truth = in_window(node.age, happened, now_);
    out.answer.next = std::min(out.answer.next, next_edge(node.age, happened, now_));
    return out;
  }

  Finding sequence(const BoundNode& node) {
    Finding out;
    const auto before = within(node.select, Window{}, out.answer.next);
    const auto after = within(node.then, node.window, out.answer.next);
    for (const Seen* a : before) {
      for (const Seen* b : after) {
        const Instant start = a->moment->happened;
        const Instant end = b->moment->happened;
        if (end <= start || (node.within && end > start + *node.within)) continue;
        out.answer.truth = true;
        out.events = {a, b};
        return out;
      }
      if (node.from_first) break;
    }
    return out;
  }

  const Person& person_;
  const Mask purpose_;
  const MemberOf& member_of_;
  const Instant now_;
};

}  // namespace

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

bool selects(const BoundSelection& selection, const Moment& moment, std::string_view body) {
  if (moment.name != selection.event) return false;
  return std::ranges::all_of(selection.where, [&](const BoundClause& c) {
    return passes(find_property(body, c.name), c.test, c.values);
  });
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

Answer evaluate(
    const BoundNode& node, const Person& person, Mask purpose, const MemberOf& member_of,
    Instant now
) {
  return Evaluation(person, purpose, member_of, now).of(node);
}

Finding look(
    const BoundNode& leaf, const Person& person, Mask purpose, const MemberOf& member_of,
    Instant now
) {
  return Evaluation(person, purpose, member_of, now).leaf(leaf);
}

Memberships evaluate_all(const Definitions& definitions, const Person& person, Instant now) {
  Memberships out;
  out.in.resize(definitions.size());
  out.next.resize(definitions.size(), Instant::never());
  const MemberOf member_of = [&](SegmentIndex i) { return Answer{out.in[i], out.next[i]}; };
  for (const SegmentIndex i : definitions.order()) {
    const Definitions::Entry& entry = definitions.at(i);
    const Answer a = evaluate(entry.predicate, person, bit(entry.purpose), member_of, now);
    out.in[i] = a.truth;
    out.next[i] = a.next;
    out.due = std::min(out.due, a.next);
  }
  return out;
}

}  // namespace hospes::segment
