#include "intake/parquet.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "intake/carry.h"
#include "lake/duck.h"

namespace hospes::intake {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "rows-";  // and the number of the process that reads them

/// Rows of processes that are no more.
void sweep(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    pid_t owner = 0;
    if (!name.starts_with(prefix)) continue;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), owner);
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) fs::remove(entry.path(), error);
  }
}

bool nested(const lake::Column& column) {
  return column.type.starts_with("STRUCT") || column.type.starts_with("MAP") || column.type.ends_with(']') ||
         column.type == "JSON";
}

bool are_events(const std::vector<lake::Column>& columns) {
  constexpr std::array<std::string_view, 3> parts{"properties", "traits", "context"};
  return std::ranges::any_of(columns, [&](const lake::Column& c) {
    return nested(c) && std::ranges::find(parts, c.name) != parts.end();
  });
}

std::string sql_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

/// Instants with their zone where the file has one; what the text cannot show otherwise as JSON.
std::string shown(const lake::Column& column, bool as_events) {
  const std::string name = sql_name(column.name);
  std::string out = name;
  if (column.type == "TIMESTAMP WITH TIME ZONE")
    out = fmt::format("strftime(make_timestamp(epoch_us({})), '%Y-%m-%dT%H:%M:%S.%fZ')", name);
  else if (column.type.starts_with("TIMESTAMP"))
    out = fmt::format("strftime({}::TIMESTAMP, '%Y-%m-%d{}%H:%M:%S.%f{}')", name, as_events ? 'T' : ' ', as_events ? "Z" : "");
  else if (!as_events && nested(column))
    out = fmt::format("to_json({})::VARCHAR", name);
  return out + " AS " + name;
}

ColumnTold told(const lake::Column& column) {
  if (lake::is_number(column)) return ColumnTold::number;
  const bool found_in_cells = column.type.starts_with("TIMESTAMP") || column.type == "DATE" || column.type == "BOOLEAN";
  return found_in_cells ? ColumnTold::nothing : ColumnTold::text;
}

}  // namespace

Result<ParquetRows> ParquetRows::open(const std::string& path) {
  const fs::path folder = folder_of(path);
  std::error_code error;
  fs::create_directories(folder, error);
  sweep(folder);
  const auto duck = TRY(lake::Duck::open({.memory_mb_max = 512}));
  const std::string from = "read_parquet(" + lake::sql_text(path) + ")";
  const auto file = [&](const Error& e) {
    return fail(e.code, fmt::format("{} is not read as Parquet: {}", path, e.message));
  };
  const auto described = duck->read("SELECT * FROM " + from, 0);
  if (!described) return file(described.error());
  ParquetRows out((folder / fmt::format("{}{}", prefix, ::getpid())).string());
  out.events_ = are_events(described->columns);
  std::string list;
  for (const lake::Column& column : described->columns) {
    list.append(list.empty() ? "" : ", ").append(shown(column, out.events_));
    out.told_.push_back(told(column));
  }
  // Made here, so that nobody else may read what DuckDB writes into it.
  const int handle = ::open(out.path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (handle < 0) return fail(Code::unavailable, fmt::format("{} cannot be made: {}", out.path_, std::strerror(errno)));
  ::close(handle);
  const std::string_view form = out.events_ ? "FORMAT json" : "FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR ''";
  const Status written = duck->run(
      fmt::format("COPY (SELECT {} FROM {}) TO {} ({}, USE_TMP_FILE false)", list, from, lake::sql_text(out.path_), form)
  );
  if (!written) return file(written.error());
  return out;
}

ParquetRows::ParquetRows(ParquetRows&& other) noexcept
    : path_(std::exchange(other.path_, {})), events_(other.events_), told_(std::move(other.told_)) {}

ParquetRows::~ParquetRows() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
  fs::remove(fs::path(path_).parent_path(), ignored);  // which stays when anything else is in it
}

void ParquetRows::tell(TableFacts& facts) const {
  for (std::size_t i = 0; i < std::min(told_.size(), facts.columns.size()); ++i) facts.columns[i].told = told_[i];
}

}  // namespace hospes::intake
