#include "catalog/house_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace hospes::catalog {
namespace {

constexpr std::size_t files_max = 64;

Result<TextFile> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return fail(Code::unavailable, "cannot read " + path.string());
  return TextFile{path.filename().string(), std::move(text).str()};
}

}  // namespace

Result<Catalog> read_house_folder(const std::string& folder) {
  std::error_code error;
  std::vector<TextFile> files;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != ".toml") continue;
    if (files.size() >= files_max) return fail(Code::over_limit, folder + " holds over 64 files");
    files.push_back(TRY(read_file(at->path())));
  }
  if (error) {
    return fail(Code::not_found, "cannot read the house folder " + folder + ": " + error.message());
  }
  std::ranges::sort(files, {}, &TextFile::name);
  return read_house(files);
}

}  // namespace hospes::catalog
