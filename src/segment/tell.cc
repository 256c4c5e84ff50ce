// Explanations in words and in JSON.
#include <fmt/format.h>

#include <array>

#include "segment/explain.h"
#include "segment/json_write.h"
#include "segment/text.h"

namespace hospes::segment {

namespace {

/// One row per phrase; the columns are languages.
enum class Phrase : std::uint8_t {
  in,
  out,
  since,
  purpose,
  all,
  any,
  negation,
  yes,
  no,
  needs,
  first,
  last,
  turns_true,
  turns_false,
  would_enter,
  would_leave,
  enters,
  leaves,
  nothing,
  events,
  then_wait,
  identifier,
  also,
  after,
  time,
  hidden,
  barred,
  theirs,
  calendar,
  guessed
};
constexpr std::array<std::array<std::string_view, 2>, 30> words{{
    {"IN", "MEMBRE"},
    {"OUT", "HORS DU SEGMENT"},
    {"since", "depuis le"},
    {"purpose", "finalité"},
    {"all of", "toutes ces conditions"},
    {"any of", "au moins une de ces conditions"},
    {"not", "sauf"},
    {"yes", "oui"},
    {"no ", "non"},
    {"needs", "il faut"},
    {"first", "premier"},
    {"last", "dernier"},
    {"begins on", "commence le"},
    {"ends on", "prend fin le"},
    {"would enter with", "entrerait avec"},
    {"would leave with", "sortirait avec"},
    {"enters on {} if nothing happens", "entre le {} si rien ne se passe"},
    {"leaves on {} if nothing happens", "sort le {} si rien ne se passe"},
    {"no single change is known that would turn it", "aucun changement connu ne l'inverserait"},
    {"events", "événements"},
    {"and waiting until", "puis attente jusqu'au"},
    {"an identifier of another kind", "un identifiant d'un autre genre"},
    {" and ", " et "},
    {"later", "plus tard"},
    {"at once", "aussitôt"},
    {"not seen, for lack of permission: {} of {} events",
     "non vus, faute de permission : {} événements sur {}"},
    {"{} to {} since {}: while that stands, no event counts",
     "{} ({}) depuis le {} : tant que cela vaut, aucun événement ne compte"},
    {"no change proposed, because this is theirs to say: {}",
     "aucun changement proposé, car c'est à la personne de le dire : {}"},
    {"no change proposed, because this comes with the calendar: {}",
     "aucun changement proposé, car cela vient avec le calendrier : {}"},
    {"no change proposed, because only some ways to turn this were tried: {}",
     "aucun changement proposé, car seules certaines façons d'inverser ceci ont été essayées : {}"},
}};

std::string_view word(Phrase phrase, Language language) {
  return words[static_cast<std::size_t>(phrase)][static_cast<std::size_t>(language)];
}

std::string value_text(const Value& v) {
  if (v.kind == ValueKind::number) return hospes::to_string(v.number);
  if (v.kind == ValueKind::boolean) return v.number.micro != 0 ? "true" : "false";
  if (v.kind == ValueKind::null) return "–";
  if (v.kind == ValueKind::atom) return "(identifier)";
  return v.text;
}

std::string properties_text(const std::vector<Property>& properties, const Names& names) {
  std::string out;
  for (const Property& p : properties) {
    out += fmt::format(
        "{}{} = {}", out.empty() ? " (" : ", ", names.text(p.name), json_value(p.value.view())
    );
  }
  return out.empty() ? out : out + ")";
}

/// Less than this is only the order of things.
constexpr Duration soon = std::chrono::milliseconds(1);

/// Equal additions are said once, with their number.
std::string change_text(const Change& change, const Names& names, Language language) {
  std::string out;
  const auto part = [&](const std::string& text) {
    out += (out.empty() ? "" : std::string(word(Phrase::also, language))) + text;
  };
  for (std::size_t i = 0; i < change.add.size();) {
    const Addition& a = change.add[i];
    std::size_t same = i;
    while (same < change.add.size() && change.add[same].event == a.event &&
           change.add[same].after < a.after + soon && change.add[same].properties == a.properties) {
      ++same;
    }
    part(fmt::format(
        "{} × {}{}{}", same - i, in_quotes(a.event), properties_text(a.properties, names),
        a.after < soon ? ""
                       : fmt::format(" {} {}", to_string(a.after), word(Phrase::after, language))
    ));
    i = same;
  }
  if (change.kinds != 0) part(std::string(word(Phrase::identifier, language)));
  return out;
}

class Teller {
 public:
  Teller(const Definitions& definitions, Language language)
      : definitions_(definitions), language_(language) {}

  std::string tell(const Explanation& e) {
    const Definition& d = definitions_.at(e.segment).definition;
    std::string out = fmt::format("{}", say(e.in ? Phrase::in : Phrase::out));
    if (e.in && e.since) out += fmt::format(" {} {}", say(Phrase::since), to_string(*e.since));
    out += fmt::format("   {}: {}\n", say(Phrase::purpose), d.purpose);
    reason(out, e.reason, "  ", "  ");
    if (e.passes) {
      out += fmt::format(
                 fmt::runtime(say(e.in ? Phrase::leaves : Phrase::enters)), to_string(*e.passes)
             ) +
             "\n";
    }
    if (e.change) {
      out += fmt::format(
          "{}: {}", say(e.in ? Phrase::would_leave : Phrase::would_enter),
          change_text(*e.change, definitions_.names(), language_)
      );
      if (e.change->at > e.now + e.change->add_span() + soon)
        out += fmt::format(", {} {}", say(Phrase::then_wait), to_string(e.change->at));
      out += '\n';
    }
    if (e.barred) {
      out += fmt::format(
                 fmt::runtime(say(Phrase::barred)), answer_word(e.barred->answer), d.purpose,
                 to_string(e.barred->since)
             ) +
             "\n";
    } else if (e.nothing_known() && e.unproposed.empty()) {
      out += std::string(say(Phrase::nothing)) + "\n";
    }
    for (const Unproposed& u : e.unproposed)
      out += fmt::format(fmt::runtime(say(because(u.because))), u.test) + "\n";
    if (e.hidden > 0)
      out += fmt::format(fmt::runtime(say(Phrase::hidden)), e.hidden, e.events) + "\n";
    return out;
  }

 private:
  std::string_view say(Phrase phrase) const { return word(phrase, language_); }
  static Phrase because(Unsearched why) {
    if (why == Unsearched::theirs) return Phrase::theirs;
    return why == Unsearched::calendar ? Phrase::calendar : Phrase::guessed;
  }
  std::string_view answer_word(std::string_view answer) const {
    if (language_ == Language::en) return answer;
    if (answer == "objected") return "opposition";
    return answer == "withdrawn" ? "retrait" : "refus";
  }

  void reason(
      std::string& out, const Reason& r, const std::string& lead, const std::string& indent
  ) {
    out += fmt::format("{}{}  {}", lead, say(r.truth ? Phrase::yes : Phrase::no), heading(r));
    if (!r.needs.empty())
      out += fmt::format("   {}   {} {}", value_text(r.value), say(Phrase::needs), r.needs);
    if (r.first) out += fmt::format("   {} {}", say(Phrase::first), to_string(*r.first));
    if (r.last && r.last != r.first)
      out += fmt::format("   {} {}", say(Phrase::last), to_string(*r.last));
    if (r.changes != Instant::never()) {
      out += fmt::format(
          "   {} {}", say(r.truth ? Phrase::turns_false : Phrase::turns_true), to_string(r.changes)
      );
    }
    out += '\n';
    for (const Reason& part : r.parts) {
      const bool last = &part == &r.parts.back();
      reason(out, part, indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
    }
  }

  std::string heading(const Reason& r) const {
    if (r.kind == BoundKind::all) return std::string(say(Phrase::all));
    if (r.kind == BoundKind::any) return std::string(say(Phrase::any));
    if (r.kind == BoundKind::negation) return std::string(say(Phrase::negation));
    return r.subject;
  }

  const Definitions& definitions_;
  const Language language_;
};

constexpr std::array<std::string_view, 15> kinds{
    "all",   "any",  "not",    "in_segment", "has_identifier", "trait",   "date",       "folded",
    "aged",  "sequence", "compared", "ranked", "still", "calendar", "permission"};

std::string evidence_json(const Reason& r, const Names& names) {
  std::string out = "[";
  for (const Evidence& e : r.evidence) {
    JsonObject one;
    one.text("message", to_hex(e.message))
        .text("event", names.text(e.event))
        .text("happened", to_string(e.happened));
    out += (out.size() > 1 ? "," : "") + one.done();
  }
  return out + "]";
}

std::string reason_json(const Reason& r, const Names& names) {
  JsonObject out;
  out.text("is", kinds[static_cast<std::size_t>(r.kind)]).add("truth", r.truth ? "true" : "false");
  if (!r.subject.empty()) out.text("subject", r.subject).add("value", json_value(r.value.view()));
  if (!r.needs.empty()) out.text("needs", r.needs);
  if (r.events > 0) {
    out.add("events", std::to_string(r.events)).add("evidence", evidence_json(r, names));
    out.text("first", to_string(*r.first)).text("last", to_string(*r.last));
  }
  if (r.changes != Instant::never()) out.text("changes", to_string(r.changes));
  if (r.parts.empty()) return out.done();
  std::string parts = "[";
  for (const Reason& part : r.parts)
    parts += (parts.size() > 1 ? "," : "") + reason_json(part, names);
  return out.add("parts", parts + "]").done();
}

std::string change_json(const Change& change, const Names& names) {
  std::string list = "[";
  for (const Addition& a : change.add) {
    JsonObject properties, one;
    for (const Property& p : a.properties)
      properties.add(names.text(p.name), json_value(p.value.view()));
    one.text("type", to_string(a.type)).text("event", a.event);
    if (a.after >= soon) one.text("after", to_string(a.after));
    one.add(a.type == EventType::identify ? "traits" : "properties", properties.done());
    list += (list.size() > 1 ? "," : "") + one.done();
  }
  JsonObject out;
  out.add("add", list + "]");
  if (change.kinds != 0) out.add("identifierKinds", std::to_string(change.kinds));
  return out.text("at", to_string(change.at)).done();
}

std::string unproposed_json(const std::vector<Unproposed>& list) {
  constexpr std::array<std::string_view, 3> because{"theirs", "calendar", "guessed"};
  std::string out = "[";
  for (const Unproposed& u : list) {
    JsonObject one;
    one.text("test", u.test).text("because", because[static_cast<std::size_t>(u.because)]);
    out += (out.size() > 1 ? "," : "") + one.done();
  }
  return out + "]";
}

}  // namespace

std::string to_text(const Explanation& e, const Definitions& definitions, Language language) {
  return Teller(definitions, language).tell(e);
}

std::string to_json(const Explanation& e, const Definitions& definitions) {
  const Definition& d = definitions.at(e.segment).definition;
  JsonObject out;
  out.text("segment", d.id).text("purpose", d.purpose).add("in", e.in ? "true" : "false");
  if (e.since) out.text("since", to_string(*e.since));
  out.text("now", to_string(e.now)).add("why", reason_json(e.reason, definitions.names()));
  if (e.passes) out.text(e.in ? "leavesAt" : "entersAt", to_string(*e.passes));
  out.add("flip", e.change ? change_json(*e.change, definitions.names()) : "null");
  if (!e.unproposed.empty()) out.add("unproposed", unproposed_json(e.unproposed));
  out.add("hidden", std::to_string(e.hidden));
  if (e.barred) {
    JsonObject barred;
    barred.text("answer", e.barred->answer).text("since", to_string(e.barred->since));
    out.add("barred", barred.done());
  }
  return out.done();
}

}  // namespace hospes::segment
