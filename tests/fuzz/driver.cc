// Replays a corpus; with --seconds also mutates it, by coverage when the code was compiled for it.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "base/dice.h"
#include "target.h"

namespace {

constexpr std::size_t input_bytes_max = 64 * 1024;
constexpr unsigned patience_s = 60;

// Edges between two places of the code, hashed: one byte each, set when passed.
constexpr std::size_t edges = 1 << 16;
std::uint8_t passed[edges];
std::uint8_t known[edges];

// The input under test, for whoever finds out why it failed: also after main.
std::string& running = *new std::string;
std::string crash_file = "crash";

void write_down() {
  const int file = ::open(crash_file.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0644);
  if (file < 0) return;
  if (::write(file, running.data(), running.size()) >= 0)
    std::fprintf(stderr, "the input is in %s (%zu bytes)\n", crash_file.c_str(), running.size());
  ::close(file);
}

void on_signal(int signal) {
  if (signal == SIGALRM) std::fprintf(stderr, "no end after %u s\n", patience_s);
  write_down();
  std::signal(signal == SIGALRM ? SIGABRT : signal, SIG_DFL);
  std::abort();
}

void run(const std::string& input) {
  running = input;
  alarm(patience_s);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(running.data()), running.size());
  alarm(0);
}

#define UNWATCHED __attribute__((no_sanitize_coverage, no_sanitize("address", "undefined")))

/// Whether this run passed an edge that none before did.
UNWATCHED bool reached_something_new() {
  bool out = false;
  for (std::size_t i = 0; i < edges; i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    __builtin_memcpy(&word, passed + i, sizeof word);
    if (word == 0) continue;
    for (std::size_t k = i; k < i + sizeof word; ++k) {
      if (passed[k] == 0 || known[k] != 0) continue;
      known[k] = 1;
      out = true;
    }
    __builtin_memset(passed + i, 0, sizeof word);
  }
  return out;
}

/// Words and signs of the corpus, and what parsers trip over.
std::vector<std::string> dictionary_of(const std::vector<std::string>& corpus) {
  std::vector<std::string> out = {
      "\"",
      "\\",
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      "-",
      ".",
      "e",
      "0",
      "1e400",
      "\\u0000",
      "\\ud83d",
      "\xff",
      "\xc3\xa9",
      std::string(1, '\0'),
      "\r\n",
      "%",
      "=",
      "&",
      "+",
      "null",
      "true",
      "-9223372036854775808",
      "18446744073709551616",
      std::string(300, 'x'),
      std::string(40, '['),
      "\xe2\x80\x8b",
      "  "};
  for (const std::string& input : corpus) {
    std::string word;
    for (const char c : input + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
        word += c;
      } else {
        if (word.size() > 1 && word.size() < 40 && out.size() < 4'000) out.push_back(word);
        word.clear();
      }
    }
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

class Mutator {
 public:
  Mutator(std::uint64_t seed, std::vector<std::string> words)
      : dice_(seed), words_(std::move(words)) {}

  std::string next(const std::vector<std::string>& corpus) {
    std::string out = corpus[below(corpus.size())];
    for (std::size_t n = 1 + below(6); n > 0; --n) change(out, corpus);
    if (out.size() > input_bytes_max) out.resize(input_bytes_max);
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(dice_.below(n)); }

  void change(std::string& out, const std::vector<std::string>& corpus) {
    const std::size_t at = below(out.size() + 1);
    const std::size_t left = out.size() - at;
    switch (below(8)) {
      case 0:
        if (left > 0) out[at] = static_cast<char>(out[at] ^ (1 << below(8)));
        return;
      case 1:
        if (left > 0) out[at] = static_cast<char>(below(256));
        return;
      case 2:
        out.insert(at, words_[below(words_.size())]);
        return;
      case 3:
        out.erase(at, 1 + below(16));
        return;
      case 4:  // a stretch twice
        out.insert(below(out.size() + 1), out.substr(at, 1 + below(64)));
        return;
      case 5: {  // the end of another
        const std::string& other = corpus[below(corpus.size())];
        out.resize(at);
        out += other.substr(below(other.size() + 1));
        return;
      }
      case 6:
        out.replace(at, std::min<std::size_t>(left, 1 + below(12)), words_[below(words_.size())]);
        return;
      default:
        out.erase(at, below(left + 1));
    }
  }

  hospes::Dice dice_;
  std::vector<std::string> words_;
};

struct Options {
  std::vector<std::string> folders;
  std::string keep;
  long seconds = 0;
  std::uint64_t seed = 20261124;
};

Options read_options(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--seconds" && more)
      out.seconds = std::stol(argv[++i]);
    else if (word == "--seed" && more)
      out.seed = std::stoull(argv[++i]);
    else if (word == "--keep" && more)
      out.keep = argv[++i];
    else
      out.folders.push_back(word);
  }
  return out;
}

std::vector<std::string> read_corpus(const std::vector<std::string>& folders) {
  std::vector<std::filesystem::path> files;
  for (const std::string& folder : folders) {
    if (std::filesystem::is_regular_file(folder)) files.emplace_back(folder);
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<std::string> out;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

void mutate(const Options& options, std::vector<std::string> corpus) {
  using Clock = std::chrono::steady_clock;
  Mutator mutator(options.seed, dictionary_of(corpus));
  const auto end = Clock::now() + std::chrono::seconds(options.seconds);
  std::size_t runs = 0, kept = 0;
  for (; Clock::now() < end; ++runs) {
    std::string input = mutator.next(corpus);
    run(input);
    if (!reached_something_new()) continue;
    if (!options.keep.empty())
      std::ofstream(options.keep + "/found-" + std::to_string(kept), std::ios::binary) << input;
    ++kept;
    corpus.push_back(std::move(input));
  }
  std::printf(
      "%zu mutations from seed %llu, %zu reached new code\n", runs,
      static_cast<unsigned long long>(options.seed), kept
  );
}

}  // namespace

/// GCC calls this on every edge of code compiled with -fsanitize-coverage=trace-pc.
extern "C" UNWATCHED void __sanitizer_cov_trace_pc() {
  static thread_local std::uintptr_t before = 0;
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  passed[(here ^ before) % edges] = 1;
  before = here >> 1;
}

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  crash_file = "crash-" + std::filesystem::path(argv[0]).filename().string();
  for (const int signal : {SIGABRT, SIGSEGV, SIGALRM, SIGFPE, SIGBUS})
    std::signal(signal, on_signal);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_set_death_callback(write_down);
#endif
  std::vector<std::string> corpus = read_corpus(options.folders);
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus: name a folder with inputs\n");
    return 2;
  }
  for (const std::string& input : corpus) {
    run(input);
    reached_something_new();
  }
  std::printf("%zu inputs replayed\n", corpus.size());
  if (options.seconds > 0) mutate(options, std::move(corpus));
  return 0;
}
