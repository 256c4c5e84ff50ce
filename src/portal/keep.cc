// PUT and DELETE /v1/segments/{id}: a definition comes, changes or goes while the house runs.
#include <fmt/format.h>

#include <algorithm>

#include "portal/definitions.h"
#include "portal/named_by.h"
#include "portal/proposal.h"
#include "portal/thresholds.h"
#include "segment/kin.h"

namespace hospes::portal {
namespace {

/// Nothing, when what the sender read is what is in force.
std::optional<http::Response> overtaken(const Proposal& proposal) {
  if (!proposal.instead_of) return std::nullopt;
  const std::string now =
      proposal.replaces ? segment::format(proposal.before->at(*proposal.replaces).definition) : "";
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
  if (const Status kept = doors.definitions.keep(proposal->definition); !kept)
    return problem(kept.error());
  if (uncounted(*proposal->after)) {
    const Status counted = refresh_thresholds(doors.node, doors.clock.now());
    if (!counted) return problem(counted.error());
  }
  doors.diary.note(
      diary::Level::info, "segment.kept", "a definition is in force from now on",
      {{"segment", std::string(id)}}
  );
  http::Response out = read_segments(doors, census, request);
  if (!proposal->replaces && out.status == 200) out.status = 201;
  return out;
}

http::Response archive_segment(const ConsoleDoors& doors, const http::Request& request) {
  const std::string_view id = *between(request.path, "/v1/segments/", "");
  const auto engine = engine_of(doors.node);
  const auto index = engine ? engine->definitions().find(id) : std::nullopt;
  if (!index) return no_segment();
  auto askers = segment::used_in(engine->definitions())[*index];
  std::ranges::move(named_by(doors, id), std::back_inserter(askers));
  if (!askers.empty())
    return problem(
        409, "conflict",
        fmt::format(
            "{} asks about this segment: change or archive that first", fmt::join(askers, ", ")
        )
    );
  if (const Status gone = doors.definitions.retire(id); !gone) return problem(gone.error());
  doors.diary.note(
      diary::Level::info, "segment.archived", "nobody is in it from now on",
      {{"segment", std::string(id)}}
  );
  return {204, {}, ""};
}

}  // namespace hospes::portal
