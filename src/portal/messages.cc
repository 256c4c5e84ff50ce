// GET /v1/messages: what the house writes, and what is wrong with it.
// POST /v1/messages/{name}/preview: one message as one real person would get it now.
// POST /v1/messages/{name}/test: the same, sent to an address of staff.
#include "portal/messages.h"

#include <algorithm>
#include <future>
#include <memory>

#include "activate/sender.h"
#include "flow/effects.h"
#include "mail/lint.h"
#include "mail/text.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

std::string findings_json(const std::vector<mail::Finding>& findings) {
  List out;
  for (const mail::Finding& f : findings)
    out.add(Object()
                .text("code", f.code)
                .text("said", f.said)
                .number("line", f.line)
                .truth("refused", f.refused)
                .done());
  return out.done();
}

/// What identify may say of a person, as the catalogue knows it.
std::vector<std::string> person_names(const catalog::Catalog& catalog) {
  std::vector<std::string> out;
  for (const auto& property : catalog.events.row("identify").properties)
    out.push_back(property.name);
  out.emplace_back("email");
  return out;
}

/// Of the message, and of whoever sends it.
struct Use {
  std::vector<const outbox::Rule*> rules;
  Mask purposes = 0;
};
Use use_of(const ConsoleDoors& doors, const flow::PartitionState& state, std::string_view message) {
  Use out;
  for (const catalog::Action& a : doors.catalog.actions.actions) {
    const outbox::Rule* rule =
        a.message == message && state.rules ? state.rules->find(a.name) : nullptr;
    if (rule == nullptr) continue;
    out.rules.push_back(rule);
    out.purposes |= bit(rule->purpose) | (rule->contact ? bit(*rule->contact) : 0);
  }
  return out;
}

/// What would become of it if its passage came now, for each action that sends it.
std::string would_json(const ConsoleDoors& doors, const Met& met, const Use& use) {
  List out;
  for (const outbox::Rule* rule : use.rules) {
    const auto answer = flow::would(
        met.state, met.component, flow::anchor_of(met.component, met.person), *rule,
        doors.node.house(), now_of(doors, met.state)
    );
    outbox::Reason reason = outbox::Reason::none;
    if (const auto* later = std::get_if<outbox::Defer>(&answer)) reason = later->reason;
    if (const auto* no = std::get_if<outbox::Deny>(&answer)) reason = no->reason;
    const outbox::Words& w = outbox::words_of(reason);
    out.add(Object()
                .text("action", rule->name)
                .text("reason", w.name)
                .text("en", w.en)
                .text("fr", w.fr)
                .done());
  }
  return out.done();
}

struct Asked {
  std::string person, language, to;
};

Result<Asked> asked(const http::Request& request) {
  Asked out;
  for (const Field& field : TRY(read_object(request.body))) {
    if (field.name == "person" && field.text) {
      out.person = field.value;
    } else if (field.name == "language" && (field.value == "fr" || field.value == "en")) {
      out.language = field.value;
    } else if (field.name == "to" && field.text) {
      out.to = field.value;
    } else {
      return fail(
          Code::invalid_input,
          "ask with {\"person\":\"user_id:08231\"}, and \"language\":\"fr\" or \"en\" if you like; "
          "a "
          "test also with \"to\""
      );
    }
  }
  if (out.person.empty())
    return fail(Code::invalid_input, "person is needed, such as user_id:08231");
  return out;
}

/// One message and one person.
struct Meeting {
  const mail::HouseMessage* message = nullptr;
  activate::Reading reading;
  std::string would = "[]";
};

/// Enters the look. An answer, when there is nothing to show.
std::expected<Meeting, http::Response> meet(
    const ConsoleDoors& doors, const http::Request& request, std::string_view name,
    const Asked& wanted
) {
  const auto nothing = [](std::string_view said) {
    return std::unexpected(problem(404, "not_found", std::string(said)));
  };
  if (doors.sender == nullptr ||
      doors.sender->messages().find(name, liquid::Language::fr) == nullptr)
    return nothing("there is no message of that name: GET /v1/messages lists them");
  const auto atom = atom_asked(doors, wanted.person);
  if (!atom) return std::unexpected(problem(atom.error()));
  constexpr std::string_view nobody = "nobody of that identifier is here";
  if (!*atom) return nothing(nobody);
  Meeting out;
  bool found = false;
  find_atom(doors.node, **atom, [&](const Place& place) {
    const Use use = use_of(doors, place.state, name);
    auto reading = activate::read_person(
        place.state, place.component.id, place.atom.atom.id, use.purposes, doors.node.house(),
        doors.keys, now_of(doors, place.state)
    );
    found = reading.has_value();
    if (reading) out.reading = std::move(*reading);
    if (place.person != nullptr)
      out.would = would_json(doors, {place.state, place.component, *place.person}, use);
  });
  if (!found) return nothing(nobody);
  look_at(doors, request, **atom, "message");
  const std::string& language = !wanted.language.empty() ? wanted.language
                                : !out.reading.language.empty()
                                    ? out.reading.language
                                    : doors.catalog.house.languages.front();
  out.message = doors.sender->messages().find(
      name, language.starts_with("fr") ? liquid::Language::fr : liquid::Language::en
  );
  return out;
}

http::Response drawn(
    const ConsoleDoors& doors, const mail::HouseMessage& message, const activate::Reading& reading,
    const std::string& would
) {
  const auto zone = zones::find(doors.catalog.house.time_zone);
  const auto names = activate::message_names(
      reading, doors.catalog.house.name,
      message.kind == mail::Kind::marketing ? "https://example.com/u/preview" : ""
  );
  auto made = message.render(names, {.zone = zone, .now = doors.clock.now()});
  if (!made) return problem(made.error());
  Object out;
  out.text("name", message.name)
      .text("language", message.language == liquid::Language::fr ? "fr" : "en")
      .text("kind", message.kind == mail::Kind::service ? "service" : "marketing")
      .text("to", reading.address)
      .raw("would", would);
  if (const auto* aborted = std::get_if<mail::Aborted>(&*made)) {
    out.text("aborted", aborted->reason);
    return http::json(200, out.done() + "\n");
  }
  const auto& content = std::get<mail::Rendered>(*made);
  auto findings = mail::lint(message, person_names(doors.catalog));
  for (mail::Finding& f : mail::lint(content, message.kind)) findings.push_back(std::move(f));
  out.text("subject", content.subject)
      .text("html", content.html)
      .text("text", content.text.empty() ? mail::text_of_html(content.html) : content.text)
      .raw("findings", findings_json(findings));
  return http::json(200, out.done() + "\n");
}

}  // namespace

http::Response read_messages(const ConsoleDoors& doors) {
  if (doors.sender == nullptr) return http::json(200, "{\"messages\":[]}\n");
  const auto names = person_names(doors.catalog);
  List out;
  for (const mail::HouseMessage& m : doors.sender->messages().all()) {
    List actions;
    for (const catalog::Action& a : doors.catalog.actions.actions)
      if (a.message == m.name) actions.add(json_text(a.name));
    List reads;
    for (const std::string& name : m.reads()) reads.add(json_text(name));
    out.add(Object()
                .text("name", m.name)
                .text("language", m.language == liquid::Language::fr ? "fr" : "en")
                .text("kind", m.kind == mail::Kind::service ? "service" : "marketing")
                .raw("actions", actions.done())
                .raw("reads", reads.done())
                .raw("findings", findings_json(mail::lint(m, names)))
                .done());
  }
  return http::json(200, "{\"messages\":" + out.done() + "}\n");
}

http::Response preview_message(const ConsoleDoors& doors, const http::Request& request) {
  const std::string_view name = *between(request.path, "/v1/messages/", "/preview");
  const auto wanted = asked(request);
  if (!wanted) return problem(wanted.error());
  auto met = meet(doors, request, name, *wanted);
  if (!met) return std::move(met.error());
  return drawn(doors, *met->message, met->reading, met->would);
}

std::optional<http::Response> send_test(
    const ConsoleDoors& doors, const http::Request& request, const TestMail& mail
) {
  if (doors.sender == nullptr || doors.sender->courier() == nullptr)
    return problem(404, "not_found", "no destination of actions.toml sends mail");
  auto met = meet(doors, request, mail.message, {mail.person, mail.language, mail.to});
  if (!met) return std::move(met.error());
  activate::Reading reading = std::move(met->reading);
  reading.address = mail.to;
  reading.address_atom = {};  // its way out is nobody's
  reading.language = met->message->language == liquid::Language::fr ? "fr" : "en";
  activate::Courier& courier = *doors.sender->courier();
  const Instant now = doors.clock.now();
  auto made = courier.letters().make(
      mail.message, reading,
      {.key = hash128(mail.to + std::to_string(now.us)), .now = now, .mark = "[test] ",
       .campaign = mail.campaign}
  );
  if (const auto* none = std::get_if<activate::Unposted>(&made))
    return problem(
        422, "invalid_input",
        std::string(outbox::words_of(none->reason).en) +
            (none->detail.empty() ? "" : ": " + none->detail)
    );
  const auto told = std::make_shared<std::promise<Status>>();
  auto sent = told->get_future();
  const Status waits = courier.send(std::move(std::get<activate::Posted>(made)), [told](Status s) {
    told->set_value(std::move(s));
  });
  if (!waits) return problem(waits.error());
  if (sent.wait_for(activate::Courier::patience + std::chrono::seconds(10)) !=
      std::future_status::ready)
    return problem(503, "unavailable", "the relay does not answer");
  if (const Status done = sent.get(); !done) return problem(done.error());
  return std::nullopt;
}

http::Response test_message(const ConsoleDoors& doors, const http::Request& request) {
  const std::string_view name = *between(request.path, "/v1/messages/", "/test");
  const auto wanted = asked(request);
  if (!wanted) return problem(wanted.error());
  if (wanted->to.empty())
    return problem(400, "invalid_input", "to is needed: the address of whoever tests");
  if (auto no = send_test(doors, request, {name, wanted->person, wanted->language, wanted->to}))
    return std::move(*no);
  return http::json(200, Object().text("sent", wanted->to).done() + "\n");
}

}  // namespace hospes::portal
