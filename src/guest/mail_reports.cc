#include "guest/mail_reports.h"

#include "activate/sender.h"
#include "catalog/kinds.h"
#include "mail/report.h"
#include "portal/json.h"
#include "portal/people.h"
#include "portal/sourcebook.h"

namespace hospes::guest {
namespace {

using mail::Report;
using mail::Suppressed;

http::Response refused(int status, std::string_view code, std::string_view said) {
  return http::json(
      status, portal::Object().text("error", code).text("message", said).done() + "\n"
  );
}

/// Of who complained: no mail of marketing any more, by their own word. The address is believed
/// only when it has the name that the return path bears, which nobody else can make.
Result<bool> stop_contact(const Doors& doors, const Report& report) {
  const auto address = catalog::normalise(catalog::kind::email, report.address);
  const auto& tokens = doors.house.sender->tokens();
  if (!address || tokens.name_of(*address) != report.address_name) return false;
  const auto atom = TRY(doors.house.keys.find({catalog::kind::email, *address}));
  if (!atom) return false;
  const auto contact = TRY(doors.house.catalog.purposes.named("contact:email"));
  TRY(say_no(doors, *atom, contact, "mail_complaint", doors.house.catalog.house.languages.front()));
  return true;
}

/// Whose message it was: the destination by which its effect left, else the only one that sends mail.
std::string sent_by(const Doors& doors, const Report& report) {
  std::string out;
  for (const catalog::Destination& d : doors.house.catalog.actions.destinations)
    if (d.mail && out.empty()) out = d.name;
  const auto address = catalog::normalise(catalog::kind::email, report.address);
  if (!address || doors.house.sender->tokens().name_of(*address) != report.address_name) return out;
  const auto atom = doors.house.keys.find({catalog::kind::email, *address});
  if (!atom || !*atom) return out;
  portal::find_atom(doors.house.node, (*atom)->id, [&](const portal::Place& place) {
    for (const flow::AtomState& one : place.component.atoms)
      for (const outbox::Effect& e : one.effects)
        if (to_hex(e.key).starts_with(report.effect)) out = e.destination;
  });
  return out;
}

/// For the breaker: each address complains once.
Status count_complaint(const Doors& doors, const Report& report) {
  const auto& sender = *doors.house.sender;
  if (sender.complaints() == nullptr || sender.suppressed()->complained(report.address_name)) return {};
  const std::string destination = sent_by(doors, report);
  const bool stops = TRY(sender.complaints()->complained(destination, doors.house.clock.now()));
  if (!stops) return {};
  doors.house.diary.note(
      diary::Level::error, "activate.complained",
      "too many complained: marketing mail of this destination is held until somebody reopens it "
      "(hospes message reopen)",
      {{"destination", destination}}
  );
  return {};
}

}  // namespace

bool is_mail_report(std::string_view path) { return path == "/v1/mail/reports"; }

http::Response mail_report(const Doors& doors, const http::Request& request) {
  const std::string_view key = request.headers.find("X-Write-Key");
  const auto sources = doors.house.sources.now();  // held: the match borrows from it
  const auto match = sources->by_key(key, doors.house.clock.now());
  if (!match || match->use != catalog::KeyUse::server_key)
    return refused(401, "unauthorized", "reports are sent with a server key, in X-Write-Key");
  if (request.method != "POST") return refused(405, "invalid_input", "a report is sent with POST");
  if (doors.house.sender == nullptr || doors.house.sender->suppressed() == nullptr)
    return refused(422, "invalid_input", "this house sends no mail");
  const auto report = mail::parse_report(request.body);
  if (!report)
    return refused(
        422, "invalid_input",
        "this is neither a bounce (RFC 3464) nor a complaint (RFC 5965): send the message whole, "
        "message/rfc822, 1 MB at most"
    );
  if (report->address_name.empty())
    return refused(422, "invalid_input", "this report is about no message of this house");
  const bool complaint = report->kind == Report::Kind::complaint;
  const bool gone = report->permanent && mail::ends_address(report->status);
  const bool policy = report->status.starts_with("5.7.");
  if (complaint)
    if (const Status counted = count_complaint(doors, *report); !counted) return http::from_error(counted.error());
  std::string_view came_of_it = policy ? "nothing" : "counted";
  if (gone || complaint || !policy) {
    const auto reason = complaint ? Suppressed::Reason::complaint
                        : gone    ? Suppressed::Reason::gone
                                  : Suppressed::Reason::soft;
    const Status kept = doors.house.sender->suppressed()->add(
        report->address_name, reason, doors.house.clock.now()
    );
    if (!kept) return http::from_error(kept.error());
    if (complaint || gone) came_of_it = "suppressed";
  }
  bool withdrawn = false;
  if (complaint) {
    const auto stopped = stop_contact(doors, *report);
    if (!stopped) return http::from_error(stopped.error());
    withdrawn = *stopped;
  }
  return http::json(
      202, portal::Object()
                   .text("kind", complaint ? "complaint" : "bounce")
                   .text("status", report->status)
                   .text("became", came_of_it)
                   .truth("withdrawn", withdrawn)
                   .done() +
               "\n"
  );
}

}  // namespace hospes::guest
