#include "segment/explain.h"

#include <algorithm>

#include "segment/flip.h"
#include "segment/text.h"

namespace hospes::segment {

namespace {

/// The canonical text of a test, parted before its comparison: what is looked at, and what it
/// needs.
struct Halves {
  std::string subject, needs;
};

Halves halves(const Node& node) {
  const std::string whole = format(node);
  if (const auto* trait = std::get_if<TraitTest>(&node.is)) {
    const std::string subject = "trait(" + in_quotes(trait->clause.name) + ")";
    return {subject, whole.substr(subject.size() + 1)};
  }
  if (const auto* date = std::get_if<TraitDate>(&node.is)) {
    const std::string subject = "trait(" + in_quotes(date->name) + ")";
    return {subject, whole.substr(subject.size() + 1)};
  }
  const auto* folded = std::get_if<Folded>(&node.is);
  const auto* aged = std::get_if<Aged>(&node.is);
  const bool measured = std::holds_alternative<Compared>(node.is) || std::holds_alternative<Ranked>(node.is) ||
                        std::holds_alternative<AgainstMedian>(node.is);
  if (folded == nullptr && aged == nullptr && !measured) return {whole, ""};
  // The call ends at the parenthesis that closes the first one, texts skipped.
  std::size_t at = whole.find('(');
  unsigned open = 0;
  bool inside = false;
  for (; at < whole.size(); ++at) {
    if (inside && whole[at] == '\\')
      ++at;
    else if (whole[at] == '"')
      inside = !inside;
    else if (!inside && whole[at] == '(')
      ++open;
    else if (!inside && whole[at] == ')' && --open == 0)
      break;
  }
  return {whole.substr(0, at + 1), whole.substr(std::min(whole.size(), at + 2))};
}

bool asks_calendar(const BoundNode& node) {
  const auto falls = [](const BoundClause& c) { return c.test == Test::falls; };
  std::vector<const BoundNamed*> looks;
  node.selections(looks);
  return node.kind == BoundKind::calendar || falls(node.clause) ||
         std::ranges::any_of(looks, [&](const BoundNamed* look) {
           return std::ranges::any_of(look->where, falls);
         });
}

/// Whether the planner (flip.cc) only tries some of the ways in which this test could turn.
bool is_guessed(const BoundNode& node) {
  const auto near = [](const BoundClause& c) { return c.test == Test::near; };
  std::vector<const BoundNamed*> looks;
  node.selections(looks);
  const bool has_near = near(node.clause) || std::ranges::any_of(looks, [&](const BoundNamed* l) {
                          return std::ranges::any_of(l->where, near);
                        });
  const auto is_free = [](const BoundStep& step) {
    return !step.after && !step.without && step.same == no_name && !step.then.reply;
  };
  return has_near || node.select.reply.has_value() || node.per != Per::event ||
         node.fold >= Fold::silence || node.kind == BoundKind::compared ||
         node.kind == BoundKind::ranked || node.steps.size() > 1 ||
         !std::ranges::all_of(node.steps, is_free);
}

/// The tests of a predicate that `smallest_change` does not master.
void unmastered(
    const Definitions& definitions, const BoundNode& node, std::vector<Unproposed>& out
) {
  for (const BoundNode& child : node.of) unmastered(definitions, child, out);
  if (node.kind == BoundKind::in_segment)
    return unmastered(definitions, definitions.at(node.segment).predicate, out);
  const auto add = [&](Unsearched because) {
    std::string test = format(*node.source);
    if (std::ranges::find(out, test, &Unproposed::test) == out.end())
      out.push_back({std::move(test), because});
  };
  if (node.kind == BoundKind::permission) return add(Unsearched::theirs);
  if (node.kind == BoundKind::still) return add(Unsearched::guessed);
  if (!node.of.empty()) return;
  if (asks_calendar(node)) return add(Unsearched::calendar);
  if (is_guessed(node)) add(Unsearched::guessed);
}

class Explainer {
 public:
  Explainer(const Definitions& definitions, const Person& person, Mask purpose, Instant now)
      : definitions_(definitions), person_(person), purpose_(purpose), now_(now) {}

  Reason reason(const BoundNode& node) {
    Reason out{.kind = node.kind};
    const Answer answer = at(node, now_);
    out.truth = answer.truth;
    out.changes = when_it_turns(node, answer);
    for (const BoundNode& child : node.of) out.parts.push_back(reason(child));
    if (node.kind == BoundKind::still) out.subject = format(*node.source);
    if (!node.of.empty()) return out;
    auto [subject, needs] = halves(*node.source);
    out.subject = std::move(subject);
    out.needs = std::move(needs);
    const Finding found = look(node, person_, purpose_, member_of(now_), now_);
    out.value = found.value;
    witness(out, found.events);
    if (node.kind == BoundKind::in_segment) {
      out.parts.push_back(reason(definitions_.at(node.segment).predicate));
    }
    return out;
  }

 private:
  MemberOf member_of(Instant now) {
    return [this, now](SegmentIndex i) { return ask(definitions_, i, person_, now); };
  }
  Answer at(const BoundNode& node, Instant now) {
    return evaluate(node, person_, purpose_, member_of(now), now);
  }

  Instant when_it_turns(const BoundNode& node, Answer answer) {
    const bool truth = answer.truth;
    for (std::size_t edge = 0; edge < edges_max && answer.next != Instant::never(); ++edge) {
      const Instant next = answer.next;
      answer = at(node, next);
      if (answer.truth != truth) return next;
    }
    return Instant::never();
  }

  static void witness(Reason& out, const std::vector<const Seen*>& events) {
    out.events = events.size();
    if (events.empty()) return;
    out.first = events.front()->moment->happened;
    out.last = events.back()->moment->happened;
    const std::size_t skip = events.size() - std::min(events.size(), evidence_max);
    for (std::size_t i = skip; i < events.size(); ++i) {
      const Moment& m = *events[i]->moment;
      out.evidence.push_back({m.message, m.happened, m.name});
    }
  }

  const Definitions& definitions_;
  const Person& person_;
  const Mask purpose_;
  const Instant now_;
};

}  // namespace

Explanation explain(
    const Definitions& definitions, SegmentIndex segment, const Person& person,
    std::optional<Instant> since, Instant now, std::optional<Barred> barred
) {
  Explanation out{.segment = segment, .since = since, .now = now, .barred = std::move(barred)};
  const auto& entry = definitions.at(segment);
  if (entry.retired) return out;
  out.reason = Explainer(definitions, person, bit(entry.purpose), now).reason(entry.predicate);
  out.in = out.reason.truth;
  out.passes = turns(definitions, segment, person, now, out.in);
  if (!out.barred) out.change = smallest_change(definitions, segment, person, now);
  if (!out.barred && !out.change) unmastered(definitions, entry.predicate, out.unproposed);
  const auto unseen = [&](const Seen& seen) { return (seen.mask & bit(entry.purpose)) == 0; };
  out.events = person.events.size();
  out.hidden = static_cast<std::size_t>(std::ranges::count_if(person.events, unseen));
  return out;
}

}  // namespace hospes::segment
