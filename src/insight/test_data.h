// Of the room's tests only: where the public data sets are, and a small reader for them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace hospes::insight {

/// HOSPES_DATA, else ../shared/data beside this checkout.
inline std::filesystem::path data_folder() {
  const char* named = std::getenv("HOSPES_DATA");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(HOSPES_SOURCE).parent_path() / "shared/data";
}
/// Empty when it is not there.
inline std::string data_file(const std::string& name) {
  const auto path = data_folder() / name;
  if (std::filesystem::exists(path)) return path.string();
  const auto fetched = std::filesystem::path(HOSPES_SOURCE) / "third_party" / name;
  return std::filesystem::exists(fetched) ? fetched.string() : std::string();
}

}  // namespace hospes::insight

#define NEED_DATA(path, name)               \
  const std::string path = data_file(name); \
  if (path.empty()) GTEST_SKIP() << "no " << (name) << " in HOSPES_DATA or ../shared/data"
