#include "bench/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

#include "base/dice.h"
#include "base/hash.h"
#include "bench/stats.h"

namespace hospes::bench {
namespace {

std::string after_colon(const std::string& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find_first_not_of(" \t", line.find(':') + 1);
    return at == std::string::npos ? "" : line.substr(at);
  }
  return "";
}

std::uint64_t calibration_work() {
  Dice dice(1);
  std::vector<std::uint64_t> table(1U << 21);  // 16 MB
  for (auto& v : table) v = dice.next();
  std::string text(200, 'x');
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    std::memcpy(text.data(), &i, sizeof i);
    const Hash128 h = hash128(text);
    sum += table[h.lo % table.size()] ^ h.hi;
  }
  std::sort(table.begin(), table.begin() + 200'000);
  return sum + table[1000];
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

double thread_cpu_us() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

Machine this_machine() {
  Machine m;
  m.cpu = after_colon("/proc/cpuinfo", "model name");
  m.cores = std::thread::hardware_concurrency();
  std::ifstream("/proc/loadavg") >> m.load_1min;
  m.memory_mb = std::strtoull(after_colon("/proc/meminfo", "MemTotal").c_str(), nullptr, 10) / 1024;
  return m;
}

Result<DiskProbe> probe_disk(const std::string& folder, unsigned syncs) {
  const std::string path = folder + "/disk_probe." + std::to_string(getpid());
  const File file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    return fail(
        Code::unavailable,
        "cannot write " + path + ": " + std::strerror(errno) + "; give another --folder"
    );
  }
  unlink(path.c_str());  // gone when it is closed
  const std::string block(16 * 1024, 'p');
  std::vector<double> waits_ms;
  for (unsigned i = 0; i < syncs; ++i) {
    const auto began = std::chrono::steady_clock::now();
    if (write(file.get(), block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
        fdatasync(file.get()) != 0) {
      return fail(
          Code::unavailable,
          "the disk of " + folder + " does not take 16 kB: " + std::strerror(errno)
      );
    }
    waits_ms.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count()
    );
  }
  return DiskProbe{percentile(waits_ms, 50), percentile(waits_ms, 99)};
}

double calibrate_us() {
  double best = std::numeric_limits<double>::max();
  std::uint64_t kept = 0;
  for (int run = 0; run < 5; ++run) {
    const double began = thread_cpu_us();
    kept += calibration_work();
    best = std::min(best, thread_cpu_us() - began);
  }
  asm volatile("" : : "r"(kept));  // the work was for something
  return best;
}

Result<double> cpu_us_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(in, line))
    return fail(Code::not_found, "process " + std::to_string(pid) + " is gone");
  // The name, in parentheses, may hold anything: fields are counted after its end. utime and stime
  // are the 14th and 15th.
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Result<std::uint64_t> resident_bytes_of(pid_t pid) {
  const std::string text = after_colon("/proc/" + std::to_string(pid) + "/status", "VmRSS");
  if (text.empty()) return fail(Code::not_found, "process " + std::to_string(pid) + " is gone");
  return std::strtoull(text.c_str(), nullptr, 10) * 1024;
}

}  // namespace hospes::bench
