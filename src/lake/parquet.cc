#include "lake/parquet.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>

namespace hospes::lake {
namespace {

/// A file without a name and without a disk (memfd_create(2)): who is listed in it is never on one.
class Nameless {
 public:
  Nameless() : fd_(memfd_create("members", MFD_CLOEXEC)) {}
  ~Nameless() {
    if (fd_ >= 0) ::close(fd_);
  }
  Nameless(const Nameless&) = delete;
  Nameless& operator=(const Nameless&) = delete;
  bool there() const { return fd_ >= 0; }
  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }
  Result<std::string> bytes() const {
    std::string out;
    char piece[1 << 16];
    ::lseek(fd_, 0, SEEK_SET);
    for (;;) {
      const ssize_t n = ::read(fd_, piece, sizeof(piece));
      if (n < 0) return fail(Code::unavailable, "a file in memory cannot be read");
      if (n == 0) return out;
      out.append(piece, static_cast<std::size_t>(n));
    }
  }

 private:
  const int fd_;
};

std::string name(const Column& column) {
  std::string out = "\"";
  for (const char c : column.name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

}  // namespace

Result<std::string> to_parquet(const Table& table) {
  const Nameless file;
  if (!file.there()) return fail(Code::unavailable, "no file in memory can be made");
  const auto duck = TRY(Duck::open({}));
  std::string columns, cast;
  for (const Column& c : table.columns) {
    const std::string_view comma = columns.empty() ? "" : ", ";
    columns += fmt::format("{}{} VARCHAR", comma, name(c));
    cast += fmt::format("{}CAST({} AS {}) AS {}", comma, name(c), c.type, name(c));
  }
  TRY(duck->run("CREATE TABLE t (" + columns + ")"));
  auto rows = TRY(duck->append("t"));
  for (const auto& row : table.rows) {
    for (const auto& value : row) {
      if (value)
        rows.add(std::string_view(*value));
      else
        rows.add_null();
    }
    rows.end();
  }
  TRY(rows.close());
  TRY(duck->run(fmt::format(
      "COPY (SELECT {} FROM t) TO {} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)", cast,
      sql_text(file.path())
  )));
  return file.bytes();
}

}  // namespace hospes::lake
