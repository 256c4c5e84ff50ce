// Options of one workload: `--name value`, each known and each with a default.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::bench {

class Options {
 public:
  /// `known` gives each option's default. invalid_input names an unknown option and the nearest
  /// known one.
  static Result<Options> read(
      std::span<const char* const> words, std::map<std::string, std::string> known
  );

  const std::string& text(const std::string& name) const { return values_.at(name); }
  /// invalid_input when it is no number from `min` to `max`.
  Result<double> number(const std::string& name, double min, double max) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace hospes::bench
