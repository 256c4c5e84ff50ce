#include "segment/json_write.h"

#include <fmt/format.h>

#include "segment/json.h"

namespace hospes::segment {

namespace {

/// Length of the UTF-8 sequence that begins `text`; 0 when it is none (RFC 3629).
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned next = byte(1);
  if ((lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) ||
      (lead == 0xf0 && next < 0x90) || (lead == 0xf4 && next > 0x8f)) {
    return 0;
  }
  return size;
}

std::string window(const Window& w) {
  JsonObject out;
  if (w.from) out.text("from", to_string(*w.from));
  if (w.to != Duration(0)) out.text("to", to_string(w.to));
  return out.done();
}

bool forever(const Window& w) { return w == Window{}; }

std::string calendar(const Calendar& c) {
  JsonObject out;
  if (c.kind == Calendar::today) return out.add("today", "true").done();
  if (c.kind == Calendar::weekdays) {
    std::string days = "[";
    for (unsigned day = 0; day < 7; ++day) {
      if ((c.from >> day & 1) != 0) days += (days.size() > 1 ? "," : "") + json_text(weekday(day));
    }
    return out.add("on", days + "]").done();
  }
  const auto end = [&](unsigned at) {
    return c.kind == Calendar::season ? fmt::format("{:02}-{:02}", at / 100, at % 100)
                                      : fmt::format("{:02}:{:02}", at / 60, at % 60);
  };
  return out.text("from", end(c.from)).text("to", end(c.to)).done();
}

void compare(JsonObject& out, const Clause& c) {
  out.text("test", to_string(c.test));
  if (c.test == Test::exists) return;
  if (c.test == Test::falls) {
    out.add("calendar", calendar(c.calendar));
    return;
  }
  if (c.test == Test::near) {
    out.add("latitude", json_value(c.values[0].view()))
        .add("longitude", json_value(c.values[1].view()))
        .add("metres", json_value(c.values[2].view()));
    return;
  }
  if (c.test != Test::in) {
    out.add("value", json_value(c.values[0].view()));
    return;
  }
  std::string list = "[";
  for (const Value& v : c.values) list += (list.size() > 1 ? "," : "") + json_value(v.view());
  out.add("values", list + "]");
}

void named(JsonObject& out, const Named& s) {
  out.text("event", s.event);
  if (s.where.empty()) return;
  std::string list = "[";
  for (const Clause& c : s.where) {
    JsonObject clause;
    if (!c.name.empty()) clause.text("property", c.name);
    compare(clause, c);
    list += (list.size() > 1 ? "," : "") + clause.done();
  }
  out.add("where", list + "]");
}

void selection(JsonObject& out, const Selection& s) {
  named(out, s);
  if (!s.reply) return;
  JsonObject answer;
  if (s.reply->given) answer.add("given", "true");
  named(answer, s.reply->by);
  answer.text("within", to_string(s.reply->within));
  if (!s.reply->same.empty()) answer.text("same", s.reply->same);
  out.add("answer", answer.done());
}

void measure(JsonObject& out, const Measure& m) {
  out.text("fold", to_string(m.fold));
  selection(out, m.select);
  if (!m.property.empty()) out.text("property", m.property);
  if (m.per != Per::event) out.text("per", to_string(m.per));
  if (m.least > 1) out.add("least", std::to_string(m.least));
  if (!forever(m.window)) out.add("window", window(m.window));
}

std::string measure(const Measure& m) {
  JsonObject out;
  measure(out, m);
  return out.done();
}

std::string parts(std::string_view key, const std::vector<Node>& of) {
  std::string list = "[";
  for (const Node& child : of) list += (list.size() > 1 ? "," : "") + to_json(child);
  return JsonObject().add(key, list + "]").done();
}

std::string shape(const All& is) { return parts("all", is.of); }
std::string shape(const Any& is) { return parts("any", is.of); }
std::string shape(const Not& is) { return JsonObject().add("not", to_json(is.of[0])).done(); }
std::string shape(const InSegment& is) { return JsonObject().text("in_segment", is.id).done(); }
std::string shape(const HasIdentifier& is) {
  return JsonObject().text("has_identifier", is.kind).done();
}
std::string shape(const TraitTest& is) {
  JsonObject out;
  out.text("trait", is.clause.name);
  compare(out, is.clause);
  return out.done();
}
std::string shape(const TraitDate& is) {
  constexpr std::string_view words[] = {"before", "after", "past", "coming"};
  JsonObject out;
  out.text("date", is.name).text("test", words[static_cast<int>(is.test)]);
  if (is.absolute)
    out.text("at", to_string(*is.absolute));
  else if (is.offset < Duration(0))
    out.text("offset", "-" + to_string(-is.offset));
  else if (is.offset > Duration(0))
    out.text("offset", to_string(is.offset));
  return out.done();
}
std::string shape(const Folded& is) {
  JsonObject out;
  measure(out, is.measure);
  compare(out, is.compare);
  return out.done();
}
std::string shape(const Compared& is) {
  JsonObject out;
  out.add("compare", measure(is.left)).text("test", to_string(is.test));
  if (is.factor != Decimal::whole(1)) out.add("times", hospes::to_string(is.factor));
  return out.add("with", measure(is.right)).done();
}
std::string shape(const Ranked& is) {
  return JsonObject()
      .text("ranked", is.top ? "top" : "bottom")
      .add("percent", hospes::to_string(is.percent))
      .add("of", measure(is.measure))
      .done();
}
std::string shape(const AgainstMedian& is) {
  JsonObject out;
  out.add("median_of", measure(is.measure)).text("test", to_string(is.test));
  if (is.factor != Decimal::whole(1)) out.add("times", hospes::to_string(is.factor));
  return out.done();
}
std::string shape(const Still& is) {
  JsonObject out;
  out.add("still", to_json(is.of[0]));
  return (is.at ? out.text("at", to_string(*is.at)) : out.text("in", to_string(*is.ahead))).done();
}
std::string shape(const CalendarNow& is) {
  return JsonObject().add("now", calendar(is.calendar)).done();
}
std::string shape(const Permission& is) {
  JsonObject out;
  out.text("permission", is.purpose).text("is", to_string(is.said));
  if (is.said == Said::ends) out.text("within", to_string(is.within));
  if (!forever(is.since)) out.add("since", window(is.since));
  return out.done();
}
std::string shape(const Aged& is) {
  JsonObject out;
  out.text("aged", is.last ? "last" : "first");
  selection(out, is.select);
  if (!forever(is.window)) out.add("window", window(is.window));
  out.add("age", window(is.age));
  return out.done();
}
std::string step(const Step& step) {
  JsonObject out;
  selection(out, step.then);
  if (step.after) out.text("after", to_string(*step.after));
  if (step.within) out.text("within", to_string(*step.within));
  if (!step.same.empty()) out.text("same", step.same);
  if (step.without) {
    JsonObject without;
    selection(without, *step.without);
    out.add("without", without.done());
  }
  return out.done();
}

std::string shape(const Sequence& is) {
  JsonObject start, out;
  selection(start, is.select);
  out.add("sequence", start.done());
  if (is.from_first) out.add("first", "true");
  std::string list = "[";
  for (const Step& s : is.steps) list += (list.size() > 1 ? "," : "") + step(s);
  out.add("then", list + "]");
  if (!forever(is.window)) out.add("window", window(is.window));
  return out.done();
}

std::string languages(const std::string& en, const std::string& fr) {
  JsonObject out;
  if (!en.empty()) out.text("en", en);
  if (!fr.empty()) out.text("fr", fr);
  return out.done();
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (size == 0)
      out += "\\ufffd";
    else if (byte == '"' || byte == '\\')
      (out += '\\') += text[0];
    else if (byte < 0x20)
      out += fmt::format("\\u{:04x}", byte);
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out + '"';
}

std::string json_value(const ValueView& v) {
  switch (v.kind) {
    case ValueKind::null:
      return "null";
    case ValueKind::boolean:
      return v.truth() ? "true" : "false";
    case ValueKind::number:
      return hospes::to_string(v.number);
    case ValueKind::text:
      return json_text(v.text);
    case ValueKind::json:
      return std::string(v.text);
    case ValueKind::atom:
      return "\"(identifier)\"";
  }
  return "null";
}

std::string to_json(const Node& node) {
  return std::visit([](const auto& is) { return shape(is); }, node.is);
}

std::string to_json(const Definition& d) {
  JsonObject out;
  out.text("id", d.id).text("purpose", d.purpose);
  out.add("name", languages(d.name_en, d.name_fr))
      .add("sentence", languages(d.sentence_en, d.sentence_fr));
  if (!d.owner.empty()) out.text("owner", d.owner);
  if (!d.folder.empty()) out.text("folder", d.folder);
  if (d.draft) out.add("draft", "true");
  return out.add("where", to_json(d.predicate)).done();
}

}  // namespace hospes::segment
