// usage: scenario FILE...
// Plays each file in every way; exit 1 when an expectation is not met in one of them. With
// HOSPES_BLESS=1 the expectations become what the plain way says: read the difference before you
// commit it. HOSPES_SEED changes what a crash loses.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "scenario/play.h"

namespace hospes::scenario {
namespace {

constexpr Way ways[] = {
    {.name = "plain"},
    {.name = "each request twice", .twice = true},
    {.name = "one lane", .partitions = 1},
    {.name = "64 lanes", .partitions = 64},
    {.name = "restart after each step", .restarts = Way::closed},
    {.name = "kill after each step", .restarts = Way::killed},
    {.name = "kill after each step, whole log replayed", .restarts = Way::killed, .checkpoints = false},
    {.name = "no timeline in memory", .restarts = Way::closed, .cold = true},
};

void bless(const std::string& file, const Script& script, const Played& played) {
  std::ofstream out(file);
  for (std::size_t i = 0; i < script.lines.size(); ++i) {
    const auto answer = played.answers.find(i + 1);
    out << (answer == played.answers.end() ? script.lines[i] : blessed(script.lines[i], answer->second))
        << '\n';
  }
}

/// How many ways went wrong.
unsigned run(const std::string& file, std::uint64_t seed, bool blessing) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  const auto script = parse(text.str());
  if (!in || !script) {
    fmt::print("{}: {}\n", file, in ? script.error().message : "cannot be read");
    return 1;
  }
  if (blessing) {
    bless(file, *script, play(*script, ways[0], seed));
    return 0;
  }
  unsigned wrong = 0;
  std::optional<Hash128> digest;
  for (const Way& way : ways) {
    Played played = play(*script, way, seed);
    if (!digest) digest = played.digest;
    // Which slot an event lies in is no matter of meaning: the people are the same in all ways.
    if (*digest != played.digest) played.failures.push_back("the people at the end are others");
    for (const std::string& failure : played.failures)
      fmt::print("{} ({}, seed {}): {}\n", file, way.name, seed, failure);
    wrong += !played.failures.empty();
  }
  fmt::print("{}: {} ways, {} wrong\n", file, std::size(ways), wrong);
  return wrong;
}

}  // namespace
}  // namespace hospes::scenario

int main(int count, char** words) {
  const char* seed = std::getenv("HOSPES_SEED");
  const char* blessing = std::getenv("HOSPES_BLESS");
  unsigned wrong = 0;
  for (int i = 1; i < count; ++i) {
    wrong += hospes::scenario::run(
        words[i], seed != nullptr ? std::strtoull(seed, nullptr, 10) : 20'261'126,
        blessing != nullptr && *blessing == '1'
    );
  }
  return wrong == 0 && count > 1 ? 0 : 1;
}
