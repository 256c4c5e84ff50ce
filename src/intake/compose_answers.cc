// What mail tools know of a yes and of a no, as rows of the ledger. A yes needs its day and its proof
// (GDPR art. 7(1)); a no needs neither, and is written even where it is no answer of the person: an
// address that bounced is refused, and its proof says so.
#include <fmt/format.h>

#include "base/json_text.h"
#include "intake/compose.h"

namespace hospes::intake {
namespace {

std::string low(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

bool is_yes(std::string_view cell) { return cell == "1" || boolean(cell) == true; }

/// Whatever else a tool writes there is a no: cleaned, unsubscribed, pending, blocklisted, …
bool is_subscribed(std::string_view status) {
  const std::string word = low(status);
  for (const char* yes : {"subscribed", "inscrit", "abonn\xc3\xa9", "abonne", "active", "actif"})
    if (word == yes) return true;
  return is_yes(status);
}

}  // namespace

std::string Composer::answer(
    const Parts& parts, std::string_view state, std::string_view happened, std::string_view proof,
    std::uint64_t line
) const {
  const bool mail = !parts.email.empty();
  std::string purpose = layout_.purpose;
  if (purpose.empty()) purpose = mail ? "contact:email" : "contact:sms";
  std::string made;
  put(made, "type", R"("consent")");
  // The address alone: a yes to be written to is about it, not about whoever logs in with it.
  put(made, mail ? "email" : "phone", json_text(mail ? parts.email : parts.phone));
  put(made, "purpose", json_text(purpose));
  put(made, "state", json_text(state));
  put(made, "happened", json_text(happened));
  put(made, "notice", R"({"id":)" + json_text(manifest_.notice) + "}");
  put(made, "proof", json_text(proof));
  put(made, "messageId", json_text(fmt::format("{}-{}-{}", id_root_, line, state)));
  return "{" + made + "}";
}

std::optional<Unfit> Composer::yes_of(
    const Parts& parts, std::uint64_t line, std::string& out
) const {
  if (!parts.blocked.empty() && parts.blocked != "0" && boolean(parts.blocked) != false)
    return Unfit{"said_no", "the old tool has them as blocked: that is no yes"};
  if (!parts.status.empty() && !is_subscribed(parts.status))
    return Unfit{"said_no", fmt::format("their status is {}, not subscribed", parts.status)};
  if (parts.has_said_yes && !is_yes(parts.said_yes))
    return Unfit{"no_yes", "the opt-in is not set: the person is taken, a yes is not"};
  const std::string& when = parts.confirmed.empty() ? parts.opted_in : parts.confirmed;
  if (when.empty())
    return Unfit{"no_yes", "no day of a yes: the person is taken, a yes is not"};
  if (parts.proof.empty())
    return Unfit{"no_proof", "nothing shows that they said yes: the person is taken, a yes is not"};
  if (auto unfit = check_time(when)) return unfit;
  out = answer(
      parts, "given", when, fmt::format("import {}: {}", manifest_.short_id(), parts.proof), line
  );
  return std::nullopt;
}

std::string Composer::no_of(const Parts& parts, std::uint64_t line) const {
  const bool bounce = parts.type == "bounce", complaint = parts.type == "complaint";
  const std::string_view what = bounce      ? "bounce, no answer of the person: the address takes no mail"
                                : complaint ? "complaint"
                                            : "unsubscribed";
  const std::string proof = fmt::format(
      "import {}: {}{}{}", manifest_.short_id(), what, parts.reason.empty() ? "" : "; ", parts.reason
  );
  return answer(
      parts, complaint ? "objected" : bounce ? "refused" : "withdrawn", parts.when, proof, line
  );
}

}  // namespace hospes::intake
