// Files as a stream, plain or gzip: their bytes, their lines (NDJSON), their rows (CSV). Memory is
// bounded whatever is in them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/encoding.h"

struct gzFile_s;

namespace hospes::intake {

inline constexpr std::size_t line_bytes_max = 1024 * 1024;  // of NDJSON, and of one CSV row

/// Hex.
std::string sha256(std::string_view text);
/// Of a file's bytes as they lie on the disk. not_found, unavailable.
Result<std::string> sha256_of_file(const std::string& path);

/// Inflated bytes, from the front.
class TextFile {
 public:
  /// not_found names the file; invalid_input for a folder.
  static Result<TextFile> open(const std::string& path);
  /// Appends some bytes; 0 at the end. invalid_input when gzip does not inflate.
  Result<std::size_t> read(std::string& out);
  /// How much of the bytes on the disk has been read, 0 to 1.
  double share() const;
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::uint64_t bytes_ = 0;  // on the disk
};

enum class Kind : std::uint8_t { ndjson, csv, parquet, zip };
/// By its first bytes. invalid_input for what is neither, with what to do about it.
Result<Kind> kind_of(const std::string& path);

enum class Next : std::uint8_t {
  line,
  too_long,  // over line_bytes_max: passed over
  end
};

/// Line after line, blank ones left out. At least 64 readable bytes follow each, as simdjson wants.
class Lines {
 public:
  explicit Lines(TextFile file) : file_(std::move(file)) {}
  Result<Next> next(std::string_view& line);
  std::uint64_t number() const { return number_; }  // of the last line, from 1
  double share() const { return file_.share(); }

 private:
  Result<bool> refill();

  TextFile file_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
};

/// Row after row, decoded.
class RowStream {
 public:
  /// `skip_bytes`: a byte-order mark. `by_row`: numbers are of rows, not of lines.
  RowStream(TextFile file, table::Decoder decoder, char separator, std::size_t skip_bytes, bool by_row = false)
      : file_(std::move(file)),
        decoder_(std::move(decoder)),
        separator_(separator),
        skip_bytes_(skip_bytes),
        by_row_(by_row) {}
  /// False at the end. Cells live until the next call. invalid_input when a quote is not closed, a
  /// row is over line_bytes_max, or bytes do not belong to the encoding.
  Result<bool> next(std::vector<std::string_view>& cells);
  /// Line on which the last row began, from 1; by row: its number, from 0.
  std::uint64_t number() const { return number_; }
  double share() const { return file_.share(); }

 private:
  Result<bool> refill();
  std::unexpected<Error> broken(std::uint64_t line, std::string_view why) const;

  TextFile file_;
  table::Decoder decoder_;
  char separator_;
  std::size_t skip_bytes_;
  bool by_row_;
  std::string raw_, buffer_;
  std::size_t at_ = 0;
  std::uint64_t lines_ = 0, rows_ = 0, number_ = 0;
};

}  // namespace hospes::intake
