#include "segment/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "segment/lexer.h"

namespace hospes::segment {

namespace {

using List = std::vector<Known>;

class Checker {
 public:
  Checker(const Vocabulary& vocabulary, std::string_view source)
      : vocabulary_(vocabulary), lexer_(source) {}

  void definition(const Definition& d) {
    if (vocabulary_.purposes) name("purpose", d.purpose, *vocabulary_.purposes, d.purpose_place);
    node(d.predicate);
  }
  void own_segments(const std::vector<Definition>& definitions) {
    if (vocabulary_.segments) segments_ = *vocabulary_.segments;
    for (const Definition& d : definitions) segments_.push_back({.name = d.id});
  }
  std::vector<Mistake> take() { return std::move(mistakes_); }

 private:
  void name(std::string_view what, const std::string& text, const List& known, const Place& place) {
    if (std::ranges::find(known, text, &Known::name) != known.end()) return;
    std::string message = fmt::format("unknown {} \"{}\"", what, text);
    std::vector<std::string> names;
    for (const Known& k : known) names.push_back(k.name);
    if (const auto near = nearest(text, names)) {
      const auto found = std::ranges::find(known, *near, &Known::name);
      message += fmt::format("; the nearest known is \"{}\"", *near);
      if (!found->note.empty()) message += " (" + found->note + ")";
    } else if (known.empty()) {
      message += fmt::format("; no {} is known yet", what);
    }
    mistakes_.push_back(lexer_.mistake(place, std::move(message)));
  }

  void events(const Named& s, std::initializer_list<std::string_view> others = {}) {
    if (vocabulary_.events) name("event", s.event, *vocabulary_.events, s.place);
    const auto known = vocabulary_.properties.find(s.event);
    if (known == vocabulary_.properties.end()) return;
    for (const std::string_view property : others) {
      if (!property.empty()) name("property", std::string(property), known->second, s.place);
    }
    for (const Clause& c : s.where) {
      // A place is two properties; the event's own time is none.
      if (c.name.empty()) continue;
      if (c.test != Test::near) name("property", c.name, known->second, c.place);
      if (c.test == Test::near) name("property", c.name + ".latitude", known->second, c.place);
    }
  }

  void selection(const Selection& s, std::string_view property = {}, std::string_view same = {}) {
    const std::string_view replied = s.reply ? std::string_view(s.reply->same) : std::string_view();
    events(s, {property, same, replied});
    if (s.reply) events(s.reply->by, {replied});
  }
  void measure(const Measure& m) { selection(m.select, m.property); }

  void trait(const std::string& text, const Place& place) {
    if (vocabulary_.traits) name("trait", text, *vocabulary_.traits, place);
  }

  void node(const Node& n) {
    std::visit([&](const auto& is) { shape(is, n.place); }, n.is);
  }
  void all(const std::vector<Node>& of) {
    for (const Node& child : of) node(child);
  }
  void shape(const All& is, const Place&) { all(is.of); }
  void shape(const Any& is, const Place&) { all(is.of); }
  void shape(const Not& is, const Place&) { all(is.of); }
  void shape(const InSegment& is, const Place& p) {
    if (vocabulary_.segments) name("segment", is.id, segments_, p);
  }
  void shape(const HasIdentifier& is, const Place& p) {
    if (vocabulary_.kinds) name("identifier kind", is.kind, *vocabulary_.kinds, p);
  }
  void shape(const TraitTest& is, const Place&) {
    const std::string place = is.clause.test == Test::near ? ".latitude" : "";
    trait(is.clause.name + place, is.clause.place);
  }
  void shape(const TraitDate& is, const Place& p) { trait(is.name, p); }
  void shape(const Folded& is, const Place&) { measure(is.measure); }
  void shape(const Aged& is, const Place&) { selection(is.select); }
  void shape(const Sequence& is, const Place&) {
    selection(is.select, {}, is.steps.empty() ? "" : is.steps[0].same);
    for (const Step& step : is.steps) {
      selection(step.then, {}, step.same);
      if (step.without) selection(*step.without);
    }
  }
  void shape(const Compared& is, const Place&) {
    measure(is.left);
    measure(is.right);
  }
  void shape(const Ranked& is, const Place&) { measure(is.measure); }
  void shape(const AgainstMedian& is, const Place&) { measure(is.measure); }
  void shape(const Still& is, const Place&) { all(is.of); }
  void shape(const CalendarNow&, const Place&) {}
  void shape(const Permission& is, const Place& p) {
    if (vocabulary_.purposes) name("purpose", is.purpose, *vocabulary_.purposes, p);
  }

  const Vocabulary& vocabulary_;
  Lexer lexer_;
  List segments_;
  std::vector<Mistake> mistakes_;
};

}  // namespace

std::vector<Mistake> check(
    const std::vector<Definition>& definitions, const Vocabulary& vocabulary,
    std::string_view source
) {
  Checker checker(vocabulary, source);
  checker.own_segments(definitions);
  for (const Definition& d : definitions) checker.definition(d);
  return checker.take();
}

}  // namespace hospes::segment
