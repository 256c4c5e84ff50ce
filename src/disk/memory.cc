#include "disk/memory.h"

#include <algorithm>

namespace hospes::disk {
namespace {

constexpr std::size_t sector_bytes = 512;  // what a disk writes whole

void put(std::string& content, std::uint64_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  content.replace(offset, bytes.size(), bytes);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

/// A power cut in the middle of one write: it is lost, whole, cut at a sector, or any of its
/// sectors are missing.
void tear(std::string& content, std::uint64_t offset, std::string_view bytes, Dice& dice) {
  const auto kind = dice.below(4);
  if (kind == 0) return;
  if (kind == 1) return put(content, offset, bytes);
  const std::uint64_t keep_until =
      kind == 2 ? offset + dice.below(bytes.size() + 1) : offset + bytes.size();
  for (std::uint64_t at = offset; at < keep_until;) {
    const std::uint64_t end = std::min((at / sector_bytes + 1) * sector_bytes, keep_until);
    if (kind == 2 || dice.chance(50)) put(content, at, bytes.substr(at - offset, end - at));
    at = end;
  }
}

}  // namespace

class MemoryDisk::MemoryFile final : public File {
 public:
  MemoryFile(MemoryDisk& disk, NodePtr node, std::string path, bool writable)
      : disk_(disk),
        node_(std::move(node)),
        path_(std::move(path)),
        generation_(disk.generation_),
        writable_(writable) {}

  Status write(std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(disk_.mutex_);
    TRY(disk_.alive(generation_));
    if (!writable_) return fail(Code::unavailable, path_ + " is open for reading only");
    const Status begun = disk_.begin("write", path_, true);
    if (!begun) {  // a part of it may be there
      const std::string_view part = bytes.substr(0, bytes.size() / 2);
      node_->unsynced.push_back({offset, std::string(part)});
      put(node_->now, offset, part);
      return begun;
    }
    node_->unsynced.push_back({offset, std::string(bytes)});
    put(node_->now, offset, bytes);
    return {};
  }

  Status sync() override {
    const std::lock_guard lock(disk_.mutex_);
    TRY(disk_.alive(generation_));
    const Status begun = disk_.begin("sync", path_, false);
    Dice dice(disk_.io_count_);  // what a failed sync leaves is decided here: no later one saves it
    for (const Write& w : node_->unsynced) {
      if (w.emptied) node_->durable.clear();
      if (begun) {
        put(node_->durable, w.offset, w.bytes);
      } else {
        tear(node_->durable, w.offset, w.bytes, dice);
      }
    }
    node_->unsynced.clear();
    return begun;
  }

  Result<std::string> read(std::uint64_t offset, std::size_t size) override {
    const std::lock_guard lock(disk_.mutex_);
    TRY(disk_.alive(generation_));
    TRY(disk_.begin("read", path_, false));
    if (offset >= node_->now.size()) return std::string();
    return node_->now.substr(offset, size);
  }

  Result<std::uint64_t> size() override {
    const std::lock_guard lock(disk_.mutex_);
    TRY(disk_.alive(generation_));
    TRY(disk_.begin("ask the size of", path_, false));
    return node_->now.size();
  }

 private:
  MemoryDisk& disk_;
  const NodePtr node_;
  const std::string path_;
  const std::uint64_t generation_;
  const bool writable_;
};

MemoryDisk::MemoryDisk(std::uint64_t bytes_max) : free_bytes_(bytes_max) {}
MemoryDisk::~MemoryDisk() = default;

Status MemoryDisk::alive(std::uint64_t generation) const {
  if (generation == generation_) return {};
  return fail(Code::unavailable, "this file was opened before the machine stopped");
}

Status MemoryDisk::begin(const char* what, const std::string& path, bool writes) {
  ++io_count_;
  const bool now = fail_at_ != 0 && io_count_ == fail_at_;
  const bool since = fail_at_ != 0 && io_count_ > fail_at_;
  fault_met_ = fault_met_ || now;
  const bool fails = now || (since && fault_ == Fault::power_cut) ||
                     (since && fault_ == Fault::no_space && writes);
  if (!fails) return {};
  const char* why = fault_ == Fault::no_space    ? "no space left; free some"
                    : fault_ == Fault::power_cut ? "the machine stops"
                                                 : "input/output error";
  return fail(Code::unavailable, std::string("cannot ") + what + " " + path + ": " + why);
}

Result<std::unique_ptr<File>> MemoryDisk::open(const std::string& path, Mode mode) {
  const std::lock_guard lock(mutex_);
  TRY(begin("open", path, mode == Mode::create));
  auto at = now_.find(path);
  if (at == now_.end()) {
    if (mode != Mode::create) return fail(Code::not_found, "there is no " + path);
    at = now_.emplace(path, std::make_shared<Node>()).first;
    unsynced_names_.push_back({std::nullopt, path, at->second});
  } else if (mode == Mode::create && !at->second->now.empty()) {
    at->second->now.clear();
    at->second->unsynced.push_back({0, "", true});
  }
  return std::unique_ptr<File>(
      std::make_unique<MemoryFile>(*this, at->second, path, mode != Mode::read)
  );
}

Status MemoryDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  TRY(begin("rename", from, false));
  const auto at = now_.find(from);
  if (at == now_.end()) return fail(Code::not_found, "there is no " + from);
  const NodePtr node = at->second;
  now_.erase(at);
  now_[to] = node;
  unsynced_names_.push_back({from, to, node});
  return {};
}

Status MemoryDisk::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TRY(begin("remove", path, false));
  if (now_.erase(path) == 0) return fail(Code::not_found, "there is no " + path);
  unsynced_names_.push_back({path, std::nullopt, nullptr});
  return {};
}

Result<std::vector<std::string>> MemoryDisk::list(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  TRY(begin("list", folder, false));
  std::vector<std::string> names;
  for (const auto& [path, node] : now_) {
    if (folder_of(path) == folder) names.push_back(path.substr(path.rfind('/') + 1));
  }
  return names;
}

Status MemoryDisk::make_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  return begin("make", folder, true);
}

Status MemoryDisk::sync_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  TRY(begin("sync", folder, false));
  std::erase_if(unsynced_names_, [&](const Naming& n) {
    if (folder_of(n.linked ? *n.linked : *n.unlinked) != folder) return false;
    if (n.unlinked) durable_.erase(*n.unlinked);
    if (n.linked) durable_[*n.linked] = n.node;
    return true;
  });
  return {};
}

Result<std::uint64_t> MemoryDisk::free_bytes() {
  const std::lock_guard lock(mutex_);
  TRY(begin("ask the room on", "the disk", false));
  return free_bytes_;
}

std::uint64_t MemoryDisk::io_count() const {
  const std::lock_guard lock(mutex_);
  return io_count_;
}

void MemoryDisk::fail_at(std::uint64_t n, Fault fault) {
  const std::lock_guard lock(mutex_);
  fail_at_ = io_count_ + n;
  fault_ = fault;
  fault_met_ = false;
}

bool MemoryDisk::fault_met() const {
  const std::lock_guard lock(mutex_);
  return fault_met_;
}

void MemoryDisk::heal() {
  const std::lock_guard lock(mutex_);
  fail_at_ = 0;
}

void MemoryDisk::set_free_bytes(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  free_bytes_ = bytes;
}

void MemoryDisk::crash(Dice& dice) {
  const std::lock_guard lock(mutex_);
  ++generation_;
  fail_at_ = 0;
  for (const Naming& n : unsynced_names_) {
    if (dice.chance(50)) continue;
    if (n.unlinked) durable_.erase(*n.unlinked);
    if (n.linked) durable_[*n.linked] = n.node;
  }
  unsynced_names_.clear();
  for (auto& [path, node] : durable_) {
    for (const Write& w : node->unsynced) {
      if (w.emptied && dice.chance(50)) node->durable.clear();
      tear(node->durable, w.offset, w.bytes, dice);
    }
    node->unsynced.clear();
    node->now = node->durable;
  }
  now_ = durable_;
}

std::string MemoryDisk::peek(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto at = now_.find(path);
  return at == now_.end() ? "" : at->second->now;
}

void MemoryDisk::poke(const std::string& path, std::uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const auto at = now_.find(path);
  if (at == now_.end()) return;
  put(at->second->now, offset, bytes);
  put(at->second->durable, offset, bytes);
}

}  // namespace hospes::disk
