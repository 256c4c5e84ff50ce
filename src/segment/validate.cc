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

Found literals(const Clause& c) {
  const std::size_t n = c.values.size();
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

Found selection(const Selection& s) {
  if (auto m = named(s.place, "the event's name", s.event)) return m;
  for (const Clause& c : s.where) {
    if (auto m = clause(c, "a property's name")) return m;
  }
  return std::nullopt;
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

  Found shape(const Folded& is, const Place& p) {
    if (auto m = selection(is.select)) return m;
    if (auto m = window(p, is.window)) return m;
    if (is.fold == Fold::count) {
      if (!is.property.empty()) return at(p, "count counts events; for values write distinct(…)");
    } else if (auto m = named(p, fmt::format("the property to take the {} of, as in {}(\"Order\".total)", to_string(is.fold), to_string(is.fold)), is.property)) {
      return m;
    }
    if (auto m = literals(is.compare)) return m;
    return number(is, p);
  }

  Found number(const Folded& is, const Place& p) {
    if (is.fold == Fold::first || is.fold == Fold::last) return std::nullopt;
    const Test t = is.compare.test;
    if (!(orders(t) || t == Test::eq || t == Test::ne) ||
        is.compare.values[0].kind != ValueKind::number) {
      return at(
          p,
          fmt::format("{} is a number: compare it with one, by = != < <= > >=", to_string(is.fold))
      );
    }
    if (is.fold == Fold::distinct && is.compare.values[0].number > Decimal::whole(distinct_max)) {
      return at(p, fmt::format("distinct is exact up to {}; ask for less", distinct_max));
    }
    return std::nullopt;
  }

  Found shape(const Aged& is, const Place& p) {
    if (auto m = selection(is.select)) return m;
    if (auto m = window(p, is.window)) return m;
    if (!is.age.from && is.age.to == Duration(0))
      return at(p, "an age needs a bound, as in < 30d ago");
    return window(p, is.age);
  }

  Found shape(const Sequence& is, const Place& p) {
    if (auto m = selection(is.select)) return m;
    if (auto m = selection(is.then)) return m;
    if (auto m = window(p, is.window)) return m;
    return is.within ? span(p, *is.within) : std::nullopt;
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
