#include "intake/text_file.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <filesystem>

#include "digest/digest.h"
#include "table/rows.h"

namespace hospes::intake {
namespace {

constexpr std::size_t step_bytes = 256 * 1024;
constexpr std::size_t padding = 64;

struct Digest {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{
      EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  Digest() { EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr); }
  void add(std::string_view bytes) {
    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  }
  std::string hex() {
    hospes::Digest out{};
    EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
    return hospes::hex(view_of(out));
  }
};

std::unexpected<Error> unreadable(const std::string& path) {
  return fail(Code::not_found, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
}

Status check_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(Code::invalid_input, path + " is a folder; give a file");
  return {};
}

bool blank(std::string_view line) { return line.find_first_not_of(" \t\r") == line.npos; }

}  // namespace

std::string sha256(std::string_view text) {
  Digest digest;
  digest.add(text);
  return digest.hex();
}

Result<std::string> sha256_of_file(const std::string& path) {
  TRY(check_file(path));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "rb"), &std::fclose
  );
  if (!file) return unreadable(path);
  Digest digest;
  std::string bytes(step_bytes, 0);
  for (std::size_t got = 0; (got = std::fread(bytes.data(), 1, bytes.size(), file.get())) > 0;)
    digest.add(std::string_view(bytes).substr(0, got));
  if (std::ferror(file.get()) != 0) return unreadable(path);
  return digest.hex();
}

void TextFile::Close::operator()(gzFile_s* file) const { gzclose(file); }

Result<TextFile> TextFile::open(const std::string& path) {
  TRY(check_file(path));
  TextFile out;
  out.path_ = path;
  out.file_.reset(gzopen(path.c_str(), "rb"));
  if (!out.file_) return unreadable(path);
  gzbuffer(out.file_.get(), step_bytes);
  std::error_code ignored;
  out.bytes_ = std::filesystem::file_size(path, ignored);
  return out;
}

Result<std::size_t> TextFile::read(std::string& out) {
  const std::size_t had = out.size();
  out.resize(had + step_bytes);
  const int got = gzread(file_.get(), out.data() + had, step_bytes);
  out.resize(had + static_cast<std::size_t>(std::max(got, 0)));
  int code = 0;
  gzerror(file_.get(), &code);
  if (got < 0 || (got == 0 && code == Z_BUF_ERROR))
    return fail(Code::invalid_input, path_ + " is damaged or cut off: it does not inflate");
  return static_cast<std::size_t>(got);
}

double TextFile::share() const {
  const auto at = gzoffset(file_.get());
  if (bytes_ == 0 || at < 0) return 1;
  return std::min(1.0, static_cast<double>(at) / static_cast<double>(bytes_));
}

Result<Kind> kind_of(const std::string& path) {
  TextFile file = TRY(TextFile::open(path));
  std::string head;
  TRY(file.read(head));
  const auto no = [&](std::string_view what) {
    return fail(Code::invalid_input, fmt::format("{} {}", path, what));
  };
  if (head.empty()) return no("is empty");
  if (head.starts_with("PAR1")) return Kind::parquet;
  if (head.starts_with("PK\x03\x04")) return Kind::zip;
  std::string_view text = head;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != text.npos && text[first] == '{') return Kind::ndjson;
  if (first != text.npos && text[first] == '[')
    return no("is one JSON array; write one object a line: jq -c '.[]' FILE");
  // Not worth reading to its end: a table has lines.
  for (bool more = true; head.find_first_of("\r\n") == head.npos && more;) {
    if (head.size() > line_bytes_max) return no("begins with a line of over 1 MB; it is no table");
    more = TRY(file.read(head)) > 0;
  }
  return Kind::csv;
}

Result<bool> Lines::refill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t got = TRY(file_.read(buffer_));
  buffer_.reserve(buffer_.size() + padding);
  return got > 0;
}

Result<Next> Lines::next(std::string_view& line) {
  bool passing = false;
  for (std::size_t looked = at_;;) {
    const auto end = buffer_.find('\n', looked);
    if (end == buffer_.npos && buffer_.size() - at_ > line_bytes_max) {
      passing = true;
      at_ = buffer_.size();
    }
    if (end == buffer_.npos) {
      looked = buffer_.size() - at_;
      if (TRY(refill())) continue;
      if (at_ == buffer_.size() && !passing) return Next::end;
    }
    line = std::string_view(buffer_).substr(at_, end == buffer_.npos ? end : end - at_);
    at_ = end == buffer_.npos ? buffer_.size() : end + 1;
    ++number_;
    looked = at_;
    if (passing || line.size() > line_bytes_max) return Next::too_long;
    if (number_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    if (!blank(line)) return Next::line;
  }
}

Result<bool> RowStream::refill() {
  buffer_.erase(0, at_);
  at_ = 0;
  raw_.clear();
  if (TRY(file_.read(raw_)) == 0) return false;
  const std::size_t skipped = std::min(skip_bytes_, raw_.size());
  skip_bytes_ -= skipped;
  if (const auto told = decoder_.append(std::string_view(raw_).substr(skipped), buffer_); !told)
    return broken(lines_ + 1, told.error().message);
  return true;
}

std::unexpected<Error> RowStream::broken(std::uint64_t line, std::string_view why) const {
  return fail(
      Code::invalid_input,
      fmt::format("{}:{}: {}", std::filesystem::path(file_.path()).filename().string(), line, why)
  );
}

Result<bool> RowStream::next(std::vector<std::string_view>& cells) {
  for (;;) {
    const std::string_view text = std::string_view(buffer_).substr(at_);
    std::size_t bytes = table::row_bytes(text, separator_);
    if (bytes == 0) {
      if (text.size() > line_bytes_max)
        return broken(
            lines_ + 1,
            "a row over 1 MB: a quote is opened here and not closed, or this is no table of rows"
        );
      if (TRY(refill())) continue;
      bytes = buffer_.size() - at_;
      if (bytes == 0) return false;
    }
    char* from = buffer_.data() + at_;
    at_ += bytes;
    table::Rows rows(from, from + bytes, separator_, lines_);
    const table::Got got = rows.next(cells);
    lines_ = rows.lines();
    number_ = by_row_ ? rows_ : rows.first();
    if (got == table::Got::broken)
      return broken(number_, "a quote is not closed, or something follows it");
    if (got == table::Got::row) return ++rows_, true;
  }
}

}  // namespace hospes::intake
