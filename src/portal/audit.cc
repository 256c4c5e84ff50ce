#include "portal/audit.h"

#include "portal/reads.h"
#include "portal/rights.h"
#include "receipt/canonical.h"

namespace hospes::portal {
namespace {

constexpr std::string_view audit_checkpoint = "/v1/audit/checkpoint";
constexpr std::string_view audit_keys = "/v1/audit/keys";
constexpr std::string_view audit_consistency = "/v1/audit/consistency";

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

void look_at(
    const ConsoleDoors& doors, const http::Request& request, AtomId atom, std::string_view what
) {
  const std::string by = request.headers.has("Authorization") ? "token" : "session";
  const Status told = tell_look(doors, {atom, doors.clock.now(), std::string(what), by, ""});
  if (!told) doors.diary.note(diary::Level::warn, "portal.look_not_entered", told.error().message);
}

http::Response read_receipt(const ConsoleDoors& doors, const http::Request& request) {
  const auto leaf = receipt::number_of(*between(request.path, "/v1/receipts/", ""));
  if (!leaf) return problem(400, "invalid_input", "a receipt is asked for by its leaf, a number");
  const auto out = doors.receipts.receipt_at(*leaf);
  return out ? http::json(200, *out + '\n') : problem(out.error());
}

/// As `owner_link`: not with a session alone.
http::Response rotate_key(const ConsoleDoors& doors, const http::Request& request) {
  if (!doors.access.session(request).token)
    return problem(403, "token_needed", "the key is changed with the staff token: hospes keys rotate");
  if (const Status done = doors.receipts.rotate(doors.clock.now()); !done)
    return problem(done.error());
  doors.diary.note(
      diary::Level::info, "portal.key_changed", "a new key signs the transparency log"
  );
  return http::json(200, audit_keys_json(doors.receipts));
}

}  // namespace hospes::portal
