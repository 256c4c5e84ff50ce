#include "log/spares.h"

#include <algorithm>

namespace hospes::log {
namespace {

constexpr std::string_view prefix = "spare-";
constexpr std::string_view unfinished = ".new";
constexpr std::uint64_t chunk_bytes = 1 << 20;

}  // namespace

Status Spares::load() {
  const std::lock_guard lock(mutex_);
  for (const std::string& name : TRY(disk_.list(folder_))) {
    if (!name.starts_with(prefix)) continue;
    const std::string path = folder_ + "/" + name;
    std::uint64_t number = 0;
    for (const char c : name.substr(prefix.size())) {
      if (c >= '0' && c <= '9') number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    next_ = std::max(next_, number + 1);
    bool keep = !name.ends_with(unfinished) && ready_.size() < spares_max_;
    if (keep) {
      const auto file = TRY(disk_.open(path, disk::Mode::read));
      keep = TRY(file->size()) == file_bytes_;
    }
    if (keep) {
      ready_.push_back(path);
    } else {
      TRY(disk_.remove(path));
    }
  }
  return {};
}

Status Spares::make() {
  const std::string path = folder_ + "/" + std::string(prefix) + std::to_string(next_++);
  const std::string fresh = path + std::string(unfinished);
  {
    const auto file = TRY(disk_.open(fresh, disk::Mode::create));
    const std::string zeros(std::min(chunk_bytes, file_bytes_), '\0');
    for (std::uint64_t at = 0; at < file_bytes_; at += zeros.size()) {
      const std::uint64_t size = std::min<std::uint64_t>(zeros.size(), file_bytes_ - at);
      TRY(file->write(at, std::string_view(zeros).substr(0, size)));
    }
    TRY(file->sync());
  }
  TRY(disk_.rename(fresh, path));
  ready_.push_back(path);
  return {};
}

Status Spares::overwrite(const std::string& path) {
  const auto file = TRY(disk_.open(path, disk::Mode::write));
  const std::uint64_t size = TRY(file->size());
  const std::string zeros(std::min(chunk_bytes, file_bytes_), '\0');
  for (std::uint64_t at = 0; at < size; at += zeros.size())
    TRY(file->write(at, std::string_view(zeros).substr(0, std::min<std::uint64_t>(zeros.size(), size - at))));
  return file->sync();
}

Status Spares::wipe() {
  const std::lock_guard lock(mutex_);
  wiping_ = true;
  for (const std::string& path : ready_) TRY(overwrite(path));
  return {};
}

void Spares::stop_wiping() {
  const std::lock_guard lock(mutex_);
  wiping_ = false;
}

Status Spares::prepare() {
  const std::lock_guard lock(mutex_);
  return ready_.empty() ? make() : Status();
}

Result<std::string> Spares::take() {
  const std::lock_guard lock(mutex_);
  if (ready_.empty()) TRY(make());
  std::string path = std::move(ready_.back());
  ready_.pop_back();
  return path;
}

Status Spares::give(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (ready_.size() >= spares_max_) {
    if (wiping_) {
      // Under its own name a crash would leave a segment of zeros in the way of a start.
      const std::string going = folder_ + "/" + std::string(prefix) + std::to_string(next_++) + std::string(unfinished);
      TRY(disk_.rename(path, going));
      TRY(disk_.sync_folder(folder_));
      TRY(overwrite(going));
      TRY(disk_.remove(going));
      return disk_.sync_folder(folder_);
    }
    TRY(disk_.remove(path));
    return disk_.sync_folder(folder_);
  }
  const std::string spare = folder_ + "/" + std::string(prefix) + std::to_string(next_++);
  TRY(disk_.rename(path, spare));
  TRY(disk_.sync_folder(folder_));
  if (wiping_) TRY(overwrite(spare));
  ready_.push_back(spare);
  return {};
}

}  // namespace hospes::log
