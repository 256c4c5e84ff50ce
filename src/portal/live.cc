#include "portal/live.h"

#include <algorithm>
#include <array>
#include <limits>

#include "portal/json.h"
#include "portal/reads.h"
#include "portal/tell.h"

namespace hospes::portal {
namespace {

using std::chrono::steady_clock;

/// A partition may tell what an event did before the log has told the door that it is durable: a
/// passage waits so long for the arrival that it names.
constexpr auto arrival_first = std::chrono::milliseconds(250);

struct Kinds {
  bool arrivals = true, transitions = true, effects = false, journeys = false;
};

Result<Kinds> kinds_of(const http::Request& request) {
  const auto asked = request.query_value("kinds");
  if (!asked) return Kinds{};
  Kinds out{false, false, false, false};
  std::string_view rest = *asked;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (one == "arrivals") {
      out.arrivals = true;
    } else if (one == "transitions") {
      out.transitions = true;
    } else if (one == "effects") {
      out.effects = true;
    } else if (one == "journeys") {
      out.journeys = true;
    } else {
      return fail(
          Code::invalid_input, "kinds is arrivals, transitions, effects, journeys or several with commas"
      );
    }
  }
  return out;
}

std::string frame(std::string_view event, std::string_view id, std::string_view data) {
  return std::string("event: ")
      .append(event)
      .append("\nid: ")
      .append(id)
      .append("\ndata: ")
      .append(data)
      .append("\n\n");
}

Hash128 cause_of(const Feed::Item& item) {
  const auto* t = std::get_if<flow::Transition>(&item.what);
  return t != nullptr ? t->message : Hash128{};
}

}  // namespace

Live::Live(const ConsoleDoors& doors)
    : doors_(doors), alive_at_(steady_clock::now() + alive_every), thread_([this] { run(); }) {}

Live::~Live() { close(); }

void Live::open(const http::Request& request, http::Responder responder) {
  const auto kinds = kinds_of(request);
  if (!kinds) return responder.send(problem(kinds.error()));
  if (count_.fetch_add(1) >= readers_max) {
    --count_;
    return responder.send(
        problem(503, "over_limit", "32 readers follow the live stream already; close one")
    );
  }
  Reader reader{
      .stream = nullptr,
      .arrivals = kinds->arrivals,
      .transitions = kinds->transitions,
      .effects = kinds->effects,
      .journeys = kinds->journeys,
      .real_only = portal::real_only(request)};
  reader.seen = doors_.feed.last();
  std::string last(request.headers.find("Last-Event-ID"));
  if (last.empty()) last = request.query_value("after").value_or("");
  if (const auto place = doors_.feed.place(last)) {
    reader.seen = place->number;
    reader.restarted = place->restarted;
  }
  http::Response head{200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}};
  reader.stream = responder.stream(std::move(head));
  const std::lock_guard lock(mutex_);
  if (stop_) {
    --count_;
    return reader.stream->close();
  }
  coming_.push_back(std::move(reader));
  doors_.feed.wake();
}

void Live::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  doors_.feed.wake();
  if (thread_.joinable()) thread_.join();
}

void Live::run() {
  for (;;) {
    admit();
    {
      const std::lock_guard lock(mutex_);
      if (stop_) break;
    }
    if (steady_clock::now() >= alive_at_) {
      alive_at_ = steady_clock::now() + alive_every;
      for (Reader& r : readers_) say(r, ": alive\n\n", 0);
    }
    forget_gone();
    if (readers_.empty()) {
      doors_.feed.wait(std::numeric_limits<std::uint64_t>::max(), alive_at_);
    } else {
      while (step()) {
      }
    }
  }
  for (Reader& r : readers_) r.stream->close();
  count_ -= readers_.size();
}

void Live::admit() {
  std::vector<Reader> coming;
  {
    const std::lock_guard lock(mutex_);
    coming.swap(coming_);
  }
  for (Reader& r : coming) {
    say(r, ": alive\n\n", 0);
    if (r.restarted) {
      const Instant epoch = doors_.feed.epoch();
      say(r,
          frame("restart", doors_.feed.id(0), Object().text("at", to_string(epoch)).done()), 0);
    }
    readers_.push_back(std::move(r));
  }
}

/// One batch for all readers. False when there was none: then it has waited for the next.
bool Live::step() {
  const auto slowest = std::ranges::min_element(readers_, {}, &Reader::seen);
  Feed::Batch batch = doors_.feed.after(slowest->seen, batch_max);
  const auto late = steady_clock::now() - arrival_first;
  const auto early = std::ranges::find_if(batch.items, [&](const Feed::Item& item) {
    const Hash128 cause = cause_of(item);
    return item.heard > late && cause != Hash128{} && !doors_.feed.arrival(cause);
  });
  const bool held = early != batch.items.end();
  const auto ready = held ? early->heard + arrival_first : alive_at_;
  batch.items.erase(early, batch.items.end());
  if (batch.items.empty()) {
    doors_.feed.wait(held ? doors_.feed.last() : slowest->seen, ready);
    return false;
  }
  const std::vector<Frame> told = frames(batch.items);
  const std::uint64_t first = batch.items.front().number;
  for (Reader& r : readers_) {
    if (r.seen + 1 < first) r.dropped += first - r.seen - 1;
    offer(r, told, batch.items.back().number);
  }
  return batch.items.size() == batch_max;
}

std::vector<Live::Frame> Live::frames(const std::vector<Feed::Item>& items) const {
  const std::vector<ToldItem> told = tell(doors_, items);
  std::vector<Frame> out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    static constexpr std::array<std::string_view, 4> words = {"arrival", "transition", "effect", "journey"};
    const std::string_view kind = words[static_cast<std::size_t>(told[i].kind)];
    const std::uint64_t number = items[i].number;
    out.push_back(
        {number, told[i].kind, told[i].simulated,
         frame(kind, doors_.feed.id(number), told[i].json)}
    );
  }
  return out;
}

void Live::offer(Reader& reader, const std::vector<Frame>& frames, std::uint64_t last) {
  std::string text;
  std::uint64_t items = 0;
  for (const Frame& f : frames) {
    if (f.number <= reader.seen || (reader.real_only && f.simulated)) continue;
    const bool wanted[] = {reader.arrivals, reader.transitions, reader.effects, reader.journeys};
    if (!wanted[static_cast<std::size_t>(f.kind)]) continue;
    text += f.text;
    ++items;
  }
  reader.seen = std::max(reader.seen, last);
  if (!text.empty() || reader.dropped > 0) say(reader, std::move(text), items);
}

void Live::say(Reader& reader, std::string text, std::uint64_t items) {
  if (reader.dropped > 0)
    text.insert(
        0, "event: gap\ndata: " + Object().number("dropped", reader.dropped).done() + "\n\n"
    );
  const Status written = reader.stream->write(std::move(text));
  if (written) {
    reader.dropped = 0;
  } else {
    reader.dropped += items;
  }
}

void Live::forget_gone() {
  count_ -= std::erase_if(readers_, [](const Reader& r) { return r.stream->closed(); });
}

}  // namespace hospes::portal
