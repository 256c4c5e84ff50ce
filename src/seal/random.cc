#include "seal/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>

#include "base/check.h"

namespace hospes::seal {
namespace {

struct Buffer {
  std::array<unsigned char, 4096> bytes{};
  std::size_t used = sizeof bytes;
  ~Buffer() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

}  // namespace

void random_bytes(unsigned char* out, std::size_t size) {
  thread_local Buffer buffer;
  check(size <= buffer.bytes.size(), "random_bytes: more than the buffer holds");
  if (buffer.used + size > buffer.bytes.size()) {
    check(
        RAND_bytes(buffer.bytes.data(), static_cast<int>(buffer.bytes.size())) == 1,
        "the operating system gives no random bytes"
    );
    buffer.used = 0;
  }
  unsigned char* from = buffer.bytes.data() + buffer.used;
  std::memcpy(out, from, size);
  OPENSSL_cleanse(from, size);  // what was handed out stays nowhere else
  buffer.used += size;
}

}  // namespace hospes::seal
