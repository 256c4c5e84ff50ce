#include "portal/jobs.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/nearest.h"
#include "portal/json.h"

namespace hospes::portal {
namespace {

constexpr auto look_every = std::chrono::milliseconds(500);  // whether something is due

std::string instant_json(const std::optional<Instant>& at) { return at ? json_text(to_string(*at)) : "null"; }

}  // namespace

void give_way() { ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 10); }

Jobs::Jobs(Clock& clock, diary::Diary& diary, std::vector<Job> jobs) : clock_(clock), diary_(diary) {
  for (Job& job : jobs) entries_.push_back({.job = std::move(job)});
  thread_ = std::thread([this] { run(); });
}

Jobs::~Jobs() { close(); }

void Jobs::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

Jobs::Entry* Jobs::due() {
  const Instant now = clock_.now();
  for (Entry& e : entries_) {
    if (e.state == State::waiting) return &e;
    if (e.job.every > Duration(0) && now - std::max(e.job.last, e.began.value_or(e.job.last)) >= e.job.every) return &e;
  }
  return nullptr;
}

void Jobs::run() {
  give_way();
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (Entry* next = due()) {
      run_one(*next, lock);
    } else {
      wake_.wait_for(lock, look_every);
    }
  }
}

void Jobs::run_one(Entry& entry, std::unique_lock<std::mutex>& lock) {
  entry.state = State::running;
  entry.cancelled = false;
  entry.progress = 0;
  entry.began = clock_.now();
  entry.ended.reset();
  const lake::Watch watch{
      .progress = [&](double part) {
        const std::lock_guard guard(mutex_);
        entry.progress = part;
      },
      .stop = [&]() -> std::optional<Error> {
        const std::lock_guard guard(mutex_);
        if (entry.cancelled) return Error{Code::conflict, "it was cancelled"};
        if (stop_) return Error{Code::unavailable, "the server stopped"};
        return std::nullopt;
      }};
  lock.unlock();
  auto done = entry.job.run(watch);
  lock.lock();
  entry.state = State::idle;
  entry.ended = clock_.now();
  entry.error = done ? std::nullopt : std::optional(done.error());
  if (done) {
    entry.result = std::move(*done);
    entry.progress = 1;
  } else if (!entry.cancelled && !stop_) {
    diary_.note(diary::Level::warn, "job.failed", done.error().message, {{"job", entry.job.name}});
  }
}

Result<Jobs::Entry*> Jobs::find(std::string_view name) {
  std::vector<std::string> names;
  for (Entry& e : entries_) {
    if (e.job.name == name) return &e;
    names.push_back(e.job.name);
  }
  return fail(Code::not_found, fmt::format("no job is called \"{}\"{}; all: GET /v1/jobs", name, nearest_hint(name, names)));
}

Status Jobs::ask(std::string_view name) {
  const std::lock_guard lock(mutex_);
  Entry& entry = *TRY(find(name));
  if (entry.state == State::idle) entry.state = State::waiting;
  wake_.notify_all();
  return {};
}

Status Jobs::cancel(std::string_view name) {
  const std::lock_guard lock(mutex_);
  Entry& entry = *TRY(find(name));
  if (entry.state == State::idle) return fail(Code::conflict, fmt::format("{} neither waits nor runs", name));
  if (entry.state == State::waiting) entry.state = State::idle;
  entry.cancelled = true;
  return {};
}

std::string Jobs::json() const {
  static constexpr std::string_view states[] = {"idle", "waiting", "running"};
  const std::lock_guard lock(mutex_);
  List out;
  for (const Entry& e : entries_) {
    const auto every = std::chrono::duration_cast<std::chrono::seconds>(e.job.every).count();
    out.add(Object()
                .text("name", e.job.name)
                .raw("means", Object().text("en", e.job.means_en).text("fr", e.job.means_fr).done())
                .number("every_s", static_cast<std::uint64_t>(every))
                .text("state", states[static_cast<std::size_t>(e.state)])
                .raw("progress", fmt::format("{:.3f}", e.progress))
                .raw("began", instant_json(e.began))
                .raw("ended", instant_json(e.ended))
                .text("result", e.result)
                .raw("error", e.error ? json_text(e.error->message) : "null")
                .done());
  }
  return Object().raw("jobs", out.done()).done();
}

}  // namespace hospes::portal
