#include "portal/audit.h"

#include <algorithm>

#include "portal/reads.h"
#include "portal/rights.h"
#include "receipt/canonical.h"

namespace hospes::portal {
namespace {

constexpr std::string_view audit_checkpoint = "/v1/audit/checkpoint";
constexpr std::string_view audit_keys = "/v1/audit/keys";
constexpr std::string_view audit_consistency = "/v1/audit/consistency";

receipt::Act by_caller(const ConsoleDoors& doors, const http::Request& request, receipt::Act act) {
  const Access::Session session = doors.access.session(request);
  act.account = session.account;
  if (!session.token) act.role = staff::row_of(session.role).name;
  return act;
}

std::string audit_keys_json(const receipt::TransparencyLog& log) {
  return receipt::Canonical().texts("keys", log.keys()).text("origin", log.origin()).done() + '\n';
}

http::Response audit_growth(const receipt::TransparencyLog& log, const http::Request& request) {
  const auto from = receipt::number_of(request.query_value("from").value_or(""));
  if (!from) return problem(400, "invalid_input", "say from which size: ?from=12");
  const auto out = log.growth(*from);
  if (!out && out.error().code == Code::invalid_input)
    return problem(400, "invalid_input", out.error().message);
  return out ? http::json(200, *out + '\n') : problem(out.error());
}

}  // namespace

bool is_audit(std::string_view path) {
  return path == audit_checkpoint || path == audit_keys || path == audit_consistency;
}

http::Response audit(const receipt::TransparencyLog& log, const http::Request& request) {
  if (request.method != "GET") {
    auto out = problem(405, "invalid_input", "asked with GET");
    out.headers.add("Allow", "GET");
    return out;
  }
  if (request.path == audit_checkpoint) return http::text(200, log.checkpoint());
  if (request.path == audit_consistency) return audit_growth(log, request);
  return http::json(200, audit_keys_json(log));
}

Status tell_look(const ConsoleDoors& doors, const receipt::Look& look) {
  auto entry = doors.notary.looked(look);
  if (!entry && entry.error().code == Code::not_found) return {};  // erased: nothing is seen
  receipt::Sealed leaf = TRY(std::move(entry));
  if (leaf.bytes.empty()) return {};  // stands there already
  return enter(doors, std::move(leaf));
}

std::string seen_as(const ConsoleDoors& doors, const http::Request& request) {
  const Access::Session session = doors.access.session(request);
  return session.token ? std::string(token_name) : std::string(staff::row_of(session.role).name);
}

void look_at(
    const ConsoleDoors& doors, const http::Request& request, AtomId atom, std::string_view what
) {
  look_at(doors, request, std::span(&atom, 1), what, "");
}

void look_at(
    const ConsoleDoors& doors, const http::Request& request, std::span<const AtomId> atoms, std::string_view what,
    std::string_view list
) {
  if (atoms.empty()) return;
  const Instant now = doors.clock.now();
  const std::string by = seen_as(doors, request);
  const std::string reason = reason_of(request).value_or("");
  std::vector<receipt::Sealed> leaves;
  Status told;
  for (const AtomId atom : atoms) {
    auto leaf = doors.notary.looked({atom, now, std::string(what), by, reason, true});
    if (!leaf && leaf.error().code == Code::not_found) continue;  // erased: nothing is seen
    if (!leaf) told = std::unexpected(leaf.error());
    else if (!leaf->bytes.empty()) leaves.push_back(std::move(*leaf));
  }
  const std::string of = list.empty() ? to_hex(atoms.front()) : std::string(list);
  auto act = doors.notary.acted(
      by_caller(doors, request, {.at = now, .act = "read", .of = of, .what = std::string(what), .brief = true})
  );
  if (act && !act->bytes.empty()) leaves.push_back(std::move(*act));
  if (!act) told = std::unexpected(act.error());
  if (told && !leaves.empty()) told = enter_all(doors, std::move(leaves));
  if (!told) doors.diary.note(diary::Level::warn, "portal.look_not_entered", told.error().message);
}

void note_act(const ConsoleDoors& doors, receipt::Act act) {
  if (act.at == Instant{}) act.at = doors.clock.now();
  auto leaf = doors.notary.acted(act);
  Status told = leaf ? Status() : Status(std::unexpected(leaf.error()));
  if (leaf && !leaf->bytes.empty()) told = enter(doors, std::move(*leaf));
  if (!told) doors.diary.note(diary::Level::warn, "portal.act_not_entered", told.error().message, {{"act", act.act}});
}

void note_act(const ConsoleDoors& doors, const http::Request& request, receipt::Act act) {
  note_act(doors, by_caller(doors, request, std::move(act)));
}

/// `?after=LEAF` from the oldest, else the newest; `?limit=`. What was said of a look is read where its person does.
http::Response read_audit(const ConsoleDoors& doors, const http::Request& request) {
  const auto limit = limit_of(request, 100, 1'000);
  if (!limit) return problem(limit.error());
  const auto text = request.query_value("after");
  const auto after = text ? receipt::number_of(*text) : Result<std::uint64_t>(0);
  if (!after) return problem(400, "invalid_input", "after is the number of a leaf");
  const std::vector<std::uint64_t> leaves = doors.receipts.leaves_of({});
  auto from = text ? std::ranges::upper_bound(leaves, *after) : leaves.begin();
  if (!text && leaves.size() > *limit) from = leaves.end() - static_cast<std::ptrdiff_t>(*limit);
  List out;
  std::string next = "null";
  for (std::size_t n = 0; from != leaves.end() && n < *limit; ++from, ++n) {
    const auto record = doors.receipts.record(*from);
    if (!record && record.error().code != Code::not_found) return problem(record.error());
    if (record) out.add(Object().number("leaf", *from).raw("record", *record).done());
    next = std::to_string(*from);
  }
  return http::json(
      200, Object()
                   .raw("entries", out.done())
                   .raw("last", next)
                   .text("checkpoint", doors.receipts.checkpoint())
                   .done() +
               "\n"
  );
}

http::Response read_receipt(const ConsoleDoors& doors, const http::Request& request) {
  const auto leaf = receipt::number_of(*between(request.path, "/v1/receipts/", ""));
  if (!leaf) return problem(400, "invalid_input", "a receipt is asked for by its leaf, a number");
  const auto out = doors.receipts.receipt_at(*leaf);
  return out ? http::json(200, *out + '\n') : problem(out.error());
}

/// As `owner_link`: not with a session alone.
http::Response rotate_key(const ConsoleDoors& doors, const http::Request& request) {
  if (const Status done = doors.receipts.rotate(doors.clock.now()); !done)
    return problem(done.error());
  doors.diary.note(
      diary::Level::info, "portal.key_changed", "a new key signs the transparency log"
  );
  note_act(doors, request, {.act = "key_rotated", .of = "receipts"});
  return http::json(200, audit_keys_json(doors.receipts));
}

}  // namespace hospes::portal
