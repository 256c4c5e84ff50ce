// The one door of moving.h: its file.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catalog/moving.h"

namespace hospes::catalog {
namespace {

std::filesystem::path file_in(const std::string& folder) {
  return std::filesystem::path(folder) / "imports/moving.toml";
}

}  // namespace

Result<Moving> read_moving_folder(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::exists(file_in(folder), error)) return Moving{};
  std::ifstream in(file_in(folder));
  if (!in) return fail(Code::unavailable, file_in(folder).string() + " cannot be read");
  return read_moving(std::string(std::istreambuf_iterator<char>(in), {}));
}

Status write_moving_folder(const std::string& folder, const Moving& moving) {
  std::error_code error;
  std::filesystem::create_directories(file_in(folder).parent_path(), error);
  const std::string fresh = file_in(folder).string() + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << write_moving(moving);
    if (!out.flush()) return fail(Code::unavailable, "cannot write " + fresh);
  }
  std::filesystem::rename(fresh, file_in(folder), error);
  if (error) return fail(Code::unavailable, "cannot write moving.toml: " + error.message());
  return {};
}

}  // namespace hospes::catalog
