// The form of an answer: JSON on stdout, one object, with what it was measured on beside it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/machine.h"

namespace hospes::bench {

/// Builds one flat or nested JSON object in the order of the calls. Names are ours: they need no
/// escaping; texts are escaped.
class Report {
 public:
  void number(std::string_view name, double value);
  void whole(std::string_view name, std::uint64_t value);
  void text(std::string_view name, std::string_view value);
  void object(std::string_view name, const Report& inner);
  std::string json() const { return "{" + out_ + "}"; }

 private:
  void name(std::string_view name);
  std::string out_;
};

/// Commit of this build, machine, load average, disk probe of `folder` and calibration: what every
/// figure stands beside.
Result<Report> surroundings(const std::string& folder);
/// The same without the disk: for workloads that touch none.
Report core_surroundings();

}  // namespace hospes::bench
