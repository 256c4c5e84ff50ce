// The groups of reads behind the console, one file each. Private to portal/. All run on the
// console's own threads and may wait for partitions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "outbox/reason.h"
#include "portal/console.h"
#include "portal/json.h"
#include "portal/people.h"

namespace hospes::portal {

/// `application/problem+json` (RFC 9457): type, title, status, detail, and `code` for programs. Every
/// refusal of the console has this shape; a second form, for those that add a member.
http::Response problem(int status, std::string_view code, std::string_view detail);
Object problem_fields(int status, std::string_view code, std::string_view detail);
http::Response problem(int status, Object fields);
http::Response problem(const Error& error);
/// 422 with line and column, where it stands somewhere.
http::Response mistake(const segment::Mistake& mistake);
http::Response no_segment();

/// `limit` of a page: invalid_input unless 1 … max.
Result<std::size_t> limit_of(const http::Request& request, std::size_t usual, std::size_t max);
/// `?real_only=1`: invented people and their events are left out.
bool real_only(const http::Request& request);

/// Whether the caller may see who somebody is; else a list says `person:` and their random id.
bool names_people(const ConsoleDoors& doors, const http::Request& request);
/// Why somebody looks, as typed: the header X-Hospes-Reason, percent-encoded. invalid_input says what to send.
Result<std::string> reason_of(const http::Request& request);

http::Response read_profile(const ConsoleDoors& doors, const http::Request& request);
http::Response read_segments(
    const ConsoleDoors& doors, Census& census, const http::Request& request
);
/// Combinations of segments (sets.h).
http::Response read_set(const ConsoleDoors& doors, const http::Request& request);
http::Response read_regions(const ConsoleDoors& doors, const http::Request& request);
http::Response read_set_members(const ConsoleDoors& doors, const http::Request& request);
http::Response members_out(const ConsoleDoors& doors, const http::Request& request);
http::Response read_members(const ConsoleDoors& doors, const http::Request& request);
http::Response preview(const ConsoleDoors& doors, Census& census, const http::Request& request);
http::Response keep_segment(
    const ConsoleDoors& doors, Census& census, const http::Request& request
);
/// How far the last change of definitions is.
http::Response read_switch(const ConsoleDoors& doors);
http::Response read_versions(const ConsoleDoors& doors, const http::Request& request);
/// Back to what it was before the last change, as a change of its own.
http::Response undo_segment(
    const ConsoleDoors& doors, Census& census, const http::Request& request
);
/// The whole file at once: PUT /v1/segments.
http::Response keep_file(const ConsoleDoors& doors, const http::Request& request);
http::Response archive_segment(const ConsoleDoors& doors, const http::Request& request);
http::Response find(const ConsoleDoors& doors, const http::Request& request);
http::Response read_event(const ConsoleDoors& doors, const http::Request& request);
http::Response read_sample(const ConsoleDoors& doors, const http::Request& request);
http::Response read_overlap(const ConsoleDoors& doors, const http::Request& request);
/// What its members carry of a value (read_value.cc); definitions that come with hospes.
http::Response read_value(const ConsoleDoors& doors, const http::Request& request);
http::Response read_packaged(const http::Request& request);
/// All life cycles, or the one named.
http::Response read_lifecycle(const ConsoleDoors& doors, const http::Request& request);
http::Response read_passages(const ConsoleDoors& doors, const http::Request& request);
http::Response read_arrivals(const ConsoleDoors& doors, const http::Request& request);
http::Response search_arrivals(const ConsoleDoors& doors, const http::Request& request);
http::Response read_house(const ConsoleDoors& doors);
http::Response read_sources(const ConsoleDoors& doors, const http::Request& request);
http::Response change_sources(const ConsoleDoors& doors, const http::Request& request);
/// One source as GET /v1/sources/{name} tells it.
std::string source_whole(const ConsoleDoors& doors, const catalog::Source& source);
/// Tells the keys of a source apart; nothing can be sent with it.
std::string fingerprint(const catalog::WriteKey& key);
http::Response read_home(
    const ConsoleDoors& doors, Attendance& attendance, const http::Request& request
);
http::Response read_session(const ConsoleDoors& doors, const http::Request& request);
http::Response read_audit(const ConsoleDoors& doors, const http::Request& request);
http::Response read_receipt(const ConsoleDoors& doors, const http::Request& request);
http::Response rotate_key(const ConsoleDoors& doors, const http::Request& request);
http::Response read_actions(const ConsoleDoors& doors);
/// POST /v1/destinations/{name}/reopen: after too many complained.
http::Response reopen_destination(const ConsoleDoors& doors, const http::Request& request);
/// POST /v1/destinations/{name}/replay.
http::Response replay_destination(const ConsoleDoors& doors, const http::Request& request);
http::Response read_effects(const ConsoleDoors& doors, const http::Request& request);
http::Response read_decisions(const ConsoleDoors& doors);
http::Response read_decisions_of(const ConsoleDoors& doors, const http::Request& request);
http::Response read_journeys(const ConsoleDoors& doors);
http::Response read_journey(const ConsoleDoors& doors, const http::Request& request);
http::Response read_waiting(const ConsoleDoors& doors, const http::Request& request);
/// POST /v1/journeys/{id}/pause and /resume; as GET /v1/journeys/{id} tells it then.
http::Response pause_journey(const ConsoleDoors& doors, const http::Request& request);
/// POST /v1/journeys/preview.
http::Response preview_journeys(const ConsoleDoors& doors, const http::Request& request);
/// PUT /v1/journeys/{id}: it is in force, and the file says it; as GET tells it then.
http::Response keep_journey(const ConsoleDoors& doors, const http::Request& request);
http::Response read_led(const ConsoleDoors& doors, const http::Request& request);
/// null, or `{"code","en","fr"}`.
std::string reason_json(outbox::Reason reason);
/// `person:` and the hex id that other reads give, or an identifier. Nothing: nobody bears it.
Result<std::optional<AtomId>> atom_asked(const ConsoleDoors& doors, std::string_view who);
http::Response read_letters(const ConsoleDoors& doors, const http::Request& request);
http::Response resend_letters(const ConsoleDoors& doors, const http::Request& request);
http::Response discard_letters(const ConsoleDoors& doors, const http::Request& request);
http::Response metrics(const ConsoleDoors& doors, std::size_t live_readers);

/// The rest of `path` behind `prefix` and before `suffix`; nothing when it is shaped otherwise.
std::optional<std::string_view> between(
    std::string_view path, std::string_view prefix, std::string_view suffix
);

/// As a segment of a path: all but letters, digits, `-_.:@` becomes %XX.
std::string path_escaped(std::string_view text);

/// For definitions that are not those in force.
segment::Binding binding_of(const ConsoleDoors& doors);
/// A partition that is idle stands still: windows end by the house's clock all the same.
Instant now_of(const ConsoleDoors& doors, const flow::PartitionState& state);

/// The definitions in force, as one partition has them; null before the first.
std::shared_ptr<const segment::Engine> engine_of(node::Node& node);
/// The journeys beside them.
std::shared_ptr<const journey::Book> book_of(node::Node& node);

}  // namespace hospes::portal
