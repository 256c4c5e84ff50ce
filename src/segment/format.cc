#include <fmt/format.h>

#include "segment/lexer.h"

namespace hospes::segment {

namespace {

/// Whole kilometres are written as such.
std::string distance_text(Decimal metres) {
  constexpr std::int64_t km = 1'000'000'000;
  if (metres.micro % km == 0) return hospes::to_string(Decimal{metres.micro / 1'000}) + "km";
  return hospes::to_string(metres) + "m";
}

std::string name(std::string_view text) {
  return is_plain_name(text) ? std::string(text) : in_quotes(text);
}

std::string comparison(const Clause& c) {
  const std::string test(to_string(c.test));
  if (c.test == Test::exists) return test;
  if (c.test == Test::falls) return test + " " + format(c.calendar);
  if (c.test == Test::near) {
    return fmt::format(
        "near ({}, {}) within {}", format(c.values[0]), format(c.values[1]),
        distance_text(c.values[2].number)
    );
  }
  if (c.test != Test::in) return test + " " + format(c.values[0]);
  std::string out = "in (";
  for (const Value& v : c.values) out += (&v == &c.values[0] ? "" : ", ") + format(v);
  return out + ")";
}

bool is_forever(const Window& w) { return !w.from && w.to == Duration(0); }

std::string where(const Named& s) {
  std::string out;
  for (const Clause& c : s.where) out += (out.empty() ? " where " : " and ") + format(c);
  return out;
}

std::string same(const std::string& property) {
  return property.empty() ? "" : " same " + name(property);
}

std::string reply(const Selection& s) {
  if (!s.reply) return "";
  const Named& by = s.reply->by;
  const std::string one = in_quotes(by.event) + where(by);
  return fmt::format(
      " {} by {} within {}{}", s.reply->given ? "answered" : "unanswered",
      by.where.empty() ? one : "(" + one + ")", to_string(s.reply->within), same(s.reply->same)
  );
}

std::string call(
    std::string_view word, const Selection& s, std::string_view property, const Window& w,
    const std::string& before = {}
) {
  return fmt::format(
      "{}({}{}{}{}{}{})", word, before, in_quotes(s.event), property.empty() ? "" : "." + name(property),
      where(s), reply(s), is_forever(w) ? "" : ", " + format(w)
  );
}

std::string did_part(const Selection& s) {
  return s.where.empty() && !s.reply ? format(s) : "(" + format(s) + ")";
}

std::string say(const Node& node);

/// A part that could be read otherwise without them stands in parentheses.
std::string part(const Node& node) {
  const bool joined = std::holds_alternative<All>(node.is) || std::holds_alternative<Any>(node.is);
  return joined ? "(" + say(node) + ")" : say(node);
}

std::string join(const std::vector<Node>& of, std::string_view joint) {
  std::string out;
  for (const Node& child : of) {
    if (!out.empty()) out += joint;
    out += part(child);
  }
  return out;
}

std::string shape(const All& is) { return join(is.of, " and "); }
std::string shape(const Any& is) { return join(is.of, " or "); }
std::string shape(const Not& is) { return "not " + part(is.of[0]); }
std::string shape(const InSegment& is) { return "in segment " + is.id; }
std::string shape(const HasIdentifier& is) { return "has identifier " + is.kind; }
std::string shape(const TraitTest& is) {
  return fmt::format("trait({}) {}", in_quotes(is.clause.name), comparison(is.clause));
}
std::string shape(const TraitDate& is) {
  const std::string trait = fmt::format("trait({}) ", in_quotes(is.name));
  const std::string offset = to_string(std::chrono::abs(is.offset));
  if (is.test == DateTest::past) return trait + "within " + offset + " ago";
  if (is.test == DateTest::coming) return trait + "within " + offset + " from now";
  const std::string test = is.test == DateTest::before ? "before " : "after ";
  if (is.absolute) return trait + test + in_quotes(to_string(*is.absolute));
  if (is.offset == Duration(0)) return trait + test + "now";
  return trait + test + offset + (is.offset < Duration(0) ? " ago" : " from now");
}
std::string shape(const Folded& is) {
  return format(is.measure) + " " + comparison(is.compare);
}
std::string shape(const Compared& is) {
  const std::string factor =
      is.factor == Decimal::whole(1) ? "" : hospes::to_string(is.factor) + " * ";
  return fmt::format(
      "{} {} {}{}", format(is.left), to_string(is.test), factor, format(is.right)
  );
}
std::string shape(const Ranked& is) {
  return fmt::format(
      "{} in {} {}%", format(is.measure), is.top ? "top" : "bottom", hospes::to_string(is.percent)
  );
}
std::string shape(const AgainstMedian& is) {
  const std::string factor =
      is.factor == Decimal::whole(1) ? "" : hospes::to_string(is.factor) + " * ";
  return fmt::format("{} {} {}median", format(is.measure), to_string(is.test), factor);
}
std::string shape(const Still& is) {
  const std::string when =
      is.at ? "on " + in_quotes(to_string(*is.at)) : "in " + to_string(*is.ahead);
  return "still (" + say(is.of[0]) + ") " + when;
}
std::string shape(const CalendarNow& is) { return "now falls " + format(is.calendar); }
std::string shape(const Permission& is) {
  const std::string out = fmt::format("permission {} {}", name(is.purpose), to_string(is.said));
  if (is.said == Said::ends) return out + " within " + to_string(is.within) + " from now";
  return is_forever(is.since) ? out : out + " in " + format(is.since);
}
std::string shape(const Aged& is) {
  const std::string call_ = call(is.last ? "last" : "first", is.select, "", is.window);
  if (is.age.from && is.age.to == Duration(0))
    return call_ + " < " + to_string(*is.age.from) + " ago";
  if (!is.age.from) return call_ + " >= " + to_string(is.age.to) + " ago";
  return call_ + " in " + format(is.age);
}
std::string shape(const Sequence& is) {
  std::string out = fmt::format("did {}{}", is.from_first ? "first " : "", did_part(is.select));
  for (const Step& step : is.steps) {
    out += " then " + did_part(step.then);
    if (step.after) out += " after " + to_string(*step.after);
    if (step.within) out += " within " + to_string(*step.within);
    out += same(step.same);
    if (step.without) out += " without " + did_part(*step.without);
  }
  return out + (is_forever(is.window) ? "" : " in " + format(is.window));
}

std::string say(const Node& node) {
  return std::visit([](const auto& is) { return shape(is); }, node.is);
}

/// One part of the outermost `and` or `or` a line.
std::string lines(const Node& node) {
  const auto* all = std::get_if<All>(&node.is);
  const auto* any = std::get_if<Any>(&node.is);
  if (all == nullptr && any == nullptr) return say(node);
  return join(all != nullptr ? all->of : any->of, all != nullptr ? "\n    and " : "\n    or ");
}

std::string languages(std::string_view word, const std::string& en, const std::string& fr) {
  if (en.empty() && fr.empty()) return "";
  return fmt::format(
      "  {}{}{}\n", word, en.empty() ? "" : " en " + in_quotes(en),
      fr.empty() ? "" : " fr " + in_quotes(fr)
  );
}

std::string filed(std::string_view word, const std::string& text) {
  return text.empty() ? "" : fmt::format("  {} {}\n", word, in_quotes(text));
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out + '"';
}

std::string format(const Value& v) {
  if (v.kind == ValueKind::number) return hospes::to_string(v.number);
  if (v.kind == ValueKind::boolean) return v.number.micro != 0 ? "true" : "false";
  return in_quotes(v.text);
}
std::string format(const Clause& clause) {
  return (clause.name.empty() ? "happened" : name(clause.name)) + " " + comparison(clause);
}
std::string format(const Selection& s) { return in_quotes(s.event) + where(s) + reply(s); }
std::string format(const Measure& m) {
  std::string per;
  if (m.per != Per::event) {
    per = std::string(to_string(m.per)) + " with ";
    if (m.least > 1) per += std::to_string(m.least) + " ";
  }
  return call(to_string(m.fold), m.select, m.property, m.window, per);
}
std::string format(const Calendar& c) {
  switch (c.kind) {
    case Calendar::today:
      return "today";
    case Calendar::season:
      return fmt::format(
          "\"{:02}-{:02}\"..\"{:02}-{:02}\"", c.from / 100, c.from % 100, c.to / 100, c.to % 100
      );
    case Calendar::clock:
      return fmt::format(
          "\"{:02}:{:02}\"..\"{:02}:{:02}\"", c.from / 60, c.from % 60, c.to / 60, c.to % 60
      );
    case Calendar::weekdays:
      break;
  }
  std::string days;
  for (unsigned day = 0; day < 7; ++day) {
    if ((c.from >> day & 1) != 0) days += (days.empty() ? "" : ", ") + std::string(weekday(day));
  }
  return "on (" + days + ")";
}
std::string format(const Window& w) {
  return (w.from ? to_string(*w.from) : std::string("ever")) +
         (w.to == Duration(0) ? "" : ".." + to_string(w.to));
}
std::string format(const Node& node) { return say(node); }

std::string with_thresholds(std::string_view source, const std::vector<Threshold>& thresholds) {
  constexpr std::string_view begins = "\nthreshold ";
  std::string out(source.substr(0, source.find(begins)));
  for (const Threshold& t : thresholds) {
    out += fmt::format(
        "{}{} {} = {} at {}", begins, name(t.purpose), in_quotes(t.ranked), hospes::to_string(t.value),
        in_quotes(to_string(t.at))
    );
  }
  return out;
}

std::string format(const Definition& d) {
  return fmt::format(
      "segment {}\n  purpose {}\n{}{}{}{}{}  where\n    {}\n", d.id, name(d.purpose),
      languages("name", d.name_en, d.name_fr), languages("sentence", d.sentence_en, d.sentence_fr),
      filed("owner", d.owner), filed("folder", d.folder), d.draft ? "  draft\n" : "",
      lines(d.predicate)
  );
}

}  // namespace hospes::segment
