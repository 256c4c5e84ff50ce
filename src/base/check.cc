#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace hospes {

void check_failed(const char* what, std::source_location where) {
  std::fprintf(stderr, "hospes: bug: %s does not hold at %s:%u\n", what, where.file_name(),
               where.line());
  std::abort();
}

}  // namespace hospes
