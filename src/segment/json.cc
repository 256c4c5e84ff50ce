#include "segment/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <map>

#include "segment/lexer.h"

namespace hospes::segment {

namespace {

namespace od = simdjson::ondemand;

/// A JSON value with its numbers as text: exactness is the point.
struct Json {
  enum Kind : std::uint8_t { null, boolean, number, text, array, object } kind = null;
  std::string scalar;  // number or text; "true" for true
  std::vector<Json> items;
  std::vector<std::pair<std::string, Json>> fields;

  const Json* find(std::string_view key) const {
    const auto at =
        std::ranges::find(fields, key, [](const auto& f) -> std::string_view { return f.first; });
    return at == fields.end() ? nullptr : &at->second;
  }
};

constexpr unsigned json_depth_max =
    2 * depth_max + 16;  // a node takes two levels: its object and its list

/// Confines simdjson: error codes in, one bool out.
bool read(od::value in, Json& out, unsigned depth) {
  od::json_type type{};
  if (depth > json_depth_max || in.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case od::json_type::array: {
      out.kind = Json::array;
      od::array array;
      if (in.get_array().get(array) != simdjson::SUCCESS) return false;
      for (auto item : array) {
        od::value v;
        if (item.get(v) != simdjson::SUCCESS || !read(v, out.items.emplace_back(), depth + 1))
          return false;
      }
      return true;
    }
    case od::json_type::object: {
      out.kind = Json::object;
      od::object object;
      if (in.get_object().get(object) != simdjson::SUCCESS) return false;
      for (auto field : object) {
        std::string_view key;
        od::value v;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
        auto& slot = out.fields.emplace_back(std::string(key), Json{});
        if (field.value().get(v) != simdjson::SUCCESS || !read(v, slot.second, depth + 1))
          return false;
      }
      return true;
    }
    case od::json_type::number: {
      out.kind = Json::number;
      double checked =
          0;  // simdjson judges the number's shape; its digits are read by parse_decimal
      std::string_view raw = in.raw_json_token();
      if (in.get_double().get(checked) != simdjson::SUCCESS) return false;
      while (!raw.empty() &&
             (raw.back() == ' ' || raw.back() == '\n' || raw.back() == '\t' || raw.back() == '\r'))
        raw.remove_suffix(1);
      out.scalar = raw;
      return true;
    }
    case od::json_type::string: {
      out.kind = Json::text;
      std::string_view text;
      if (in.get_string().get(text) != simdjson::SUCCESS) return false;
      out.scalar = text;
      return true;
    }
    case od::json_type::boolean: {
      out.kind = Json::boolean;
      bool b = false;
      if (in.get_bool().get(b) != simdjson::SUCCESS) return false;
      out.scalar = b ? "true" : "false";
      return true;
    }
    case od::json_type::null:
      return in.is_null().value_unsafe();
    default:
      return false;
  }
}

std::unexpected<Mistake> wrong(std::string message) {
  return std::unexpected(Mistake{.place = {}, .message = std::move(message), .line = {}});
}

Parsed<Json> load(std::string_view json) {
  if (json.size() > source_bytes_max)
    return wrong(fmt::format("more than {} bytes", source_bytes_max));
  const simdjson::padded_string padded(json);
  od::parser parser;
  od::document document;
  od::value root;
  Json out;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_value().get(root) != simdjson::SUCCESS || !read(root, out, 0) ||
      !document.at_end()) {
    return wrong("this is no JSON object or array, or it is nested too deep");
  }
  return out;
}

/// Reads the fields of one object; `end` refuses what nobody asked for.
class Fields {
 public:
  Fields(const Json& json, std::string_view what) : json_(json), what_(what) {}

  const Json* take(std::string_view key) {
    known_.emplace_back(key);
    return json_.find(key);
  }
  Parsed<std::string> text(std::string_view key, bool needed = true) {
    const Json* v = take(key);
    if (v == nullptr && !needed) return std::string();
    if (v == nullptr || v->kind != Json::text)
      return wrong(fmt::format("{} needs a text \"{}\"", what_, key));
    return v->scalar;
  }
  Parsed<bool> flag(std::string_view key) {
    const Json* v = take(key);
    if (v == nullptr) return false;
    if (v->kind != Json::boolean)
      return wrong(fmt::format("\"{}\" of {} is true or false", key, what_));
    return v->scalar == "true";
  }
  Parsed<std::optional<Duration>> duration(std::string_view key, bool may_be_negative = false) {
    std::string text = TRY(this->text(key, false));
    if (text.empty()) return std::optional<Duration>();
    const bool negative = may_be_negative && text.starts_with('-');
    const auto d = parse_duration(negative ? text.substr(1) : text);
    if (!d) return wrong(fmt::format("\"{}\" of {} is a duration such as \"90d\"", key, what_));
    return std::optional<Duration>(negative ? -*d : *d);
  }
  Parsed<bool> end() {
    for (const auto& [key, value] : json_.fields) {
      if (std::ranges::find(known_, key) == known_.end()) {
        return wrong(fmt::format("{} has no \"{}\"", what_, key.substr(0, 64)));
      }
      if (std::ranges::count(json_.fields, key, [](const auto& f) -> const std::string& {
            return f.first;
          }) > 1) {
        return wrong(fmt::format("\"{}\" twice in {}", key.substr(0, 64), what_));
      }
    }
    return true;
  }

 private:
  const Json& json_;
  std::string what_;
  std::vector<std::string> known_;
};

Parsed<Value> literal(const Json& json) {
  if (json.kind == Json::text) return Value::of(std::string_view(json.scalar));
  if (json.kind == Json::boolean) return Value::of(json.scalar == "true");
  if (json.kind != Json::number) return wrong("a literal is a number, a text, true or false");
  const auto number = parse_decimal(json.scalar);
  if (!number) return wrong("a number outside ±9,223,372,036,854.775807");
  return Value::of(*number);
}

Parsed<Test> test_of(std::string_view word) {
  for (int i = 0; i <= static_cast<int>(Test::near); ++i) {
    if (to_string(static_cast<Test>(i)) == word) return static_cast<Test>(i);
  }
  return wrong(
      fmt::format("unknown test \"{}\": = != < <= > >= in exists contains starts falls near", word)
  );
}

Parsed<Calendar> calendar(const Json& json) {
  Fields in(json, "a calendar");
  Calendar out;
  if (const Json* days = in.take("on")) {
    out.kind = Calendar::weekdays;
    for (const Json& item : days->items) {
      unsigned day = 0;
      while (day < 7 && item.scalar != weekday(day)) ++day;
      if (day == 7) return wrong("\"on\" of a calendar is a list of weekdays: monday … sunday");
      out.from |= 1U << day;
    }
  } else if (in.take("today") != nullptr) {
    if (!TRY(in.flag("today"))) return wrong("\"today\" of a calendar is true, or left out");
  } else {
    const auto from = parse_calendar_end(TRY(in.text("from")));
    const auto to = parse_calendar_end(TRY(in.text("to")));
    if (!from || !to || from->kind != to->kind)
      return wrong("a calendar goes \"from\" \"11-15\" \"to\" \"12-24\", or \"from\" \"18:00\" \"to\" \"22:00\"");
    out = {from->kind, from->from, to->from};
  }
  TRY(in.end());
  return out;
}

Parsed<Clause> compare(Fields& in, std::string name) {
  Clause out{.name = std::move(name)};
  const std::string word = TRY(in.text("test"));
  out.test = TRY(test_of(word));
  if (out.test == Test::falls) {
    const Json* json = in.take("calendar");
    if (json == nullptr) return wrong("`falls` needs a \"calendar\"");
    out.calendar = TRY(calendar(*json));
    return out;
  }
  if (out.test == Test::near) {
    for (const std::string_view key : {"latitude", "longitude", "metres"}) {
      const Json* json = in.take(key);
      if (json == nullptr) return wrong("`near` needs \"latitude\", \"longitude\" and \"metres\"");
      out.values.push_back(TRY(literal(*json)));
    }
    return out;
  }
  if (const Json* one = in.take("value")) out.values.push_back(TRY(literal(*one)));
  if (const Json* several = in.take("values")) {
    if (several->kind != Json::array || !out.values.empty())
      return wrong("\"values\" is a list, instead of \"value\"");
    for (const Json& v : several->items) out.values.push_back(TRY(literal(v)));
  }
  return out;
}

Parsed<Named> named(Fields& in) {
  Named out{.event = TRY(in.text("event"))};
  const Json* where = in.take("where");
  if (where == nullptr) return out;
  if (where->kind != Json::array) return wrong("\"where\" of an event is a list of tests");
  for (const Json& item : where->items) {
    Fields clause(item, "a test of a property");
    std::string name = TRY(clause.text("property", false));
    out.where.push_back(TRY(compare(clause, std::move(name))));
    TRY(clause.end());
  }
  return out;
}

/// "within" is needed where it means something.
Parsed<Duration> needed_duration(Fields& in, std::string_view key) {
  const auto d = TRY(in.duration(key));
  if (!d) return wrong(fmt::format("\"{}\" is missing: a duration such as \"48h\"", key));
  return *d;
}

Parsed<Selection> selection(Fields& in) {
  Selection out;
  static_cast<Named&>(out) = TRY(named(in));
  const Json* answer = in.take("answer");
  if (answer == nullptr) return out;
  Fields fields(*answer, "an answer");
  Reply reply;
  reply.given = TRY(fields.flag("given"));
  reply.by = TRY(named(fields));
  reply.within = TRY(needed_duration(fields, "within"));
  reply.same = TRY(fields.text("same", false));
  TRY(fields.end());
  out.reply = std::move(reply);
  return out;
}

Parsed<Window> window(Fields& in, std::string_view key) {
  const Json* json = in.take(key);
  Window out;
  if (json == nullptr) return out;
  Fields fields(*json, key);
  out.from = TRY(fields.duration("from"));
  out.to = TRY(fields.duration("to")).value_or(Duration(0));
  TRY(fields.end());
  return out;
}

Parsed<Node> node(const Json& json, unsigned deep);

Parsed<std::vector<Node>> nodes(const Json& json, unsigned deep) {
  std::vector<Node> out;
  if (json.kind != Json::array) return wrong("\"all\" and \"any\" are lists");
  for (const Json& item : json.items) out.push_back(TRY(node(item, deep)));
  return out;
}

Parsed<Node> date(Fields& in) {
  constexpr std::array<std::string_view, 4> words{"before", "after", "past", "coming"};
  TraitDate out{.name = TRY(in.text("date"))};
  const std::string word = TRY(in.text("test"));
  const auto at = std::ranges::find(words, word);
  if (at == words.end()) return wrong("a date is tested by before, after, past or coming");
  out.test = static_cast<DateTest>(at - words.begin());
  out.offset = TRY(in.duration("offset", true)).value_or(Duration(0));
  const std::string absolute = TRY(in.text("at", false));
  if (!absolute.empty()) {
    out.absolute = parse_instant(absolute);
    if (!out.absolute) return wrong("\"at\" of a date is \"2026-12-31T09:00:00Z\"");
  }
  return Node{out, {}};
}

Parsed<Measure> measure(Fields& in) {
  const std::string word = TRY(in.text("fold"));
  Measure out;
  int i = 0;
  while (i <= static_cast<int>(Fold::shortest_gap) && to_string(static_cast<Fold>(i)) != word) ++i;
  if (i > static_cast<int>(Fold::shortest_gap)) return wrong(fmt::format("unknown fold \"{}\"", word));
  out.fold = static_cast<Fold>(i);
  out.select = TRY(selection(in));
  out.property = TRY(in.text("property", false));
  out.window = TRY(window(in, "window"));
  const std::string per = TRY(in.text("per", false));
  for (int p = 1; p <= static_cast<int>(Per::session) && !per.empty(); ++p) {
    if (to_string(static_cast<Per>(p)) == per) out.per = static_cast<Per>(p);
  }
  if (!per.empty() && out.per == Per::event) return wrong("\"per\" is days, weeks, months or sessions");
  if (const Json* least = in.take("least")) {
    const auto number = least->kind == Json::number ? parse_decimal(least->scalar) : std::nullopt;
    if (!number || number->micro % 1'000'000 != 0 || *number < Decimal::whole(1) ||
        *number > Decimal::whole(least_max) || out.per == Per::event) {
      return wrong(fmt::format("\"least\" is a whole number from 1 to {}, beside \"per\"", least_max));
    }
    out.least = static_cast<unsigned>(number->micro / 1'000'000);
  }
  return out;
}

Parsed<Measure> measure_of(Fields& in, std::string_view key) {
  const Json* json = in.take(key);
  if (json == nullptr || json->kind != Json::object) return wrong(fmt::format("\"{}\" is a measure", key));
  Fields fields(*json, "a measure");
  Measure out = TRY(measure(fields));
  TRY(fields.end());
  return out;
}

Parsed<Decimal> number(Fields& in, std::string_view key, std::optional<Decimal> otherwise) {
  const Json* json = in.take(key);
  if (json == nullptr && otherwise) return *otherwise;
  const auto out =
      json != nullptr && json->kind == Json::number ? parse_decimal(json->scalar) : std::nullopt;
  if (!out) return wrong(fmt::format("\"{}\" is a number", key));
  return *out;
}

Parsed<Node> folded(Fields& in) {
  Folded out{.measure = TRY(measure(in))};
  out.compare = TRY(compare(in, ""));
  return Node{std::move(out), {}};
}

Parsed<Node> compared(Fields& in) {
  Compared out{.left = TRY(measure_of(in, "compare"))};
  const std::string word = TRY(in.text("test"));
  out.test = TRY(test_of(word));
  out.factor = TRY(number(in, "times", Decimal::whole(1)));
  out.right = TRY(measure_of(in, "with"));
  return Node{std::move(out), {}};
}

Parsed<Node> ranked(Fields& in) {
  const std::string side = TRY(in.text("ranked"));
  if (side != "top" && side != "bottom") return wrong("\"ranked\" is top or bottom");
  Ranked out{.top = side == "top"};
  out.percent = TRY(number(in, "percent", std::nullopt));
  out.measure = TRY(measure_of(in, "of"));
  return Node{std::move(out), {}};
}

Parsed<Node> against_median(Fields& in) {
  AgainstMedian out{.measure = TRY(measure_of(in, "median_of"))};
  const std::string word = TRY(in.text("test"));
  out.test = TRY(test_of(word));
  out.factor = TRY(number(in, "times", Decimal::whole(1)));
  return Node{std::move(out), {}};
}

Parsed<Node> still(Fields& in, const Json& of, unsigned deep) {
  Still out;
  out.of.push_back(TRY(node(of, deep)));
  out.ahead = TRY(in.duration("in"));
  const std::string at = TRY(in.text("at", false));
  if (!at.empty()) out.at = parse_instant(at);
  if (out.at.has_value() == out.ahead.has_value())
    return wrong("\"still\" needs \"at\": \"2026-12-24T00:00:00Z\", or \"in\": \"30d\"");
  return Node{std::move(out), {}};
}

Parsed<Node> permission(Fields& in) {
  Permission out{.purpose = TRY(in.text("permission"))};
  const std::string word = TRY(in.text("is"));
  int i = 0;
  while (i <= static_cast<int>(Said::ends) && to_string(static_cast<Said>(i)) != word) ++i;
  if (i > static_cast<int>(Said::ends))
    return wrong("\"is\" of a permission is given, refused, withdrawn, objected, against, unset or ends");
  out.said = static_cast<Said>(i);
  out.since = TRY(window(in, "since"));
  if (out.said == Said::ends) out.within = TRY(needed_duration(in, "within"));
  return Node{std::move(out), {}};
}

Parsed<Node> aged(Fields& in) {
  const std::string which = TRY(in.text("aged"));
  if (which != "first" && which != "last") return wrong("\"aged\" is first or last");
  Aged out{.last = which == "last", .select = TRY(selection(in))};
  out.window = TRY(window(in, "window"));
  out.age = TRY(window(in, "age"));
  return Node{std::move(out), {}};
}

Parsed<Step> step(const Json& json) {
  Fields in(json, "a step");
  Step out{.then = TRY(selection(in))};
  out.after = TRY(in.duration("after"));
  out.within = TRY(in.duration("within"));
  out.same = TRY(in.text("same", false));
  if (const Json* without = in.take("without")) {
    Fields fields(*without, "\"without\"");
    out.without = TRY(selection(fields));
    TRY(fields.end());
  }
  TRY(in.end());
  return out;
}

Parsed<Node> sequence(Fields& in, const Json& start) {
  Sequence out;
  Fields first(start, "a sequence's start");
  out.select = TRY(selection(first));
  TRY(first.end());
  const Json* then = in.take("then");
  if (then == nullptr) return wrong("a sequence needs \"then\"");
  if (then->kind == Json::array) {
    if (then->items.size() > steps_max) return wrong(fmt::format("more than {} steps", steps_max));
    for (const Json& item : then->items) out.steps.push_back(TRY(step(item)));
  } else {
    out.steps.push_back(TRY(step(*then)));
    if (const auto within = TRY(in.duration("within"))) out.steps[0].within = within;
  }
  out.from_first = TRY(in.flag("first"));
  out.window = TRY(window(in, "window"));
  return Node{std::move(out), {}};
}

Parsed<Node> shape(Fields& in, unsigned deep) {
  if (const Json* v = in.take("all")) return Node{All{TRY(nodes(*v, deep))}, {}};
  if (const Json* v = in.take("any")) return Node{Any{TRY(nodes(*v, deep))}, {}};
  if (const Json* v = in.take("not")) {
    Not no;
    no.of.push_back(TRY(node(*v, deep)));
    return Node{std::move(no), {}};
  }
  if (in.take("in_segment") != nullptr) return Node{InSegment{TRY(in.text("in_segment"))}, {}};
  if (in.take("has_identifier") != nullptr)
    return Node{HasIdentifier{TRY(in.text("has_identifier"))}, {}};
  if (in.take("trait") != nullptr) {
    std::string name = TRY(in.text("trait"));
    return Node{TraitTest{TRY(compare(in, std::move(name)))}, {}};
  }
  if (in.take("date") != nullptr) return date(in);
  if (in.take("fold") != nullptr) return folded(in);
  if (in.take("compare") != nullptr) return compared(in);
  if (in.take("ranked") != nullptr) return ranked(in);
  if (in.take("median_of") != nullptr) return against_median(in);
  if (in.take("permission") != nullptr) return permission(in);
  if (const Json* of = in.take("still")) return still(in, *of, deep);
  if (const Json* now = in.take("now")) return Node{CalendarNow{TRY(calendar(*now))}, {}};
  if (in.take("aged") != nullptr) return aged(in);
  if (const Json* start = in.take("sequence")) return sequence(in, *start);
  return wrong(
      "a test is one of all, any, not, in_segment, has_identifier, trait, date, fold, aged, "
      "sequence, compare, ranked, median_of, permission, still, now"
  );
}

Parsed<Node> node(const Json& json, unsigned deep) {
  if (json.kind != Json::object) return wrong("a test is a JSON object");
  if (deep >= depth_max) return wrong(fmt::format("nested deeper than {}", depth_max));
  Fields in(json, "a test");
  Node out = TRY(shape(in, deep + 1));
  // Each shape asked for the keys of those before it too: only one of them may be there.
  TRY(in.end());
  int shapes = 0;
  for (const std::string_view key :
       {"all", "any", "not", "in_segment", "has_identifier", "trait", "date", "fold", "aged",
        "sequence", "compare", "ranked", "median_of", "permission", "still", "now"}) {
    shapes += json.find(key) != nullptr ? 1 : 0;
  }
  if (shapes != 1)
    return wrong("a test is one thing: two of them are joined by \"all\" or \"any\"");
  return out;
}

Parsed<bool> languages(Fields& in, std::string_view key, std::string& en, std::string& fr) {
  const Json* json = in.take(key);
  if (json == nullptr) return true;
  Fields fields(*json, key);
  en = TRY(fields.text("en", false));
  fr = TRY(fields.text("fr", false));
  return fields.end();
}

Parsed<Definition> definition(const Json& json) {
  Fields in(json, "a segment");
  Definition out;
  out.id = TRY(in.text("id"));
  out.purpose = TRY(in.text("purpose"));
  TRY(languages(in, "name", out.name_en, out.name_fr));
  TRY(languages(in, "sentence", out.sentence_en, out.sentence_fr));
  out.owner = TRY(in.text("owner", false));
  out.folder = TRY(in.text("folder", false));
  out.draft = TRY(in.flag("draft"));
  const Json* where = in.take("where");
  if (where == nullptr) return wrong(fmt::format("segment {} has no \"where\"", out.id));
  out.predicate = TRY(node(*where, 0));
  TRY(in.end());
  if (auto mistake = validate(out)) return std::unexpected(std::move(*mistake));
  return out;
}

}  // namespace

Parsed<std::vector<Definition>> parse_json(std::string_view json) {
  const Json root = TRY(load(json));
  std::vector<Definition> out;
  if (root.kind != Json::array) {
    out.push_back(TRY(definition(root)));
    return out;
  }
  if (root.items.size() > definitions_max)
    return wrong(fmt::format("more than {} segments", definitions_max));
  for (const Json& item : root.items) out.push_back(TRY(definition(item)));
  return out;
}

Parsed<Node> parse_json_predicate(std::string_view json) {
  const Json root = TRY(load(json));
  Node out = TRY(node(root, 0));
  if (auto mistake = validate(out)) return std::unexpected(std::move(*mistake));
  return out;
}

}  // namespace hospes::segment
