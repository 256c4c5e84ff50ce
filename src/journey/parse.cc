#include <algorithm>

#include "journey/text.h"
#include "journey/validate.h"
#include "segment/parse_events.h"
#include "zones/zones.h"

namespace hospes::journey {
namespace {

using segment::TokenKind;

constexpr std::string_view target = "the id of a step";

class Parser : segment::EventsParser {
 public:
  explicit Parser(std::string_view source) : EventsParser(source) {}

  /// `kept`: as the log has it, with versions.
  Parsed<std::vector<Versioned>> file(bool kept) {
    TRY(step());
    std::vector<Versioned> out;
    while (token_.kind != TokenKind::end) {
      out.push_back(TRY(journey(kept)));
      if (out.size() > journeys_max * (kept ? versions_max : 1))
        return wrong(fmt::format("more than {} journeys", journeys_max));
    }
    return out;
  }

 private:
  P<Versioned> journey(bool kept) {
    Versioned out;
    Definition& d = out.definition;
    TRY(expect("journey"));
    nodes_ = 0;
    d.place = token_.place;
    d.id = TRY(word("the journey's id (a-z, 0-9, _)"));
    if (kept) {
      TRY(expect("version"));
      out.version = TRY(number("a version", 1, 1'000'000'000));
      out.ended = TRY(accept("ended"));
      if (out.ended) return out;
      out.closed = TRY(accept("closed"));
    }
    TRY(expect("purpose"));
    d.purpose_place = token_.place;
    d.purpose = TRY(name("a purpose such as market"));
    while (!token_.is("step") && !token_.is("journey") && token_.kind != TokenKind::end)
      TRY(clause(d));
    while (TRY(accept("step"))) {
      d.steps.push_back(TRY(one_step()));
      if (d.steps.size() > steps_max)
        return wrong(fmt::format("more than {} steps in one journey", steps_max));
    }
    if (token_.kind != TokenKind::end && !token_.is("journey"))
      return expected("`step`, another `journey` or the end");
    if (auto mistake = validate(d)) return wrong(mistake->place, mistake->message);
    return out;
  }

  P<> clause(Definition& d) {
    if (TRY(accept("name"))) return languages(d.name_en, d.name_fr);
    if (TRY(accept("sentence"))) return languages(d.sentence_en, d.sentence_fr);
    if (TRY(accept("holdout"))) return holdout(d);
    if (TRY(accept("again"))) return again(d.again);
    if (TRY(accept("late"))) {
      d.late = TRY(span("late", Duration(1), wait_max));
      return true;
    }
    if (TRY(accept("waiting"))) return waiting(d.waiting);
    if (TRY(accept("debounce"))) {
      d.debounce = TRY(span("debounce", wait_min, wait_max));
      return true;
    }
    if (token_.is("paused")) {
      d.paused = true;
      d.paused_place = token_.place;
      TRY(step());
      return true;
    }
    for (const auto& [word, list] : {std::pair{"enter", &d.enter}, {"goal", &d.goal}, {"exit", &d.exit}}) {
      if (!TRY(accept(word))) continue;
      list->push_back(TRY(trigger(list == &d.enter)));
      if (list->size() > triggers_max)
        return wrong(fmt::format("more than {} times `{}` in one journey", triggers_max, word));
      return true;
    }
    return expected(
        "`name`, `sentence`, `holdout`, `enter`, `again`, `late`, `debounce`, `waiting`, `paused`, `goal`, `exit` or `step`"
    );
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

  P<> holdout(Definition& d) {
    const auto share = token_.kind == TokenKind::number ? parse_decimal(token_.raw) : std::nullopt;
    if (!share || share->micro <= 0 || share->micro > 50'000'000 || share->micro % 10'000 != 0)
      return wrong("a holdout is a share of people such as 10% or 2.5%, at most 50%");
    d.holdout = static_cast<std::uint32_t>(share->micro / 10'000);
    TRY(step());
    return expect("%");
  }

  P<> again(Again& out) {
    if (TRY(accept("never"))) return true;
    if (TRY(accept("restart"))) {
      out.kind = Again::restart;
      return true;
    }
    if (!token_.is("after")) return expected("`never`, `after` exit, `after` 30d or `restart`");
    TRY(step());
    if (TRY(accept("exit"))) {
      out.kind = Again::after_exit;
      return true;
    }
    out = {Again::after, TRY(span("again after", wait_min, wait_max))};
    return true;
  }

  P<> waiting(Waiting& out) {
    if (TRY(accept("stay"))) return true;
    if (!TRY(accept("move"))) return expected("`stay` or `move`");
    out.come = true;
    if (!TRY(accept("("))) return true;
    do {
      auto& [from, to] = out.steps.emplace_back();
      from = TRY(word("the id of a step of the version before"));
      TRY(expect("to"));
      to = TRY(word(target));
      if (out.steps.size() > steps_max) return wrong(fmt::format("more than {} steps", steps_max));
    } while (TRY(accept(",")));
    return expect(")");
  }

  P<Trigger> trigger(bool entry) {
    Trigger out;
    out.place = token_.place;
    if (TRY(accept("segment"))) {
      out.place = token_.place;
      out.name = TRY(word("a segment's id"));
      out.left = TRY(accept("left"));
      if (!out.left && TRY(accept("from"))) out.from = TRY(word("the id of a stage before it"));
      if (entry && !out.left && out.from.empty() && TRY(accept("with"))) {
        TRY(expect("members"));
        out.members = true;
      }
      return out;
    }
    if (entry && TRY(accept("daily"))) {
      out.kind = Trigger::daily;
      out.minutes = TRY(clock());
      out.days = TRY(days());
      TRY(expect("segment"));
      out.place = token_.place;
      out.name = TRY(word("a segment's id"));
      return out;
    }
    if (entry && TRY(accept("once"))) {
      out.kind = Trigger::once;
      const auto wall = token_.kind == TokenKind::text ? zones::wall_of(token_.text) : std::nullopt;
      if (!wall) return wrong("expected a date and a time in double quotes, such as \"2026-12-01 10:00\"");
      out.wall_us = *wall;
      TRY(step());
      TRY(expect("segment"));
      out.place = token_.place;
      out.name = TRY(word("a segment's id"));
      return out;
    }
    if (TRY(accept("event"))) {
      out.kind = Trigger::event;
      out.place = token_.place;
      segment::Named event = TRY(named(nullptr, where_max));
      out.name = std::move(event.event);
      out.where = std::move(event.where);
    } else if (entry && TRY(accept("request"))) {
      out.kind = Trigger::request;
    } else {
      return expected(
          entry ? "`segment` id, `event` \"…\", `request`, `daily` \"09:00\" segment id or `once` \"2026-12-01 10:00\" segment id"
                : "`segment` id or `event` \"…\""
      );
    }
    if (entry && TRY(accept("key"))) out.key = TRY(name("the name of a property"));
    return out;
  }

  P<Step> one_step() {
    Step out;
    out.place = token_.place;
    out.id = TRY(word(target));
    out.action = TRY(action());
    return out;
  }

  P<Action> action() {
    if (TRY(accept("wait"))) return wait();
    if (TRY(accept("branch"))) return branch();
    if (TRY(accept("split"))) return split();
    if (token_.is("send") || token_.is("webhook")) {
      Send out{.webhook = token_.is("webhook")};
      TRY(step());
      out.action = TRY(name("an action's name"));
      out.other = TRY(other());
      return Action(std::move(out));
    }
    if (TRY(accept("decide"))) return decide();
    if (TRY(accept("update"))) return update();
    if (TRY(accept("jump"))) {
      Jump out{.to = TRY(word(target))};
      if (TRY(accept("at"))) {
        TRY(expect("most"));
        out.most = TRY(number("a number of times", 1, most_max));
      }
      return Action(std::move(out));
    }
    if (TRY(accept("goal"))) return Action(Goal{});
    if (TRY(accept("exit"))) return Action(Exit{});
    return expected("what the step does: `wait`, `branch`, `split`, `send`, `webhook`, `decide`, `update`, `jump`, `goal` or `exit`");
  }

  P<Action> wait() {
    if (TRY(accept("for"))) {
      WaitFor out{.on = TRY(trigger(false)), .within = {}, .other = {}};
      TRY(expect("within"));
      out.within = TRY(span("within", wait_min, wait_max));
      out.other = TRY(other());
      return Action(std::move(out));
    }
    if (!TRY(accept("until"))) {
      if (token_.kind != TokenKind::duration) return expected("a duration such as 14d, `until` or `for`");
      return Action(Wait{TRY(span("wait", wait_min, wait_max))});
    }
    if (token_.kind == TokenKind::duration) {
      WaitEntry out{TRY(span("wait until", wait_min, wait_max))};
      TRY(expect("after"));
      TRY(expect("entry"));
      return Action(out);
    }
    if (!TRY(accept("trait"))) {
      WaitClock out{.minutes = TRY(clock())};
      out.days = TRY(days());
      return Action(out);
    }
    WaitTrait out{.trait = TRY(name("a trait's name")), .offset = {}, .other = {}};
    if (token_.is("before") || token_.is("after")) {
      const bool before = token_.is("before");
      TRY(step());
      const Duration span_ = TRY(span("the time between", wait_min, wait_max));
      out.offset = before ? -span_ : span_;
    }
    out.other = TRY(other());
    return Action(std::move(out));
  }

  P<Action> branch() {
    Branch out;
    while (token_.is("not") || token_.is("in")) {
      Branch::Arm& arm = out.arms.emplace_back();
      arm.outside = TRY(accept("not"));
      TRY(expect("in"));
      TRY(expect("segment"));
      arm.place = token_.place;
      arm.segment = TRY(word("a segment's id"));
      TRY(expect("to"));
      arm.to = TRY(word(target));
      if (out.arms.size() > arms_max) return wrong(fmt::format("more than {} ways", arms_max));
    }
    if (out.arms.empty()) return expected("`in` segment id to step, or `not` in segment id to step");
    out.other = TRY(other());
    return Action(std::move(out));
  }

  P<Action> split() {
    Split out;
    do {
      Split::Arm& arm = out.arms.emplace_back();
      arm.place = token_.place;
      arm.weight = TRY(number("a weight such as 50", 1, 10'000));
      TRY(expect("to"));
      arm.to = TRY(word(target));
      if (out.arms.size() > arms_max) return wrong(fmt::format("more than {} ways", arms_max));
    } while (TRY(accept(",")));
    return Action(std::move(out));
  }

  P<Action> decide() {
    Decide out{.placement = TRY(name("a placement's name"))};
    while (TRY(accept("offer"))) {
      Decide::Arm& arm = out.arms.emplace_back();
      arm.place = token_.place;
      arm.offer = TRY(name("an offer's name"));
      TRY(expect("to"));
      arm.to = TRY(word(target));
      if (out.arms.size() > arms_max) return wrong(fmt::format("more than {} ways", arms_max));
    }
    out.other = TRY(other());
    return Action(std::move(out));
  }

  P<Action> update() {
    Update out{.trait = TRY(name("a trait's name"))};
    TRY(expect("="));
    out.now = TRY(accept("now"));
    if (!out.now) out.value = TRY(literal());
    return Action(std::move(out));
  }

  P<std::string> other() {
    if (!TRY(accept("else"))) return std::string();
    return word(target);
  }
  P<std::string> name(std::string_view what) {
    return token_.kind == TokenKind::text ? text(what) : word(what);
  }
  P<unsigned> number(std::string_view what, unsigned least, unsigned most) {
    const auto value = token_.kind == TokenKind::number ? parse_decimal(token_.raw) : std::nullopt;
    constexpr std::int64_t one = 1'000'000;
    if (!value || value->micro % one != 0 || value->micro < least * one || value->micro > most * one)
      return wrong(fmt::format("expected {}, {} to {}", what, least, most));
    TRY(step());
    return static_cast<unsigned>(value->micro / one);
  }
  P<Duration> span(std::string_view what, Duration least, Duration most) {
    const Place place = token_.place;
    const Duration out = TRY(duration());
    if (out < least || out > most)
      return wrong(place, fmt::format("{} is {} to {}", what, to_string(least), to_string(most)));
    return out;
  }
  P<unsigned> clock() {
    const auto at = token_.kind == TokenKind::text ? segment::parse_calendar_end(token_.text) : std::nullopt;
    if (!at || at->kind != segment::Calendar::clock || at->from >= 1'440)
      return wrong("expected a time of day in double quotes, such as \"09:00\"");
    TRY(step());
    return at->from;
  }
  P<Days> days() {
    Days out = 0;
    if (!TRY(accept("on"))) return out;
    do {
      unsigned day = 0;
      while (day < 7 && !token_.is(day_name(day))) ++day;
      if (day == 7)
        return expected(
            "a weekday: `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, `sunday`"
        );
      TRY(step());
      out = static_cast<Days>(out | (1U << day));
    } while (TRY(accept(",")));
    return out == 0x7f ? Days{0} : out;
  }
};

}  // namespace

Parsed<std::vector<Definition>> parse(std::string_view source) {
  std::vector<Definition> out;
  for (Versioned& v : TRY(Parser(source).file(false))) out.push_back(std::move(v.definition));
  if (auto mistake = validate_together(out)) return std::unexpected(std::move(*mistake));
  return out;
}

Parsed<std::vector<Versioned>> parse_in_force(std::string_view source) {
  return Parser(source).file(true);
}

}  // namespace hospes::journey
