#include "tee/stream.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/json_text.h"
#include "digest/digest.h"
#include "model/imported.h"
#include "portal/json.h"
#include "record/codec.h"
#include "tee/shape.h"

namespace hospes::tee {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view folder = "tee";
constexpr std::string_view head = "tee 1";
constexpr Duration owner_within = std::chrono::seconds(30);  // until then a lane may still bring it
constexpr auto look_again = std::chrono::milliseconds(200);
constexpr auto save_every = std::chrono::seconds(1);

/// `tee 1 <epoch> <offset>`
std::optional<Position> parse_cursor(std::string_view text) {
  if (!text.starts_with(head)) return std::nullopt;
  text.remove_prefix(head.size());
  Position out;
  const auto number = [&](auto& to) {
    text.remove_prefix(std::min(text.size(), std::size_t{1}));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc();
  };
  if (!number(out.epoch) || !number(out.offset)) return std::nullopt;
  return out;
}

/// Whether the receiver will never take this one, whatever is tried: Segment answers so to what is malformed or too large.
bool is_refused(int status) { return status == 400 || status == 413 || status == 422; }

}  // namespace

Stream::Stream(
    const Doors& doors, const Options& options, const activate::Allowed& allowed, catalog::Tee tee, std::string key
)
    : doors_(doors),
      options_(options),
      tee_(std::move(tee)),
      authorization_("Authorization: Basic " + base64(key + ":")) {
  auto wire = activate::Wire::open({.url = tee_.url, .connections = tee_.connections}, allowed);
  if (wire) {
    wire_ = std::move(*wire);
  } else {
    trouble(wire.error().message);
  }
}

Status Stream::read_cursor() {
  TRY(doors_.data.make_folder(std::string(folder)));
  const auto text = disk::read_all(doors_.data, std::string(folder) + "/" + tee_.name, 256);
  if (!text) return {};
  if (const auto at = parse_cursor(*text)) cursor_ = saved_ = *at;
  return {};
}

void Stream::begin(node::Node& node) {
  node_ = &node;
  if (!wire_) return;
  std::mutex mutex;
  Position end;
  node.ask_all([&](const flow::PartitionState& s) {
    const std::lock_guard lock(mutex);
    end = std::max(end, s.applied);
  });
  // New here; or the log was restored from before.
  if (cursor_ > end) cursor_ = end;
  save(true);
  thread_ = std::thread([this] { run(); });
}

void Stream::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (wire_) wire_->wake();
  if (thread_.joinable()) thread_.join();
}

Position Stream::kept_after() const {
  const std::lock_guard lock(mutex_);
  return let_go_ ? nowhere_yet : saved_;
}

void Stream::run() {
  // As the lake's: it gives way to all others.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 10);
  while (!stopping()) {
    auto cut = read();
    if (!cut) {
      if (cut.error().code == Code::not_found) skip_gap();
      trouble(cut.error().message);
      pause(std::chrono::seconds(1));
      continue;
    }
    carry(*cut);
    save(false);
    if (!cut->more) pause(poll);
  }
  save(true);
}

Result<Stream::Cut> Stream::read() {
  Cut out{.due = {}, .upto = cursor_};
  std::size_t bytes = 0;
  const Status whole = doors_.log.scan(cursor_, [&](const log::Durable& d) -> Result<bool> {
    if (out.due.size() == cut_events_max || bytes > cut_bytes_max) {
      out.more = true;
      return false;
    }
    bytes += d.bytes.size();
    out.upto = d.position;
    record::Record record = TRY(record::decode(d.bytes, doors_.names, doors_.keys));
    auto* arrived = std::get_if<record::Arrived>(&record.body);
    // A copy on its way to its owner bears an origin.
    if (arrived != nullptr && !record.origin && take(arrived->event))
      out.due.push_back({.at = d.position, .event = std::move(arrived->event), .content = {}});
    return true;
  });
  if (!whole) return std::unexpected(whole.error());
  return out;
}

bool Stream::take(const Event& event) {
  if (doors_.names.text(event.source) != tee_.source || (event.flags & flag_simulated) != 0) return false;
  if (said_in(event, doors_.names, manifest_field).text.empty()) return true;
  const std::lock_guard lock(mutex_);
  ++not_sent_["imported"];
  return false;
}

/// Returns when all of it is over, or when it is to stop.
void Stream::carry(Cut& cut) {
  std::size_t first = 0;
  const auto ended = [&] {
    while (first < cut.due.size() && cut.due[first].state == Due::State::over) ++first;
    const std::lock_guard lock(mutex_);
    oldest_ = first < cut.due.size() ? cut.due[first].event.received : Instant::never();
    standing_ = breaker_.standing(steady_clock::now());
    return first == cut.due.size();
  };
  std::optional<Time> stop_at;
  while (!ended()) {
    const Time now = steady_clock::now();
    if (stopping() && !stop_at) stop_at = now + stop_within;
    if (stop_at && (under_way_ == 0 || now > *stop_at)) break;
    if (!stop_at) start(cut, now);
    release(cut);
    for (const activate::Wire::Done& done : wire_->run()) end(cut.due[done.number], done, steady_clock::now());
    if (first > 0) cursor_ = cut.due[first - 1].at;
    save(false);
    wire_->wait(std::chrono::milliseconds(under_way_ > 0 ? 20 : 50));
  }
  // What was cut short leaves again after the next start: its requests end with the wire.
  if (first == cut.due.size()) cursor_ = cut.upto;
}

void Stream::start(Cut& cut, Time now) {
  const Instant at = doors_.clock.now();
  for (std::size_t i = 0; i < cut.due.size(); ++i) {
    Due& due = cut.due[i];
    if (due.state != Due::State::waits) continue;
    if (at - due.event.received > options_.held_max) {
      over(due, "too_late");
      continue;
    }
    if (due.not_before > now || breaker_.pauses(now) || wire_->full()) continue;
    if (breaker_.on_trial() && under_way_ > 0) continue;
    if (const Status aimed = wire_->aim(now); !aimed) {
      trouble(aimed.error().message);
      return breaker_.broke(now);
    }
    if (!start_one(due, i)) over(due, "erased");
  }
}

bool Stream::start_one(Due& due, std::size_t number) {
  const auto sources = doors_.sources.now();
  auto content = batch_of(
      {doors_.names, doors_.keys, doors_.catalog.purposes, sources->find(tee_.source)}, due.event, doors_.clock.now()
  );
  if (!content) return false;
  due.content = std::move(*content);
  due.state = Due::State::leaves;
  ++under_way_;
  wire_->open_request(
      number, {.headers = {"Content-Type: application/json", "User-Agent: hospes", authorization_},
               .content_bytes = due.content.size()}
  );
  return true;
}

/// Connected: one question for all of them.
void Stream::release(Cut& cut) {
  std::vector<Asked> asked;
  const auto numbers = wire_->asking();
  if (numbers.empty()) return;
  for (const activate::Wire::Number n : numbers) asked.push_back({.event = &cut.due[n].event, .effect = {n, 1}});
  std::map<const Asked*, std::shared_ptr<activate::Flight>> flights;
  const catalog::Purpose& purpose = doors_.catalog.purposes.at(tee_.purpose);
  ask(*node_, purpose, asked, doors_.clock.now(), [&](Asked& one) {
    flights[&one] = doors_.flights.enter(bit(tee_.purpose), std::move(one.heeded));
  });
  for (Asked& one : asked) hear(cut, one, flights[&one]);
}

void Stream::hear(Cut& cut, Asked& asked, const std::shared_ptr<activate::Flight>& flight) {
  const auto number = static_cast<std::size_t>(asked.effect.hi);
  Due& due = cut.due[number];
  auto* permit = asked.answer ? std::get_if<outbox::Permit>(&*asked.answer) : nullptr;
  if (permit != nullptr && permit->good(doors_.clock.now())) {
    outbox::Plan plan(asked.effect, std::move(due.content));
    return wire_->bring(number, outbox::Sendable(std::move(plan), std::move(*permit)), flight);
  }
  if (flight) doors_.flights.leave(flight);
  wire_->refuse(number);
  const auto* no = asked.answer ? std::get_if<outbox::Deny>(&*asked.answer) : nullptr;
  if (no != nullptr) due.denied = to_string(no->reason);
  // Else its owner's lane has not taken it yet, two people become one, or this thread was held up.
  if (!asked.answer && doors_.clock.now() - due.event.received > owner_within) due.denied = "erased";
}

void Stream::end(Due& due, const activate::Wire::Done& done, Time now) {
  --under_way_;
  const activate::Reply& reply = done.reply;
  if (done.flight) doors_.flights.leave(done.flight);
  if (reply.held) return due.denied.empty() ? again(due, now + look_again) : over(due, due.denied);
  if (reply.stopped) return over(due, "withdrawn");
  if (reply.status >= 200 && reply.status < 300) {
    breaker_.tried(true, now);
    return over(due, {});
  }
  if (is_refused(reply.status)) {
    breaker_.tried(true, now);
    return over(due, "rejected");
  }
  breaker_.tried(false, now);
  if (reply.retry_after) breaker_.wait_until(now + *reply.retry_after);
  trouble(reply.status != 0 ? "it answered " + std::to_string(reply.status) : reply.error);
  {
    const std::lock_guard lock(mutex_);
    ++again_;
  }
  again(due, now);
}

void Stream::over(Due& due, std::string_view why) {
  due.state = Due::State::over;
  due.content.clear();
  const std::lock_guard lock(mutex_);
  if (why.empty()) {
    ++sent_;
    trouble_.clear();
  } else {
    ++not_sent_[std::string(why)];
  }
}

void Stream::again(Due& due, Time not_before) {
  due.state = Due::State::waits;
  due.not_before = not_before;
}

void Stream::trouble(std::string why) {
  {
    const std::lock_guard lock(mutex_);
    if (trouble_ == why) return;
    trouble_ = why;
  }
  doors_.diary.note(
      diary::Level::warn, "tee.trouble", "an old pipeline is not told; everything else goes on",
      {{"tee", tee_.name}, {"why", std::move(why)}}
  );
}

/// A crash in between tells again what came since.
void Stream::save(bool now) {
  const Time at = steady_clock::now();
  if (!now && at < saved_at_ + save_every) return;
  saved_at_ = at;
  const auto room = doors_.data.free_bytes();
  {
    const std::lock_guard lock(mutex_);
    let_go_ = room && *room < options_.free_bytes_min;
    if (saved_ == cursor_ && !now) return;
  }
  std::string text(head);
  text.append(" ").append(std::to_string(cursor_.epoch)).append(" ").append(std::to_string(cursor_.offset)).append("\n");
  if (!disk::replace(doors_.data, std::string(folder), tee_.name, text)) return;  // the log tells of the disk
  const std::lock_guard lock(mutex_);
  saved_ = cursor_;
}

/// The log went on without it: the disk was low.
void Stream::skip_gap() {
  cursor_ = doors_.log.kept_after();
  const std::lock_guard lock(mutex_);
  ++not_sent_["gap"];
}

bool Stream::pause(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, most, [this] { return stop_.load(); });
}

std::string Stream::told() const {
  using portal::List;
  using portal::Object;
  const std::lock_guard lock(mutex_);
  List not_sent;
  for (const auto& [why, times] : not_sent_) not_sent.add(Object().text("reason", why).number("times", times).done());
  const Instant now = doors_.clock.now();
  const auto lag = oldest_ < now ? static_cast<std::uint64_t>((now - oldest_).count() / 1'000'000) : 0;
  const auto host = tee_.url.find("//") + 2;
  return Object()
      .text("name", tee_.name)
      .text("source", tee_.source)
      .text("host", tee_.url.substr(host, tee_.url.find('/', host) - host))
      .text("purpose", doors_.catalog.purposes.at(tee_.purpose).name)
      .text("standing", standing_)
      .number("sent", sent_)
      .number("again", again_)
      .raw("not_sent", not_sent.done())
      .number("lag_s", lag)
      .raw("trouble", trouble_.empty() ? "null" : json_text(trouble_))
      .done();
}

}  // namespace hospes::tee
