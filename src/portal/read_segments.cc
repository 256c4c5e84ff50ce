// GET /v1/segments and /v1/segments/{id}: each segment with its definition and its count, how it
// moves, and why it is empty.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "portal/census.h"
#include "portal/json.h"
#include "portal/named_by.h"
#include "portal/reads.h"
#include "segment/kin.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

constexpr Duration hour = std::chrono::hours(1);

struct Counts {
  std::uint64_t version = 0;  // of the newest definitions that a partition has
  bool switching = false;     // some partition has others
  std::shared_ptr<const segment::Engine> engine;
  std::vector<std::uint64_t> members, simulated;  // by segment
  std::int64_t lag_ms = 0;
};

/// Each partition answers after all that was durable before the question, so the counts miss
/// nothing that was acknowledged by then. The slowest answer says how far behind applying was.
Counts counted(node::Node& node) {
  Counts out;
  std::mutex mutex;
  const auto asked = std::chrono::steady_clock::now();
  node.ask_all([&](const flow::PartitionState& s) {
    const auto waited = std::chrono::steady_clock::now() - asked;
    const std::lock_guard lock(mutex);
    out.lag_ms = std::max<std::int64_t>(
        out.lag_ms, std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()
    );
    if (!s.engine) return;
    out.switching = out.switching || s.next_definitions || (out.version != 0 && out.version != s.definitions.version);
    if (s.definitions.version >= out.version) out.engine = s.engine;
    out.version = std::max(out.version, s.definitions.version);
    out.members.resize(std::max(out.members.size(), s.engine->definitions().size()));
    out.simulated.resize(out.members.size());
    for (std::size_t i = 0; i < std::min(s.members.size(), out.members.size()); ++i) {
      out.members[i] += s.members[i].cardinality();
      out.simulated[i] += s.members[i].and_cardinality(s.simulated);
    }
  });
  return out;
}

std::string listed(const std::vector<std::string>& names) {
  List out;
  for (const std::string& name : names) out.add(json_text(name));
  return out.done();
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "\"" : ", \"") + name + "\"";
  return out;
}

/// Why nobody is in it: the first of these that is so.
std::string why_empty(
    const segment::Definitions::Entry& entry, const Census::Kinds& kinds, const ConsoleDoors& doors
) {
  std::vector<std::string> never, closed;
  for (const std::string& name : events_of(entry.definition.predicate)) {
    const auto kind = kinds.find(name);
    if (kind == kinds.end()) {
      never.push_back(name);
    } else if ((kind->second.visible & bit(entry.purpose)) == 0) {
      closed.push_back(name);
    }
  }
  const std::string purpose = doors.catalog.purposes.at(entry.purpose).name;
  if (!never.empty())
    return Object()
        .text("reason", "never_came")
        .raw("events", listed(never))
        .text(
            "text", fmt::format(
                        "no event {} ever came, or none that may be stored; send one, or look at "
                        "/v1/live for what is withheld",
                        joined(never)
                    )
        )
        .done();
  if (!closed.empty())
    return Object()
        .text("reason", "no_permission")
        .raw("events", listed(closed))
        .text(
            "text", fmt::format(
                        "{} came, but none may serve the segment's purpose {}; see the source's "
                        "without_answer, the event's serves in events.toml, and consent",
                        joined(closed), purpose
                    )
        )
        .done();
  return Object()
      .text("reason", "nobody_yet")
      .text("text", "its events come and may be seen; nobody meets the conditions now")
      .done();
}

bool waits(const segment::BoundNode& node) {
  return (node.kind == segment::BoundKind::ranked && !node.threshold) || std::ranges::any_of(node.of, waits);
}

/// `waiting`: it compares people, and no threshold is recorded yet.
std::string_view state_of(const segment::Definitions& definitions, segment::SegmentIndex i, bool switching) {
  if (switching) return "switching";
  return waits(definitions.at(i).predicate) ? "waiting" : "in_force";
}

bool compares_people(const segment::BoundNode& node) {
  return node.kind == segment::BoundKind::ranked || std::ranges::any_of(node.of, compares_people);
}

std::string trouble_of(const ConsoleDoors& doors, const segment::Definitions::Entry& entry) {
  auto trouble = doors.definitions.trouble(entry.definition.id);
  if (!trouble && compares_people(entry.predicate)) trouble = doors.definitions.trouble(Definitions::everybody);
  if (!trouble) return "null";
  return Object().text("at", to_string(trouble->at)).text("what", trouble->what).done();
}

struct Standing {
  std::string_view state;
  std::string trouble;                 // null, or {"at","what"}
  std::vector<std::string> named_by;   // journeys, actions, …
};

/// One row. `members` counts those who are asked for.
std::string row_of(
    const segment::Definitions::Entry& entry, std::uint64_t members, std::uint64_t simulated,
    Pulse::Moved moved, const std::string& empty, const std::vector<std::string>& askers,
    const Standing& standing
) {
  const segment::Definition& d = entry.definition;
  Object row;
  row.text("id", d.id)
      .raw("name", Object().text("en", d.name_en).text("fr", d.name_fr).done())
      .text("purpose", d.purpose)
      .raw("sentence", Object().text("en", d.sentence_en).text("fr", d.sentence_fr).done())
      .text("definition", segment::format(d))
      .raw("owner", d.owner.empty() ? "null" : json_text(d.owner))
      .raw("folder", d.folder.empty() ? "null" : json_text(d.folder))
      .raw("used_in", listed(askers))
      .raw("named_by", listed(standing.named_by))
      .text("state", standing.state)
      .raw("last_error", standing.trouble)
      .number("members", members)
      .number("simulated", simulated)
      .raw(
          "passages", Object()
                          .number("last_hour", moved.in + moved.out)
                          .number("in", moved.in)
                          .number("out", moved.out)
                          .done()
      );
  if (!empty.empty()) row.raw("empty", empty);
  return row.done();
}

std::string draft_of(const segment::Definition& d) {
  return Object()
      .text("id", d.id)
      .raw("name", Object().text("en", d.name_en).text("fr", d.name_fr).done())
      .text("purpose", d.purpose)
      .text("definition", segment::format(d))
      .raw("owner", d.owner.empty() ? "null" : json_text(d.owner))
      .raw("folder", d.folder.empty() ? "null" : json_text(d.folder))
      .done();
}

}  // namespace

http::Response read_segments(
    const ConsoleDoors& doors, Census& census, const http::Request& request
) {
  const auto id = between(request.path, "/v1/segments/", "");
  const Instant asked = doors.clock.now();
  const bool real = real_only(request);
  Counts counts = counted(doors.node);
  if (real) {
    for (std::size_t i = 0; i < counts.members.size(); ++i) {
      counts.members[i] -= counts.simulated[i];
      counts.simulated[i] = 0;
    }
  }
  const bool some_empty = std::ranges::find(counts.members, 0U) != counts.members.end();
  const Census::Kinds kinds = some_empty ? census.kinds() : Census::Kinds();
  auto moved = doors.pulse.moved(real);
  std::vector<std::vector<std::string>> askers;
  if (counts.engine) askers = segment::used_in(counts.engine->definitions());
  std::vector<std::string> rows;
  for (segment::SegmentIndex i = 0; i < counts.members.size(); ++i) {
    const auto& entry = counts.engine->definitions().at(i);
    if (entry.retired || (id && entry.definition.id != *id)) continue;
    const std::string empty = counts.members[i] == 0 ? why_empty(entry, kinds, doors) : "";
    rows.push_back(
        row_of(
            entry, counts.members[i], counts.simulated[i], moved[i], empty, askers[i],
            {state_of(counts.engine->definitions(), i, counts.switching), trouble_of(doors, entry),
             named_by(doors, entry.definition.id)}
        )
    );
  }
  if (id && rows.empty()) return no_segment();
  Object out;
  out.text("as_of", to_string(asked))
      .raw("lag_ms", std::to_string(counts.lag_ms))
      .truth("real_only", real)
      .text("passages_since", to_string(std::max(doors.pulse.started(), asked - hour)));
  if (id) {
    std::string one = out.done();
    one.back() = ',';
    return http::json(200, one + rows.front().substr(1) + "\n");
  }
  List list, drafts;
  for (const std::string& row : rows) list.add(row);
  for (segment::SegmentIndex i = 0; counts.engine && i < counts.engine->definitions().size(); ++i)
    if (const auto& d = counts.engine->definitions().at(i).definition; d.draft)
      drafts.add(draft_of(d));
  return http::json(
      200, out.raw("segments", list.done()).raw("drafts", drafts.done()).done() + "\n"
  );
}

}  // namespace hospes::portal
