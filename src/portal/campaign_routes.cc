#include "portal/campaign_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "activate/sender.h"
#include "journey/text.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/campaign_figures.h"
#include "portal/campaigns.h"
#include "portal/messages.h"
#include "portal/reads.h"
#include "portal/second.h"

namespace hospes::portal {
namespace {

using catalog::Campaign;
using State = Campaigns::State;

std::string mark_json(const std::optional<catalog::Mark>& mark) {
  if (!mark) return "null";
  return Object().text("of", mark->of).text("at", to_string(mark->at)).text("by", mark->by).done();
}

std::string counts_json(const std::vector<std::uint64_t>& counts) {
  List out;
  for (const std::uint64_t n : counts) out.add(std::to_string(n));
  return out.done();
}

Object head(const ConsoleDoors& doors, const Campaign& c, const SegmentPurposes& segments) {
  const Campaigns& book = *doors.campaigns;
  const Status fits = book.fits(c, segments);
  List test;
  for (const std::string& address : c.test) test.add(json_text(address));
  Object out;
  out.text("name", c.name)
      .raw("title", Object().text("en", c.title_en).text("fr", c.title_fr).done())
      .text("state", to_string(book.state_of(c, doors.clock.now())))
      .text("segment", c.segment)
      .text("action", c.action)
      .raw("message", message_of(doors, c).empty() ? "null" : json_text(message_of(doors, c)))
      .text("at", to_string(book.date_of(c)))
      .text("wall", c.at)
      .number("control_per_10000", c.control)
      .text("goal", c.goal)
      .text("within", hospes::to_string(c.within))
      .text("until", to_string(book.date_of(c) + c.within))
      .raw("test", test.done())
      .raw("tested", mark_json(c.tested))
      .raw("approved", mark_json(c.approved))
      .raw("stopped", c.stopped ? json_text(to_string(*c.stopped)) : "null")
      .raw("trouble", fits ? "null" : json_text(fits.error().message));
  return out;
}

std::string reasons_json(const std::map<std::uint8_t, std::uint64_t>& reasons) {
  List out;
  for (const auto& [reason, n] : reasons)
    out.add(Object()
                .raw("reason", reason_json(static_cast<outbox::Reason>(reason)))
                .number("people", n)
                .done());
  return out.done();
}

std::string arm_json(const CampaignArm& arm) {
  return Object()
      .number("people", arm.people)
      .number("bought", arm.bought)
      .number("unknown", arm.unknown)
      .done();
}

std::string effect_json(const CampaignFigures& f) {
  const auto effect = effect_of(f);
  if (!effect) return "null";
  const auto share = [](double value) { return fmt::format("{:.5f}", value); };
  return Object()
      .raw("difference", share(effect->difference))
      .raw("low", share(effect->interval.low))
      .raw("high", share(effect->interval.high))
      .raw("level", "0.95")
      .done();
}

std::string result_json(const ConsoleDoors& doors, const Campaign& c) {
  const CampaignFigures f = campaign_figures(doors.node, doors.campaigns->journey_of(c));
  const Instant now = doors.clock.now();
  return Object()
      .number("targeted", f.targeted())
      .raw("kept_out", reasons_json(f.kept_out))
      .raw("control", arm_json(f.control))
      .raw("written_to", arm_json(f.written_to))
      .number("permitted", f.permitted())
      .number("waiting", f.waiting)
      .number("delivered", f.delivered)
      .number("failed", f.failed)
      .number("uncertain", f.uncertain)
      .number("bought_first", f.bought_first)
      .raw("refused", reasons_json(f.refused))
      .raw("effect", effect_json(f))
      .truth("final", doors.campaigns->state_of(c, now) == State::done)
      .text("as_of", to_string(now))
      .done();
}

std::string whole_json(const ConsoleDoors& doors, const Campaign& c) {
  return head(doors, c, doors.definitions.segments())
      .raw("result", result_json(doors, c))
      .text("journey", journey::format(doors.campaigns->journey_of(c)))
      .done();
}

Result<http::Response> list(const ConsoleDoors& doors, Pressure& pressure) {
  const auto all = TRY(doors.campaigns->all());
  const SegmentPurposes segments = doors.definitions.segments();
  std::vector<std::string> coming;
  for (const Campaign& c : all)
    if (doors.clock.now() < doors.campaigns->date_of(c) && !c.stopped) coming.push_back(c.segment);
  const auto told = pressure.of(doors, coming);
  List out;
  for (const Campaign& c : all) {
    const auto of = told->of.find(c.segment);
    out.add(head(doors, c, segments)
                .raw("reached", of == told->of.end() ? "null" : counts_json(of->second))
                .done());
  }
  return http::json(
      200, Object()
                   .raw("campaigns", out.done())
                   .raw("pressure", Object()
                                        .number("days", 7)
                                        .raw("people", counts_json(told->people))
                                        .text("as_of", to_string(told->as_of))
                                        .done())
                   .done() +
               "\n"
  );
}

Result<std::uint32_t> per_10000(const Field& f) {
  std::uint32_t out = 0;
  const char* end = f.value.data() + f.value.size();
  const auto read = std::from_chars(f.value.data(), end, out);
  if (read.ec != std::errc() || read.ptr != end || out > 5'000)
    return fail(Code::invalid_input, f.name + " is a whole number up to 5000");
  return out;
}

Result<Campaign> written(const http::Request& request) {
  Campaign out;
  for (const Field& f : TRY(read_object(request.body))) {
    if (f.name == "name") {
      out.name = f.value;
    } else if (f.name == "title_en") {
      out.title_en = f.value;
    } else if (f.name == "title_fr") {
      out.title_fr = f.value;
    } else if (f.name == "segment") {
      out.segment = f.value;
    } else if (f.name == "action") {
      out.action = f.value;
    } else if (f.name == "at") {
      out.at = f.value;
    } else if (f.name == "goal") {
      out.goal = f.value;
    } else if (f.name == "within") {
      const auto span = parse_duration(f.value);
      if (!span) return fail(Code::invalid_input, "within is a duration such as \"14d\"");
      out.within = *span;
    } else if (f.name == "control_per_10000") {
      out.control = TRY(per_10000(f));
    } else if (f.name == "test") {
      out.test = TRY(read_texts(f));
    } else {
      return fail(
          Code::invalid_input, f.name + " is not understood here; send name, title_en, title_fr, segment, "
                                        "action, at, control_per_10000, goal, within and test"
      );
    }
  }
  return out;
}

Result<http::Response> add(const ConsoleDoors& doors, const http::Request& request) {
  const Campaign campaign = TRY(written(request));
  TRY(doors.campaigns->fits(campaign, doors.definitions.segments()));
  TRY(doors.campaigns->change([&](const std::string& text) {
    return catalog::with_campaign(text, campaign);
  }));
  return http::json(201, whole_json(doors, campaign) + "\n");
}

Result<http::Response> shown(const ConsoleDoors& doors, std::string_view name) {
  const Campaign c = TRY(doors.campaigns->named(name));
  return http::json(200, whole_json(doors, c) + "\n");
}

Result<http::Response> test(
    const ConsoleDoors& doors, const http::Request& request, std::string_view name
) {
  const Campaign c = TRY(doors.campaigns->named(name));
  std::string person;
  for (const Field& f : TRY(read_object(request.body)))
    if (f.name == "person") person = f.value;
  const std::string message = message_of(doors, c);
  if (person.empty() || c.test.empty() || message.empty())
    return fail(
        Code::invalid_input,
        person.empty()   ? "send {\"person\":\"user_id:08231\"}: the test is the message as that person would get it"
        : message.empty() ? "the action of this campaign sends no mail: there is nothing to test, ask for approval"
                          : "the campaign has no test addresses: write test = [\"…\"] in campaigns.toml"
    );
  for (const std::string& to : c.test) {
    if (auto no = send_test(doors, request, {message, person, "", to, c.name})) return std::move(*no);
  }
  const Instant now = doors.clock.now();
  TRY(mark(doors, c, {.tested = catalog::Mark{doors.campaigns->words_of(c), now, {}}}));
  return shown(doors, name);
}

Result<http::Response> ask(
    const ConsoleDoors& doors, const http::Request& request, std::string_view name
) {
  const Campaign c = TRY(doors.campaigns->named(name));
  TRY(doors.campaigns->fits(c, doors.definitions.segments()));
  const Instant now = doors.clock.now();
  const State state = doors.campaigns->state_of(c, now);
  const bool mail = !message_of(doors, c).empty();
  if (state != State::tested && !(state == State::draft && !mail))
    return fail(
        Code::conflict, state == State::draft
                            ? "test it first: what is approved is what was sent to the test list"
                            : "campaign \"" + c.name + "\" is " + std::string(to_string(state)) +
                                  ": there is nothing to approve"
    );
  const std::string by = person_behind(doors, request);
  if (somebody_else(doors, by)) {
    const auto waits = TRY(doors.access.approvals().ask(
        {.kind = "campaign", .what = c.name, .exactly = doors.campaigns->words_of(c), .by = by}, now
    ));
    note_act(doors, request, {.act = "approval_asked", .of = waits.id, .what = "campaign " + c.name});
    return http::json(
        200, Object().raw("path", "null").text("until", to_string(waits.ends)).text("approval", waits.id).done() + "\n"
    );
  }
  const std::string code = doors.campaigns->new_link(
      {.campaign = c.name, .words = doors.campaigns->words_of(c), .asker = caller_of(doors, request), .ends = {}}, now
  );
  auto out = http::json(
      200, Object().text("path", "/approve/" + code).text("until", to_string(now + approval_link_good_for)).done() + "\n"
  );
  out.headers.add("Cache-Control", "no-store");
  return out;
}

Result<http::Response> stop(const ConsoleDoors& doors, std::string_view name) {
  const Campaign c = TRY(doors.campaigns->named(name));
  const Instant now = doors.clock.now();
  if (!c.stopped) {
    if (doors.campaigns->state_of(c, now) == State::done)
      return fail(Code::conflict, "campaign \"" + c.name + "\" is done: there is nothing to stop");
    TRY(mark(doors, c, {.stopped = now}));
    doors.diary.note(diary::Level::info, "campaign.stopped", "nobody is written to any more", {{"campaign", c.name}});
  }
  return shown(doors, name);
}

Result<http::Response> answered(
    const ConsoleDoors& doors, Pressure& pressure, const http::Request& request
) {
  constexpr std::string_view root = "/v1/campaigns/";
  if (doors.campaigns == nullptr) return fail(Code::not_found, "this house keeps no campaigns");
  if (request.path == "/v1/campaigns")
    return request.method == "GET" ? list(doors, pressure) : add(doors, request);
  if (request.method == "GET") return shown(doors, std::string_view(request.path).substr(root.size()));
  if (const auto name = between(request.path, root, "/test")) return test(doors, request, *name);
  if (const auto name = between(request.path, root, "/ask")) return ask(doors, request, *name);
  return stop(doors, *between(request.path, root, "/stop"));
}

}  // namespace

std::string message_of(const ConsoleDoors& doors, const Campaign& c) {
  for (const catalog::Action& a : doors.catalog.actions.actions)
    if (a.name == c.action) return a.message;
  return {};
}

Status mark(const ConsoleDoors& doors, const Campaign& c, const catalog::CampaignMarks& marks) {
  TRY(doors.campaigns->change([&](const std::string& text) {
    return catalog::with_marks(text, c.name, marks);
  }));
  return doors.definitions.take_campaigns();
}

std::string caller_of(const ConsoleDoors& doors, const http::Request& request) {
  if (doors.access.check_person(request, doors.clock.now())) return {};
  const Access::Session session = doors.access.session(request);
  return session.token ? "token" : session.page;
}

http::Response campaigns(const ConsoleDoors& doors, Pressure& pressure, const http::Request& request) {
  auto out = answered(doors, pressure, request);
  return out ? std::move(*out) : problem(out.error());
}

}  // namespace hospes::portal
