#include "touchpoint/counter.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/nearest.h"
#include "collect/browser.h"
#include "collect/hash.h"
#include "flow/cold.h"
#include "flow/decisions.h"
#include "seal/random.h"
#include "touchpoint/job.h"
#include "touchpoint/seek.h"

namespace hospes::touchpoint {
namespace {

constexpr std::string_view decide_path = "/v1/decide", exposures_path = "/v1/exposures",
                           feedback_path = "/v1/feedback";
constexpr int ttl_ms = 60'000;

/// Nothing was decided: each page shows its own default.
std::string undecided(const Question& question) {
  std::string list;
  for (const Slot& slot : question.placements) {
    list.append(list.empty() ? "" : ",").append("{\"placement\":").append(json_text(slot.key));
    list += ",\"items\":[],\"reason\":\"FALLBACK\",\"late\":true}";
  }
  return "\"ttl_ms\":0,\"decisions\":[" + list + "],\"exposed\":false}";
}

/// What the deadline answers.
http::Response late(const Job& job, const catalog::Decisions& decisions) {
  if (job.question.flags.empty()) return http::json(200, "{" + undecided(job.question));
  return ofrep_late(job, decisions);
}

/// More is under way than may be: the same default, and that it was too much.
http::Response crowded(const Job& job) {
  constexpr std::string_view says = "too many questions are under way; ask again";
  if (!job.question.flags.empty()) {
    http::Response out = ofrep_error(429, job.question.flags.front(), "GENERAL", says);
    out.headers.add("Retry-After", "1");
    return out;
  }
  http::Response out = problem(429, "over_limit", says);
  if (job.question.placements.empty()) return out;
  out.body.resize(out.body.rfind('}'));
  out.body.append(",").append(undecided(job.question));  // extension members: RFC 9457 section 3.2
  return out;
}

/// The placement of that slot, if this caller may ask for it.
Result<const decide::Placement*> placement_of(
    const decide::Definitions& definitions, const Slot& slot, bool by_page
) {
  const decide::Placement* found = definitions.placement(slot.key);
  if (found != nullptr && (found->is_public || !by_page)) return found;
  if (by_page)
    return fail(
        Code::not_found, "no placement " + json_text(slot.key) + " is public in decisions.toml"
    );
  return fail(
      Code::not_found, "decisions.toml has no placement " + json_text(slot.key) +
                           nearest_hint(slot.key, definitions.placement_names())
  );
}

bool tries_something(const decide::Flag& flag) {
  return std::ranges::any_of(flag.rules, [](const decide::FlagRule& r) { return !r.segment; });
}

/// Nobody is counted for nothing: a contextual answer without an offer, an experiment or a holdout.
bool is_worth_a_word(const decide::Exposure& e) {
  return !e.items.empty() || !e.trial.empty() || e.drawn;
}

}  // namespace

void Job::answer(http::Response response) const {
  collect::share(response, caller.origin);
  pending->answer(std::move(response));
}

bool Job::keep(http::Response instead) const {
  collect::share(instead, caller.origin);
  return pending->keep(std::move(instead));
}

Counter::Counter(Doors doors) : doors_(std::move(doors)), tokens_(doors_.keys.house_secret()) {}
Counter::~Counter() { close(); }

void Counter::close() { pendings_.close(); }

void Counter::begin(node::Node& node) {
  node_ = &node;
  node.ask_all([this](const flow::PartitionState& state) {
    for (const auto& [offer, count] : state.offers) stock_.heard(offer, count.taken.size());
  });
}

void Counter::stocked(const std::vector<flow::Stocked>& stocked) {
  for (const flow::Stocked& s : stocked) stock_.heard(s.offer, s.taken);
}

bool Counter::serves(std::string_view path) {
  return path == decide_path || path == exposures_path || path == feedback_path ||
         ofrep_flag(path).has_value();
}

void Counter::handle(http::Request request, http::Responder responder) {
  if (request.method != "POST") {
    http::Response no = problem(405, "invalid_input", "send it with POST");
    no.headers.add("Allow", "POST, OPTIONS");
    return responder.send(std::move(no));
  }
  auto caller = caller_of(request, doors_.sources.now(), doors_.clock.now());
  if (!caller) return responder.send(std::move(caller.error()));
  auto job = std::make_shared<Job>();
  job->caller = std::move(*caller);
  const auto refuse = [&](http::Response response) {
    collect::share(response, job->caller.origin);
    responder.send(std::move(response));
  };
  if (request.body.size() > body_bytes_max)
    return refuse(problem(413, "over_limit", "the body is larger than 256 kB"));
  const auto& purposes = doors_.catalog.purposes;
  const auto flag = ofrep_flag(request.path);
  const bool asks = flag || request.path == decide_path;
  if (request.path == decide_path) {
    auto question = read_question(request.body, job->caller, purposes);
    if (!question) return refuse(problem(question.error()));
    job->question = std::move(*question);
  } else if (flag) {
    auto question = read_evaluation(request.body, job->caller, purposes);
    if (!question && question.error().code != Code::not_found)
      return refuse(ofrep_error(400, *flag, "PARSE_ERROR", question.error().message));
    if (question) job->question = std::move(*question);
    job->bulk = flag->empty();
    job->question.all_flags = job->bulk;
    job->question.flags = {*flag};
    job->question.deadline = deadline_max;
    job->if_none_match = request.headers.find("If-None-Match");
  }
  // Copied, for the deadline may come while others work on the question.
  auto pending = pendings_.open(
      responder, asks ? job->question.deadline : std::chrono::seconds(10),
      [asked = *job, asks, &decisions = doors_.catalog.decisions]() {
        http::Response out =
            asks ? late(asked, decisions) : problem(503, "unavailable", "not recorded in time; send it again");
        collect::share(out, asked.caller.origin);
        return out;
      }
  );
  if (!pending) return refuse(crowded(*job));
  job->pending = std::move(pending);
  if (asks) return ask(std::move(job), request);
  if (request.path == exposures_path) return see(job->caller, request, std::move(job->pending));
  hear(job->caller, request, std::move(job->pending));
}

void Counter::ask(std::shared_ptr<Job> job, const http::Request& request) {
  if (job->question.event.empty()) return find(job);
  send_event(job, request);
}

namespace {

/// What the door answers is heard here, not by the page.
class Overheard final : public http::Exchange {
 public:
  explicit Overheard(std::function<void(const http::Response&)> hear) : hear_(std::move(hear)) {}
  void send(http::Response response) override { hear_(response); }
  std::shared_ptr<http::Stream> open_stream(http::Response) override { return nullptr; }

 private:
  std::function<void(const http::Response&)> hear_;
};

}  // namespace

void Counter::send_event(const std::shared_ptr<Job>& job, const http::Request& request) {
  const Hash128 message = collect::message_hash(
      doors_.keys.house_secret(), job->caller.source->name, job->question.message_id
  );
  events_.expect(message, [this, job](std::string told) {
    job->event_told = std::move(told);
    find(job);
  });
  http::Request batch;
  batch.method = "POST";
  batch.path = "/v1/batch";
  batch.headers.add("X-Write-Key", job->caller.key);
  if (job->caller.gpc) batch.headers.add("Sec-GPC", "1");
  if (!job->caller.origin.empty()) batch.headers.add("Origin", job->caller.origin);
  batch.remote = request.remote;
  batch.body.reserve(job->question.event.size() + 16 + http::body_padding);
  batch.body.append("{\"batch\":[").append(job->question.event).append("]}");
  doors_.events(
      std::move(batch), http::Responder(std::make_shared<Overheard>(
                            [this, message](const http::Response& r) { events_.answered(message, r); }
                        ))
  );
}

void Counter::find(const std::shared_ptr<Job>& job) {
  if (job->pending->answered()) return;  // too late already
  for (const Identifier& identifier : job->question.subject) {
    const auto atom = doors_.keys.find(identifier);
    if (!atom) return job->answer(problem(atom.error()));
    if (!*atom) continue;
    job->atom = **atom;
    break;
  }
  if (job->atom.id) {
    return seek(*node_, job->atom.id, [this, job](const auto& state, const auto* component, std::size_t i) {
      decide(job, state, component, i);
    });
  }
  const Hash128 any = new_decision();  // nobody: every partition knows as much
  node_->ask(node_->lane_of({any.hi, any.lo}), [this, job](const flow::PartitionState& state) {
    decide(job, state, nullptr, 0);
  });
}

namespace {

/// All that one question writes and says, once the person is found.
struct Sitting {
  const Job& job;
  const flow::PartitionState& state;
  const hospes::decide::Definitions& definitions;
  hospes::decide::Subject subject;
  Instant now;
  const Stock& stock;
  const Tokens& tokens;
  std::function<Hash128()> new_decision;
  std::vector<Ticket> seen;  // what is written at once

  Ticket ticket_of(hospes::decide::Exposure exposure) const {
    exposure.decision = new_decision();
    exposure.decided = now;
    exposure.definitions = state.definitions.version;
    exposure.by_page = job.caller.is_page();
    return {subject.known ? job.atom : Atom{}, std::move(exposure)};
  }

  /// The answer but for its end: whether it is counted.
  Result<std::string> placements() {
    std::vector<Decided> all;
    for (const Slot& slot : job.question.placements) {
      Decided d{.placement = TRY(placement_of(definitions, slot, job.caller.is_page()))};
      d.choice = hospes::decide::choose(
          definitions, *d.placement, slot.n == 0 ? d.placement->items : slot.n, subject,
          [&](const hospes::decide::Offer& offer) { return stock.taken(offer.name); }, now,
          job.question.explain && !job.caller.is_page()
      );
      Ticket ticket = ticket_of(exposure_of(definitions, *d.placement, d.choice));
      d.token = tokens.make(ticket);
      d.exposure = ticket.exposure;
      if (job.question.execute && is_worth_a_word(ticket.exposure)) seen.push_back(std::move(ticket));
      all.push_back(std::move(d));
    }
    const Telling telling{
        definitions, job.question.locale, job.caller.is_page(), job.question.explain};
    std::string list;
    for (const Decided& d : all) list.append(list.empty() ? "" : ",").append(decided_json(d, telling));
    std::string body = "{\"etag\":\"" + etag_of(all, telling) + "\",\"ttl_ms\":" +
                       std::to_string(ttl_ms) + ",\"decisions\":[" + list + "]";
    if (!job.event_told.empty()) body += ",\"event\":" + job.event_told;
    return body + ",\"exposed\":";
  }

  http::Response flags() {
    std::vector<Evaluated> all;
    for (const hospes::decide::Flag& flag : definitions.flags) {
      if (job.caller.is_page() && !flag.is_public) continue;
      if (!job.bulk && flag.name != job.question.flags.front()) continue;
      if (!flag.rules.empty() && job.question.subject.empty())
        return ofrep_error(
            400, job.bulk ? "" : flag.name, "TARGETING_KEY_MISSING",
            job.caller.is_page() ? "the context needs a targetingKey: the visitor's anonymous id"
                                 : "the context needs a targetingKey: a user id, or kind:value"
        );
      Evaluated e{.flag = &flag, .answer = hospes::decide::evaluate(definitions, flag, subject)};
      if (tries_something(flag)) {
        Ticket ticket = ticket_of(exposure_of(flag, e.answer));
        e.token = tokens.make(ticket);
        const bool used = !job.bulk && !job.caller.is_page();
        if (used && e.answer.trial != nullptr && !e.answer.part.sticky)
          seen.push_back(std::move(ticket));
      }
      all.push_back(std::move(e));
    }
    if (all.empty() && !job.bulk)
      return ofrep_error(
          404, job.question.flags.front(), "FLAG_NOT_FOUND",
          job.caller.is_page() ? "no public flag of this name in decisions.toml"
                               : "no flag of this name in decisions.toml"
      );
    return ofrep_answer(job, all);
  }
};

}  // namespace

void Counter::decide(
    const std::shared_ptr<Job>& job, const flow::PartitionState& state,
    const flow::Component* component, std::size_t atom
) {
  if (job->pending->answered()) return;
  if (!state.decisions)
    return job->answer(problem(503, "unavailable", "the house has no definitions yet"));
  const Instant now = std::max(doors_.clock.now(), state.clock);
  Sitting sitting{.job = *job, .state = state, .definitions = *state.decisions, .subject = {}, .now = now, .stock = stock_,
                  .tokens = tokens_, .new_decision = [this] { return new_decision(); }, .seen = {}};
  if (component != nullptr)
    sitting.subject = flow::subject_of(
        state, *component, atom,
        {.by_page = job->caller.is_page(), .yes = job->question.yes, .no = job->question.no, .now = now},
        node_->house()
    );
  http::Response unseen, out;  // until what is written is durable, and then
  if (job->question.flags.empty()) {
    const auto decided = sitting.placements();
    if (!decided) sitting.seen.clear();
    // With nothing to write a page is told what it asked for: that somebody without an offer was worth writing would tell
    // which segment they are in.
    const bool exposed = sitting.seen.empty() && job->caller.is_page() && job->question.execute;
    unseen = decided ? http::json(200, *decided + (exposed ? "true}" : "false}")) : problem(decided.error());
    if (!sitting.seen.empty()) out = http::json(200, *decided + "true}");
  } else {
    unseen = sitting.flags();
    if (!sitting.seen.empty()) out = unseen;
  }
  if (component != nullptr) flow::make_room(state);
  if (sitting.seen.empty()) return job->answer(std::move(unseen));
  // What is written is what is answered, also when the log is slower than the page waits: as a prefetch then,
  // whose token says the same once more and counts once. Past the deadline nothing was shown, and nothing is written.
  if (!job->keep(std::move(unseen))) return;
  std::vector<node::Node::Addressed> records;
  for (const Ticket& ticket : sitting.seen)
    records.push_back(witnessed(
        ticket, record::Witnessed::What::exposure, exposure_form(ticket.exposure), now
    ));
  auto held = std::make_shared<http::Response>(std::move(out));
  const Status begun = node_->append(std::move(records), [job, held](const Status& durable) {
    job->answer(durable ? std::move(*held) : problem(durable.error()));
  });
  if (!begun) job->answer(problem(begun.error()));
}

Hash128 Counter::new_decision() const {
  Hash128 out;
  seal::random_bytes(reinterpret_cast<unsigned char*>(&out), sizeof out);
  return out;
}

}  // namespace hospes::touchpoint
