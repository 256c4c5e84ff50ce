// Loaded before libc (LD_PRELOAD) into an unchanged hospes by the tests: its clock goes ahead by
// HOSPES_LATER seconds.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec* at) {
  static int (*real)(clockid_t, struct timespec*);
  static long ahead;
  if (real == NULL) {
    const char* text = getenv("HOSPES_LATER");
    ahead = text == NULL ? 0 : atol(text);
    real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  }
  const int done = real(id, at);
  if (done == 0 && id == CLOCK_REALTIME) at->tv_sec += ahead;
  return done;
}
