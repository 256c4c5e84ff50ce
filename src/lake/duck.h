// DuckDB behind a face of our own: a database in memory that reads and writes Parquet.
//
// The library (70 MB) is opened when the first database is, so a start pays nothing for it: it lies beside the
// program, in ../lib/hospes, or where HOSPES_DUCKDB says. Nothing is installed or loaded from a network.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace hospes::lake {

/// A column of an answer. `type` is DuckDB's word for it: BIGINT, DECIMAL(18,6), TIMESTAMP WITH TIME ZONE, …
struct Column {
  std::string name;
  std::string type;
  bool operator==(const Column&) const = default;
};

/// Values as text, as DuckDB casts them to VARCHAR; nothing is NULL.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  bool cut = false;  // there were more rows than asked for
};

/// Numbers are written bare in JSON, right-aligned in text.
bool is_number(const Column& column);

/// Watches one statement, on the thread that runs it.
struct Watch {
  std::function<void(double)> progress = {};         // 0 … 1; may jump
  std::function<std::optional<Error>()> stop = {};  // why it must end; asked every few milliseconds
};

/// One database with one connection. Not thread-safe. Statements run on the calling thread alone.
class Duck {
 public:
  struct Options {
    std::size_t memory_mb_max = 256;
    std::string time_zone = "UTC";
  };

  /// unavailable when the library is not there or is another version.
  static Result<std::unique_ptr<Duck>> open(const Options& options);
  ~Duck();
  Duck(const Duck&) = delete;
  Duck& operator=(const Duck&) = delete;

  /// invalid_input with DuckDB's own words; over_limit when memory ran out.
  Status run(const std::string& sql);
  /// At most `rows_max` rows. `sql` is one SELECT; its value `$1`, if it has one, is `parameter`.
  Result<Table> read(
      const std::string& sql, std::size_t rows_max, const Watch& watch = {},
      const std::optional<std::string>& parameter = std::nullopt
  );
  /// From here on nothing outside `folders` is read or written, and no setting changes.
  Status lock(const std::vector<std::string>& folders);

  /// Appends rows to a table that exists. Columns in order; `end` closes a row.
  class Appender {
   public:
    ~Appender();
    Appender(Appender&&) noexcept;
    Appender& operator=(Appender&&) = delete;
    void add(std::uint64_t value);
    void add(std::int64_t value);
    void add(bool value);
    void add(Instant at);  // TIMESTAMP
    void add(std::string_view text);
    void add_null();
    void end();
    /// What was appended is in the table; the first thing that failed.
    Status close();

   private:
    friend class Duck;
    struct State;
    explicit Appender(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };
  Result<Appender> append(const std::string& table, const char* schema = nullptr);

 private:
  struct State;
  explicit Duck(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// `text` between single quotes.
std::string sql_text(std::string_view text);

}  // namespace hospes::lake
