// Keeps what the shapes learnt over a restart: `folder`/shapes, written some seconds after something new was heard, and at
// close. A crash loses what was learnt in those seconds, and it is learnt again.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "clock/clock.h"
#include "collect/shapes.h"
#include "disk/disk.h"

namespace hospes::collect {

class ShapeKeeper {
 public:
  static constexpr auto every = std::chrono::seconds(3);

  /// Tells `shapes` what is there. All outlive it.
  static Result<std::unique_ptr<ShapeKeeper>> open(
      disk::Disk& disk, std::string folder, const HashSecret& secret, Shapes& shapes, Clock& clock
  );
  ~ShapeKeeper();
  ShapeKeeper(const ShapeKeeper&) = delete;
  ShapeKeeper& operator=(const ShapeKeeper&) = delete;

  /// Writes, when there is something new.
  Status save();
  /// Idempotent.
  void close();

 private:
  ShapeKeeper(disk::Disk& disk, std::string folder, Shapes& shapes);
  void run();

  disk::Disk& disk_;
  const std::string folder_;
  Shapes& shapes_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;  // guarded
  std::thread thread_;
};

}  // namespace hospes::collect
