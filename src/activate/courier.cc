#include "activate/courier.h"

#include "base/check.h"
#include "outbox/permit.h"

namespace hospes::activate {
namespace {

/// What anybody asks for about themselves rests on contract: no answer opens or closes it.
outbox::Permit permit(Hash128 key, Instant now) {
  outbox::Rule rule{.name = "asked_for", .basis = outbox::Basis::heedless, .zone = &zones::utc()};
  outbox::Effect effect{.key = key, .rule = rule.name};
  effect.passage.at = now;
  auto answer = outbox::ask(
      {.effect = effect,
       .rule = &rule,
       .anchor = {},
       .person = {},
       .firm = {},
       .now = now,
       .read = {}}
  );
  return std::get<outbox::Permit>(std::move(answer));
}

}  // namespace

Courier::Courier(
    const catalog::Destination& to, Letters letters, const Allowed& allowed, Clock& clock
)
    : letters_(std::move(letters)), clock_(clock) {
  auto wire = Wire::open(
      {.url = to.url,
       .smtp =
           SmtpOptions{
               to.mail->user, letters_.password(), letters_.domain(), to.mail->tls,
               letters_.ca_file()},
       .connections = 1,
       .timeout = std::chrono::duration_cast<std::chrono::milliseconds>(to.timeout)},
      allowed
  );
  check(wire.has_value(), "the catalogue lets no other URL in");
  wire_ = std::move(*wire);
  thread_ = std::thread([this] { run(); });
}

Courier::~Courier() { close(); }

void Courier::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  wire_->wake();
  if (thread_.joinable()) thread_.join();
}

Status Courier::send(Posted letter, std::function<void(Status)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= waiting_max || stop_)
      return fail(Code::over_limit, "too much mail waits to be sent; try again in a minute");
    waiting_.push_back({std::move(letter), std::move(done)});
  }
  wake_.notify_all();
  return {};
}

void Courier::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Status sent = carry(std::move(next.letter));
    if (next.done) next.done(std::move(sent));
    lock.lock();
  }
}

Status Courier::carry(Posted letter) {
  TRY(wire_->aim(std::chrono::steady_clock::now()));
  const Hash128 key{0, ++number_};
  outbox::Plan plan(key, std::move(letter.content));
  wire_->open_request(
      number_, {.headers = {},
                .content_bytes = plan.content_bytes(),
                .sender = std::move(letter.sender),
                .recipient = std::move(letter.recipient)}
  );
  const auto until = std::chrono::steady_clock::now() + patience;
  bool brought = false;
  for (;;) {
    for (const Wire::Done& done : wire_->run()) {
      if (done.reply.status == 250) return {};
      const std::string code =
          done.reply.enhanced.empty() ? std::to_string(done.reply.status) : done.reply.enhanced;
      return fail(
          Code::unavailable,
          done.reply.status != 0 ? "the relay answered " + code : done.reply.error
      );
    }
    for (const Wire::Number number : wire_->asking()) {
      if (std::exchange(brought, true)) continue;
      wire_->bring(
          number, outbox::Sendable(std::move(plan), permit(key, clock_.now())),
          std::make_shared<Flight>(Mask{0}, std::vector<AtomId>{})
      );
    }
    if (!brought && std::chrono::steady_clock::now() > until) wire_->refuse(number_);
    wire_->wait(std::chrono::milliseconds(50));
  }
}

}  // namespace hospes::activate
