#include "staff/code.h"

#include <sys/random.h>

#include "base/check.h"
#include "digest/digest.h"

namespace hospes::staff {

std::string new_secret() {
  constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  unsigned char bytes[32];
  check(getrandom(bytes, sizeof bytes, 0) == sizeof bytes, "the system gives random bytes");
  std::string out;
  for (const unsigned char byte : bytes) out += letters[byte & 31U];
  return out;
}

std::string hash_of(std::string_view secret) { return hex(view_of(sha256(secret))); }

}  // namespace hospes::staff
