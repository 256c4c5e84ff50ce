// Parquet as what the rest of this room reads: DuckDB writes its rows beside it, as a table or as lines, for as long as
// the import lasts. A column's type is in the file, so that nothing of it is guessed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "intake/facts.h"

namespace hospes::intake {

/// The rows of one Parquet file, readable by this user alone. Goes with it; what a killed import left behind goes with
/// the next one.
class ParquetRows {
 public:
  /// Cost: one walk of the file; disk for its rows as text. Memory: 512 MB at most, whatever its size.
  /// invalid_input with DuckDB's words when it is none; unavailable when the disk or the library is in the way.
  static Result<ParquetRows> open(const std::string& path);
  ParquetRows(ParquetRows&& other) noexcept;
  ParquetRows& operator=(ParquetRows&&) = delete;
  ~ParquetRows();

  const std::string& path() const { return path_; }
  /// Whether a row is an event as `/v1/batch` takes it: `properties`, `traits` or `context` is a structure. Then `path` is
  /// NDJSON, else CSV in UTF-8 with commas.
  bool events() const { return events_; }
  /// What the file's own types say of the columns of `facts`, which were read from `path`.
  void tell(TableFacts& facts) const;

 private:
  explicit ParquetRows(std::string path) : path_(std::move(path)) {}
  std::string path_;
  bool events_ = false;
  std::vector<ColumnTold> told_;
};

}  // namespace hospes::intake
