// gzip and zlib bodies, opened within bounds: a bomb is an answer of 413, not of memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hospes::http {

struct InflateBounds {
  std::size_t bytes_max = 4 * 1024 * 1024;
  std::size_t ratio_max =
      100;  // inflated : sent; small bodies (`ratio_from` inflated bytes) are not judged
  std::size_t ratio_from = 64 * 1024;
};

/// By the magic bytes: several clients send gzip without saying so.
bool looks_gzipped(std::string_view body);

/// Inflated text, with body_padding readable bytes behind it. invalid_input when it is broken or
/// cut off, over_limit beyond a bound. Several members in a row are one text (RFC 1952, 2.2).
Result<std::string> gunzip(std::string_view body, const InflateBounds& bounds);
/// For tests and clients.
std::string gzip(std::string_view text);

}  // namespace hospes::http
