#include "journey/validate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "segment/lexer.h"
#include "segment/text.h"

namespace hospes::journey {
namespace {

constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t segment_bytes_max = 256;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= id_bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::optional<Mistake> at(Place place, std::string message) {
  return Mistake{.place = place, .message = std::move(message), .line = {}};
}

/// Identifiers are given by who bears them, the permissions they carry too.
bool is_no_trait(std::string_view name) {
  for (const char* taken : {"email", "phone", "userId", "user_id", "anonymousId", "anonymous_id"})
    if (name == taken) return true;
  return name.empty() || name.starts_with("context.");
}

/// Time passes in it, whatever happens: once round a circle through it never ends at one instant.
bool surely_waits(const Action& action) {
  if (std::holds_alternative<Wait>(action) || std::holds_alternative<WaitClock>(action)) return true;
  const auto* wait = std::get_if<WaitFor>(&action);
  return wait != nullptr && wait->on.kind == Trigger::event;
}

class Check {
 public:
  explicit Check(const Definition& d) : d_(d) {}

  std::optional<Mistake> all() {
    if (!is_id(d_.id)) return at(d_.place, "a journey's id is made of a-z, 0-9 and _, 64 at most");
    if (d_.enter.empty())
      return at(d_.place, "nobody enters: say `enter segment …`, `enter event \"…\"`, `enter request`, `enter daily …` or `enter once …`");
    if (d_.steps.empty()) return at(d_.place, "a journey has at least one `step`");
    for (const auto* list : {&d_.enter, &d_.goal, &d_.exit})
      for (const Trigger& t : *list)
        if (auto mistake = trigger(t)) return mistake;
    for (std::size_t i = 0; i < d_.steps.size(); ++i)
      if (auto mistake = one(i)) return mistake;
    for (std::size_t i = 0; i < d_.waiting.steps.size(); ++i) {
      const auto& [from, to] = d_.waiting.steps[i];
      if (!is_id(from)) return at(d_.place, "a step's id is made of a-z, 0-9 and _, 64 at most");
      if (auto mistake = known(d_.place, to)) return mistake;
      for (std::size_t j = 0; j < i; ++j)
        if (d_.waiting.steps[j].first == from) return at(d_.place, fmt::format("`waiting move` names {} twice", from));
    }
    if (auto mistake = unreachable()) return mistake;
    return circle();
  }

 private:
  /// One word in both forms.
  static std::optional<Mistake> segment_id(Place place, const std::string& id) {
    if (id.size() <= segment_bytes_max && std::ranges::all_of(id, hospes::segment::is_word_part)) return std::nullopt;
    return at(place, "a segment's id is made of letters, digits and _, 256 at most");
  }
  static std::optional<Mistake> trigger(const Trigger& t) {
    if (t.kind == Trigger::event && t.name == request_event)
      return at(t.place, "that event asks for one journey by name: say `enter request`");
    if (t.kind != Trigger::request && t.name.empty()) return at(t.place, "this name is empty");
    if (auto mistake = where(t)) return mistake;
    if (!t.from.empty())
      if (auto mistake = segment_id(t.place, t.from)) return mistake;
    if (t.kind == Trigger::segment || t.of_members()) return segment_id(t.place, t.name);
    return std::nullopt;
  }

  /// As in a segment, but for what hangs on more than the event.
  static std::optional<Mistake> where(const Trigger& t) {
    if (t.where.empty()) return std::nullopt;
    for (const segment::Clause& c : t.where)
      if (c.test == segment::Test::falls || c.test == segment::Test::near)
        return at(
            c.place.line > 0 ? c.place : t.place,
            "`falls` and `near` hang on a person's clock or on places: make a segment of them, and branch on it"
        );
    segment::Measure count;
    count.select.event = t.name;
    count.select.where = t.where;
    segment::Node node{
        segment::Folded{std::move(count), {.test = segment::Test::ge, .values = {Value::of(Decimal::whole(1))}}}, t.place};
    return segment::validate(node);
  }

  std::optional<Mistake> one(std::size_t i) {
    const Step& step = d_.steps[i];
    if (!is_id(step.id)) return at(step.place, "a step's id is made of a-z, 0-9 and _, 64 at most");
    for (std::size_t j = 0; j < i; ++j)
      if (d_.steps[j].id == step.id)
        return at(step.place, fmt::format("two steps are called {}", step.id));
    const auto* jump = std::get_if<Jump>(&step.action);
    if (const auto* wait = std::get_if<WaitFor>(&step.action))
      if (auto mistake = trigger(wait->on)) return mistake;
    if (jump != nullptr) {
      if (auto mistake = known(step.place, jump->to)) return mistake;
      if (target_of(d_, i, jump->to) <= i && jump->most == 0)
        return at(step.place, fmt::format("a way back needs an end: `jump {} at most 3`", jump->to));
      return std::nullopt;
    }
    if (const auto* branch = std::get_if<Branch>(&step.action)) {
      for (const Branch::Arm& arm : branch->arms) {
        if (auto mistake = segment_id(arm.place, arm.segment)) return mistake;
        if (auto mistake = forward(arm.place, i, arm.to)) return mistake;
      }
      return forward(step.place, i, branch->other);
    }
    if (const auto* split = std::get_if<Split>(&step.action)) {
      for (const Split::Arm& arm : split->arms)
        if (auto mistake = forward(arm.place, i, arm.to)) return mistake;
    }
    if (const auto* u = std::get_if<Update>(&step.action); u != nullptr && is_no_trait(u->trait))
      return at(step.place, fmt::format("{} is no trait that a journey may set: an identifier is given by who bears it", u->trait));
    if (const auto* d = std::get_if<Decide>(&step.action)) {
      for (const Decide::Arm& arm : d->arms)
        if (auto mistake = forward(arm.place, i, arm.to)) return mistake;
      return forward(step.place, i, d->other);
    }
    if (const auto* w = std::get_if<WaitTrait>(&step.action)) return forward(step.place, i, w->other);
    if (const auto* w = std::get_if<WaitFor>(&step.action)) return forward(step.place, i, w->other);
    if (const auto* s = std::get_if<Send>(&step.action)) return forward(step.place, i, s->other);
    return std::nullopt;
  }

  std::optional<Mistake> known(Place place, const std::string& to) {
    if (to.empty() || target_of(d_, 0, to) < d_.steps.size()) return std::nullopt;
    std::vector<std::string> ids;
    for (const Step& step : d_.steps) ids.push_back(step.id);
    return at(place, fmt::format("no step is called \"{}\"{}", to, nearest_hint(to, ids)));
  }
  std::optional<Mistake> forward(Place place, std::size_t from, const std::string& to) {
    if (auto mistake = known(place, to)) return mistake;
    if (target_of(d_, from, to) > from) return std::nullopt;
    return at(
        place, fmt::format(
                   "this leads back to {}: only a jump goes back; lead to a step `jump {} at most 3`",
                   to, to
               )
    );
  }

  std::optional<Mistake> unreachable() {
    std::vector<bool> seen(d_.steps.size());
    mark(0, seen, false);
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (!seen[i])
        return at(
            d_.steps[i].place,
            fmt::format("nothing leads to step {}: name it as a target, or take it out", d_.steps[i].id)
        );
    return std::nullopt;
  }

  /// Only a jump closes a circle. From where it lands, without waiting, back to itself?
  std::optional<Mistake> circle() {
    for (std::size_t i = 0; i < d_.steps.size(); ++i) {
      const auto* jump = std::get_if<Jump>(&d_.steps[i].action);
      if (jump == nullptr) continue;
      const std::size_t back = target_of(d_, i, jump->to);
      if (back > i) continue;
      std::vector<bool> seen(d_.steps.size());
      mark(back, seen, true);
      if (seen[i])
        return at(
            d_.steps[i].place,
            fmt::format("from {} the way comes back here without waiting: put a `wait` of a time between", jump->to)
        );
    }
    return std::nullopt;
  }

  void mark(std::size_t from, std::vector<bool>& seen, bool stop_at_waits) {
    std::vector<std::size_t> next{from};
    while (!next.empty()) {
      const std::size_t i = next.back();
      next.pop_back();
      if (i >= seen.size() || seen[i]) continue;
      seen[i] = true;
      if (stop_at_waits && surely_waits(d_.steps[i].action)) continue;
      for (const std::size_t to : targets_of(d_, i)) next.push_back(to);
    }
  }

  const Definition& d_;
};

class Unknown {
 public:
  Unknown(const Vocabulary& known, std::string_view source) : known_(known), source_(source) {}

  void look(const Definition& d) {
    purpose_ = d.purpose;
    name(d.purpose_place, "purpose", d.purpose, known_.purposes);
    for (const auto* list : {&d.enter, &d.goal, &d.exit})
      for (const Trigger& t : *list) trigger(t);
    for (const Step& step : d.steps) {
      if (const auto* w = std::get_if<WaitFor>(&step.action)) trigger(w->on);
      if (const auto* w = std::get_if<WaitTrait>(&step.action))
        name(step.place, "trait", w->trait, known_.traits);
      if (const auto* s = std::get_if<Send>(&step.action))
        s->webhook ? name(step.place, "action with when = \"journey\" and no mail for a destination", s->action, known_.webhooks)
                   : name(step.place, "action with when = \"journey\"", s->action, known_.actions);
      if (const auto* ask = std::get_if<Decide>(&step.action)) {
        name(step.place, "placement", ask->placement, known_.placements);
        for (const Decide::Arm& arm : ask->arms) name(arm.place, "offer", arm.offer, known_.offers);
      }
      if (const auto* b = std::get_if<Branch>(&step.action))
        for (const Branch::Arm& arm : b->arms) {
          name(arm.place, "segment", arm.segment, known_.segments);
          lent(arm.place, arm.segment);
        }
    }
  }
  std::vector<Mistake> take() {
    std::ranges::stable_sort(out_, {}, [](const Mistake& m) {
      return std::pair(m.place.line, m.place.column);
    });
    return std::move(out_);
  }

 private:
  void trigger(const Trigger& t) {
    if (t.kind == Trigger::request) return;
    if (t.kind == Trigger::event) return name(t.place, "event", t.name, known_.events);
    name(t.place, "segment", t.name, known_.segments);
    lent(t.place, t.name);
    if (!t.from.empty()) name(t.place, "segment", t.from, known_.segments);
  }
  void lent(Place place, const std::string& segment) {
    const auto at = known_.segment_purposes.find(segment);
    if (at == known_.segment_purposes.end() || at->second == purpose_) return;
    out_.push_back(
        {place,
         fmt::format(
             "segment {} is of purpose {}, the journey of {}: it would be lent what it may not see; name a segment of purpose {}",
             segment, at->second, purpose_, purpose_
         ),
         line(place)}
    );
  }
  void name(
      Place place, std::string_view what, const std::string& text,
      const std::optional<std::vector<std::string>>& list
  ) {
    if (!list || std::ranges::find(*list, text) != list->end()) return;
    out_.push_back(
        {place, fmt::format("no {} \"{}\"{}", what, text, nearest_hint(text, *list)), line(place)}
    );
  }
  std::string line(Place place) const {
    std::string_view rest = source_;
    for (std::uint32_t i = 1; i < place.line && !rest.empty(); ++i) {
      const auto end = rest.find('\n');
      rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    }
    return std::string(rest.substr(0, std::min(rest.find('\n'), std::size_t{400})));
  }

  const Vocabulary& known_;
  std::string purpose_;
  std::string_view source_;
  std::vector<Mistake> out_;
};

}  // namespace

std::optional<Mistake> validate(const Definition& definition) { return Check(definition).all(); }

std::optional<Mistake> validate_together(const std::vector<Definition>& definitions) {
  std::vector<std::string_view> seen;
  for (const Definition& d : definitions) {
    if (std::ranges::find(seen, d.id) != seen.end())
      return at(d.place, fmt::format("two journeys are called {}", d.id));
    seen.push_back(d.id);
  }
  return std::nullopt;
}

std::vector<Mistake> check(
    const std::vector<Definition>& definitions, const Vocabulary& vocabulary, std::string_view source
) {
  Unknown unknown(vocabulary, source);
  for (const Definition& d : definitions) unknown.look(d);
  return unknown.take();
}

}  // namespace hospes::journey
