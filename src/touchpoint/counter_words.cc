// What is said about decisions afterwards: that they were seen, and what came of them.
#include "base/json_text.h"
#include "collect/browser.h"
#include "collect/hash.h"
#include "flow/decisions.h"
#include "touchpoint/counter.h"

namespace hospes::touchpoint {
namespace {

void answer(const Caller& caller, Pending& pending, http::Response response) {
  collect::share(response, caller.origin);
  pending.answer(std::move(response));
}

/// The offer that was taken: the one said, or the only one.
Result<std::string> taken_of(const Ticket& ticket, const Word& word) {
  const auto& items = ticket.exposure.items;
  if (word.item.empty() && items.size() == 1) return items.front();
  for (const std::string& item : items)
    if (item == word.item) return item;
  std::string all;
  for (const std::string& item : items) all.append(all.empty() ? "" : ", ").append(item);
  return fail(
      Code::invalid_input,
      "item must be one of those that the decision answered: " + (all.empty() ? "none" : all)
  );
}

}  // namespace

/// Counted once: by (decision, what was said of it).
node::Node::Addressed Counter::witnessed(
    const Ticket& ticket, record::Witnessed::What what, std::string content, Instant now
) const {
  record::Witnessed body{.atom = ticket.atom, .message = {}, .what = what, .content = std::move(content)};
  std::string named = to_hex(ticket.exposure.decision);
  named.append(what == record::Witnessed::What::exposure ? ":seen" : ":").append(
      what == record::Witnessed::What::exposure ? std::string_view() : std::string_view(body.content)
  );
  body.message = collect::message_hash(doors_.keys.house_secret(), "decision", named);
  const AtomId lane = ticket.atom.id
                          ? ticket.atom.id
                          : AtomId{ticket.exposure.decision.hi, ticket.exposure.decision.lo};
  return {
      node_->lane_of(lane), std::make_shared<const record::Record>(record::Record{
                                .stamp = now, .origin = {}, .to = {}, .body = std::move(body)})};
}

void Counter::see(
    const Caller& caller, const http::Request& request, std::shared_ptr<Pending> pending
) {
  const auto tokens = read_tokens(request.body);
  if (!tokens) return answer(caller, *pending, problem(tokens.error()));
  const Instant now = doors_.clock.now();
  std::vector<node::Node::Addressed> records;
  std::size_t known = 0;  // counted when a journey decided
  std::string refused;
  for (std::size_t i = 0; i < tokens->size(); ++i) {
    const auto ticket = tokens_.read((*tokens)[i], now);
    if (!ticket) {
      refused.append(refused.empty() ? "" : ",").append("{\"i\":").append(std::to_string(i));
      refused.append(",\"reason\":").append(json_text(ticket.error().message)).append("}");
      continue;
    }
    if (ticket->sent) {
      ++known;
      continue;
    }
    // Who was erased meanwhile has nothing to be written under.
    if (ticket->atom.id && !doors_.keys.key(ticket->atom.id)) continue;
    records.push_back(witnessed(
        *ticket, record::Witnessed::What::exposure, exposure_form(ticket->exposure), now
    ));
  }
  http::Response out = http::json(
      200, "{\"accepted\":" + std::to_string(records.size() + known) + ",\"rejected\":[" + refused + "]}"
  );
  if (records.empty()) return answer(caller, *pending, std::move(out));
  auto held = std::make_shared<http::Response>(std::move(out));
  const Status begun = node_->append(std::move(records), [caller, pending, held](const Status& durable) {
    answer(caller, *pending, durable ? std::move(*held) : problem(durable.error()));
  });
  if (!begun) answer(caller, *pending, problem(begun.error()));
}

void Counter::hear(
    const Caller& caller, const http::Request& request, std::shared_ptr<Pending> pending
) {
  const auto word = read_word(request.body);
  if (!word) return answer(caller, *pending, problem(word.error()));
  const Instant now = doors_.clock.now();
  const auto ticket = tokens_.read(word->token, now);
  if (!ticket) return answer(caller, *pending, problem(ticket.error()));
  if (word->outcome == decide::Outcome::taken && !ticket->exposure.is_flag)
    return take(caller, *ticket, *word, std::move(pending));
  const decide::Feedback feedback{ticket->exposure.decision, word->outcome, word->value};
  if (!ticket->atom.id || !doors_.keys.key(ticket->atom.id))
    return answer(caller, *pending, http::json(200, "{\"recorded\":false}"));
  const Status begun = node_->append(
      {witnessed(*ticket, record::Witnessed::What::feedback, feedback_form(feedback), now)},
      [caller, pending](const Status& durable) {
        answer(caller, *pending, durable ? http::json(200, "{\"recorded\":true}") : problem(durable.error()));
      }
  );
  if (!begun) answer(caller, *pending, problem(begun.error()));
}

/// First the stock, in the lane that counts it; then the word about the person. A crash between the
/// two is mended by saying it again: the decision took once.
void Counter::take(
    const Caller& caller, const Ticket& ticket, const Word& word, std::shared_ptr<Pending> pending
) {
  if (caller.is_page())
    return answer(caller, *pending, problem(
        403, "not_allowed", "taken is said with a server key: whoever reads a page could sell out an offer"
    ));
  const auto offer = taken_of(ticket, word);
  if (!offer) return answer(caller, *pending, problem(offer.error()));
  const AtomId lane = flow::stock_lane(*offer);
  const Hash128 decision = ticket.exposure.decision;
  const auto said = [this, caller, pending, ticket, word](bool granted) {
    if (!granted)
      return answer(caller, *pending, problem(409, "sold_out", "nothing is left of this offer"));
    const decide::Feedback feedback{ticket.exposure.decision, word.outcome, word.value};
    if (!ticket.atom.id || !doors_.keys.key(ticket.atom.id))
      return answer(caller, *pending, http::json(200, "{\"recorded\":false,\"taken\":true}"));
    const Status begun = node_->append(
        {witnessed(
            ticket, record::Witnessed::What::feedback, feedback_form(feedback), doors_.clock.now()
        )},
        [caller, pending](const Status& durable) {
          answer(
              caller, *pending,
              durable ? http::json(200, "{\"recorded\":true,\"taken\":true}") : problem(durable.error())
          );
        }
    );
    if (!begun) answer(caller, *pending, problem(begun.error()));
  };
  auto record = std::make_shared<const record::Record>(record::Record{
      .stamp = doors_.clock.now(), .origin = {}, .to = {}, .body = record::Took{*offer, decision}});
  const Status begun = node_->append(
      {{node_->lane_of(lane), std::move(record)}},
      [this, caller, pending, lane, decision, offer = *offer, said](const Status& durable) {
        if (!durable) return answer(caller, *pending, problem(durable.error()));
        node_->ask(node_->lane_of(lane), [=](const flow::PartitionState& state) {
          const auto* declared = state.decisions ? state.decisions->offer(offer) : nullptr;
          const auto count = state.offers.find(offer);
          said(
              declared == nullptr || !declared->stock ||
              (count != state.offers.end() && count->second.taken.contains(decision))
          );
        });
      }
  );
  if (!begun) answer(caller, *pending, problem(begun.error()));
}

}  // namespace hospes::touchpoint
