#include "http/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "http/message.h"

namespace hospes::http {
namespace {

constexpr int gzip_or_zlib = 15 + 32;
constexpr int gzip_only = 15 + 16;
constexpr std::size_t first_bytes = 16 * 1024;

/// zlib's stream, ended when it leaves scope.
struct Inflater {
  z_stream z{};
  bool ok = false;
  Inflater() { ok = inflateInit2(&z, gzip_or_zlib) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&z); }
};

Status within(std::size_t inflated, std::size_t sent, const InflateBounds& bounds) {
  if (inflated > bounds.bytes_max) {
    return fail(
        Code::over_limit, "the body inflates beyond " + std::to_string(bounds.bytes_max) +
                              " bytes; send fewer events per request"
    );
  }
  if (inflated > bounds.ratio_from &&
      inflated / bounds.ratio_max >= std::max<std::size_t>(sent, 1)) {
    return fail(
        Code::over_limit,
        "the body inflates to more than " + std::to_string(bounds.ratio_max) + " times its size"
    );
  }
  return {};
}

}  // namespace

bool looks_gzipped(std::string_view body) { return body.starts_with("\x1f\x8b"); }

Result<std::string> gunzip(std::string_view body, const InflateBounds& bounds) {
  Inflater in;
  if (!in.ok) return fail(Code::unavailable, "no memory to inflate a body");
  check(body.size() < std::numeric_limits<uInt>::max());
  in.z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(body.data()));
  in.z.avail_in = static_cast<uInt>(body.size());
  std::string out;
  std::size_t filled = 0;
  for (int state = Z_OK;;) {
    if (state == Z_STREAM_END) {
      if (in.z.avail_in == 0) break;
      if (inflateReset(&in.z) != Z_OK) return fail(Code::invalid_input, "the gzip body is broken");
    }
    if (filled == out.size())
      out.resize(std::min(std::max(first_bytes, out.size() * 2), bounds.bytes_max + 1));
    in.z.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    in.z.avail_out = static_cast<uInt>(out.size() - filled);
    state = inflate(&in.z, Z_NO_FLUSH);
    const std::size_t before = filled;
    filled = out.size() - in.z.avail_out;
    TRY(within(filled, body.size(), bounds));
    const bool stuck = state == Z_BUF_ERROR && filled == before && in.z.avail_out > 0;
    const bool cut_off = state == Z_OK && in.z.avail_in == 0 && in.z.avail_out > 0;
    if (stuck || cut_off) return fail(Code::invalid_input, "the gzip body is cut off");
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
      return fail(Code::invalid_input, "the gzip body is broken");
    }
  }
  out.resize(filled);
  out.reserve(filled + body_padding);
  return out;
}

std::string gzip(std::string_view text) {
  z_stream z{};
  check(deflateInit2(&z, 6, Z_DEFLATED, gzip_only, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  check(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace hospes::http
