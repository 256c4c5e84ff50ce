// Loaded before libc (LD_PRELOAD) into an unchanged hospes by the tests: the n-th matching call on
// a file fails, or the process dies at it. HOSPES_FAULT = step(;step)*, each "call:part:n[:what]".
//   call  pwrite, fdatasync, fsync, rename (by its old name)
//   part  part of the path; a '$' at its end means that the path ends there
//   n     which of the matching calls; a step counts only once the step before it was met
//   what  of the last step: kill (before the call), killed (after it), EIO, ENOSPC (this call and
//   all later ones that match)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { steps_max = 4 };

struct step {
  char call[16];
  char part[128];
  long n;
  char what[16];
};

static struct step steps[steps_max];
static int count, reached;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_steps(void) {
  const char* text = getenv("HOSPES_FAULT");
  char copy[1024];
  char* rest = copy;
  if (text == NULL || strlen(text) >= sizeof copy) return;
  strcpy(copy, text);
  for (char* one; count < steps_max && (one = strsep(&rest, ";")) != NULL; ++count) {
    struct step* s = &steps[count];
    if (sscanf(one, "%15[^:]:%127[^:]:%ld:%15s", s->call, s->part, &s->n, s->what) < 3) {
      fprintf(stderr, "HOSPES_FAULT is not understood: %s\n", one);
      _exit(2);
    }
  }
}

static int has_part(const char* path, const char* part) {
  const size_t size = strlen(part);
  if (part[size - 1] != '$') return strstr(path, part) != NULL;
  const size_t all = strlen(path);
  return all >= size - 1 && strncmp(path + all - (size - 1), part, size - 1) == 0;
}

/// What shall happen to this call: NULL for nothing.
static const char* verdict(const char* call, const char* path) {
  const char* what = NULL;
  pthread_once(&once, read_steps);
  pthread_mutex_lock(&mutex);
  const int last = reached == count ? count - 1 : reached;  // an error once met stays
  if (count > 0 && strcmp(steps[last].call, call) == 0 && has_part(path, steps[last].part)) {
    if (reached < count && --steps[last].n <= 0) ++reached;
    if (reached == count && last == count - 1) what = steps[last].what;
  }
  pthread_mutex_unlock(&mutex);
  return what;
}

static const char* verdict_of(const char* call, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return NULL;
  path[size] = '\0';
  return verdict(call, path);
}

static int is(const char* what, const char* word) {
  return what != NULL && strcmp(what, word) == 0;
}

static int failing(const char* what) {
  if (is(what, "EIO")) return EIO;
  if (is(what, "ENOSPC")) return ENOSPC;
  return 0;
}

#define AROUND(type, what, real_call)    \
  do {                                   \
    const char* w = (what);              \
    if (is(w, "kill")) raise(SIGKILL);   \
    if (failing(w) != 0) {               \
      errno = failing(w);                \
      return -1;                         \
    }                                    \
    const type result = (real_call);     \
    if (is(w, "killed")) raise(SIGKILL); \
    return result;                       \
  } while (0)

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static ssize_t (*real)(int, const void*, size_t, off_t);
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
  AROUND(ssize_t, verdict_of("pwrite", fd), real(fd, bytes, size, at));
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  AROUND(int, verdict_of("fdatasync", fd), real(fd));
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  AROUND(int, verdict_of("fsync", fd), real(fd));
}

int rename(const char* from, const char* to) {
  static int (*real)(const char*, const char*);
  if (real == NULL) real = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
  AROUND(int, verdict("rename", from), real(from, to));
}
