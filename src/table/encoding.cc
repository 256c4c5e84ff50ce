#include "table/encoding.h"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <cerrno>

namespace hospes::table {
namespace {

std::unexpected<Error> ask(std::string_view file, std::uint64_t line, std::string_view what) {
  return fail(Code::invalid_input, fmt::format("{}:{}: {}", file, line, what));
}

}  // namespace

void ByteEvidence::one(unsigned char c) {
  if (c == '\n') ++line_;
  if (c == 0 && nul_line_ == 0) nul_line_ = line_;
  if (c >= 0x80 && byte_line_[c] == 0) byte_line_[c] = line_;
  if (wanted_ > 0) {
    if (c >= low_ && c <= high_) {
      // C3 83 C2 and C3 82 C2: an accented letter that was turned into UTF-8 twice.
      if (lead_ == 0xc3 && (c == 0x83 || c == 0x82)) before_ = 1;
      low_ = 0x80, high_ = 0xbf;
      if (--wanted_ == 0) ++multi_;
      return;
    }
    wanted_ = 0;
    if (invalid_line_ == 0) invalid_line_ = line_;
  }
  low_ = 0x80, high_ = 0xbf;
  const bool doubled = before_ == 1 && c == 0xc2;
  before_ = 0;
  if (c < 0x80) return;
  if (doubled && mojibake_line_ == 0) mojibake_line_ = line_;
  lead_ = c;
  if (c >= 0xc2 && c <= 0xdf) {
    wanted_ = 1;
  } else if (c >= 0xe0 && c <= 0xef) {
    wanted_ = 2;
    if (c == 0xe0) low_ = 0xa0;
    if (c == 0xed) high_ = 0x9f;
  } else if (c >= 0xf0 && c <= 0xf4) {
    wanted_ = 3;
    if (c == 0xf0) low_ = 0x90;
    if (c == 0xf4) high_ = 0x8f;
  } else if (invalid_line_ == 0) {
    invalid_line_ = line_;
  }
}

void ByteEvidence::add(std::string_view bytes) {
  if (head_.size() < 4) head_.append(bytes.substr(0, 4 - head_.size()));
  for (const char c : bytes) one(static_cast<unsigned char>(c));
}

std::size_t ByteEvidence::mark_bytes() const {
  if (head_.starts_with("\xef\xbb\xbf")) return 3;
  return head_.starts_with("\xff\xfe") || head_.starts_with("\xfe\xff") ? 2 : 0;
}

Result<std::string> ByteEvidence::encoding(std::string_view file) const {
  if (head_.starts_with("\xff\xfe")) return std::string("UTF-16LE");
  if (head_.starts_with("\xfe\xff")) return std::string("UTF-16BE");
  if (nul_line_ != 0)
    return ask(
        file, nul_line_,
        "a zero byte: this is no text. Save it as CSV in UTF-8, or say --encoding UTF-16LE"
    );
  const std::uint64_t invalid_line = invalid_line_ != 0 ? invalid_line_ : wanted_ > 0 ? line_ : 0;
  if (invalid_line == 0) {
    if (mojibake_line_ != 0)
      return ask(
          file, mojibake_line_,
          "accents were encoded twice (\xc3\x83\xc2\xa9 where \xc3\xa9 was meant). Export it again; "
          "to take it as it stands: --encoding UTF-8"
      );
    return std::string(utf8);
  }
  if (multi_ > 0)
    return ask(
        file, invalid_line,
        "most of this file is UTF-8, this line is not. Export it again in one encoding, or say "
        "which: --encoding UTF-8 (such lines are refused), --encoding WINDOWS-1252"
    );
  // Windows-1252 and Latin-1 agree on letters; others put their letters where these have none.
  constexpr std::string_view plain_marks = "\x80\x85\x8c\x91\x92\x93\x94\x95\x96\x97\x99\x9c";
  for (unsigned c = 0x80; c < 0xa0; ++c) {
    if (byte_line_[c] == 0 || plain_marks.find(static_cast<char>(c)) != plain_marks.npos) continue;
    return ask(
        file, byte_line_[c],
        "these letters are of an old Mac or DOS encoding. Say which: --encoding MACINTOSH, "
        "--encoding CP850, or --encoding WINDOWS-1252 if they are right so"
    );
  }
  for (const unsigned c : {0xa4U, 0xbcU, 0xbdU, 0xbeU}) {
    if (byte_line_[c] == 0) continue;
    return ask(
        file, byte_line_[c],
        "a byte that is \xe2\x82\xac or \xc5\x93 in ISO-8859-15 and another sign in Windows-1252. "
        "Say which: --encoding ISO-8859-15 or --encoding WINDOWS-1252"
    );
  }
  return std::string(windows_1252);
}

void Decoder::Close::operator()(void* handle) const { iconv_close(handle); }

Result<Decoder> Decoder::open(const std::string& encoding) {
  Decoder out;
  if (encoding == utf8) return out;
  iconv_t handle = iconv_open("UTF-8", encoding.c_str());
  if (handle == reinterpret_cast<iconv_t>(-1))
    return fail(
        Code::invalid_input,
        fmt::format(
            "unknown encoding \"{}\"; known are UTF-8, WINDOWS-1252, ISO-8859-15, MACINTOSH, "
            "CP850, UTF-16LE and whatever iconv -l lists",
            encoding
        )
    );
  out.handle_.reset(handle);
  return out;
}

Status Decoder::append(std::string_view bytes, std::string& out) {
  if (!handle_) return out.append(bytes), Status{};
  rest_.append(bytes);
  char* in = rest_.data();
  std::size_t in_left = rest_.size();
  while (in_left > 0) {
    const std::size_t had = out.size();
    out.resize(had + in_left * 3 + 16);
    char* to = out.data() + had;
    std::size_t room = out.size() - had;
    const std::size_t got = iconv(handle_.get(), &in, &in_left, &to, &room);
    const int error = errno;
    out.resize(static_cast<std::size_t>(to - out.data()));
    if (got != static_cast<std::size_t>(-1) || error == E2BIG) continue;
    if (error == EINVAL) break;  // half a character
    return fail(Code::invalid_input, "bytes that this encoding does not have");
  }
  rest_.erase(0, rest_.size() - in_left);
  return {};
}

}  // namespace hospes::table
