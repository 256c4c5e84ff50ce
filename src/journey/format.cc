#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "journey/text.h"
#include "segment/lexer.h"
#include "segment/text.h"
#include "zones/zones.h"

namespace hospes::journey {
namespace {

using segment::in_quotes;

std::string name(std::string_view text) {
  return segment::is_plain_name(text) ? std::string(text) : in_quotes(text);
}

std::string days(Days set) {
  std::string out;
  for (unsigned day = 0; day < 7; ++day)
    if ((set >> day & 1) != 0) out.append(out.empty() ? " on " : ", ").append(day_name(day));
  return out;
}

std::string other(std::string_view to) { return to.empty() ? "" : fmt::format(" else {}", to); }

std::string trigger(const Trigger& t) {
  const std::string key = t.key.empty() ? "" : " key " + name(t.key);
  switch (t.kind) {
    case Trigger::segment:
      return fmt::format(
          "segment {}{}{}{}{}", t.name, t.left ? " left" : "", t.from.empty() ? "" : " from ", t.from,
          t.members ? " with members" : ""
      );
    case Trigger::event: {
      std::string where;
      for (const segment::Clause& c : t.where)
        where += (where.empty() ? " where " : " and ") + segment::format(c);
      return fmt::format("event {}{}{}", in_quotes(t.name), where, key);
    }
    case Trigger::request:
      return "request" + key;
    case Trigger::daily:
      return fmt::format("daily \"{}\"{} segment {}", clock_text(t.minutes), days(t.days), t.name);
    case Trigger::once:
      return fmt::format("once \"{}\" segment {}", zones::wall_text(t.wall_us), t.name);
  }
  return {};
}

struct Say {
  std::string operator()(const Wait& w) const { return "wait " + to_string(w.span); }
  std::string operator()(const WaitClock& w) const {
    return fmt::format("wait until \"{}\"{}", clock_text(w.minutes), days(w.days));
  }
  std::string operator()(const WaitEntry& w) const {
    return fmt::format("wait until {} after entry", to_string(w.span));
  }
  std::string operator()(const WaitTrait& w) const {
    std::string out = "wait until trait " + name(w.trait);
    if (w.offset.count() != 0)
      out += fmt::format(
          " {} {}", w.offset.count() < 0 ? "before" : "after", to_string(std::chrono::abs(w.offset))
      );
    return out + other(w.other);
  }
  std::string operator()(const WaitFor& w) const {
    return fmt::format("wait for {} within {}{}", trigger(w.on), to_string(w.within), other(w.other));
  }
  std::string operator()(const Branch& b) const {
    std::string out = "branch";
    for (const Branch::Arm& arm : b.arms)
      out += fmt::format("{} in segment {} to {}", arm.outside ? " not" : "", arm.segment, arm.to);
    return out + other(b.other);
  }
  std::string operator()(const Split& s) const {
    std::string out = "split";
    for (const Split::Arm& arm : s.arms)
      out += fmt::format("{} {} to {}", &arm == &s.arms.front() ? "" : ",", arm.weight, arm.to);
    return out;
  }
  std::string operator()(const Send& s) const {
    return (s.webhook ? "webhook " : "send ") + name(s.action) + other(s.other);
  }
  std::string operator()(const Decide& d) const {
    std::string out = "decide " + name(d.placement);
    for (const Decide::Arm& arm : d.arms) out += fmt::format(" offer {} to {}", name(arm.offer), arm.to);
    return out + other(d.other);
  }
  std::string operator()(const Update& u) const {
    return fmt::format("update {} = {}", name(u.trait), u.now ? "now" : segment::format(u.value));
  }
  std::string operator()(const Jump& j) const {
    return "jump " + j.to + (j.most > 0 ? fmt::format(" at most {}", j.most) : "");
  }
  std::string operator()(const Goal&) const { return "goal"; }
  std::string operator()(const Exit&) const { return "exit"; }
};

std::string languages(std::string_view word, const std::string& en, const std::string& fr) {
  if (en.empty() && fr.empty()) return {};
  return fmt::format(
      "  {}{}{}\n", word, en.empty() ? "" : " en " + in_quotes(en), fr.empty() ? "" : " fr " + in_quotes(fr)
  );
}

std::string again(const Again& a) {
  switch (a.kind) {
    case Again::never:
      return "never";
    case Again::after_exit:
      return "after exit";
    case Again::after:
      return "after " + to_string(a.span);
    case Again::restart:
      return "restart";
  }
  return {};
}

std::string body(const Definition& d) {
  std::string out = languages("name", d.name_en, d.name_fr) + languages("sentence", d.sentence_en, d.sentence_fr);
  if (d.holdout > 0)
    out += fmt::format("  holdout {}%\n", to_string(Decimal{std::int64_t{d.holdout} * 10'000}));
  for (const Trigger& t : d.enter) out += "  enter " + trigger(t) + "\n";
  out += "  again " + again(d.again) + "\n";
  if (d.late != std::chrono::hours(24)) out += "  late " + to_string(d.late) + "\n";
  if (d.debounce.count() > 0) out += "  debounce " + to_string(d.debounce) + "\n";
  if (d.waiting.come) {
    std::string steps;
    for (const auto& [from, to] : d.waiting.steps)
      steps += fmt::format("{}{} to {}", steps.empty() ? "" : ", ", from, to);
    out += "  waiting move" + (steps.empty() ? "\n" : " (" + steps + ")\n");
  }
  if (d.paused) out += "  paused\n";
  for (const Trigger& t : d.goal) out += "  goal " + trigger(t) + "\n";
  for (const Trigger& t : d.exit) out += "  exit " + trigger(t) + "\n";
  for (const Step& step : d.steps)
    out += fmt::format("  step {} {}\n", step.id, std::visit(Say{}, step.action));
  return out;
}

std::string kept(const Versioned& v) {
  const Definition& d = v.definition;
  const std::string head = fmt::format("journey {} version {}", d.id, v.version);
  if (v.ended) return head + " ended\n";
  return fmt::format("{}{} purpose {}\n{}", head, v.closed ? " closed" : "", name(d.purpose), body(d));
}

}  // namespace

std::string format(const Definition& d) {
  return fmt::format("journey {} purpose {}\n{}", d.id, name(d.purpose), body(d));
}

std::string format(const Action& action) { return std::visit(Say{}, action); }

std::string succession(const std::vector<Versioned>& before, const std::vector<Definition>& next) {
  std::map<std::string, std::vector<Versioned>> known;
  for (const Versioned& v : before) known[v.definition.id].push_back(v);
  std::string out;
  for (const Definition& d : next) {
    std::vector<Versioned>& versions = known[d.id];
    if (!versions.empty()) versions.back().definition.paused = d.paused;
    const bool same = !versions.empty() && !versions.back().ended && versions.back().definition == d;
    if (!same) {
      const std::uint32_t version = versions.empty() ? 1 : versions.back().version + 1;
      std::erase_if(versions, [](const Versioned& v) { return v.ended; });
      versions.push_back({d, version});
    }
    for (Versioned& v : versions) {
      v.closed = &v != &versions.back();
      v.definition.paused = d.paused;
    }
    if (versions.size() > versions_max)
      versions.erase(versions.begin(), versions.end() - versions_max);
    for (const Versioned& v : versions) out += kept(v);
    versions.clear();
  }
  for (auto& [id, versions] : known) {  // gone from the file: their numbers are not given again
    if (versions.empty()) continue;
    Definition gone;
    gone.id = id;
    out += kept({gone, versions.back().version, true, true});
  }
  return out;
}

}  // namespace hospes::journey
