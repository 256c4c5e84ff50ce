#include "portal/portrait.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "catalog/kinds.h"
#include "flow/cold.h"
#include "flow/evidence.h"
#include "flow/look.h"
#include "flow/retention.h"
#include "portal/called.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "portal/value_json.h"
#include "segment/explain.h"

namespace hospes::portal {
namespace {

std::string_view grade_name(std::size_t grade) {
  constexpr std::string_view names[] = {"asserted", "attested", "proved"};
  return names[grade];
}

std::string_view kind_name(KindId id) {
  const catalog::Kind* kind = catalog::find_kind(id);
  return kind != nullptr ? kind->name : "unknown";
}

}  // namespace

std::string cursor_text(const TimelineCursor& cursor) {
  return std::to_string(cursor.happened.us) + "-" + to_hex(cursor.message);
}

std::optional<TimelineCursor> parse_cursor(std::string_view text) {
  TimelineCursor out;
  const std::string held(text);
  int read = 0;
  if (std::sscanf(
          held.c_str(), "%ld-%16lx%16lx%n", &out.happened.us, &out.message.hi, &out.message.lo,
          &read
      ) != 3 ||
      static_cast<std::size_t>(read) != held.size())
    return std::nullopt;
  return out;
}

std::string purpose_names(const catalog::Purposes& purposes, Mask mask) {
  List out;
  for (const std::string_view name : purposes.names(mask)) out.add(json_text(name));
  return out.done();
}

std::string properties_json(std::string_view body, const Names& names, seal::KeyStore& keys) {
  Object out;
  for (PackedReader in(body); in.next();)
    out.raw(names.text(in.name()), value_json(in.value(), keys));
  return out.done();
}

Portrait::Portrait(const ConsoleDoors& doors, const Met& met, std::string asked, bool real_only)
    : doors_(doors),
      met_(met),
      asked_(std::move(asked)),
      real_only_(real_only),
      now_(std::max(met.state.clock, doors.clock.now())),
      lens_(flow::lens_of(met.component, met.person, doors.node.house().heeds_no_answer)) {}

std::optional<std::string> Portrait::whole(const TimelinePage& page) const {
  std::vector<Shown> shown = moments();
  if (real_only_ && shown.empty() && flow::is_simulated(met_.component, met_.person))
    return std::nullopt;
  const std::string known = traits(shown);
  if (!page.event.empty()) {
    const Name name = doors_.names.find(page.event);
    std::erase_if(shown, [&](const Shown& s) { return s.visible == 0 || s.moment->name != name; });
  }
  const auto begin = std::ranges::find_if(shown, [&](const Shown& s) {
    return s.moment->key() < std::tie(page.after.happened, page.after.message);
  });
  const auto rest = static_cast<std::size_t>(shown.end() - begin);
  const std::span<const Shown> here(
      begin, begin + static_cast<std::ptrdiff_t>(std::min(rest, page.limit))
  );
  const std::string named = called(met_, doors_.names, doors_.node.house().heeds_no_answer, real_only_);
  return Object()
             .text("person", to_hex(met_.person.id.atom))
             .text("name", name_of(met_, doors_.keys))
             .raw("called", named.empty() ? "null" : json_text(named))
             .truth("simulated", flow::is_simulated(met_.component, met_.person))
             .raw("identifiers", identifiers())
             .raw("traits", known)
             .raw("permissions", permissions())
             .raw("segments", segments())
             .raw("timeline", timeline(here))
             .number("timeline_size", shown.size())
             .raw(
                 "next", rest <= page.limit
                             ? "null"
                             : json_text(cursor_text(TimelineCursor{
                                   here.back().moment->happened, here.back().moment->message}))
             )
             .text("as_of", to_string(met_.state.clock))
             .done() +
         "\n";
}

std::string Portrait::why(segment::SegmentIndex segment, const std::optional<std::string>& text)
    const {
  const Instant now = now_;
  const flow::Look look(
      met_.state, met_.component, met_.person, doors_.node.house().heeds_no_answer, now
  );
  const auto& definitions = met_.state.engine->definitions();
  const segment::Explanation told = segment::explain(
      definitions, segment, look.person(), met_.person.page.since(segment), now,
      barred(met_, definitions.at(segment).purpose, doors_.node.house().heeds_no_answer)
  );
  if (!text) return segment::to_json(told, definitions);
  return segment::to_text(
      told, definitions, *text == "fr" ? segment::Language::fr : segment::Language::en
  );
}

/// All of it, newest first. What no purpose may see any more is counted, and its content not shown.
std::vector<Portrait::Shown> Portrait::moments() const {
  std::vector<Shown> out;
  const flow::Keeping* keeping = met_.state.keeping.get();
  const Instant act =
      keeping == nullptr ? now_ : flow::last_act(met_.state, met_.component, met_.person.atoms);
  for (const std::uint16_t i : met_.person.atoms) {
    const Timeline& held = flow::timeline_of(met_.state, met_.component, met_.component.atoms[i]);
    for (const Moment& m : held.in_order()) {
      if (real_only_ && (m.flags & flag_simulated) != 0) continue;
      Shown one{&m, &held, lens_.visible(m, held.opened(m), now_), std::nullopt};
      if (keeping != nullptr) {
        one.visible &= ~keeping->ended(m, act, now_);
        one.kept_until = keeping->end(m, m.mask, act).at;
        if (*one.kept_until <= now_) continue;  // its turn has come
      }
      out.push_back(one);
    }
  }
  std::ranges::sort(out, [](const Shown& a, const Shown& b) {
    return b.moment->key() < a.moment->key();
  });
  return out;
}

std::string Portrait::identifiers() const {
  List out;
  for (const std::uint16_t i : met_.person.atoms) {
    const Atom& atom = met_.component.atoms[i].atom;
    const auto identifier = doors_.keys.reveal(atom.id);
    if (!identifier) continue;  // its key was destroyed
    out.add(Object()
                .text("kind", kind_name(atom.kind))
                .text("value", identifier->value)
                .text("first_seen", to_string(atom.born))
                .raw("joined", evidence(atom.id))
                .done());
  }
  return out.done();
}

/// With which other identifiers it was seen together, by the best grade of that evidence. Evidence
/// towards somebody else's identifier (a limit, a shared device) is shown too: `same_person` says.
std::string Portrait::evidence(AtomId atom) const {
  List out;
  for (const flow::Evidence& e : met_.component.edges) {
    if (e.a != atom && e.b != atom) continue;
    const AtomId other = e.a == atom ? e.b : e.a;
    const auto edge =
        flow::standing(met_.component, e, doors_.node.house().link, now_);
    if (!edge) continue;  // closed by an answer, or undone
    const bool same = std::ranges::any_of(met_.person.atoms, [&](std::uint16_t i) {
      return met_.component.atoms[i].atom.id == other;
    });
    out.add(Object()
                .text("with", name_of(other, doors_.keys))
                .text("grade", grade_name(static_cast<std::size_t>(edge->grade)))
                .text("since", to_string(edge->earliest))
                .truth("same_person", same)
                .done());
  }
  return out.done();
}

/// Latest by (happened, message) of what identify said, of what some purpose may see.
std::string Portrait::traits(const std::vector<Shown>& shown) const {
  struct Said {
    const Shown* by = nullptr;
    ValueView value;
  };
  std::map<std::string_view, Said> latest;  // `shown` is newest first: the first word stands
  for (const Shown& s : shown) {
    if (s.moment->type != EventType::identify || s.visible == 0) continue;
    for (PackedReader in(s.timeline->body(*s.moment)); in.next();) {
      const std::string_view name = doors_.names.text(in.name());
      if (!name.starts_with("context.")) latest.emplace(name, Said{&s, in.value()});
    }
  }
  Object out;
  for (const auto& [name, said] : latest) {
    out.raw(
        name, Object()
                  .raw("value", value_json(said.value, doors_.keys))
                  .text("at", to_string(said.by->moment->happened))
                  .text("source", doors_.names.text(said.by->moment->source))
                  .truth("simulated", (said.by->moment->flags & flag_simulated) != 0)
                  .done()
    );
  }
  return out.done();
}

std::string Portrait::answers(PurposeBit purpose) const {
  List out;
  for (const std::uint16_t i : met_.person.atoms) {
    const flow::AtomState& atom = met_.component.atoms[i];
    for (const consent::Row& r : atom.ledger.rows()) {
      if (r.purpose != purpose) continue;
      Object row;
      row.text("state", to_string(r.state))
          .text("since", to_string(r.since))
          .text("recorded", to_string(r.acted))
          .text("through", name_of(r.atom, doors_.keys))
          .text("source", r.source);
      if (r.until != Instant::never()) row.text("until", to_string(r.until));
      if (!r.notice.id.empty())
        row.text("notice", r.notice.id + " " + r.notice.version + " " + r.notice.lang);
      if (r.state == consent::Answer::invalid) row.text("reason", r.actor);
      out.add(row.done());
    }
  }
  return out.done();
}

/// Every purpose of the house: what stands now, and each answer that led there.
std::string Portrait::permissions() const {
  std::vector<const consent::Ledger*> ledgers;
  for (const std::uint16_t i : met_.person.atoms)
    ledgers.push_back(&met_.component.atoms[i].ledger);
  List out;
  for (const catalog::Purpose& p : doors_.catalog.purposes.rows()) {
    const auto state = consent::meet(ledgers, p.ordinal, now_);
    out.add(Object()
                .text("purpose", p.name)
                .text("basis", to_string(p.basis))
                .text("state", state ? to_string(*state) : "unset")
                .raw("answers", answers(p.ordinal))
                .done());
  }
  return out.done();
}

std::string Portrait::segment(segment::SegmentIndex index, std::optional<Instant> since) const {
  const segment::Definition& d = met_.state.engine->definitions().at(index).definition;
  return Object()
      .text("id", d.id)
      .raw("name", Object().text("en", d.name_en).text("fr", d.name_fr).done())
      .raw("since", since ? json_text(to_string(*since)) : "null")
      .text("why", "/v1/profiles/" + path_escaped(asked_) + "/why/" + d.id)
      .done();
}

/// Of somebody with invented events, without them: what the definitions say of the rest.
std::string Portrait::segments() const {
  List out;
  if (!met_.state.engine) return out.done();
  if (!real_only_ || !flow::is_simulated(met_.component, met_.person)) {
    for (const segment::Member& m : met_.person.page.members()) out.add(segment(m.segment, m.since));
    return out.done();
  }
  const flow::Look look(
      met_.state, met_.component, met_.person, doors_.node.house().heeds_no_answer, now_
  );
  std::vector<segment::Seen> real(look.person().events.begin(), look.person().events.end());
  std::erase_if(real, [](const segment::Seen& s) { return (s.moment->flags & flag_simulated) != 0; });
  const auto held = segment::evaluate_all(
      met_.state.engine->definitions(), {real, look.person().kinds}, now_
  );
  for (segment::SegmentIndex i = 0; i < held.in.size(); ++i)
    if (held.in[i]) out.add(segment(i, std::nullopt));
  return out.done();
}

std::string Portrait::moment(const Shown& s) const {
  const Moment& m = *s.moment;
  Object out;
  out.text("at", to_string(m.happened))
      .text("received", to_string(m.received))
      .text("source", doors_.names.text(m.source))
      .truth("simulated", (m.flags & flag_simulated) != 0)
      .raw("purposes", purpose_names(doors_.catalog.purposes, s.visible));
  if (s.kept_until) out.text("kept_until", to_string(*s.kept_until));
  if (s.visible == 0) return out.truth("closed", true).done();
  return out.text("type", to_string(m.type))
      .text("event", doors_.names.text(m.name))
      .raw("properties", properties_json(s.timeline->body(m), doors_.names, doors_.keys))
      .done();
}

std::string Portrait::timeline(std::span<const Shown> shown) const {
  List out;
  for (const Shown& s : shown) out.add(moment(s));
  return out.done();
}

}  // namespace hospes::portal
