// Bytes into UTF-8. What a file is encoded in, it does not say: ByteEvidence gathers what its bytes
// allow, and a Decoder (the C library's iconv) turns them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::table {

/// Names as iconv knows them: `UTF-8`, `WINDOWS-1252`, `UTF-16LE`, …
inline constexpr std::string_view utf8 = "UTF-8", windows_1252 = "WINDOWS-1252";

/// Feed it all bytes of a text, in pieces of any size.
class ByteEvidence {
 public:
  void add(std::string_view bytes);

  /// The encoding, when only one is possible. invalid_input says what can be read two ways, where,
  /// and which --encoding answers.
  Result<std::string> encoding(std::string_view file) const;
  /// Bytes of the byte-order mark at the front.
  std::size_t mark_bytes() const;

 private:
  void one(unsigned char byte);

  std::string head_;  // the first bytes
  std::uint64_t line_ = 1;
  std::uint64_t multi_ = 0;         // well-formed UTF-8 sequences beyond ASCII
  std::uint64_t invalid_line_ = 0;  // the first that is not UTF-8
  std::uint64_t nul_line_ = 0;
  std::uint64_t mojibake_line_ = 0;  // UTF-8 of what was UTF-8 already
  std::array<std::uint64_t, 256> byte_line_{};  // the first line with that byte, beyond ASCII
  unsigned wanted_ = 0;             // continuation bytes of a sequence still to come
  unsigned char low_ = 0x80, high_ = 0xbf;  // what the next of them may be
  unsigned char lead_ = 0, before_ = 0;
};

class Decoder {
 public:
  /// invalid_input when nobody knows that encoding.
  static Result<Decoder> open(const std::string& encoding);
  /// Appends `bytes` as UTF-8; a character that is not all there waits for the next call.
  /// invalid_input for bytes that the encoding does not have.
  Status append(std::string_view bytes, std::string& out);

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Close> handle_;  // null: the text is UTF-8 and goes through as it is
  std::string rest_;
};

}  // namespace hospes::table
