// A temporary house and the real `hospes serve` in it, as a child of the bench: loopback, free
// ports, a folder that goes when it ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace hospes::bench {

inline constexpr const char* house_key = "bench-server-key";

struct HouseOptions {
  std::string binary;                 // of hospes; empty: beside this program
  std::string folder;                 // a temporary folder is made in it
  std::string segments;               // text form
  std::string actions;                // actions.toml
  std::string decisions;              // decisions.toml
  std::vector<std::string> settings;  // further `key=value` of hospes.toml
};

class House {
 public:
  /// Writes the definitions; starts nothing yet.
  static Result<House> make(HouseOptions options);
  House(House&& other) noexcept;
  House& operator=(House&&) = delete;
  /// Kills the child, removes the folder.
  ~House();

  /// Until it says that it is live. unavailable with what it said when it does not.
  Status start();
  /// SIGTERM, and waits. Milliseconds until it ended.
  Result<double> stop();
  void kill();

  /// A read of the console, with the staff token. not_found for any answer but 200.
  Result<std::string> get(const std::string& target) const;
  /// Runs a job of the house (GET /v1/jobs) and waits for its end. unavailable when it fails.
  Status finish_job(const std::string& name) const;
  /// A counter of /metrics.
  Result<std::uint64_t> metric(const std::string& name) const;
  /// Its value once nothing is on its way between partitions; each question waits its turn there.
  Result<std::uint64_t> settled(const std::string& name) const;

  pid_t pid() const { return pid_; }
  std::uint16_t port() const { return port_; }
  std::uint16_t console_port() const { return console_port_; }
  const std::string& token() const { return token_; }
  const std::string& folder() const { return root_; }

 private:
  explicit House(HouseOptions options) : options_(std::move(options)) {}
  Status write_definitions();

  HouseOptions options_;
  std::string root_;
  std::string token_;
  pid_t pid_ = -1;
  int said_ = -1;  // its standard output
  std::uint16_t port_ = 0, console_port_ = 0;
};

}  // namespace hospes::bench
