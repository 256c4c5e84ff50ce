// The rules of the text form about events: conditions, selections, windows, measures, steps.
// For parsers alone.
#pragma once

#include "segment/parse_words.h"

namespace hospes::segment {

class EventsParser : protected WordsParser {
 protected:
  explicit EventsParser(std::string_view source) : WordsParser(source) {}

  P<std::string> purpose() {
    return token_.kind == TokenKind::text ? text("a purpose") : word("a purpose such as market");
  }

  /// After `falls`.
  P<Calendar> calendar() {
    Calendar out;
    if (TRY(accept("today"))) return out;
    if (TRY(accept("on"))) {
      out.kind = Calendar::weekdays;
      TRY(expect("("));
      do {
        unsigned day = 0;
        while (day < 7 && !token_.is(weekday(day))) ++day;
        if (day == 7)
          return expected("a weekday: `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, `sunday`");
        TRY(step());
        out.from |= 1U << day;
      } while (TRY(accept(",")));
      TRY(expect(")"));
      return out;
    }
    if (token_.kind != TokenKind::text) return expected("`today`, `on` (monday, …), \"11-15\"..\"12-24\" or \"18:00\"..\"22:00\"");
    const auto from = parse_calendar_end(token_.text);
    if (!from) return wrong("neither a day of the year such as \"11-15\" nor a time of day such as \"18:00\"");
    TRY(step());
    TRY(expect(".."));
    const auto to = token_.kind == TokenKind::text ? parse_calendar_end(token_.text) : std::nullopt;
    if (!to || to->kind != from->kind) {
      return wrong(
          from->kind == Calendar::season ? "expected a day of the year such as \"12-24\""
                                         : "expected a time of day such as \"22:00\""
      );
    }
    TRY(step());
    return Calendar{from->kind, from->from, to->from};
  }

  P<std::vector<Value>> place_near() {
    std::vector<Value> out;
    TRY(expect("("));
    out.push_back(TRY(literal()));
    TRY(expect(","));
    out.push_back(TRY(literal()));
    TRY(expect(")"));
    TRY(expect("within"));
    const bool km = token_.raw.ends_with("km");
    const auto number = token_.kind == TokenKind::duration
                            ? parse_decimal(token_.raw.substr(0, token_.raw.size() - (km ? 2 : 1)))
                            : std::nullopt;
    if (!number || (!km && !token_.raw.ends_with('m')) ||
        number->micro > factor_max * factor_max * 1'000'000) {
      return expected("a distance such as 5km or 800m");
    }
    TRY(step());
    out.push_back(Value::of(Decimal{number->micro * (km ? 1'000 : 1)}));
    return out;
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
    if (TRY(accept("falls"))) {
      out.test = Test::falls;
      out.calendar = TRY(calendar());
      return out;
    }
    if (TRY(accept("near"))) {
      out.test = Test::near;
      out.values = TRY(place_near());
      return out;
    }
    if (token_.is("contains") || token_.is("starts")) {
      out.test = token_.is("contains") ? Test::contains : Test::starts;
      TRY(step());
      out.values.push_back(Value::of(std::string_view(TRY(text("a text in double quotes")))));
      return out;
    }
    if (!TRY(accept("in")))
      return expected("a comparison: = != < <= > >= `in` `exists` `contains` `starts` `falls` `near`");
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
    if (!TRY(accept("("))) {
      Selection out;
      static_cast<Named&>(out) = TRY(named(nullptr, 1));
      return out;
    }
    Selection out = TRY(selection());
    TRY(expect(")"));
    return out;
  }

  P<Selection> selection(std::string* property_out = nullptr) {
    Selection out;
    static_cast<Named&>(out) = TRY(named(property_out, nodes_max));
    if (!token_.is("answered") && !token_.is("unanswered")) return out;
    TRY(count_node());
    Reply reply{.given = token_.is("answered")};
    TRY(step());
    TRY(expect("by"));
    const bool several = TRY(accept("("));
    reply.by = TRY(named(nullptr, several ? nodes_max : 1));
    if (several) TRY(expect(")"));
    TRY(expect("within"));
    reply.within = TRY(duration());
    if (TRY(accept("same"))) reply.same = TRY(property());
    out.reply = std::move(reply);
    return out;
  }

  P<Named> named(std::string* property_out, std::size_t clauses_max) {
    Named out{.place = token_.place};
    out.event = TRY(text("an event's name in double quotes"));
    if (property_out != nullptr && TRY(accept("."))) *property_out = TRY(property());
    if (!TRY(accept("where"))) return out;
    do {
      TRY(count_node());
      const Place place = token_.place;
      std::string name;
      if (token_.is("happened"))
        TRY(step());
      else
        name = TRY(property());
      const bool own_time = name.empty() && token_.is("falls");
      if (name.empty() && !own_time) return expected("`falls` after `happened`");
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

  /// After its word.
  P<Measure> measure(Fold fold) {
    Measure out{.fold = fold};
    TRY(expect("("));
    for (int i = 1; i <= static_cast<int>(Per::session); ++i) {
      if (!TRY(accept(to_string(static_cast<Per>(i))))) continue;
      out.per = static_cast<Per>(i);
      TRY(expect("with"));
      if (token_.kind == TokenKind::number) {
        const auto least = parse_decimal(token_.raw);
        if (!least || least->micro % 1'000'000 != 0 || *least < Decimal::whole(1) ||
            *least > Decimal::whole(least_max)) {
          return wrong(fmt::format("a whole number from 1 to {}", least_max));
        }
        out.least = static_cast<unsigned>(least->micro / 1'000'000);
        TRY(step());
      }
      break;
    }
    out.select = TRY(selection(&out.property));
    if (TRY(accept(","))) out.window = TRY(window());
    TRY(expect(")"));
    return out;
  }

  std::optional<Fold> folding() const {
    for (int i = 0; i <= static_cast<int>(Fold::shortest_gap); ++i) {
      if (token_.is(to_string(static_cast<Fold>(i)))) return static_cast<Fold>(i);
    }
    return std::nullopt;
  }

  std::optional<Test> order() const {
    for (const Test test : {Test::eq, Test::ne, Test::lt, Test::le, Test::gt, Test::ge}) {
      if (token_.is(to_string(test))) return test;
    }
    return std::nullopt;
  }

  P<Step> sequence_step() {
    Step out{.then = TRY(did_selection())};
    if (TRY(accept("after"))) out.after = TRY(duration());
    if (TRY(accept("within"))) out.within = TRY(duration());
    if (TRY(accept("same"))) out.same = TRY(property());
    if (TRY(accept("without"))) {
      TRY(count_node());
      out.without = TRY(did_selection());
    }
    return out;
  }
};

}  // namespace hospes::segment
