// A lane that sends mail: the person is read before the connection is opened, for SMTP wants the
// recipient first; the permit is asked for where every effect's is, just before the content.
#include <algorithm>

#include "activate/lane.h"
#include "activate/offer.h"
#include "mail/report.h"

namespace hospes::activate {

using Came = record::Performed::Outcome;
using outbox::Reason;

namespace {

constexpr Duration complained_pause = std::chrono::minutes(5);
constexpr std::size_t mail_bytes_max = 2 * 1024 * 1024;

Mask purposes_of(const flow::PartitionState& state, const std::string& rule) {
  const outbox::Rule* found = state.rules ? state.rules->find(rule) : nullptr;
  if (found == nullptr) return 0;
  return bit(found->purpose) | (found->contact ? bit(*found->contact) : 0);
}

/// The relay refuses us, not this message (RFC 4954 and RFC 3207).
bool is_our_trouble(int status) {
  return status == 530 || status == 534 || status == 535 || status == 538;
}

}  // namespace

void Lane::draft(flow::Effected what) {
  drafts_.emplace(++last_number_, std::move(what));
  unread_.push_back(last_number_);
}

/// One question for all whose people live in one partition.
void Lane::ask_readings() {
  std::map<Partition, Readings> batches;
  for (const Wire::Number number : std::exchange(unread_, {})) {
    Readings& batch = batches[doors_.node.lane_of(drafts_.at(number).component.atom)];
    if (!batch) batch = std::make_shared<std::vector<Drafted>>();
    const flow::Effected& what = drafts_.at(number);
    batch->push_back({number, what.component, what.anchor.id, what.effect.rule, {}});
  }
  for (const auto& [partition, batch] : batches) {
    doors_.node.ask(partition, [this, batch](const flow::PartitionState& state) {
      for (Drafted& d : *batch)
        d.reading = read_person(
            state, d.component, d.anchor, purposes_of(state, d.rule), doors_.node.house(),
            doors_.keys, std::max(state.clock, doors_.clock.now()),
            letters_ ? letters_->measures() : 0
        );
      {
        const std::lock_guard lock(mutex_);
        inbox_.readings.push_back(batch);
      }
      wire_->wake();
    });
  }
}

void Lane::hear_readings(const Readings& batch) {
  for (const Drafted& d : *batch) {
    const auto at = drafts_.find(d.number);
    flow::Effected what = std::move(at->second);
    drafts_.erase(at);
    if (!d.reading) {  // on its way to another partition, or gone
      put_back(what, Reason::joining, doors_.clock.now() + std::chrono::milliseconds(200));
      continue;
    }
    Reading reading = *d.reading;
    reading.offer = offer_of(
        sent_offer(what.effect.passage.offer, doors_.offer_token, doors_.clock.now()), reading.language
    );
    if (letters_) {
      post(d.number, std::move(what), reading);
    } else {
      tell_mapped(d.number, std::move(what), reading);
    }
  }
}

bool Lane::is_marketing(const flow::Effected& what) const {
  const auto message = messages_.find(what.effect.rule);
  return message == messages_.end() || letters_->is_marketing(message->second);
}

/// Held, not dropped: asked again while it is of use; service mail goes on.
bool Lane::hold_complained(const flow::Effected& what) {
  if (doors_.complaints == nullptr || !doors_.complaints->stopped(destination_.name)) return false;
  const Instant now = doors_.clock.now();
  const auto standing = doors_.complaints->of(destination_.name, now);
  record::Performed p = blank(what);
  p.outcome = Came::back;
  p.reason = static_cast<std::uint8_t>(Reason::complained);
  p.due = now + complained_pause;
  p.since = standing.since;
  p.source = std::to_string(standing.complaints) + " complaints of " + std::to_string(standing.sent) + " sent";
  result(what, std::move(p));
  return true;
}

void Lane::post(Wire::Number number, flow::Effected what, const Reading& reading) {
  const auto message = messages_.find(what.effect.rule);
  std::string name = letters_->name_of(reading.address);
  const bool marketing = is_marketing(what);
  if (marketing && hold_complained(what)) return;
  if (doors_.suppressed != nullptr && !reading.address.empty() &&
      doors_.suppressed->stops(name, marketing))
    return refuse(what, {Reason::suppressed, {}});
  auto made = message == messages_.end()
                  ? std::variant<Posted, Unposted>(Unposted{Reason::unrenderable, {}})
                  : letters_->make(
                        message->second, reading,
                        {.key = what.effect.key,
                         .now = doors_.clock.now(),
                         .campaign = outbox::campaign_of(what.effect),
                         .measured = true}
                    );
  if (const auto* letter = std::get_if<Posted>(&made);
      letter != nullptr && letter->content.size() > mail_bytes_max)
    made = Unposted{Reason::unrenderable, "the message is longer than 2 MB"};
  if (const auto* none = std::get_if<Unposted>(&made)) {
    if (none->reason == Reason::unrenderable) trouble(none->detail);
    return refuse(what, *none);
  }
  if (const Status aimed = wire_->aim(options_.time()); !aimed) {
    trouble(aimed.error().message);
    return put_back(what, Reason::retry, doors_.clock.now() + std::chrono::seconds(1));
  }
  auto& letter = std::get<Posted>(made);
  outbox::Plan plan(what.effect.key, std::move(letter.content));
  const Request request{
      .headers = {},
      .content_bytes = plan.content_bytes(),
      .sender = std::move(letter.sender),
      .recipient = std::move(letter.recipient)};
  wire_->open_request(number, request);
  Out out{std::move(what), std::move(plan)};
  out.address_name = std::move(name);
  out_.emplace(number, std::move(out));
}

void Lane::refuse(const flow::Effected& what, const Unposted& why) {
  record::Performed p = blank(what);
  p.outcome = Came::refused;
  p.reason = static_cast<std::uint8_t>(why.reason);
  p.since = doors_.clock.now();
  p.source = why.reason == Reason::aborted ? why.detail : std::string();
  result(what, std::move(p));
}

void Lane::suppress(const Out& out, std::string_view status) {
  if (doors_.suppressed == nullptr || !mail::ends_address(status)) return;
  const Status kept =
      doors_.suppressed->add(out.address_name, mail::Suppressed::Reason::gone, doors_.clock.now());
  if (!kept) trouble(kept.error().message);
}

/// What the relay's last answer makes of a message (docs/mail.md, Outcomes).
void Lane::judge_mail(const Out& out, const Reply& reply, record::Performed& p, Time now) {
  const auto say = [&](Came outcome, Reason reason) {
    p.outcome = outcome;
    p.reason = static_cast<std::uint8_t>(reason);
  };
  if (reply.status == 250) {
    breaker_.tried(true, now);
    if (doors_.complaints != nullptr && is_marketing(out.what))
      doors_.complaints->sent(destination_.name, doors_.clock.now());
    return say(Came::done, Reason::none);
  }
  if (reply.status == 0 && reply.whole) {  // lost after the final dot: nobody knows
    trouble(reply.error);
    breaker_.tried(false, now);
    // SMTP knows no repetition, readers do: the Message-ID is the same.
    if (is_marketing(out.what))
      return say(Came::uncertain, Reason::silence);
  } else if (reply.status >= 500 && !is_our_trouble(reply.status)) {
    p.source = reply.enhanced;
    if (reply.enhanced.starts_with("5.7.")) {  // policy: it is not about this address
      trouble("the relay refuses by its policy: " + reply.enhanced);
      breaker_.tried(false, now);
    } else {
      breaker_.tried(true, now);  // the relay lives, and says no to this one
    }
    suppress(out, reply.enhanced);
    return say(Came::failed, Reason::rejected);
  } else {
    trouble(reply.status != 0 ? "the relay answered " + std::to_string(reply.status) : reply.error);
    breaker_.tried(reply.status >= 400 && reply.status != 421 && !is_our_trouble(reply.status), now);
  }
  if (out.what.effect.tries >= destination_.retry.size()) return say(Came::failed, Reason::gave_up);
  say(Came::again, Reason::retry);
  p.due = retry_at(out.what.effect, std::nullopt);
  p.since = doors_.clock.now();
}

}  // namespace hospes::activate
