// PUT and DELETE /v1/segments/{id}: a definition comes, changes or goes while the house runs; what it
// was before, and back to it.
#include <fmt/format.h>

#include <algorithm>

#include "portal/definitions.h"
#include "portal/json.h"
#include "portal/named_by.h"
#include "portal/proposal.h"
#include "portal/thresholds.h"
#include "segment/kin.h"

namespace hospes::portal {
namespace {

std::string_view by(const ConsoleDoors& doors, const http::Request& request) {
  return doors.access.session(request).token ? "token" : "session";
}

const segment::Definition* draft_in(const segment::Definitions& definitions, std::string_view id) {
  for (segment::SegmentIndex i = 0; i < definitions.size(); ++i)
    if (definitions.at(i).definition.draft && definitions.at(i).definition.id == id)
      return &definitions.at(i).definition;
  return nullptr;
}

/// Whoever asks about it would ask about nothing.
std::optional<http::Response> still_asked(
    const ConsoleDoors& doors, const segment::Definitions& definitions, segment::SegmentIndex index
) {
  auto askers = segment::used_in(definitions)[index];
  std::ranges::move(named_by(doors, definitions.at(index).definition.id), std::back_inserter(askers));
  if (askers.empty()) return std::nullopt;
  return problem(
      409, "conflict",
      fmt::format("{} asks about this segment: change or archive that first", fmt::join(askers, ", "))
  );
}

http::Response drafted(const segment::Definition& d) {
  return http::json(
      200, Object().text("id", d.id).truth("draft", true).text("definition", segment::format(d)).done() + "\n"
  );
}

/// Nothing, when what the sender read is what is in force.
std::optional<http::Response> overtaken(const Proposal& proposal) {
  if (!proposal.instead_of) return std::nullopt;
  const segment::Definition* draft = draft_in(*proposal.before, proposal.definition.id);
  const std::string now =
      proposal.replaces  ? segment::format(proposal.before->at(*proposal.replaces).definition)
      : draft != nullptr ? segment::format(*draft)
                         : "";
  if (*proposal.instead_of == now) return std::nullopt;
  return problem(
      409, "conflict",
      now.empty() ? "the segment is there no more: somebody archived it since you read it"
      : proposal.instead_of->empty()
          ? "a segment of this id is there already: choose another id, or change that one"
          : "somebody changed the segment since you read it: read it again, then change it"
  );
}

/// A test that compares people has nobody before its threshold was counted, and the next count may
/// be an hour away.
bool uncounted(const segment::Definitions& definitions) {
  return std::ranges::any_of(definitions.rankings(), [&](const auto& ranking) {
    return std::ranges::none_of(definitions.thresholds(), [&](const segment::Threshold& t) {
      return t.purpose == ranking.purpose && t.ranked == ranking.text;
    });
  });
}

}  // namespace

http::Response keep_segment(
    const ConsoleDoors& doors, Census& census, const http::Request& request
) {
  const std::string_view id = *between(request.path, "/v1/segments/", "");
  const auto proposal = proposal_of(doors, request);
  if (!proposal) return proposal.error();
  if (proposal->definition.id != id)
    return problem(
        422, "invalid_input",
        fmt::format("the definition is of \"{}\", the address of \"{}\"", proposal->definition.id, id)
    );
  if (proposal->replaces &&
      proposal->before->at(*proposal->replaces).definition == proposal->definition)
    return read_segments(doors, census, request);  // asked again after an answer was lost
  if (auto no = overtaken(*proposal)) return std::move(*no);
  if (proposal->definition.draft && proposal->replaces)
    if (auto no = still_asked(doors, *proposal->before, *proposal->replaces)) return std::move(*no);
  const Status kept = doors.definitions.keep(proposal->definition, by(doors, request), doors.clock.now());
  doors.definitions.note(id, kept, doors.clock.now());
  if (!kept) return problem(kept.error());
  if (uncounted(*proposal->after)) {
    const Status counted = refresh_thresholds(doors.node, doors.clock.now());
    doors.definitions.note(id, counted, doors.clock.now());
    if (!counted) return problem(counted.error());
  }
  doors.diary.note(
      diary::Level::info, "segment.kept", "a definition is in force from now on",
      {{"segment", std::string(id)}}
  );
  if (proposal->definition.draft) return drafted(proposal->definition);
  http::Response out = read_segments(doors, census, request);
  if (!proposal->replaces && out.status == 200) out.status = 201;
  return out;
}

http::Response keep_file(const ConsoleDoors& doors, const http::Request& request) {
  const auto file = segment::parse_file(request.body);
  if (!file) return mistake(file.error());
  if (const auto wrong = segment::mistake_in(*file)) return mistake(*wrong);
  List gone;
  if (const auto engine = engine_of(doors.node))
    for (segment::SegmentIndex i = 0; i < engine->definitions().size(); ++i) {
      const auto& entry = engine->definitions().at(i);
      if (entry.retired || std::ranges::any_of(file->definitions, [&](const segment::Definition& d) {
            return d.id == entry.definition.id && !d.draft;
          }))
        continue;
      const auto askers = named_by(doors, entry.definition.id);
      if (!askers.empty())
        return problem(
            409, "conflict",
            fmt::format(
                "{} asks about segment {}, which the file leaves out: change that first",
                fmt::join(askers, ", "), entry.definition.id
            )
        );
      gone.add(json_text(entry.definition.id));
    }
  if (const Status kept = doors.definitions.replace(request.body, by(doors, request), doors.clock.now()); !kept)
    return problem(kept.error());
  if (const auto engine = engine_of(doors.node); engine && uncounted(engine->definitions()))
    if (const Status counted = refresh_thresholds(doors.node, doors.clock.now()); !counted)
      return problem(counted.error());
  doors.diary.note(diary::Level::info, "segments.kept", "a whole file of definitions is in force from now on", {});
  return http::json(
      200, Object().number("segments", file->definitions.size()).raw("archived", gone.done()).done() + "\n"
  );
}

http::Response archive_segment(const ConsoleDoors& doors, const http::Request& request) {
  const std::string_view id = *between(request.path, "/v1/segments/", "");
  const auto engine = engine_of(doors.node);
  if (engine && draft_in(engine->definitions(), id)) {
    if (const Status gone = doors.definitions.retire(id, by(doors, request), doors.clock.now()); !gone)
      return problem(gone.error());
    return {204, {}, ""};
  }
  const auto index = engine ? engine->definitions().find(id) : std::nullopt;
  if (!index) return no_segment();
  if (auto no = still_asked(doors, engine->definitions(), *index)) return std::move(*no);
  if (const Status gone = doors.definitions.retire(id, by(doors, request), doors.clock.now()); !gone)
    return problem(gone.error());
  doors.diary.note(
      diary::Level::info, "segment.archived", "nobody is in it from now on",
      {{"segment", std::string(id)}}
  );
  return {204, {}, ""};
}

http::Response read_switch(const ConsoleDoors& doors) {
  const Definitions::Progress p = doors.definitions.progress();
  return http::json(
      200, Object()
                   .truth("running", p.switched < p.of)
                   .number("switched", p.switched)
                   .number("partitions", p.of)
                   .number("took_ms", static_cast<std::uint64_t>(p.took_ms))
                   .text("as_of", to_string(doors.clock.now()))
                   .done() +
               "\n"
  );
}

http::Response read_versions(const ConsoleDoors& doors, const http::Request& request) {
  const std::string_view id = *between(request.path, "/v1/segments/", "/versions");
  const auto versions = doors.definitions.versions(id);
  if (!versions) return problem(versions.error());
  const auto engine = engine_of(doors.node);
  const auto index = engine ? engine->definitions().find(id) : std::nullopt;
  if (versions->empty() && !index) return no_segment();
  List list;
  for (const Version& v : *versions)
    list.add(Object()
                 .text("at", to_string(v.at))
                 .text("by", v.by)
                 .text("what", v.text.empty() ? "archived" : "kept")
                 .raw("definition", v.text.empty() ? "null" : json_text(v.text))
                 .done());
  return http::json(200, Object().text("segment", id).raw("versions", list.done()).done() + "\n");
}

http::Response undo_segment(const ConsoleDoors& doors, Census& census, const http::Request& request) {
  const std::string_view id = *between(request.path, "/v1/segments/", "/undo");
  const auto versions = doors.definitions.versions(id);
  if (!versions) return problem(versions.error());
  if (versions->size() < 2)
    return problem(409, "conflict", "nothing was changed here that could be undone");
  const std::string& before = (*versions)[1].text;
  http::Request again = request;
  again.path = std::string("/v1/segments/").append(id);
  if (before.empty()) {
    again.method = "DELETE";
    return archive_segment(doors, again);
  }
  again.method = "PUT";
  again.body = Object().text("text", before).done();
  again.body.reserve(again.body.size() + http::body_padding);
  return keep_segment(doors, census, again);
}

}  // namespace hospes::portal
