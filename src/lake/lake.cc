#include "lake/lake.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

namespace hospes::lake {
namespace {

constexpr std::uint64_t manifest_bytes_max = std::uint64_t{64} << 20;
constexpr std::string_view folder = "lake";
constexpr std::string_view name = "manifest";
constexpr std::uint64_t idle_bytes_max = std::uint64_t{8} << 20;  // of the log
constexpr Position everything{std::numeric_limits<std::uint32_t>::max(), std::numeric_limits<std::uint64_t>::max()};

/// What no manifest names: half-written files, and whole ones whose cut was not finished.
void remove_strays(const std::filesystem::path& root, const std::set<std::string>& known) {
  std::error_code error;
  std::vector<std::filesystem::path> strays;
  for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file() && !known.contains(at->path().lexically_relative(root).string()))
      strays.push_back(at->path());
  }
  for (const auto& path : strays) std::filesystem::remove(path, error);
}

}  // namespace

Lake::Lake(Doors doors, Options options, Manifest manifest)
    : doors_(doors),
      options_(std::move(options)),
      house_(fmt::format("{}/house={}", folder, folder_text(doors.catalog.house.name))),
      manifest_(std::move(manifest)),
      durable_(manifest_.written) {}

Lake::~Lake() { close(); }

Result<std::unique_ptr<Lake>> Lake::open(Doors doors, Options options) {
  TRY(doors.data.make_folder(std::string(folder)));
  Manifest manifest;
  auto text = disk::read_all(doors.data, fmt::format("{}/{}", folder, name), manifest_bytes_max);
  if (text) {
    manifest = TRY(read_manifest(*text));
  } else if (text.error().code != Code::not_found) {
    return std::unexpected(std::move(text.error()));
  }
  std::unique_ptr<Lake> lake(new Lake(doors, std::move(options), std::move(manifest)));
  std::set<std::string> known;
  for (const File& file : lake->manifest_.files) known.insert(file.path());
  remove_strays(lake->absolute(lake->house_), known);
  return lake;
}

void Lake::begin() {
  thread_ = std::thread([this] { run(); });
}

void Lake::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Lake::run() {
  // Linux knows priorities by thread: this one gets a tenth of what others get that want to run too.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 10);
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (wake_.wait_for(lock, options_.every, [this] { return stop_; })) return;
    lock.unlock();
    const Status done = cut();
    lock.lock();
    if (!done && failures_ == failures_max)
      doors_.diary.note(
          diary::Level::error, "lake.lets_go", "the lake cannot be written, and the log keeps nothing for it any more"
      );
  }
}

Status Lake::cut() {
  const std::lock_guard alone(cutting_);
  Status done;
  for (bool more = true; more && done;) {
    const auto went_on = cut_once();
    if (!went_on) done = std::unexpected(went_on.error());
    more = went_on && *went_on;
    const std::lock_guard lock(mutex_);
    more = more && !stop_;
  }
  if (done) done = merge();
  remove_retired();
  const std::lock_guard lock(mutex_);
  failures_ = done ? 0 : failures_ + 1;
  if (done) as_of_ = doors_.clock.now();
  if (!done) doors_.diary.note(diary::Level::warn, "lake.not_written", done.error().message);
  last_ = done;
  return done;
}

/// True: there is more.
Result<bool> Lake::cut_once() {
  Manifest next;
  {
    const std::lock_guard lock(mutex_);
    next = manifest_;
  }
  if (const Position kept = doors_.log.kept_after(); next.written < kept) {
    if (next.written != Position{} || kept.offset != 0) next.gaps.emplace_back(next.written, kept);
    next.written = kept;
    next.planned.reset();
  }
  TRY(remember());
  const CutDoors from{doors_.log, doors_.keys, doors_.names, doors_.catalog};
  const Cut cut = TRY(read_cut(from, next.written, next.planned, *held_));
  const Status kept = keep(cut, std::move(next));
  if (kept) return cut.full;
  give_back(cut, *held_);
  return std::unexpected(kept.error());
}

Status Lake::keep(const Cut& cut, Manifest next) {
  const Position upto = std::max(cut.upto, next.planned.value_or(cut.upto));
  if (!cut.events.empty()) {
    next.planned = upto;
    TRY(finish(next));
    auto files = TRY(write(cut));
    std::ranges::move(files, std::back_inserter(next.files));
  }
  next.written = upto;
  next.planned.reset();
  return finish(std::move(next));
}

/// Makes it the manifest. What only says that nothing was to be written is made durable now and then: the same records
/// would be read again.
Status Lake::finish(Manifest next) {
  bool durable = false;
  {
    const std::lock_guard lock(mutex_);
    Manifest same = manifest_;
    same.written = next.written;
    durable = same != next || next.written.epoch != durable_.epoch ||
              next.written.offset - durable_.offset > idle_bytes_max;
  }
  if (durable) TRY(disk::replace(doors_.data, std::string(folder), std::string(name), to_text(next)));
  const std::lock_guard lock(mutex_);
  manifest_ = std::move(next);
  if (durable) durable_ = manifest_.written;
  return {};
}

Result<Duck*> Lake::duck() {
  if (!duck_) duck_ = TRY(Duck::open({.memory_mb_max = options_.memory_mb_max}));
  return duck_.get();
}

Position Lake::kept_after() const {
  const std::lock_guard lock(mutex_);
  return failures_ < failures_max ? durable_ : everything;
}

Extent Lake::extent() const {
  const std::lock_guard lock(mutex_);
  Extent out{.written = manifest_.written, .as_of = as_of_, .last = last_};
  out.swept = manifest_.swept;
  out.files = manifest_.files.size();
  out.gaps = manifest_.gaps.size();
  for (const File& file : manifest_.files) {
    out.rows += file.rows;
    out.bytes += file.bytes;
  }
  return out;
}

Lake::Reading Lake::read() const {
  Reading out;
  out.held_ = std::shared_lock(reading_);
  out.folder = absolute(house_);
  const std::lock_guard lock(mutex_);
  out.files = manifest_.files;
  return out;
}

/// Not while somebody reads: then at the next cut.
void Lake::remove_retired() {
  const std::unique_lock alone(reading_, std::try_to_lock);
  if (!alone) return;
  for (const std::string& path : std::exchange(retired_, {})) {
    const Status removed = doors_.data.remove(below(path));
    if (!removed && removed.error().code != Code::not_found) retired_.push_back(path);
  }
}

}  // namespace hospes::lake
