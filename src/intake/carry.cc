#include "intake/carry.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "base/hash.h"
#include "intake/ndjson.h"

namespace hospes::intake {
namespace {

namespace fs = std::filesystem;

/// Held for as long as it lives; the kernel lets go of it when the process dies.
class Lock {
 public:
  static Result<Lock> take(const std::string& folder, const std::string& path) {
    Lock out;
    out.handle_ = ::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (out.handle_ < 0)
      return fail(
          Code::unavailable, fmt::format("{}/lock cannot be made: {}", folder, std::strerror(errno))
      );
    if (::flock(out.handle_, LOCK_EX | LOCK_NB) != 0)
      return fail(
          Code::conflict,
          fmt::format("another import of {} is under way; wait for it, or stop it", path)
      );
    return out;
  }
  Lock() = default;
  Lock(Lock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  Lock& operator=(Lock&&) = delete;
  ~Lock() {
    if (handle_ >= 0) ::close(handle_);
  }

 private:
  int handle_ = -1;
};

/// Replaced in one step, so that a crash leaves the old or the new one.
struct Position {
  std::string sha256, meaning;
  std::uint64_t line = 0, rows = 0, accepted = 0, withheld = 0, refused = 0, report_bytes = 0,
                done = 0;

  static std::optional<Position> read(const std::string& file) {
    std::ifstream in(file);
    Position p;
    std::string word;
    if (!(in >> word >> p.sha256 >> p.meaning >> p.line >> p.rows >> p.accepted >> p.withheld >> p.refused >>
          p.report_bytes >> p.done) ||
        word != "hospes-import-1")
      return std::nullopt;
    return p;
  }
  Status write(const std::string& file) const {
    const std::string fresh = file + ".new";
    {
      std::ofstream out(fresh, std::ios::trunc);
      out << "hospes-import-1 " << sha256 << ' ' << meaning << ' ' << line << ' ' << rows << ' ' << accepted << ' '
          << withheld << ' ' << refused << ' ' << report_bytes << ' ' << done << '\n';
      if (!out.flush()) return fail(Code::unavailable, "cannot write " + fresh);
    }
    std::error_code error;
    fs::rename(fresh, file, error);
    if (error) return fail(Code::unavailable, "cannot write " + file + ": " + error.message());
    return {};
  }
};

/// Batches made by a thread of their own, at most two ahead.
class Ahead {
 public:
  Ahead(Supply& supply, std::uint64_t after) : supply_(supply), after_(after) {
    thread_ = std::thread([this] { run(); });
  }
  ~Ahead() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  /// Nothing at the end.
  Result<std::optional<Batch>> next() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return !ready_.empty() || ended_; });
    if (ready_.empty()) {
      if (!failure_) return std::unexpected(failure_.error());
      return std::optional<Batch>();
    }
    std::optional<Batch> out = std::move(ready_.front());
    ready_.pop_front();
    wake_.notify_all();
    return out;
  }

 private:
  void run() {
    for (;;) {
      Batch batch;
      auto more = supply_.next(after_, batch);
      std::unique_lock lock(mutex_);
      if (!more || !*more) {
        if (!more) failure_ = std::unexpected(std::move(more).error());
        ended_ = true;
        wake_.notify_all();
        return;
      }
      wake_.wait(lock, [&] { return ready_.size() < 2 || stop_; });
      if (stop_) return;
      ready_.push_back(std::move(batch));
      wake_.notify_all();
    }
  }

  Supply& supply_;
  const std::uint64_t after_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Batch> ready_;  // guarded by mutex_
  Status failure_;           // guarded by mutex_
  bool ended_ = false, stop_ = false;
  std::thread thread_;
};

std::string cleaned(std::string text) {
  for (char& c : text)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  return text;
}

class Run {
 public:
  Run(http::Client& client, const CarryOptions& options, const http::Patience& patience)
      : client_(client), options_(options), patience_(patience), folder_(folder_of(options.path)) {}

  Status open() {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error)
      return fail(Code::unavailable, fmt::format("{} cannot be made: {}", folder_, error.message()));
    lock_.emplace(TRY(Lock::take(folder_, options_.path)));
    const std::string meaning = to_hex(hash128(options_.meaning));
    const auto known = options_.again ? std::nullopt : Position::read(folder_ + "/position");
    if (known && known->sha256 != options_.sha256)
      return fail(
          Code::conflict,
          fmt::format(
              "{} has other bytes than when its import began (line {} was the last). Put the old "
              "file back, or say --again to import this one from its first line",
              options_.path, known->line
          )
      );
    if (known && known->meaning != meaning)
      return fail(
          Code::conflict,
          fmt::format(
              "{} was begun with other options, source or manifest (line {} was the last). Say the "
              "same, or --again to begin at the first line; lines that were sent count once",
              options_.path, known->line
          )
      );
    place_ = known.value_or(Position{.sha256 = options_.sha256, .meaning = meaning});
    // What was reported after the last position will be reported again.
    const std::string report = folder_ + "/report.tsv";
    if (known) fs::resize_file(report, place_.report_bytes, error);
    report_.open(report, known ? std::ios::app : std::ios::trunc);
    if (!report_) return fail(Code::unavailable, "cannot write " + report);
    return {};
  }

  Status send(const Batch& batch) {
    Verdicts said;
    if (!batch.lines.empty()) said = TRY(post(batch));
    for (const auto& left : batch.unfit) told(left.line, "refused", left.code, left.reason);
    for (const auto& one : said.rejected)
      told(line_of(batch, one.i), "refused", one.code, one.reason);
    for (const auto& one : said.withheld)
      told(line_of(batch, one.i), "withheld", "consent_withheld", one.reason);
    if (!report_.flush()) return fail(Code::unavailable, "cannot write the report: is the disk full?");
    place_.line = batch.last_line;
    place_.rows += batch.rows;
    place_.accepted += said.accepted;
    place_.withheld += said.withheld.size();
    place_.refused += said.rejected.size() + batch.unfit.size();
    return keep();
  }
  Status finish() {
    place_.done = 1;
    return keep();
  }
  const Position& place() const { return place_; }

 private:
  static std::uint64_t line_of(const Batch& batch, std::size_t i) {
    return i < batch.lines.size() ? batch.lines[i] : 0;
  }
  void told(std::uint64_t line, std::string_view verdict, std::string_view code, std::string reason) {
    const std::string row =
        fmt::format("{}\t{}\t{}\t{}\n", line, verdict, code, cleaned(std::move(reason)));
    report_ << row;
    place_.report_bytes += row.size();
  }
  Status keep() { return place_.write(folder_ + "/position"); }

  Result<Verdicts> post(const Batch& batch) {
    body_ = "{\"batch\":[";
    body_ += batch.items;
    body_ += "],\"context\":" + options_.context + "}";
    const http::Headers headers = {
        {"Content-Type", "application/json"}, {"X-Write-Key", options_.write_key}};
    const auto answer =
        TRY(http::post_patiently(client_, "/v1/import", headers, body_, patience_));
    if (answer.status == 200) return read_verdicts(answer.body);
    return fail(
        Code::invalid_input,
        fmt::format(
            "the server answered {} to lines {} to {}: {}", answer.status, batch.lines.front(),
            batch.lines.back(), cleaned(answer.body.substr(0, 400))
        )
    );
  }

  http::Client& client_;
  const CarryOptions& options_;
  const http::Patience& patience_;
  const std::string folder_;
  std::optional<Lock> lock_;
  Position place_;
  std::ofstream report_;
  std::string body_;
};

/// Pace of this run, over all of it: steady enough to be believed.
void measure(Carried& c, double began_share, Duration passed) {
  const auto us = std::max<std::int64_t>(1, passed.count());
  c.lines_per_s = c.here * 1'000'000 / static_cast<std::uint64_t>(us);
  const double moved = c.share - began_share;
  if (moved <= 0) return;
  c.seconds_left =
      static_cast<std::uint64_t>((1 - c.share) / moved * static_cast<double>(us) / 1e6 + 0.5);
}

}  // namespace

std::string folder_of(const std::string& path) { return path + ".import"; }

Result<Carried> carry(
    http::Client& client, Supply& supply, Clock& clock, const CarryOptions& options,
    const http::Patience& patience, const std::function<void(const Carried&)>& progress
) {
  Run run(client, options, patience);
  TRY(run.open());
  Carried out{.resumed_at = run.place().line};
  const auto tell = [&] {
    const Position& p = run.place();
    out.lines = p.rows;
    out.accepted = p.accepted;
    out.withheld = p.withheld;
    out.refused = p.refused;
  };
  tell();
  if (run.place().done != 0) {
    out.nothing_left = true;
    return out;
  }
  Ahead ahead(supply, run.place().line);
  std::optional<double> began_share;
  const Instant began = clock.now();
  while (auto batch = TRY(ahead.next())) {
    if (!began_share) began_share = out.resumed_at == 0 ? 0 : batch->share;
    TRY(run.send(*batch));
    out.here += batch->rows;
    out.share = batch->share;
    tell();
    measure(out, *began_share, clock.now() - began);
    progress(out);
  }
  TRY(run.finish());
  out.share = 1;
  return out;
}

}  // namespace hospes::intake
