// What a figure was measured on, and the two probes that are printed beside it: the disk's, and a
// calibration loop that makes CPU costs of different machines comparable.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace hospes::bench {

struct Machine {
  std::string cpu;
  unsigned cores = 0;
  double load_1min = 0;  // before the run: above 0.5 other work disturbs the figures
  std::uint64_t memory_mb = 0;
};
Machine this_machine();

/// 16 kB appended and fdatasync'ed, as a group commit does.
struct DiskProbe {
  double p50_ms = 0;
  double p99_ms = 0;
};
/// Writes and removes one file in `folder`. Takes about `syncs` × 0.2 ms on a good disk.
Result<DiskProbe> probe_disk(const std::string& folder, unsigned syncs = 500);

/// CPU µs (this thread's, so that neighbours do not count) of a fixed piece of work of the server's
/// kind: hashing, sorting, look-ups in more memory than the caches hold. Best of five.
double calibrate_us();

/// CPU µs of the calling thread so far.
double thread_cpu_us();

/// User and system CPU time of a process, all its threads, in µs. Resolution 10 ms. not_found when
/// it is gone.
Result<double> cpu_us_of(pid_t pid);
/// Resident memory in bytes, now.
Result<std::uint64_t> resident_bytes_of(pid_t pid);

}  // namespace hospes::bench
