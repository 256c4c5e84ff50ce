#include "portal/proposal.h"

#include <algorithm>

#include "catalog/kinds.h"
#include "portal/body.h"
#include "portal/json.h"
#include "segment/check.h"
#include "segment/json.h"
#include "segment/kin.h"
#include "segment/sentence.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

using Definitions = segment::Parsed<std::vector<segment::Definition>>;
struct Sent {
  Definitions parsed;
  std::string text;
  std::optional<std::string> instead_of;
  Definitions among{};
};

/// The same definition with the predicate that the sentence says.
void say(Sent& sent, const std::string& sentence, segment::Language language) {
  if (!sent.parsed || sent.parsed->size() != 1) return;
  auto predicate = segment::parse_sentence(sentence, language);
  if (predicate)
    sent.parsed->front().predicate = *std::move(predicate);
  else
    sent.parsed = std::unexpected(std::move(predicate.error()));
  sent.text.clear();
}

Result<Sent> sent(const http::Request& request) {
  const std::size_t begin = request.body.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return fail(Code::invalid_input, "the body is empty");
  if (request.body[begin] != '{' && request.body[begin] != '[')
    return Sent{segment::parse(request.body), request.body, {}};
  if (request.body[begin] == '{') {
    std::optional<Sent> found;
    std::optional<std::string> instead_of;
    Definitions among;
    std::optional<std::string> said;
    segment::Language language = segment::Language::en;
    for (const Field& field : TRY(read_object(request.body))) {
      if (field.name == "text" && field.text)
        found = {segment::parse(field.value), field.value, {}};
      else if (field.name == "definition")
        found = {segment::parse_json(field.value), "", {}};
      else if (field.name == "instead_of" && field.text)
        instead_of = field.value;
      else if (field.name == "json" && field.text)
        found = {segment::parse_json(field.value), "", {}};
      else if (field.name == "said" && field.text)
        said = field.value;
      else if (field.name == "language" && field.value == "fr")
        language = segment::Language::fr;
      else if (field.name == "among" && field.text)
        among = segment::parse(field.value);
    }
    if (found && said) say(*found, *said, language);
    if (found) {
      found->among = std::move(among);
      found->instead_of = std::move(instead_of);
      return std::move(*found);
    }
  }
  return Sent{segment::parse_json(request.body), "", {}};
}

std::vector<segment::Known> known(const auto& rows, auto name) {
  std::vector<segment::Known> out;
  for (const auto& row : rows) out.push_back({.name = std::string(name(row)), .note = ""});
  return out;
}

/// Names that must be there. Events nobody sent yet are no mistake, see `notes_on`.
segment::Vocabulary vocabulary(
    const ConsoleDoors& doors, const segment::Definitions& definitions,
    const std::vector<segment::Definition>& among
) {
  segment::Vocabulary out;
  out.purposes = known(doors.catalog.purposes.rows(), [](const auto& p) { return p.name; });
  out.kinds = known(catalog::kinds(), [](const auto& k) { return k.name; });
  out.segments.emplace();
  for (segment::SegmentIndex i = 0; i < definitions.size(); ++i)
    if (!definitions.at(i).retired)
      out.segments->push_back({.name = definitions.at(i).definition.id, .note = ""});
  for (const segment::Definition& d : among) out.segments->push_back({.name = d.id, .note = ""});
  return out;
}

/// The definitions in force with these among them; they may ask about each other.
Result<std::shared_ptr<const segment::Definitions>> bound(
    const ConsoleDoors& doors, const segment::Definitions& now, std::vector<segment::Definition> changed
) {
  std::vector<segment::Definition> list;
  std::vector<bool> retired;
  for (segment::SegmentIndex i = 0; i < now.size(); ++i) {
    list.push_back(now.at(i).definition);
    retired.push_back(now.at(i).retired);
  }
  for (segment::Definition& added : changed) {
    const auto same = std::ranges::find(list, added.id, &segment::Definition::id);
    if (same == list.end()) {
      list.push_back(std::move(added));
      retired.push_back(false);
    } else {
      *same = std::move(added);
      retired[static_cast<std::size_t>(same - list.begin())] = false;
    }
  }
  return segment::bind(
      std::move(list), binding_of(doors), retired, now.thresholds(), now.lifecycles()
  );
}

}  // namespace

std::string notes_on(const Proposal& proposal, Census& census, const ConsoleDoors& doors) {
  segment::Vocabulary out;
  auto& events = out.events.emplace();
  for (const auto& [name, row] : doors.catalog.events.rows())
    events.push_back({.name = name, .note = ""});
  for (const auto& [name, kind] : census.kinds()) {
    const std::string note = std::to_string(kind.count) + " came";
    events.push_back({.name = name, .count = kind.count, .note = note});
  }
  List notes;
  for (const auto& m : segment::check({proposal.definition}, out, proposal.text))
    notes.add(json_text(m.message));
  for (const std::string& twin : segment::twins_of(*proposal.before, proposal.definition))
    notes.add(json_text("segment " + twin + " says the same: use it, or say what is different"));
  return notes.done();
}

std::expected<Proposal, http::Response> proposal_of(
    const ConsoleDoors& doors, const http::Request& request
) {
  auto from = sent(request);
  if (!from) return std::unexpected(problem(from.error()));
  if (!from->parsed) return std::unexpected(mistake(from->parsed.error()));
  if (from->parsed->size() != 1)
    return std::unexpected(problem(422, "invalid_input", "send one definition, not several"));
  Proposal out;
  out.definition = std::move(from->parsed->front());
  out.text = std::move(from->text);
  out.instead_of = std::move(from->instead_of);
  if (!from->among) return std::unexpected(mistake(from->among.error()));
  out.among = std::move(*from->among);
  if (const auto mistake = segment::validate(out.definition))
    return std::unexpected(portal::mistake(*mistake));
  if (const auto engine = engine_of(doors.node))
    out.before = {engine, &engine->definitions()};
  else
    out.before = std::make_shared<const segment::Definitions>();
  const auto unknown = segment::check({out.definition}, vocabulary(doors, *out.before, out.among), out.text);
  if (!unknown.empty()) return std::unexpected(mistake(unknown.front()));
  segment::Definition live = out.definition;  // a draft is looked at as what it would be
  live.draft = false;
  if (out.definition.draft) {
    auto whole = out.among;
    whole.push_back(out.definition);
    const auto fits = bound(doors, *out.before, std::move(whole));
    if (!fits) return std::unexpected(problem(422, "invalid_input", fits.error().message));
  }
  auto whole = out.among;
  whole.push_back(live);
  auto after = bound(doors, *out.before, std::move(whole));
  if (!after) return std::unexpected(problem(422, "invalid_input", after.error().message));
  out.after = std::move(*after);
  out.index = *out.after->find(out.definition.id);
  out.replaces = out.before->find(out.definition.id);
  return out;
}

}  // namespace hospes::portal
