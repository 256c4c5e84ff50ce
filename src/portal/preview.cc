// POST /v1/segments/preview: who would be in a segment, before it is defined. Nothing is written.
//
// How it spares the writers: the people of a partition can only be looked at on its own thread, so
// everybody is asked in slices of 2 ms, one slice at a time in the whole house (people.h). An event
// that comes meanwhile waits for one slice at most. Measured figures stand in docs/http_api.md.
#include <algorithm>
#include <chrono>

#include "catalog/kinds.h"
#include "flow/look.h"
#include "portal/body.h"
#include "portal/census.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "segment/check.h"
#include "segment/explain.h"
#include "segment/json.h"
#include "segment/kin.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

constexpr std::size_t examples_max = 10;

http::Response refused(const segment::Mistake& m) {
  Object error = problem_fields(422, "invalid_input", m.message);
  if (m.place.line > 0)
    error.number("line", m.place.line)
        .number("column", m.place.column)
        .number("width", m.place.width);
  if (!m.line.empty()) error.text("source", m.line);
  return problem(422, std::move(error));
}

/// What was sent: text as `hospes segment fmt` prints it, or the JSON form; bare, or under "text"
/// or "definition" of an object.
struct Sent {
  segment::Parsed<std::vector<segment::Definition>> parsed;
  std::string text;  // empty: it came as JSON
};

Result<Sent> sent(const http::Request& request) {
  const std::size_t begin = request.body.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return fail(Code::invalid_input, "the body is empty");
  if (request.body[begin] != '{' && request.body[begin] != '[')
    return Sent{segment::parse(request.body), request.body};
  if (request.body[begin] == '{') {
    for (const Field& field : TRY(read_object(request.body))) {
      if (field.name == "text" && field.text) return Sent{segment::parse(field.value), field.value};
      if (field.name == "definition") return Sent{segment::parse_json(field.value), ""};
    }
  }
  return Sent{segment::parse_json(request.body), ""};
}

std::vector<segment::Known> known(const auto& rows, auto name) {
  std::vector<segment::Known> out;
  for (const auto& row : rows) out.push_back({.name = std::string(name(row)), .note = ""});
  return out;
}

/// Names that must be there. Events nobody sent yet are no mistake, see `notes_on`.
segment::Vocabulary vocabulary(const ConsoleDoors& doors, const segment::Definitions& definitions) {
  segment::Vocabulary out;
  out.purposes = known(doors.catalog.purposes.rows(), [](const auto& p) { return p.name; });
  out.kinds = known(catalog::kinds(), [](const auto& k) { return k.name; });
  out.segments.emplace();
  for (segment::SegmentIndex i = 0; i < definitions.size(); ++i)
    out.segments->push_back({.name = definitions.at(i).definition.id, .note = ""});
  return out;
}

/// Event names that neither came nor stand in the catalogue, each with the nearest that does; and
/// the segments in force that say the same.
std::string notes_on(
    const segment::Definition& d, const Sent& from, const segment::Definitions& in_force,
    Census& census, const ConsoleDoors& doors
) {
  segment::Vocabulary out;
  auto& events = out.events.emplace();
  for (const auto& [name, row] : doors.catalog.events.rows())
    events.push_back({.name = name, .note = ""});
  for (const auto& [name, kind] : census.kinds()) {
    const std::string note = std::to_string(kind.count) + " came";
    events.push_back({.name = name, .count = kind.count, .note = note});
  }
  List notes;
  for (const auto& m : segment::check({d}, out, from.text)) notes.add(json_text(m.message));
  for (const std::string& twin : segment::twins_of(in_force, d))
    notes.add(json_text("segment " + twin + " says the same: use it, or say what is different"));
  return notes.done();
}

/// The definitions in force with this one among them; it may ask about them.
Result<std::shared_ptr<const segment::Definitions>> bound(
    const ConsoleDoors& doors, const segment::Definitions& now, const segment::Definition& added
) {
  std::vector<segment::Definition> list;
  std::vector<bool> retired;
  for (segment::SegmentIndex i = 0; i < now.size(); ++i) {
    list.push_back(now.at(i).definition);
    retired.push_back(now.at(i).retired);
  }
  const auto same = std::ranges::find(list, added.id, &segment::Definition::id);
  if (same == list.end()) {
    list.push_back(added);
    retired.push_back(false);
  } else {
    *same = added;
    retired[static_cast<std::size_t>(same - list.begin())] = false;
  }
  return segment::bind(std::move(list), binding_of(doors), retired, now.thresholds());
}

/// How many, and those of the smallest ids: ids are random, so it is a fair draw.
struct Drawn {
  std::uint64_t number = 0;
  std::vector<AtomId> examples;

  void add(AtomId person) {
    ++number;
    examples.insert(std::ranges::upper_bound(examples, person), person);
    if (examples.size() > examples_max) examples.pop_back();
  }
};

struct Counted {
  std::uint64_t people = 0;
  Drawn members, entering, leaving;  // the last two against the segment of the same id in force
};

/// `in_force`: the segment it would replace. An index names the same segment in every partition.
Counted count(
    const ConsoleDoors& doors, const segment::Definitions& definitions,
    segment::SegmentIndex segment, std::optional<segment::SegmentIndex> in_force, bool real_only
) {
  Counted out;
  const Mask heedless = doors.node.house().heeds_no_answer;
  walk(doors.node, [&](const Met& met) {
    if (real_only && met.person.simulated) return true;
    ++out.people;
    const Instant now = now_of(doors, met.state);
    const flow::Look look(met.state, met.component, met.person, heedless, now);
    const bool in = segment::ask(definitions, segment, look.person(), now).truth;
    const auto& members = met.state.members;
    const bool was = !in_force ? in
                               : *in_force < members.size() &&
                                     members[*in_force].contains(met.person.dense);
    const AtomId person = met.person.id.atom;
    if (in) out.members.add(person);
    if (in && !was) out.entering.add(person);
    if (was && !in) out.leaving.add(person);
    return true;
  });
  return out;
}

std::string example(
    const ConsoleDoors& doors, const segment::Definitions& definitions,
    segment::SegmentIndex segment, AtomId atom
) {
  std::string out;
  find_atom(doors.node, atom, [&](const Place& place) {
    if (place.person == nullptr) return;
    const Met met{place.state, place.component, *place.person};
    const Instant now = now_of(doors, met.state);
    const flow::Look look(
        met.state, met.component, met.person, doors.node.house().heeds_no_answer, now
    );
    const auto told = segment::explain(
        definitions, segment, look.person(), std::nullopt, now,
        barred(met, definitions.at(segment).purpose, doors.node.house().heeds_no_answer)
    );
    out = Object()
              .text("person", name_of(met, doors.keys))
              .text("id", to_hex(atom))
              .truth("simulated", flow::is_simulated(met.component, met.person))
              .raw("why", segment::to_json(told, definitions))
              .done();
  });
  return out;
}

}  // namespace

http::Response preview(const ConsoleDoors& doors, Census& census, const http::Request& request) {
  const auto began = std::chrono::steady_clock::now();
  const auto from = sent(request);
  if (!from) return problem(from.error());
  if (!from->parsed) return refused(from->parsed.error());
  if (from->parsed->size() != 1)
    return problem(422, "invalid_input", "a preview is of one segment; send one definition");
  const segment::Definition& d = from->parsed->front();
  if (const auto mistake = segment::validate(d)) return refused(*mistake);
  const auto engine = engine_of(doors.node);
  const segment::Definitions none;
  const segment::Definitions& in_force = engine ? engine->definitions() : none;
  const auto unknown = segment::check({d}, vocabulary(doors, in_force), from->text);
  if (!unknown.empty()) return refused(unknown.front());
  const auto definitions = bound(doors, in_force, d);
  if (!definitions) return problem(422, "invalid_input", definitions.error().message);
  const auto index = *(*definitions)->find(d.id);
  auto replaced = in_force.find(d.id);
  if (replaced && in_force.at(*replaced).retired) replaced.reset();
  const Counted found = count(doors, **definitions, index, replaced, real_only(request));
  const auto examples = [&](const Drawn& drawn) {
    List out;
    for (const AtomId atom : drawn.examples) {
      const std::string one = example(doors, **definitions, index, atom);
      if (!one.empty()) out.add(one);
    }
    return out.done();
  };
  const std::string change = Object()
                                 .number("enter", found.entering.number)
                                 .number("leave", found.leaving.number)
                                 .raw("entering", examples(found.entering))
                                 .raw("leaving", examples(found.leaving))
                                 .done();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began
  );
  return http::json(
      200, Object().text("segment", d.id)
                   .text("definition", segment::format(d))
                   .number("people", found.people)
                   .number("members", found.members.number)
                   .raw("examples", examples(found.members))
                   .raw("change", replaced ? change : "null")
                   .raw("notes", notes_on(d, *from, in_force, census, doors))
                   .raw("took_ms", std::to_string(took.count()))
                   .done() +
               "\n"
  );
}

}  // namespace hospes::portal
