#include <fmt/format.h>

#include <algorithm>

#include "segment/lexer.h"

namespace hospes::segment {

namespace {

class Parser {
 public:
  explicit Parser(std::string_view source) : lexer_(source) {}

  Parsed<std::vector<Definition>> file() {
    TRY(step());
    std::vector<Definition> out;
    while (token_.kind != TokenKind::end) {
      out.push_back(TRY(definition()));
      if (out.size() > definitions_max) {
        return wrong(fmt::format("more than {} segments", definitions_max));
      }
    }
    return out;
  }

  Parsed<Node> predicate() {
    TRY(step());
    Node node = TRY(either());
    if (token_.kind != TokenKind::end) return expected("the end, `and` or `or`");
    TRY(valid(node));
    return node;
  }

 private:
  template <class T = bool>
  using P = Parsed<T>;

  std::unexpected<Mistake> wrong(std::string message) {
    return wrong(token_.place, std::move(message));
  }
  std::unexpected<Mistake> wrong(Place place, std::string message) {
    return std::unexpected(lexer_.mistake(place, std::move(message)));
  }
  std::unexpected<Mistake> expected(std::string_view what) {
    return wrong(fmt::format(
        "expected {}, found {}", what,
        token_.kind == TokenKind::end ? std::string("the end")
                                      : fmt::format("{}", token_.raw.substr(0, 40))
    ));
  }

  P<> step() {
    token_ = TRY(lexer_.next());
    return true;
  }
  P<> accept(std::string_view what) {
    if (!token_.is(what)) return false;
    TRY(step());
    return true;
  }
  P<> expect(std::string_view what) {
    if (!token_.is(what)) return expected(fmt::format("`{}`", what));
    return step();
  }
  P<std::string> text(std::string_view what) {
    if (token_.kind != TokenKind::text) return expected(what);
    std::string out = std::move(token_.text);
    TRY(step());
    return out;
  }
  P<std::string> word(std::string_view what) {
    if (token_.kind != TokenKind::word) return expected(what);
    std::string out(token_.raw);
    TRY(step());
    return out;
  }
  P<Duration> duration() {
    const auto d = token_.kind == TokenKind::duration ? parse_duration(token_.raw) : std::nullopt;
    if (!d) return expected("a duration such as 90d, 48h or 30m");
    TRY(step());
    return *d;
  }
  P<> valid(const Node& node) {
    if (auto mistake = validate(node)) return wrong(mistake->place, mistake->message);
    return true;
  }
  P<> count_node() {
    if (++nodes_ > nodes_max)
      return wrong(fmt::format("more than {} tests in one segment", nodes_max));
    return true;
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
      } else {
        return expected("`purpose`, `name`, `sentence` or `where`");
      }
    }
    TRY(step());
    nodes_ = 0;
    out.predicate = TRY(either());
    if (token_.kind != TokenKind::end && !token_.is("segment")) {
      return expected("`and`, `or`, another `segment` or the end");
    }
    if (auto mistake = validate(out)) return wrong(mistake->place, mistake->message);
    return out;
  }

  P<std::string> purpose() {
    return token_.kind == TokenKind::text ? text("a purpose") : word("a purpose such as market");
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
    for (const Fold fold :
         {Fold::count, Fold::sum, Fold::average, Fold::min, Fold::max, Fold::distinct, Fold::first,
          Fold::last}) {
      if (TRY(accept(to_string(fold)))) return folded(fold, place);
    }
    return expected("a test: count(…), last(…), trait(…), did …, in segment …, has identifier …");
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

  P<Value> literal() {
    if (token_.kind == TokenKind::text) return Value::of(std::string_view(TRY(text("a text"))));
    if (TRY(accept("true"))) return Value::of(true);
    if (TRY(accept("false"))) return Value::of(false);
    if (token_.kind != TokenKind::number)
      return expected("a number, a text in double quotes, true or false");
    const auto number = parse_decimal(token_.raw);
    if (!number) return wrong("this number is outside ±9,223,372,036,854.775807");
    TRY(step());
    return Value::of(*number);
  }

  P<Clause> compare(std::string name, Place place) {
    Clause out{.name = std::move(name), .place = place};
    for (const Test test : {Test::eq, Test::ne, Test::lt, Test::le, Test::gt, Test::ge}) {
      if (!TRY(accept(to_string(test)))) continue;
      out.test = test;
      out.values.push_back(TRY(literal()));
      return out;
    }
    if (TRY(accept("exists"))) return out;
    if (token_.is("contains") || token_.is("starts")) {
      out.test = token_.is("contains") ? Test::contains : Test::starts;
      TRY(step());
      out.values.push_back(Value::of(std::string_view(TRY(text("a text in double quotes")))));
      return out;
    }
    if (!TRY(accept("in")))
      return expected("a comparison: = != < <= > >= in exists contains starts");
    out.test = Test::in;
    TRY(expect("("));
    do {
      if (out.values.size() == list_max)
        return wrong(fmt::format("more than {} values in a list", list_max));
      out.values.push_back(TRY(literal()));
    } while (TRY(accept(",")));
    TRY(expect(")"));
    return out;
  }

  P<std::string> property() {
    if (token_.kind == TokenKind::text) return text("a property");
    return word("a property's name");
  }

  /// In `did` an `and` belongs to the predicate: several clauses stand in parentheses with their
  /// event.
  P<Selection> did_selection() {
    if (!TRY(accept("("))) return selection(nullptr, 1);
    Selection out = TRY(selection());
    TRY(expect(")"));
    return out;
  }

  P<Selection> selection(std::string* property_out = nullptr, std::size_t clauses_max = nodes_max) {
    Selection out{.place = token_.place};
    out.event = TRY(text("an event's name in double quotes"));
    if (property_out != nullptr && TRY(accept("."))) *property_out = TRY(property());
    if (!TRY(accept("where"))) return out;
    do {
      TRY(count_node());
      const Place place = token_.place;
      std::string name = TRY(property());
      out.where.push_back(TRY(compare(std::move(name), place)));
    } while (out.where.size() < clauses_max && TRY(accept("and")));
    return out;
  }

  P<Window> window() {
    Window out;
    if (!TRY(accept("ever"))) {
      out.from = TRY(duration());
    } else if (!token_.is("..")) {
      return expected("`..` and a duration after `ever`");
    }
    if (TRY(accept(".."))) out.to = TRY(duration());
    return out;
  }

  P<Node> folded(Fold fold, Place place) {
    TRY(expect("("));
    Folded out{.fold = fold};
    out.select = TRY(selection(&out.property));
    if (TRY(accept(","))) out.window = TRY(window());
    TRY(expect(")"));
    const bool ends = fold == Fold::first || fold == Fold::last;
    if (ends && out.property.empty()) return aged(std::move(out), place);
    out.compare = TRY(compare("", token_.place));
    return Node{std::move(out), place};
  }

  P<Node> aged(Folded in, Place place) {
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
    const bool sequence = TRY(accept("then"));
    if (out.from_first && !sequence) return expected("`then` after `did first …`");
    if (sequence) {
      out.then = TRY(did_selection());
      if (TRY(accept("within"))) out.within = TRY(duration());
    }
    if (TRY(accept("in"))) out.window = TRY(window());
    Node node;
    node.place = place;
    if (sequence) {
      node.is = std::move(out);
    } else {
      Folded at_least_one{.select = std::move(out.select), .window = out.window};
      at_least_one.compare = {
          .test = Test::ge, .values = {Value::of(Decimal::whole(1))}, .place = place};
      node.is = std::move(at_least_one);
    }
    return no ? negated(std::move(node), place) : node;
  }

  Lexer lexer_;
  Token token_;
  unsigned nodes_ = 0;
  unsigned depth_ = 0;
};

std::optional<Mistake> too_big(std::string_view source) {
  if (source.size() <= source_bytes_max) return std::nullopt;
  return Mistake{
      .message = fmt::format(
          "{} bytes; a file of segments holds at most {}", source.size(), source_bytes_max
      )};
}

}  // namespace

Parsed<std::vector<Definition>> parse(std::string_view source) {
  if (auto mistake = too_big(source)) return std::unexpected(std::move(*mistake));
  return Parser(source).file();
}

Parsed<Node> parse_predicate(std::string_view source) {
  if (auto mistake = too_big(source)) return std::unexpected(std::move(*mistake));
  return Parser(source).predicate();
}

}  // namespace hospes::segment
