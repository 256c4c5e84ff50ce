#include <algorithm>
#include <filesystem>

#include "seal/key_file.h"

namespace hospes::seal {
namespace {

namespace fs = std::filesystem;

Result<fs::path> real_path(const std::string& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(path, error);
  if (!error) absolute = fs::weakly_canonical(absolute, error);
  if (error) return fail(Code::unavailable, "cannot look at " + path + ": " + error.message());
  if (!absolute.has_filename() && absolute.has_parent_path()) absolute = absolute.parent_path();
  return absolute;
}

bool within(const fs::path& inner, const fs::path& outer) {
  const auto at = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return at.first == outer.end();
}

}  // namespace

Status apart(const std::string& path_keys, const std::string& path_data) {
  const fs::path keys = TRY(real_path(path_keys));
  const fs::path data = TRY(real_path(path_data));
  if (!within(keys, data) && !within(data, keys)) return {};
  return fail(
      Code::conflict, "the key folder " + keys.string() + " and the data folder " + data.string() +
                          " must be apart: give the keys a folder outside the data"
  );
}

}  // namespace hospes::seal
