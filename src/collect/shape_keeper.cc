#include "collect/shape_keeper.h"

namespace hospes::collect {
namespace {

constexpr std::string_view file = "shapes";
constexpr std::uint64_t file_bytes_max = std::uint64_t{ShapeMemory::words_max} * 40;

}  // namespace

ShapeKeeper::ShapeKeeper(disk::Disk& disk, std::string folder, Shapes& shapes)
    : disk_(disk), folder_(std::move(folder)), shapes_(shapes) {}

Result<std::unique_ptr<ShapeKeeper>> ShapeKeeper::open(
    disk::Disk& disk, std::string folder, const HashSecret& secret, Shapes& shapes, Clock& clock
) {
  TRY(disk.make_folder(folder));
  std::unique_ptr<ShapeKeeper> keeper(new ShapeKeeper(disk, std::move(folder), shapes));
  ShapeMemory memory(secret);
  const auto text = disk::read_all(disk, keeper->folder_ + "/" + std::string(file), file_bytes_max);
  if (text) memory.read(*text, ShapeMemory::day_of(clock.now()));
  shapes.recall(std::move(memory));
  keeper->thread_ = std::thread([k = keeper.get()] { k->run(); });
  return keeper;
}

ShapeKeeper::~ShapeKeeper() { close(); }

Status ShapeKeeper::save() {
  const auto memory = shapes_.learnt();
  return memory ? disk::replace(disk_, folder_, std::string(file), memory->written()) : Status();
}

void ShapeKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, every, [this] { return stop_; })) {
    lock.unlock();
    // A disk that cannot be written is told by the log and by /readyz; what is not kept is learnt again.
    (void)save();
    lock.lock();
  }
}

void ShapeKeeper::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stop_, true)) return;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  (void)save();
}

}  // namespace hospes::collect
