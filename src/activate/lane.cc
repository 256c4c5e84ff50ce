#include "activate/lane.h"

#include <algorithm>

#include "activate/content.h"
#include "activate/signature.h"
#include "base/check.h"
#include "catalog/kinds.h"

namespace hospes::activate {

using std::chrono::milliseconds;
using Came = record::Performed::Outcome;
using outbox::Reason;
using outbox::State;

namespace {

constexpr auto claim_lost_after = std::chrono::seconds(10);  // its person was erased meanwhile
constexpr Duration move_pause = std::chrono::milliseconds(200);  // its person is moving

}  // namespace

node::Node::Addressed addressed(
    const node::Node& node, const flow::Effected& what, record::Body body, Instant now
) {
  return {
      node.lane_of(what.component.atom),
      std::make_shared<const record::Record>(record::Record{
          .stamp = now, .origin = {}, .to = what.component, .body = std::move(body)})};
}

Lane::Lane(
    catalog::Destination destination, Told told, LaneDoors doors,
    LaneOptions options, std::set<std::string, std::less<>> service, std::optional<MailLane> mail
)
    : destination_(std::move(destination)),
      told_how_(std::move(told)),
      doors_(doors),
      options_(options),
      service_(std::move(service)),
      breaker_(options.breaker),
      letters_(mail ? std::optional(mail->letters) : std::nullopt),
      messages_(mail ? mail->messages : decltype(messages_)()) {
  told_.name = destination_.name;
  told_.url = destination_.url;
  std::optional<SmtpOptions> smtp;
  if (letters_)
    smtp = SmtpOptions{
        destination_.mail->user, letters_->password(), letters_->domain(), destination_.mail->tls,
        letters_->ca_file()};
  auto wire = Wire::open(
      {.url = destination_.url,
       .smtp = std::move(smtp),
       .connections = destination_.connections,
       .timeout = std::chrono::duration_cast<milliseconds>(destination_.timeout)},
      doors_.allowed
  );
  check(wire.has_value(), "the catalogue lets no other URL in");
  wire_ = std::move(*wire);
  set_window();
}

Lane::~Lane() { close(); }

void Lane::start() {
  thread_ = std::thread([this] { run(); });
}

void Lane::close() {
  {
    const std::lock_guard lock(mutex_);
    inbox_.stop = true;
  }
  wire_->wake();
  if (thread_.joinable()) thread_.join();
}

void Lane::hear(const flow::Effected& effected) {
  const Urgency urgency = urgency_of(effected.effect, service_.contains(effected.effect.rule));
  {
    const std::lock_guard lock(mutex_);
    switch (effected.effect.state) {
      case State::ready:
        if (queued_.size() >= share_of(options_.queue_max, urgency)) {
          left_out_ = true;  // it stays ready where it lies
          return;
        }
        if (!queued_.insert(effected.effect.key).second) return;
        inbox_.ready.emplace_back(urgency, effected);
        break;
      case State::claimed:
        inbox_.claimed.push_back(effected);
        break;
      case State::planned:
      case State::refused:
        inbox_.settled.push_back(effected.effect.key);
        if (effected.effect.state == State::refused) ++told_.refused;
        break;
      case State::done:
      case State::failed:
      case State::uncertain:
        return;
    }
  }
  wire_->wake();
}

bool Lane::wants_more() {
  const std::lock_guard lock(mutex_);
  return queued_.size() < options_.queue_max / 2 && std::exchange(left_out_, false);
}

LaneState Lane::state() const {
  const std::lock_guard lock(mutex_);
  LaneState out = told_;
  out.queued = queued_.size();
  return out;
}

void Lane::run() {
  for (;;) {
    Inbox inbox;
    {
      const std::lock_guard lock(mutex_);
      std::swap(inbox, inbox_);
      inbox_.stop = inbox.stop;
    }
    take(std::move(inbox));
    const Time now = options_.time();
    for (Wire::Done& done : wire_->run()) end(std::move(done), now);
    if (!stopping_) claim(now);
    begin(now);
    for (Wire::Done& done : wire_->run()) end(std::move(done), now);
    if (letters_ || told_how_.mapping) ask_readings();
    ask_releases();
    flush();
    {
      const std::lock_guard lock(mutex_);
      if (std::erase_if(claiming_, [&](const auto& claim) { return claim.second < now; }) > 0)
        left_out_ = true;
      told_.under_way = out_.size() + drafts_.size() + claimed_.size() + claiming_.size();
    }
    const bool idle = out_.empty() && drafts_.empty() && claimed_.empty() && results_.empty() && claiming_.empty();
    if (stopping_ && (idle || now >= stop_at_)) return;
    milliseconds most = options_.look_every;
    if (!claimed_.empty() && !is_full()) most = milliseconds(0);  // some ended just now
    if (!results_.empty() || stopping_) most = milliseconds(10);
    if (breaker_.pauses(now) && !ready_.empty())
      most = std::min(most, std::chrono::ceil<milliseconds>(breaker_.until() - now));
    wire_->wait(most);
  }
}

void Lane::take(Inbox inbox) {
  if (inbox.stop && !std::exchange(stopping_, true))
    stop_at_ = options_.time() + options_.stop_within;
  for (auto& [urgency, what] : inbox.ready) ready_.push(urgency, std::move(what));
  if (!inbox.claimed.empty()) set_window();
  for (flow::Effected& what : inbox.claimed) {
    claiming_.erase(what.effect.key);
    claimed_.push_back(std::move(what));
  }
  for (const Hash128 key : inbox.settled) claiming_.erase(key);
  for (const Readings& batch : inbox.readings) hear_readings(batch);
  for (const Batch& batch : inbox.released) hear_releases(batch);
}

/// How many may be under way: no more than keep the connections busy, for what is claimed and not
/// sent is uncertain after a crash. Set anew as claims come back from the log: twice as many when the
/// connections waited for them, fewer when they wait for connections.
void Lane::set_window() {
  const std::size_t least = 2 * std::size_t{destination_.connections};
  if (claimed_.empty() && !is_full()) {
    window_ = std::min(2 * window_, options_.claims_max);
  } else if (claimed_.size() > destination_.connections) {
    window_ /= 2;
  }
  window_ = std::max(window_, least);
}

void Lane::claim(Time now) {
  if (off_ || breaker_.pauses(now) || ready_.empty()) return;
  const std::size_t most = breaker_.on_trial() ? 1 : window_;
  const std::size_t under_way = claiming_.size() + claimed_.size() + drafts_.size() + out_.size();
  if (under_way >= most) return;
  if (const Status aimed = wire_->aim(now); !aimed) {
    trouble(aimed.error().message);
    return breaker_.broke(now);
  }
  std::vector<node::Node::Addressed> records;
  const Instant stamp = doors_.clock.now();
  const std::size_t room = std::min(ready_.size(), most - under_way);
  for (std::size_t i = 0; i < room; ++i) {
    const flow::Effected& what = ready_[i];
    records.push_back(addressed(
        doors_.node, what,
        record::Claimed{what.anchor, what.effect.key, what.effect.attempts + 1}, stamp
    ));
  }
  if (!doors_.node.append(std::move(records), [](const Status&) {})) return;  // full: soon again
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < room; ++i) {
    claiming_[ready_[i].effect.key] = now + claim_lost_after;
    queued_.erase(ready_[i].effect.key);
  }
  ready_.drop(room);
  told_.under_way = claiming_.size() + claimed_.size() + out_.size();
}

void Lane::begin(Time now) {
  while (!claimed_.empty() && !is_full()) {
    flow::Effected what = std::move(claimed_.front());
    claimed_.pop_front();
    if (stopping_) {
      put_back(what, Reason::stopping, doors_.clock.now());
    } else if (off_) {
      record::Performed p = blank(what);
      p.outcome = Came::failed;
      p.reason = static_cast<std::uint8_t>(Reason::off);
      result(what, std::move(p));
    } else if (breaker_.pauses(now)) {
      const auto left = std::chrono::duration_cast<Duration>(breaker_.until() - now);
      put_back(what, Reason::retry, doors_.clock.now() + left);
    } else if (const Status aimed = wire_->aim(now); !aimed) {
      trouble(aimed.error().message);
      put_back(what, Reason::retry, doors_.clock.now() + std::chrono::seconds(1));
      breaker_.broke(now);
    } else {
      begin_one(std::move(what));
    }
  }
}

void Lane::begin_one(flow::Effected what) {
  if (letters_ || told_how_.mapping) return draft(std::move(what));
  auto content = content_of(what, doors_.keys, doors_.offer_token, doors_.clock.now());
  if (!content) {  // erased; apply knows, or will
    record::Performed p = blank(what);
    p.outcome = Came::refused;
    p.reason = static_cast<std::uint8_t>(Reason::nobody);
    p.since = doors_.clock.now();
    return result(what, std::move(p));
  }
  tell(++last_number_, std::move(what), std::move(*content));
}

/// In the destination's own words: its person is read, as a message's is.
void Lane::tell_mapped(Wire::Number number, flow::Effected what, const Reading& reading) {
  const auto identifier = doors_.keys.reveal(what.anchor.id);
  const catalog::Kind* kind = identifier ? catalog::find_kind(identifier->kind) : nullptr;
  if (kind == nullptr) return refuse(what, {Reason::nobody, {}});
  auto made = told_how_.mapping->make(
      what, reading, std::string(kind->name) + ":" + identifier->value, doors_.clock.now()
  );
  if (const auto* none = std::get_if<Unposted>(&made)) {
    if (none->reason == Reason::unrenderable) trouble(none->detail);
    return refuse(what, *none);
  }
  if (const Status aimed = wire_->aim(options_.time()); !aimed) {
    trouble(aimed.error().message);
    return put_back(what, Reason::retry, doors_.clock.now() + std::chrono::seconds(1));
  }
  tell(number, std::move(what), std::move(std::get<std::string>(made)));
}

void Lane::tell(Wire::Number number, flow::Effected what, std::string content) {
  const std::string id = message_id(what.effect);
  const std::string at = std::to_string(doors_.clock.now().us / 1'000'000);
  outbox::Plan plan(what.effect.key, std::move(content));
  Request request{
      .headers = {"Content-Type: application/json", "User-Agent: hospes", "webhook-id: " + id,
                  "webhook-timestamp: " + at, "Idempotency-Key: " + id},
      .content_bytes = plan.content_bytes()};
  for (const std::string& header : told_how_.headers) request.headers.push_back(header);
  if (!told_how_.secrets.empty()) {
    request.headers.push_back("webhook-signature: " + plan.signed_by([&](std::string_view body) {
      return signature_of(told_how_.secrets, id, at, body);
    }));
  }
  wire_->open_request(number, request);
  out_.emplace(number, Out{std::move(what), std::move(plan)});
}

/// Connected: one question for all that wait in one partition.
void Lane::ask_releases() {
  std::map<Partition, Batch> batches;
  for (const Wire::Number number : wire_->asking()) {
    const flow::Effected& what = out_.at(number).what;
    Batch& batch = batches[doors_.node.lane_of(what.component.atom)];
    if (!batch) batch = std::make_shared<std::vector<Asked>>();
    Asked asked{.number = number, .component = what.component, .anchor = what.anchor.id,
                .effect = what.effect.key, .attempt = what.effect.attempts};
    batch->push_back(std::move(asked));
  }
  for (const auto& [partition, batch] : batches) {
    doors_.node.ask(partition, [this, batch](const flow::PartitionState& state) {
      const Instant now = doors_.clock.now();
      for (Asked& a : *batch) {
        a.release = flow::release(
            state, a.component, a.anchor, a.effect, a.attempt, doors_.node.house(), now
        );
        if (!a.release || !std::holds_alternative<outbox::Permit>(a.release->answer)) continue;
        a.flight = doors_.flights.enter(a.release->purposes, std::move(a.release->heeded));
      }
      {
        const std::lock_guard lock(mutex_);
        inbox_.released.push_back(batch);
      }
      wire_->wake();
    });
  }
}

void Lane::hear_releases(const Batch& batch) {
  for (Asked& a : *batch) {
    const auto at = out_.find(a.number);
    if (at == out_.end()) {  // it ended while it was asked for
      if (a.flight) doors_.flights.leave(a.flight);
      continue;
    }
    Out& out = at->second;
    auto* permit = a.release ? std::get_if<outbox::Permit>(&a.release->answer) : nullptr;
    if (permit != nullptr && !permit->good(doors_.clock.now())) {  // this thread was held up
      doors_.flights.leave(a.flight);
      a.release.reset();
      permit = nullptr;
    }
    if (permit == nullptr) {
      out.denied = std::move(a.release);
      wire_->refuse(a.number);
      continue;
    }
    out.released = permit->asked();
    out.read = permit->read();
    wire_->bring(
        a.number, outbox::Sendable(std::move(*out.plan), std::move(*permit)), std::move(a.flight)
    );
  }
}

void Lane::end(Wire::Done done, Time now) {
  const auto at = out_.find(done.number);
  Out out = std::move(at->second);
  out_.erase(at);
  record::Performed p = blank(out.what);
  p.released = out.released;
  p.read = out.read;
  p.status = static_cast<std::uint16_t>(done.reply.status);
  judge(out, done.reply, p, now);
  result(out.what, std::move(p));
  // After its result is on its way: whoever waits for it may look.
  if (done.flight) doors_.flights.leave(done.flight);
}

/// What the end of a request makes of its effect, and of the destination.
void Lane::judge(const Out& out, const Reply& reply, record::Performed& p, Time now) {
  const auto say = [&](Came outcome, Reason reason) {
    p.outcome = outcome;
    p.reason = static_cast<std::uint8_t>(reason);
  };
  const Instant stamp = doors_.clock.now();
  if (reply.stopped) {  // a no came between the permit and the first byte
    say(Came::refused, Reason::withdrawn);
    p.since = stamp;
    return;
  }
  if (reply.held) {
    if (!out.denied) {
      say(Came::back, Reason::joining);
      p.due = stamp + move_pause;
    } else if (const auto* later = std::get_if<outbox::Defer>(&out.denied->answer)) {
      say(Came::back, later->reason);
      // Nobody knows when: asked again at once, in `apply`, which knows whether it still holds.
      p.due = later->until == Instant::never() ? stamp : later->until;
      p.since = stamp;
    } else {
      const auto& no = std::get<outbox::Deny>(out.denied->answer);
      say(Came::refused, no.reason);
      p.since = no.since;
      p.source = no.source;
    }
    return;
  }
  if (letters_) return judge_mail(out, reply, p, now);
  if (reply.status >= 200 && reply.status < 300) {
    breaker_.tried(true, now);
    return say(Came::done, Reason::none);
  }
  if (reply.status == 0 && reply.began) {  // nobody knows whether it was taken
    trouble(reply.error);
    breaker_.tried(false, now);
    return say(Came::uncertain, Reason::silence);
  }
  trouble(reply.status != 0 ? "it answered " + std::to_string(reply.status) : reply.error);
  if (reply.status == 410) {
    off_ = true;
    return say(Came::failed, Reason::off);
  }
  const bool later = reply.status == 0 || reply.status >= 500 || reply.status == 429 ||
                     reply.status == 408 || reply.status == 425;
  if (!later) {
    breaker_.tried(true, now);  // it lives, and says no to this one
    return say(Came::failed, Reason::rejected);
  }
  breaker_.tried(false, now);
  if (reply.retry_after && (reply.status == 429 || reply.status == 503))
    breaker_.wait_until(now + *reply.retry_after);
  if (out.what.effect.tries >= destination_.retry.size()) return say(Came::failed, Reason::gave_up);
  say(Came::again, Reason::retry);
  p.due = retry_at(out.what.effect, reply.retry_after);
  p.since = stamp;
}

Instant Lane::retry_at(
    const outbox::Effect& effect, std::optional<std::chrono::seconds> asked
) const {
  Duration pause = destination_.retry[effect.tries];
  pause += pause * static_cast<int>(effect.key.lo % 100) / 1'000;  // so that not all come at once
  if (asked) pause = std::max(pause, Duration(*asked));
  return doors_.clock.now() + pause;
}

record::Performed Lane::blank(const flow::Effected& what) const {
  return {.anchor = what.anchor, .effect = what.effect.key, .attempt = what.effect.attempts};
}

void Lane::put_back(const flow::Effected& what, Reason reason, Instant due) {
  record::Performed p = blank(what);
  p.outcome = Came::back;
  p.reason = static_cast<std::uint8_t>(reason);
  p.due = due;
  p.since = doors_.clock.now();
  result(what, std::move(p));
}

void Lane::result(const flow::Effected& what, record::Performed performed) {
  {
    const std::lock_guard lock(mutex_);
    switch (performed.outcome) {
      case Came::done:
        ++told_.done;
        break;
      case Came::failed:
        ++told_.failed;
        break;
      case Came::uncertain:
        ++told_.uncertain;
        break;
      case Came::refused:
        break;  // counted as it is heard
      case Came::again:
        ++told_.again;
        break;
      case Came::back:
      case Came::anew:  // no result of a lane
        break;
    }
    const Time now = options_.time();
    told_.standing = off_ ? "off" : breaker_.standing(now);
    told_.until = doors_.clock.now() +
                  std::chrono::duration_cast<Duration>(std::max(now, breaker_.until()) - now);
  }
  results_.push_back(addressed(doors_.node, what, std::move(performed), doors_.clock.now()));
}

void Lane::flush() {
  if (results_.empty()) return;
  // All or nothing; refused when the log is full: they wait here.
  if (doors_.node.append(results_, [](const Status&) {})) results_.clear();
}

void Lane::trouble(std::string why) {
  const std::lock_guard lock(mutex_);
  if (told_.trouble == why) return;
  told_.trouble = std::move(why);
  doors_.diary.note(
      diary::Level::warn, "activate.trouble", "a destination is in trouble; others go on",
      {{"destination", destination_.name}, {"why", told_.trouble}}
  );
}

}  // namespace hospes::activate
