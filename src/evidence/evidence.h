// What must be kept of somebody who was erased, because the law asks for proof: that their request was
// made and met, what they had answered. Under keys of its own, one for each day on which something
// ends; docs/formats/evidence.md. It names nobody: who knows an identifier finds what is kept of it.
//
//   evidence/2031-11-28        below the data folder: what ends with the beginning of that day, sealed
//   evidence/2031-11-28.key    below the key folder
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "disk/disk.h"
#include "seal/keys.h"

namespace hospes::evidence {

struct Entry {
  std::string ground;  // the rule of law that asks for it
  Instant until;       // midnight UTC: from then on it is gone
  std::string what;    // JSON, without anything that names its person
  bool operator==(const Entry&) const = default;
};

/// Thread-safe.
class Evidence {
 public:
  /// What has ended is destroyed first. corrupt when a key of what has not ended is missing: it is never made anew in
  /// silence. Both disks outlive it.
  static Result<std::unique_ptr<Evidence>> open(disk::Disk& data, disk::Disk& keys, Instant now);

  /// Durable when it returns. `who`: `kind:value`, as the house writes it. Cost: one sync; the first of a day reads what is
  /// kept of that day already. unavailable from the first failed write until the next start.
  Status keep(std::string_view who, const Entry& entry);
  /// Destroys what has ended: the key first. Cost: nothing when no day has come.
  Status sweep(Instant now);

 private:
  struct Day {
    std::string name;
    seal::Key key;
    std::unique_ptr<disk::File> file;
    std::uint64_t end = 0;
  };
  Evidence(disk::Disk& data, disk::Disk& keys) : data_(data), keys_(keys) {}
  Result<Day> day_of(const std::string& name);
  Status write(std::string_view who, const Entry& entry);
  Status destroy(const std::string& name);

  disk::Disk& data_;
  disk::Disk& keys_;
  std::mutex mutex_;  // guards all below
  Day open_;          // the one that was written last
  std::set<std::string> days_;
  std::optional<Status> failed_;  // since when nothing is kept any more
};

/// What has not ended and is kept of that identifier, each once. Reads alone, also beside a house that runs.
Result<std::vector<Entry>> find(disk::Disk& data, disk::Disk& keys, std::string_view who, Instant now);
/// The plain bytes of everything that its key opens.
Status dig(disk::Disk& data, disk::Disk& keys, const std::function<void(std::string_view plain)>& visit);

}  // namespace hospes::evidence
