#include <fmt/format.h>

#include <algorithm>

#include "segment/json_write.h"
#include "segment/lines.h"
#include "segment/parse_events.h"

namespace hospes::segment {

namespace {

class Parser : EventsParser {
 public:
  explicit Parser(std::string_view source) : EventsParser(source) {}

  Parsed<std::vector<Definition>> file() {
    TRY(step());
    std::vector<Definition> out;
    while (token_.kind != TokenKind::end) {
      if (TRY(accept("threshold"))) {
        thresholds_.push_back(TRY(threshold()));
        continue;
      }
      const std::uint32_t line = token_.place.line;
      if (TRY(accept("lifecycle"))) {
        lifecycles_.push_back(TRY(lifecycle()));
        standings_.push_back({"lifecycle " + lifecycles_.back().id, line});
        continue;
      }
      retired_.push_back(token_.is("retired"));
      out.push_back(retired_.back() ? TRY(retired()) : TRY(definition()));
      standings_.push_back({out.back().id, line});
      if (out.size() > definitions_max) {
        return wrong(fmt::format("more than {} segments", definitions_max));
      }
    }
    return out;
  }

  std::vector<Threshold> take_thresholds() { return std::move(thresholds_); }
  std::vector<bool> take_retired() { return std::move(retired_); }
  std::vector<Lifecycle> take_lifecycles() { return std::move(lifecycles_); }
  /// Where each definition and each life cycle begins.
  std::vector<Standing> take_standings() { return std::move(standings_); }

  Parsed<Node> predicate() {
    TRY(step());
    Node node = TRY(either());
    if (token_.kind != TokenKind::end) return expected("the end, `and` or `or`");
    TRY(valid(node));
    return node;
  }

 private:
  P<> valid(const Node& node) {
    if (auto mistake = validate(node)) return wrong(mistake->place, mistake->message);
    return true;
  }
  /// The place of one that is no more.
  P<Definition> retired() {
    Definition out;
    TRY(step());
    out.place = token_.place;
    out.id = TRY(word("the id of a segment that is no more"));
    return out;
  }

  P<Definition> definition() {
    Definition out;
    TRY(expect("segment"));
    out.place = token_.place;
    out.id = TRY(word("the segment's id (a-z, 0-9, _)"));
    while (!token_.is("where")) {
      if (TRY(accept("purpose"))) {
        out.purpose_place = token_.place;
        out.purpose = TRY(purpose());
      } else if (TRY(accept("name"))) {
        TRY(languages(out.name_en, out.name_fr));
      } else if (TRY(accept("sentence"))) {
        TRY(languages(out.sentence_en, out.sentence_fr));
      } else if (TRY(accept("owner"))) {
        out.owner = TRY(text("who answers for it, in double quotes"));
      } else if (TRY(accept("folder"))) {
        out.folder = TRY(text("where it is filed, in double quotes"));
      } else if (TRY(accept("draft"))) {
        out.draft = true;
      } else {
        return expected("`purpose`, `name`, `sentence`, `owner`, `folder`, `draft` or `where`");
      }
    }
    TRY(step());
    nodes_ = 0;
    out.predicate = TRY(either());
    if (token_.kind != TokenKind::end && !token_.is("segment") && !token_.is("retired") &&
        !token_.is("threshold") && !token_.is("lifecycle")) {
      return expected("`and`, `or`, another `segment`, a `lifecycle` or the end");
    }
    if (auto mistake = validate(out)) return wrong(mistake->place, mistake->message);
    return out;
  }

  /// After its word.
  P<Lifecycle> lifecycle() {
    Lifecycle out;
    out.place = token_.place;
    out.id = TRY(word("the life cycle's id (a-z, 0-9, _)"));
    if (TRY(accept("name"))) TRY(languages(out.name_en, out.name_fr));
    if (!token_.is("stages")) return expected("`name` or `stages`");
    do {
      TRY(step());
      if (out.stages.size() == stages_max) return wrong(fmt::format("more than {} stages", stages_max));
      out.stage_places.push_back(token_.place);
      out.stages.push_back(TRY(word("a segment's id")));
    } while (token_.is(","));
    return out;
  }

  /// After its word.
  P<Threshold> threshold() {
    Threshold out{.purpose = TRY(purpose()), .ranked = {}};
    out.ranked = TRY(text("a test that compares people, in double quotes"));
    TRY(expect("="));
    const Value value = TRY(literal());
    if (value.kind != ValueKind::number) return wrong("a threshold is a number");
    out.value = value.number;
    TRY(expect("at"));
    const auto at = parse_instant(TRY(text("when it was counted")));
    if (!at) return wrong("not a date: write \"2026-12-31T09:00:00Z\"");
    out.at = *at;
    return out;
  }

  P<> languages(std::string& en, std::string& fr) {
    if (!token_.is("en") && !token_.is("fr")) return expected("`en` or `fr`");
    while (token_.is("en") || token_.is("fr")) {
      std::string& to = token_.is("en") ? en : fr;
      TRY(step());
      to = TRY(text("a text in double quotes"));
    }
    return true;
  }

  /// Two or more of `part` joined by `joint`, or the one itself.
  template <class Kind>
  P<Node> joined(std::string_view joint, P<Node> (Parser::*part)()) {
    const Place place = token_.place;
    Node first = TRY((this->*part)());
    if (!token_.is(joint)) return first;
    TRY(count_node());
    Kind kind;
    kind.of.push_back(std::move(first));
    while (TRY(accept(joint))) kind.of.push_back(TRY((this->*part)()));
    return Node{std::move(kind), place};
  }
  P<Node> either() { return joined<Any>("or", &Parser::both); }
  P<Node> both() { return joined<All>("and", &Parser::one); }

  P<Node> one() {
    const Place place = token_.place;
    if (token_.is("not") || token_.is("(")) {
      if (++depth_ > depth_max) return wrong(fmt::format("nested deeper than {}", depth_max));
      const bool negation = token_.is("not");
      TRY(step());
      Node inner = TRY(negation ? one() : either());
      if (!negation) TRY(expect(")"));
      --depth_;
      if (!negation) return inner;
      TRY(count_node());
      return negated(std::move(inner), place);
    }
    TRY(count_node());
    return test(place);
  }

  static Node negated(Node inner, Place place) {
    Not no;
    no.of.push_back(std::move(inner));
    return Node{std::move(no), place};
  }

  P<Node> test(Place place) {
    if (TRY(accept("in"))) {
      TRY(expect("segment"));
      place = token_.place;
      return Node{InSegment{TRY(word("a segment's id"))}, place};
    }
    if (TRY(accept("has"))) {
      TRY(expect("identifier"));
      place = token_.place;
      return Node{HasIdentifier{TRY(word("an identifier kind such as user_id"))}, place};
    }
    if (TRY(accept("trait"))) return trait();
    if (TRY(accept("did"))) return did(place);
    if (TRY(accept("permission"))) return permission(place);
    if (TRY(accept("still"))) return still(place);
    if (TRY(accept("now"))) {
      if (!token_.is("falls")) return expected("`falls`");
      TRY(step());
      return Node{CalendarNow{TRY(calendar())}, place};
    }
    if (const auto fold = folding()) {
      TRY(step());
      return folded(*fold, place);
    }
    return expected(
        "a test: `count`(…), `sum`(…), `average`(…), `min`(…), `max`(…), `distinct`(…), `most`(…), "
        "`first`(…), `last`(…), `silence`(…), `median_gap`(…), `trait`(…), `did` …, `not` …, "
        "`in` segment …, `has` identifier …, `permission` …, `still` (…), `now` falls …"
    );
  }

  P<Node> still(Place place) {
    Still out;
    TRY(expect("("));
    if (++depth_ > depth_max) return wrong(fmt::format("nested deeper than {}", depth_max));
    out.of.push_back(TRY(either()));
    --depth_;
    TRY(expect(")"));
    if (TRY(accept("in"))) {
      out.ahead = TRY(duration());
    } else if (TRY(accept("on"))) {
      if (token_.kind == TokenKind::text) out.at = parse_instant(token_.text);
      if (!out.at) return wrong("not a date: write \"2026-12-31\" or \"2026-12-31T09:00:00Z\"");
      TRY(step());
    } else {
      return expected("`on` and a date, or `in` and a duration");
    }
    return Node{std::move(out), place};
  }

  P<Node> permission(Place place) {
    Permission out{.purpose = TRY(purpose())};
    bool found = false;
    for (int i = 0; i <= static_cast<int>(Said::ends) && !found; ++i) {
      out.said = static_cast<Said>(i);
      found = TRY(accept(to_string(out.said)));
    }
    if (!found) {
      return expected(
          "`given`, `refused`, `withdrawn`, `objected`, `against`, `unset` or `ends` within 30d from "
          "now"
      );
    }
    if (out.said == Said::ends) {
      TRY(expect("within"));
      out.within = TRY(duration());
      TRY(expect("from"));
      TRY(expect("now"));
    } else if (TRY(accept("in"))) {
      out.since = TRY(window());
    }
    return Node{std::move(out), place};
  }

  P<Node> trait() {
    TRY(expect("("));
    const Place place = token_.place;
    std::string name = TRY(text("a trait's name in double quotes"));
    TRY(expect(")"));
    if (TRY(accept("before"))) return date(std::move(name), DateTest::before, place);
    if (TRY(accept("after"))) return date(std::move(name), DateTest::after, place);
    if (TRY(accept("within"))) {
      TraitDate out{.name = std::move(name)};
      out.offset = TRY(duration());
      out.test = TRY(towards_past()) ? DateTest::past : DateTest::coming;
      return Node{std::move(out), place};
    }
    TraitTest out;
    out.clause = TRY(compare(std::move(name), place));
    return Node{std::move(out), place};
  }

  /// `ago` (true) or `from now`.
  P<> towards_past() {
    if (TRY(accept("ago"))) return true;
    if (!token_.is("from")) return expected("`ago` or `from now`");
    TRY(step());
    TRY(expect("now"));
    return false;
  }

  P<Node> date(std::string name, DateTest test, Place place) {
    TraitDate out{.name = std::move(name), .test = test};
    if (token_.kind == TokenKind::text) {
      out.absolute = parse_instant(token_.text);
      if (!out.absolute)
        return wrong("not a date: write \"2026-12-31\" or \"2026-12-31T09:00:00Z\"");
      TRY(step());
    } else if (!TRY(accept("now"))) {
      const Duration d = TRY(duration());
      out.offset = TRY(towards_past()) ? -d : d;
    }
    return Node{std::move(out), place};
  }

  P<Node> folded(Fold fold, Place place) {
    Folded out{.measure = TRY(measure(fold))};
    if (!is_number(fold) && out.measure.property.empty()) return aged(std::move(out.measure), place);
    const Place compared = token_.place;
    if (is_number(fold) && TRY(accept("in"))) return ranked(std::move(out.measure), place);
    if (const auto test = is_number(fold) ? order() : std::nullopt) {
      TRY(step());
      if (const auto other = folding()) {
        TRY(step());
        return other_measure(std::move(out.measure), *test, Decimal::whole(1), *other, place);
      }
      if (TRY(accept("median")))
        return Node{AgainstMedian{.measure = std::move(out.measure), .test = *test}, place};
      const Value value = TRY(literal());
      if (token_.is("*")) {
        TRY(step());
        if (TRY(accept("median"))) {
          if (value.kind != ValueKind::number) return wrong("a median is multiplied by a number");
          return Node{AgainstMedian{std::move(out.measure), *test, value.number}, place};
        }
        const auto measured = folding();
        if (!measured) return expected("a measure such as `count`(…) or `median_gap`(…), or `median`");
        TRY(step());
        return other_measure(std::move(out.measure), *test, value.number, *measured, place);
      }
      out.compare = {.test = *test, .values = {value}, .place = compared};
      return Node{std::move(out), place};
    }
    out.compare = TRY(compare("", compared));
    return Node{std::move(out), place};
  }

  P<Node> other_measure(Measure left, Test test, Decimal factor, Fold fold, Place place) {
    TRY(count_node());
    Compared out{.left = std::move(left), .test = test, .factor = factor};
    out.right = TRY(measure(fold));
    return Node{std::move(out), place};
  }

  P<Node> ranked(Measure measure, Place place) {
    Ranked out{.top = token_.is("top"), .measure = std::move(measure)};
    if (!out.top && !token_.is("bottom")) return expected("`top` or `bottom`, as in in top 20%");
    TRY(step());
    const auto percent =
        token_.kind == TokenKind::number ? parse_decimal(token_.raw) : std::nullopt;
    if (!percent) return expected("a number, as in top 20%");
    out.percent = *percent;
    TRY(step());
    TRY(expect("%"));
    return Node{std::move(out), place};
  }

  P<Node> aged(Measure in, Place place) {
    Aged out{.last = in.fold == Fold::last, .select = std::move(in.select), .window = in.window};
    if (TRY(accept("in"))) {
      out.age = TRY(window());
      return Node{std::move(out), place};
    }
    const bool younger = token_.is("<");
    if (!younger && !token_.is(">=")) {
      return expected("an age: `< 30d ago`, `>= 30d ago` or `in 180d..90d`");
    }
    TRY(step());
    const Duration d = TRY(duration());
    TRY(expect("ago"));
    if (younger) out.age.from = d;
    if (!younger) out.age.to = d;
    return Node{std::move(out), place};
  }

  P<Node> did(Place place) {
    const bool no = TRY(accept("not"));
    if (no) TRY(count_node());
    Sequence out;
    out.from_first = TRY(accept("first"));
    out.select = TRY(did_selection());
    while (TRY(accept("then"))) {
      if (out.steps.size() == steps_max) return wrong(fmt::format("more than {} steps", steps_max));
      if (!out.steps.empty()) TRY(count_node());
      out.steps.push_back(TRY(sequence_step()));
    }
    if (out.from_first && out.steps.empty()) return expected("`then` after `did first …`");
    if (TRY(accept("in"))) out.window = TRY(window());
    Node node;
    node.place = place;
    if (!out.steps.empty()) {
      node.is = std::move(out);
    } else {
      Folded at_least_one{.measure = {.select = std::move(out.select), .window = out.window}};
      at_least_one.compare = {
          .test = Test::ge, .values = {Value::of(Decimal::whole(1))}, .place = place};
      node.is = std::move(at_least_one);
    }
    return no ? negated(std::move(node), place) : node;
  }

  std::vector<Threshold> thresholds_;
  std::vector<bool> retired_;
  std::vector<Lifecycle> lifecycles_;
  std::vector<Standing> standings_;
  unsigned depth_ = 0;
};

std::optional<Mistake> unreadable(std::string_view source) {
  if (!is_utf8(source)) return Mistake{.place = {}, .message = "this is no UTF-8: save the file, or send the text, as UTF-8", .line = {}};
  if (source.size() <= source_bytes_max) return std::nullopt;
  return Mistake{
      .message = fmt::format(
          "{} bytes; a file of segments holds at most {}", source.size(), source_bytes_max
      )};
}

}  // namespace

Parsed<std::vector<Definition>> parse(std::string_view source) {
  auto out = TRY(parse_file(source));
  return std::move(out.definitions);
}

Parsed<InForce> parse_file(std::string_view source) {
  auto out = TRY(parse_in_force(source));
  const auto& retired = out.retired;
  if (const auto at = std::ranges::find(retired, true); at != retired.end()) {
    const Definition& gone = out.definitions[static_cast<std::size_t>(at - retired.begin())];
    return std::unexpected(Mistake{
        .place = gone.place,
        .message = "`retired` stands only in what is in force; leave the segment out of the file"});
  }
  return out;
}

Parsed<std::vector<Standing>> standings(std::string_view source) {
  if (auto mistake = unreadable(source)) return std::unexpected(std::move(*mistake));
  Parser parser(source);
  TRY(parser.file());
  return parser.take_standings();
}

Parsed<InForce> parse_in_force(std::string_view source) {
  if (auto mistake = unreadable(source)) return std::unexpected(std::move(*mistake));
  Parser parser(source);
  InForce out;
  out.definitions = TRY(parser.file());
  out.retired = parser.take_retired();
  out.thresholds = parser.take_thresholds();
  out.lifecycles = parser.take_lifecycles();
  return out;
}

Parsed<Node> parse_predicate(std::string_view source) {
  if (auto mistake = unreadable(source)) return std::unexpected(std::move(*mistake));
  return Parser(source).predicate();
}

}  // namespace hospes::segment
