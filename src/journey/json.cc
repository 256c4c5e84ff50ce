#include "journey/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <initializer_list>

#include "base/json_text.h"
#include "journey/validate.h"
#include "segment/text.h"
#include "zones/zones.h"

namespace hospes::journey {
namespace {

namespace dom = simdjson::dom;

// Writing.

class Members {
 public:
  Members& raw(std::string_view key, std::string_view json) {
    out_ += fmt::format("{}{}:{}", out_.size() > 1 ? "," : "", json_text(key), json);
    return *this;
  }
  Members& text(std::string_view key, std::string_view value) { return raw(key, json_text(value)); }
  Members& said(std::string_view key, std::string_view value) {
    return value.empty() ? *this : text(key, value);
  }
  std::string done() { return std::move(out_) + "}"; }

 private:
  std::string out_ = "{";
};

template <class List, class Say>
std::string list(const List& items, const Say& say) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + say(item);
  return out + "]";
}

std::string days(Days set) {
  std::vector<std::string_view> names;
  for (unsigned day = 0; day < 7; ++day)
    if ((set >> day & 1) != 0) names.push_back(day_name(day));
  return list(names, [](std::string_view name) { return json_text(name); });
}

std::string value(const Value& v) {
  return v.kind == ValueKind::text ? std::string(json_text(v.text)) : segment::format(v);
}
std::string clause(const segment::Clause& c) {
  Members out;
  out.text("property", c.name).text("test", segment::to_string(c.test));
  if (c.test == segment::Test::in) return out.raw("values", list(c.values, value)).done();
  if (c.test != segment::Test::exists) out.raw("value", value(c.values.front()));
  return out.done();
}

Members& put(Members& out, const Trigger& t) {
  if (t.kind == Trigger::event) out.text("event", t.name);
  if (!t.where.empty()) out.raw("where", list(t.where, clause));
  if (t.kind == Trigger::request) out.raw("request", "true");
  if (t.kind == Trigger::daily) {
    out.text("daily", clock_text(t.minutes));
    if (t.days != 0) out.raw("on", days(t.days));
  }
  if (t.kind == Trigger::once) out.text("once", zones::wall_text(t.wall_us));
  if (t.kind == Trigger::segment || t.of_members()) out.text("segment", t.name);
  if (t.left) out.raw("left", "true");
  if (t.members) out.raw("members", "true");
  out.said("from", t.from);
  return out.said("key", t.key);
}
std::string trigger(const Trigger& t) {
  Members out;
  return put(out, t).done();
}

struct Write {
  Members& out;
  void operator()(const Wait& w) { out.text("wait", to_string(w.span)); }
  void operator()(const WaitClock& w) {
    out.text("wait_until", clock_text(w.minutes));
    if (w.days != 0) out.raw("on", days(w.days));
  }
  void operator()(const WaitEntry& w) { out.text("wait_after_entry", to_string(w.span)); }
  void operator()(const WaitTrait& w) {
    out.text("wait_until_trait", w.trait);
    if (w.offset.count() != 0)
      out.text(w.offset.count() < 0 ? "before" : "after", to_string(std::chrono::abs(w.offset)));
    out.said("else", w.other);
  }
  void operator()(const WaitFor& w) {
    out.raw("wait_for", trigger(w.on)).text("within", to_string(w.within)).said("else", w.other);
  }
  void operator()(const Branch& b) {
    out.raw("branch", list(b.arms, [](const Branch::Arm& a) {
              return Members().text(a.outside ? "not_in" : "in", a.segment).text("to", a.to).done();
            }));
    out.said("else", b.other);
  }
  void operator()(const Split& s) {
    out.raw("split", list(s.arms, [](const Split::Arm& a) {
              return Members().raw("weight", std::to_string(a.weight)).text("to", a.to).done();
            }));
  }
  void operator()(const Send& s) {
    out.text(s.webhook ? "webhook" : "send", s.action).said("else", s.other);
  }
  void operator()(const Decide& d) {
    out.text("decide", d.placement);
    if (!d.arms.empty())
      out.raw("offers", list(d.arms, [](const Decide::Arm& a) {
                return Members().text("offer", a.offer).text("to", a.to).done();
              }));
    out.said("else", d.other);
  }
  void operator()(const Update& u) {
    out.text("update", u.trait);
    if (u.now) {
      out.raw("now", "true");
    } else {
      out.raw("value", value(u.value));
    }
  }
  void operator()(const Jump& j) {
    out.text("jump", j.to);
    if (j.most > 0) out.raw("at_most", std::to_string(j.most));
  }
  void operator()(const Goal&) { out.raw("goal", "true"); }
  void operator()(const Exit&) { out.raw("exit", "true"); }
};

std::string step(const Step& s) {
  Members out;
  out.text("id", s.id);
  std::visit(Write{out}, s.action);
  return out.done();
}

// Reading: into the text form, word by word, and then as a text is read, so that both forms say the
// same and are held to the same. A value never becomes more than one word.

class Reader {
 public:
  const std::string& refused() const { return refused_; }
  std::string journey(dom::object in) {
    only(in, "a journey", {"id", "purpose", "name", "sentence", "holdout_per_10000", "enter", "again", "late", "debounce", "waiting", "paused", "goal", "exit", "steps"});
    std::string out = "journey " + word(in, "id") + " purpose " + text(in, "purpose");
    for (const char* key : {"name", "sentence"}) {
      dom::object said;
      if (in[key].get(said) != simdjson::SUCCESS) continue;
      only(said, key, {"en", "fr"});
      std::string languages;
      for (const char* language : {"en", "fr"})
        if (has(said, language)) languages += fmt::format(" {} {}", language, text(said, language));
      if (!languages.empty()) out += fmt::format("\n {}{}", key, languages);
    }
    if (has(in, "holdout_per_10000")) {
      const std::uint64_t share = number(in, "holdout_per_10000", 5'000);
      if (share > 0) out += fmt::format("\n holdout {}.{:02}%", share / 100, share % 100);
    }
    for (const char* key : {"enter", "goal", "exit"})
      for (const dom::object one : objects(in, key)) out += fmt::format("\n {} {}", key, trigger(one));
    if (has(in, "again")) out += "\n again " + again(in);
    for (const char* key : {"late", "debounce"})
      if (has(in, key)) out += fmt::format("\n {} {}", key, word(in, key));
    if (has(in, "waiting")) {
      std::string steps;
      for (const dom::object one : objects(in, "waiting")) steps += (steps.empty() ? "" : ", ") + coming(one);
      out += "\n waiting move" + (steps.empty() ? "" : " (" + steps + ")");
    }
    if (has(in, "paused")) {
      truth(in, "paused");
      out += "\n paused";
    }
    for (const dom::object one : objects(in, "steps")) out += "\n " + step(one);
    return out + "\n";
  }

 private:
  /// The first is told; what is read after it is thrown away.
  void refuse(std::string message) {
    if (refused_.empty()) refused_ = std::move(message);
  }

  static bool has(dom::object in, std::string_view key) {
    dom::element any;
    return in[key].get(any) == simdjson::SUCCESS;
  }
  void only(dom::object in, std::string_view what, std::initializer_list<std::string_view> known) {
    for (const auto field : in)
      if (std::ranges::find(known, field.key) == known.end())
        refuse(fmt::format("{} has no member \"{}\"", what, field.key.substr(0, 64)));
  }
  std::vector<dom::element> items(dom::object in, std::string_view key) {
    if (!has(in, key)) return {};
    dom::array array;
    if (in[key].get(array) == simdjson::SUCCESS) return {array.begin(), array.end()};
    refuse(fmt::format("\"{}\" is a list", key));
    return {};
  }
  std::vector<dom::object> objects(dom::object in, std::string_view key) {
    std::vector<dom::object> out;
    for (const dom::element one : items(in, key)) {
      dom::object object;
      if (one.get(object) == simdjson::SUCCESS) {
        out.push_back(object);
      } else {
        refuse(fmt::format("\"{}\" is made of objects", key));
      }
    }
    return out;
  }
  std::string_view string(dom::object in, std::string_view key) {
    std::string_view out;
    if (in[key].get(out) != simdjson::SUCCESS) refuse(fmt::format("\"{}\" is needed here, as a text", key));
    return out;
  }
  std::string text(dom::object in, std::string_view key) { return segment::in_quotes(string(in, key)); }
  /// An id or a duration: nothing that could be two words.
  std::string word(dom::object in, std::string_view key) {
    const std::string_view out = string(in, key);
    const bool plain = !out.empty() && out.size() <= 256 && std::ranges::all_of(out, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!plain) refuse(fmt::format("\"{}\" is one word of a-z, 0-9 and _", key));
    return std::string(out);
  }
  std::uint64_t number(dom::object in, std::string_view key, std::uint64_t most) {
    std::uint64_t out = 0;
    if (in[key].get(out) != simdjson::SUCCESS || out > most)
      refuse(fmt::format("\"{}\" is a whole number up to {}", key, most));
    return out;
  }
  void truth(dom::object in, std::string_view key) {
    bool yes = false;
    if (in[key].get(yes) != simdjson::SUCCESS || !yes) refuse(fmt::format("\"{}\" is true, or left out", key));
  }
  std::string other(dom::object in) { return has(in, "else") ? " else " + word(in, "else") : ""; }
  std::string on(dom::object in) {
    std::string out;
    for (const dom::element day : items(in, "on")) {
      std::string_view name;
      if (day.get(name) != simdjson::SUCCESS) refuse("\"on\" is a list of weekdays");
      unsigned known = 0;
      while (known < 7 && day_name(known) != name) ++known;
      if (known == 7) refuse("\"on\" is a list of weekdays such as \"monday\"");
      out.append(out.empty() ? " on " : ", ").append(name);
    }
    return out;
  }

  std::string again(dom::object in) {
    const std::string_view said = string(in, "again");
    if (said == "never" || said == "after exit" || said == "restart") return std::string(said);
    constexpr std::string_view after = "after ";
    if (!said.starts_with(after) || !parse_duration(said.substr(after.size())))
      refuse("\"again\" is \"never\", \"after exit\", \"after 30d\" or \"restart\"");
    return std::string(said);
  }

  std::string literal(dom::element in) {
    std::string_view text;
    if (in.get(text) == simdjson::SUCCESS) return segment::in_quotes(text);
    bool truth = false;
    if (in.get(truth) == simdjson::SUCCESS) return truth ? "true" : "false";
    const std::string number = simdjson::minify(in);
    const auto exact = in.is_number() ? parse_decimal(number) : std::nullopt;
    if (!exact) refuse("a value is a text, true, false, or a number of up to six decimals");
    return exact ? hospes::to_string(*exact) : std::string();
  }
  std::string literal(dom::object in, std::string_view key) {
    dom::element value;
    if (in[key].get(value) == simdjson::SUCCESS) return literal(value);
    refuse(fmt::format("\"{}\" is needed here", key));
    return {};
  }
  std::string test(dom::object in) {
    only(in, "a condition", {"property", "test", "value", "values"});
    const std::string_view said = string(in, "test");
    const std::string head = fmt::format("{} {}", text(in, "property"), said);
    using segment::Test;
    for (const Test t : {Test::eq, Test::ne, Test::lt, Test::le, Test::gt, Test::ge, Test::contains, Test::starts})
      if (said == segment::to_string(t)) return head + " " + literal(in, "value");
    if (said == segment::to_string(Test::exists)) return head;
    if (said != segment::to_string(Test::in)) refuse("\"test\" is =, !=, <, <=, >, >=, in, exists, contains or starts");
    std::string list;
    for (const dom::element one : items(in, "values")) list += (list.empty() ? "" : ", ") + literal(one);
    return head + " (" + list + ")";
  }
  std::string where(dom::object in) {
    std::string out;
    for (const dom::object one : objects(in, "where")) out += (out.empty() ? " where " : " and ") + test(one);
    return out;
  }

  std::string coming(dom::object in) {
    only(in, "who moves", {"from", "to"});
    return word(in, "from") + " to " + word(in, "to");
  }

  std::string trigger(dom::object in) {
    only(in, "what is heard", {"segment", "members", "left", "from", "event", "where", "key", "request", "daily", "once", "on"});
    std::string out;
    if (has(in, "daily")) {
      out = "daily " + text(in, "daily") + on(in) + " segment " + word(in, "segment");
    } else if (has(in, "once")) {
      out = "once " + text(in, "once") + " segment " + word(in, "segment");
    } else if (has(in, "segment")) {
      out = "segment " + word(in, "segment");
    } else if (has(in, "event")) {
      out = "event " + text(in, "event") + where(in);
    } else {
      if (!has(in, "request")) refuse("\"segment\", \"event\", \"request\", \"daily\" or \"once\" is needed here");
      truth(in, "request");
      out = "request";
    }
    if (has(in, "left")) {
      truth(in, "left");
      out += " left";
    }
    if (has(in, "from")) out += " from " + word(in, "from");
    if (has(in, "members")) {
      truth(in, "members");
      out += " with members";
    }
    if (has(in, "key")) out += " key " + text(in, "key");
    return out;
  }

  std::string step(dom::object in) {
    only(in, "a step", {"id", "wait", "wait_until", "wait_after_entry", "on", "wait_until_trait", "before", "after", "wait_for", "within", "branch", "split", "send", "webhook", "decide", "offers", "update", "value", "now", "jump", "at_most", "goal", "exit", "else"});
    return "step " + word(in, "id") + " " + action(in);
  }
  std::string action(dom::object in) {
    if (has(in, "wait")) return "wait " + word(in, "wait");
    if (has(in, "wait_after_entry")) return "wait until " + word(in, "wait_after_entry") + " after entry";
    if (has(in, "wait_until")) return "wait until " + text(in, "wait_until") + on(in);
    if (has(in, "wait_until_trait")) {
      std::string out = "wait until trait " + text(in, "wait_until_trait");
      for (const char* key : {"before", "after"})
        if (has(in, key)) out += fmt::format(" {} {}", key, word(in, key));
      return out + other(in);
    }
    dom::object heard;
    if (in["wait_for"].get(heard) == simdjson::SUCCESS)
      return "wait for " + trigger(heard) + " within " + word(in, "within") + other(in);
    if (has(in, "branch")) {
      std::string out = "branch";
      for (const dom::object arm : objects(in, "branch")) {
        only(arm, "a way of a branch", {"in", "not_in", "to"});
        const bool outside = has(arm, "not_in");
        out += fmt::format("{} in segment {} to {}", outside ? " not" : "", word(arm, outside ? "not_in" : "in"), word(arm, "to"));
      }
      return out + other(in);
    }
    if (has(in, "split")) {
      std::string out = "split";
      for (const dom::object arm : objects(in, "split")) {
        only(arm, "a way of a split", {"weight", "to"});
        out += fmt::format("{} {} to {}", out.size() > 5 ? "," : "", number(arm, "weight", 10'000), word(arm, "to"));
      }
      return out;
    }
    for (const char* key : {"send", "webhook"})
      if (has(in, key)) return fmt::format("{} {}{}", key, text(in, key), other(in));
    if (has(in, "decide")) {
      std::string out = "decide " + text(in, "decide");
      for (const dom::object arm : objects(in, "offers")) {
        only(arm, "a way of a decision", {"offer", "to"});
        out += fmt::format(" offer {} to {}", text(arm, "offer"), word(arm, "to"));
      }
      return out + other(in);
    }
    if (has(in, "update")) {
      if (has(in, "now")) truth(in, "now");
      return fmt::format("update {} = {}", text(in, "update"), has(in, "now") ? "now" : literal(in, "value"));
    }
    if (has(in, "jump"))
      return "jump " + word(in, "jump") + (has(in, "at_most") ? fmt::format(" at most {}", number(in, "at_most", most_max)) : "");
    for (const char* key : {"goal", "exit"}) {
      if (!has(in, key)) continue;
      truth(in, key);
      return key;
    }
    refuse("a step says what it does: \"wait\", \"wait_until\", \"wait_after_entry\", \"wait_until_trait\", \"wait_for\", \"branch\", \"split\", \"send\", \"webhook\", \"decide\", \"update\", \"jump\", \"goal\" or \"exit\"");
    return "exit";
  }

  std::string refused_;
};

Parsed<std::string> as_text(std::string_view json) {
  if (json.size() > source_bytes_max)
    return std::unexpected(Mistake{.place = {}, .message = "more than 4 MB of JSON", .line = {}});
  dom::parser parser;
  dom::object whole;
  if (parser.parse(json.data(), json.size()).get(whole) != simdjson::SUCCESS)
    return std::unexpected(Mistake{.place = {}, .message = "this is no JSON object", .line = {}});
  const auto refused = [](std::string message) {
    return std::unexpected(Mistake{.place = {}, .message = std::move(message), .line = {}});
  };
  dom::array list;
  Reader reader;
  std::string out;
  if (whole["journeys"].get(list) != simdjson::SUCCESS) {
    out = reader.journey(whole);
  } else {
    for (const dom::element one : list) {
      dom::object journey;
      if (one.get(journey) != simdjson::SUCCESS) return refused("\"journeys\" is made of objects");
      out += reader.journey(journey);
    }
  }
  if (!reader.refused().empty()) return refused(reader.refused());
  return out;
}

}  // namespace

std::string to_json(const Step& one) { return step(one); }

std::string to_json(const Definition& d) {
  Members out;
  out.text("id", d.id).text("purpose", d.purpose);
  const auto languages = [&](std::string_view key, const std::string& en, const std::string& fr) {
    if (!en.empty() || !fr.empty()) out.raw(key, Members().said("en", en).said("fr", fr).done());
  };
  languages("name", d.name_en, d.name_fr);
  languages("sentence", d.sentence_en, d.sentence_fr);
  if (d.holdout > 0) out.raw("holdout_per_10000", std::to_string(d.holdout));
  out.raw("enter", list(d.enter, trigger));
  const Again& a = d.again;
  out.text("again", a.kind == Again::never        ? "never"
                    : a.kind == Again::after_exit ? "after exit"
                    : a.kind == Again::restart    ? "restart"
                                                  : "after " + to_string(a.span));
  out.text("late", to_string(d.late));
  if (d.debounce.count() > 0) out.text("debounce", to_string(d.debounce));
  if (d.waiting.come)
    out.raw("waiting", list(d.waiting.steps, [](const auto& moved) {
              return Members().text("from", moved.first).text("to", moved.second).done();
            }));
  if (d.paused) out.raw("paused", "true");
  if (!d.goal.empty()) out.raw("goal", list(d.goal, trigger));
  if (!d.exit.empty()) out.raw("exit", list(d.exit, trigger));
  return out.raw("steps", list(d.steps, step)).done();
}

Parsed<std::vector<Definition>> parse_json(std::string_view json) {
  auto text = as_text(json);
  if (!text) return std::unexpected(std::move(text.error()));
  return parse(*text);
}

}  // namespace hospes::journey
