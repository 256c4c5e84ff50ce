#include <fmt/format.h>

#include <algorithm>

#include "segment/lexer.h"

namespace hospes::segment {

namespace {

using Found = std::optional<Mistake>;

Found at(const Place& place, std::string message) {
  return Mistake{.place = place, .message = std::move(message), .line = {}};
}

bool is_slug(std::string_view text) {
  if (text.empty() || text.size() > 64 || !(text[0] >= 'a' && text[0] <= 'z')) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Found slug(const Place& place, std::string_view what, std::string_view text) {
  if (is_slug(text)) return std::nullopt;
  return at(
      place,
      fmt::format("{} is a word of a-z, 0-9 and _ that begins with a letter, 64 at most", what)
  );
}

Found named(const Place& place, std::string_view what, std::string_view text) {
  if (text.empty()) return at(place, fmt::format("{} is missing", what));
  if (text.size() > text_bytes_max) {
    return at(place, fmt::format("{} is longer than {} bytes", what, text_bytes_max));
  }
  return std::nullopt;
}

Found span(const Place& place, Duration d) {
  if (d <= Duration(0)) return at(place, "a duration of zero or less");
  if (d > window_max)
    return at(place, fmt::format("a duration longer than {}", to_string(window_max)));
  return std::nullopt;
}

Found window(const Place& place, const Window& w) {
  if (w.from) {
    if (auto m = span(place, *w.from)) return m;
    if (w.to >= *w.from) {
      return at(
          place,
          fmt::format(
              "the window {} is empty: write the longer age first, as in 180d..90d", format(w)
          )
      );
    }
  }
  if (w.to < Duration(0) || w.to > window_max)
    return at(place, "a window ends between now and a century ago");
  return std::nullopt;
}

bool orders(Test t) { return t == Test::lt || t == Test::le || t == Test::gt || t == Test::ge; }

/// Both ends of a season or clock are what their form can say.
Found calendar(const Place& place, const Calendar& c) {
  if (c.kind == Calendar::weekdays && (c.from == 0 || c.from > 127 || c.to != 0))
    return at(place, "`falls on` needs a weekday");
  if (c.kind == Calendar::clock && (c.from == c.to || c.from >= 24 * 60 || c.to > 24 * 60))
    return at(place, "this time of day has no length: write as \"18:00\"..\"22:00\"");
  return std::nullopt;
}

Found near(const Clause& c) {
  if (c.values.size() != 3) return at(c.place, "`near` takes a place and a distance");
  constexpr std::int64_t bounds[] = {90, 180, 20'100'000};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t micro = c.values[i].number.micro;
    const std::int64_t most = bounds[i] * 1'000'000;
    if (c.values[i].kind != ValueKind::number || micro > most || micro < (i == 2 ? 1 : -most)) {
      return at(
          c.place,
          "`near` takes degrees north within ±90, degrees east within ±180, and up to 20,100 km"
      );
    }
  }
  return std::nullopt;
}

Found literals(const Clause& c) {
  const std::size_t n = c.values.size();
  if (c.test == Test::falls)
    return n == 0 ? calendar(c.place, c.calendar) : at(c.place, "`falls` takes no value");
  if (c.calendar != Calendar{}) return at(c.place, "a calendar stands with `falls` only");
  if (c.test == Test::near) return near(c);
  if (c.test == Test::exists) return n == 0 ? std::nullopt : at(c.place, "`exists` takes no value");
  if (c.test == Test::in ? n == 0 || n > list_max : n != 1) {
    return at(
        c.place, fmt::format(
                     "`{}` takes {}", to_string(c.test),
                     c.test == Test::in ? fmt::format("1 to {} values", list_max) : "one value"
                 )
    );
  }
  for (const Value& v : c.values) {
    if (v.kind != ValueKind::number && v.kind != ValueKind::text && v.kind != ValueKind::boolean) {
      return at(c.place, "a literal is a number, a text, true or false");
    }
    if (v.text.size() > text_bytes_max) {
      return at(c.place, fmt::format("a text longer than {} bytes", text_bytes_max));
    }
    if (orders(c.test) && v.kind != ValueKind::number) {
      return at(
          c.place,
          fmt::format(
              "`{}` compares numbers; for dates write before, after or within", to_string(c.test)
          )
      );
    }
    if ((c.test == Test::contains || c.test == Test::starts) && v.kind != ValueKind::text) {
      return at(c.place, fmt::format("`{}` looks for a text", to_string(c.test)));
    }
  }
  return std::nullopt;
}

Found clause(const Clause& c, std::string_view what) {
  if (auto m = named(c.place, what, c.name)) return m;
  return literals(c);
}

Found same(const Place& place, const std::string& property) {
  if (property.size() <= text_bytes_max) return std::nullopt;
  return at(place, fmt::format("a property's name is longer than {} bytes", text_bytes_max));
}

Found events(const Named& s) {
  if (auto m = named(s.place, "the event's name", s.event)) return m;
  for (const Clause& c : s.where) {
    // Without a name: the event's own time.
    if (auto m = c.name.empty() && c.test == Test::falls ? literals(c)
                                                         : clause(c, "a property's name")) {
      return m;
    }
  }
  return std::nullopt;
}

Found selection(const Selection& s) {
  if (auto m = events(s)) return m;
  if (!s.reply) return std::nullopt;
  if (auto m = events(s.reply->by)) return m;
  if (auto m = same(s.place, s.reply->same)) return m;
  return span(s.place, s.reply->within);
}

class Validator {
 public:
  Found node(const Node& n) {
    return std::visit([&](const auto& is) { return shape(is, n.place); }, n.is);
  }

 private:
  Found parts(
      const std::vector<Node>& of, const Place& place, std::size_t least, std::size_t most
  ) {
    if (of.size() < least || of.size() > most) {
      return at(
          place, least == 1 ? "`not` takes one test" : "`and` and `or` join two tests or more"
      );
    }
    for (const Node& child : of) {
      if (auto m = node(child)) return m;
    }
    return std::nullopt;
  }

  Found shape(const All& is, const Place& p) { return parts(is.of, p, 2, nodes_max); }
  Found shape(const Any& is, const Place& p) { return parts(is.of, p, 2, nodes_max); }
  Found shape(const Not& is, const Place& p) { return parts(is.of, p, 1, 1); }
  Found shape(const InSegment& is, const Place& p) { return slug(p, "a segment's id", is.id); }
  Found shape(const HasIdentifier& is, const Place& p) {
    return slug(p, "an identifier kind", is.kind);
  }
  Found shape(const TraitTest& is, const Place&) { return clause(is.clause, "the trait's name"); }

  Found shape(const TraitDate& is, const Place& p) {
    if (auto m = named(p, "the trait's name", is.name)) return m;
    const bool ranged = is.test == DateTest::past || is.test == DateTest::coming;
    if (is.absolute && (ranged || is.offset != Duration(0)))
      return at(p, "a date or an offset, not both");
    if (ranged) return span(p, is.offset);
    if (is.offset != Duration(0)) return span(p, std::chrono::abs(is.offset));
    return std::nullopt;
  }

  Found measure(const Measure& m, const Place& p) {
    if (auto wrong = selection(m.select)) return wrong;
    if (auto wrong = window(p, m.window)) return wrong;
    const std::string_view word = to_string(m.fold);
    if (!is_of_property(m.fold)) {
      if (!m.property.empty() && m.fold == Fold::count)
        return at(p, "count counts events; for values write distinct(…)");
      if (!m.property.empty()) return at(p, fmt::format("{} takes no property", word));
    } else if (auto wrong = named(p, fmt::format("the property to take the {} of, as in {}(\"Order\".total)", word, word), m.property)) {
      return wrong;
    }
    if (m.per != Per::event && m.fold != Fold::count)
      return at(p, fmt::format("{} are counted: write count({} with …)", to_string(m.per), to_string(m.per)));
    if (m.least < 1 || m.least > least_max || (m.per == Per::event && m.least != 1))
      return at(p, fmt::format("a whole number from 1 to {} stands after `days with`", least_max));
    return std::nullopt;
  }

  Found shape(const Folded& is, const Place& p) {
    if (auto m = measure(is.measure, p)) return m;
    if (auto m = literals(is.compare)) return m;
    return number(is, p);
  }

  Found number(const Folded& is, const Place& p) {
    const Fold fold = is.measure.fold;
    if (!is_number(fold)) {
      if (is.compare.test == Test::near)
        return at(p, "`near` asks for a place: write it behind `where`");
      return std::nullopt;
    }
    const Test t = is.compare.test;
    if (!(orders(t) || t == Test::eq || t == Test::ne) ||
        is.compare.values[0].kind != ValueKind::number) {
      return at(
          p, fmt::format("{} is a number: compare it with one, by = != < <= > >=", to_string(fold))
      );
    }
    if (fold == Fold::distinct && is.compare.values[0].number > Decimal::whole(distinct_max)) {
      return at(p, fmt::format("distinct is exact up to {}; ask for less", distinct_max));
    }
    return std::nullopt;
  }

  Found shape(const Compared& is, const Place& p) {
    if (auto m = measure(is.left, p)) return m;
    if (auto m = measure(is.right, p)) return m;
    for (const Measure* m : {&is.left, &is.right}) {
      if (!is_number(m->fold) || m->fold == Fold::distinct)
        return at(p, fmt::format("{} is not compared with another measure", to_string(m->fold)));
    }
    if (!(orders(is.test) || is.test == Test::eq || is.test == Test::ne))
      return at(p, "two measures are compared by = != < <= > >=");
    if (is.factor <= Decimal{0} || is.factor > Decimal::whole(factor_max))
      return at(p, fmt::format("a factor is above 0 and at most {}", factor_max));
    return std::nullopt;
  }

  Found people_compared(const Measure& of, const Place& p) {
    if (auto m = measure(of, p)) return m;
    if (!is_number(of.fold) || of.fold == Fold::average || of.fold >= Fold::silence)
      return at(p, "people are ranked by count, sum, min, max, distinct or most");
    return std::nullopt;
  }

  Found shape(const AgainstMedian& is, const Place& p) {
    if (auto m = people_compared(is.measure, p)) return m;
    if (!orders(is.test)) return at(p, "a value stands < <= > or >= to the median");
    if (is.factor <= Decimal{0} || is.factor > Decimal::whole(factor_max))
      return at(p, fmt::format("a factor is above 0 and at most {}", factor_max));
    return std::nullopt;
  }

  Found shape(const Ranked& is, const Place& p) {
    if (auto m = people_compared(is.measure, p)) return m;
    if (is.percent <= Decimal{0} || is.percent >= Decimal::whole(100))
      return at(p, "a share of people is above 0 and below 100 %");
    return std::nullopt;
  }

  Found shape(const Still& is, const Place& p) {
    if (is.of.size() != 1) return at(p, "`still` takes one test");
    if (is.at.has_value() == is.ahead.has_value())
      return at(p, "`still` needs a date after `on`, or a duration after `in`");
    if (is.ahead) {
      if (auto m = span(p, *is.ahead)) return m;
    }
    return node(is.of[0]);
  }

  Found shape(const CalendarNow& is, const Place& p) {
    if (is.calendar.kind == Calendar::today) return at(p, "now always falls today");
    return calendar(p, is.calendar);
  }

  Found shape(const Permission& is, const Place& p) {
    if (auto m = named(p, "the purpose", is.purpose)) return m;
    const bool lasts = is.said != Said::ends && is.said != Said::unset;
    if (!lasts && is.since != Window{})
      return at(p, fmt::format("`{}` takes no window", to_string(is.said)));
    if (is.said == Said::ends) return span(p, is.within);
    if (is.within != Duration(0)) return at(p, "only `ends` takes \"within\"");
    return window(p, is.since);
  }

  Found shape(const Aged& is, const Place& p) {
    if (auto m = selection(is.select)) return m;
    if (auto m = window(p, is.window)) return m;
    if (!is.age.from && is.age.to == Duration(0))
      return at(p, "an age needs a bound, as in < 30d ago");
    return window(p, is.age);
  }

  Found shape(const Sequence& is, const Place& p) {
    if (is.steps.empty() || is.steps.size() > steps_max)
      return at(p, fmt::format("a sequence has 1 to {} steps", steps_max));
    if (auto m = selection(is.select)) return m;
    for (const Step& step : is.steps) {
      if (auto m = selection(step.then)) return m;
      if (step.without) {
        if (auto m = selection(*step.without)) return m;
      }
      if (auto m = same(p, step.same)) return m;
      for (const auto& d : {step.after, step.within}) {
        if (!d) continue;
        if (auto m = span(p, *d)) return m;
      }
      if (step.after && step.within && *step.after > *step.within)
        return at(p, "no time is left between `after` and `within`");
    }
    return window(p, is.window);
  }
};

}  // namespace

std::optional<Mistake> validate(const Node& node) {
  if (depth(node) > depth_max)
    return at(node.place, fmt::format("nested deeper than {}", depth_max));
  if (node_count(node) > nodes_max) {
    return at(node.place, fmt::format("more than {} tests in one segment", nodes_max));
  }
  return Validator().node(node);
}

std::optional<Mistake> validate(const Definition& d) {
  if (auto m = slug(d.place, "a segment's id", d.id)) return m;
  if (d.purpose.empty()) {
    return at(
        d.place, fmt::format("segment {} has no purpose: add a line such as `purpose market`", d.id)
    );
  }
  if (auto m = named(d.purpose_place, "the purpose", d.purpose)) return m;
  for (const std::string* text : {&d.owner, &d.folder})
    if (text->size() > text_bytes_max)
      return at(d.place, fmt::format("an owner or folder longer than {} bytes", text_bytes_max));
  for (const std::string* text : {&d.name_en, &d.name_fr}) {
    if (text->size() > text_bytes_max)
      return at(d.place, fmt::format("a name longer than {} bytes", text_bytes_max));
  }
  for (const std::string* text : {&d.sentence_en, &d.sentence_fr}) {
    if (text->size() > sentence_bytes_max) {
      return at(d.place, fmt::format("a sentence longer than {} bytes", sentence_bytes_max));
    }
  }
  return validate(d.predicate);
}

}  // namespace hospes::segment
