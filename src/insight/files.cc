#include "insight/files.h"

#include <fmt/format.h>
#include <zlib.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace hospes::insight {
namespace {

/// zlib reads plain files as they are.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code unreadable;
  if (std::filesystem::is_directory(path, unreadable))
    return fail(Code::invalid_input, path + " is a folder; give a file");
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (!file) return fail(Code::not_found, path + " cannot be read");
  std::string out;
  constexpr unsigned step_bytes = 1 << 20;
  for (;;) {
    const std::size_t had = out.size();
    out.resize(had + step_bytes);
    const int got = gzread(file.get(), out.data() + had, step_bytes);
    if (got < 0) return fail(Code::invalid_input, path + " is damaged: it does not inflate");
    out.resize(had + static_cast<std::size_t>(got));
    if (out.size() > bytes_max)
      return fail(
          Code::over_limit, fmt::format("{} holds over {} bytes; cut it by period", path, bytes_max)
      );
    if (got == 0) return out;
  }
}

}  // namespace

Result<Columns> read_files(const std::vector<std::string>& paths) {
  if (paths.empty()) return fail(Code::invalid_input, "no file is named");
  std::size_t left = file_bytes_max;
  std::optional<Columns> out;
  for (const std::string& path : paths) {
    std::string text = TRY(read_file(path, left));
    left -= text.size();
    auto table =
        TRY(Columns::parse(std::move(text), std::filesystem::path(path).filename().string()));
    if (out)
      TRY(out->append(std::move(table)));
    else
      out = std::move(table);
  }
  return std::move(*out);
}

}  // namespace hospes::insight
