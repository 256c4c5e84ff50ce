// Seeded chance for tests, simulation and benchmarks: the same seed gives the same run on every machine (xoshiro256**,
// Blackman and Vigna 2018). Not for keys: those come from the operating system, see seal/.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace hospes {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) {
    for (auto& word : state_) {  // splitmix64
      std::uint64_t z = (seed += 0x9e3779b97f4a7c15);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }
  std::uint64_t next() {
    const auto rotl = [](std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    const std::uint64_t result = rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }
  /// Uniform in [0, n). Precondition: n > 0.
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
  }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// HOSPES_SEED, else this one; told on stdout, so that a failure can be run again.
inline std::uint64_t seed_of_run(std::uint64_t otherwise) {
  const char* given = std::getenv("HOSPES_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
  std::cout << "HOSPES_SEED=" << seed << '\n';
  return seed;
}

}  // namespace hospes
