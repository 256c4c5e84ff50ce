// Which channels stood on the paths that led to a conversion, and how much of it each is given.
// Eight rules side by side: they describe paths; none proves that a channel caused anything.
//
// Exact Markov of order k: a path walks through states, each its last k channels; from the counts
// of all paths come the probabilities of the next state, of converting and of giving up. A
// channel's removal effect is the share of conversions that no walk reaches without passing a state
// that holds it (Anderl et al. 2016), solved, not simulated.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hospes::insight {

struct Paths {
  std::vector<std::string> channels;              // in the order of first appearance
  std::vector<std::uint16_t> touches;             // of all paths, one after the other
  std::vector<std::uint32_t> first;               // of path i: touches [first[i], first[i + 1])
  std::vector<double> conversions, value, nulls;  // of each path; `value` may be empty

  std::size_t size() const { return conversions.size(); }
  std::span<const std::uint16_t> of(std::size_t i) const {
    return {touches.data() + first[i], first[i + 1] - first[i]};
  }
};
inline constexpr std::size_t channels_max = 10'000;
inline constexpr std::size_t touches_max = 100'000;  // of one path

/// Adds the touches of `a > b > c`; invalid_input for an empty touch, over_limit beyond the bounds.
/// Takes no conversions.
class PathReader {
 public:
  explicit PathReader(Paths& paths);
  Status add(std::string_view path, std::string_view separator);

 private:
  std::uint16_t code(std::string_view channel);
  Paths& paths_;
  std::vector<std::uint32_t> slots_;  // open addressing, by hash of the name
};

enum class Rule : unsigned char { first, last, linear, position, decay };
/// Credits of one conversion over the touches of a path. position: 40/20/40, 50/50 for two touches;
/// decay: half as much for every `half_life` touches before the last.
std::vector<double> heuristic(
    const Paths& paths, std::span<const double> weight, Rule rule, double half_life
);

struct Markov {
  std::size_t states = 0;
  double base = 0;                  // probability of converting
  std::vector<double> removal;      // effect of each channel, 0 … 1
  std::vector<double> conversions;  // total conversions shared by removal effects
};
/// Orders 1 to 3 (and more, while the states last: over_limit beyond `states_max`). `weight`
/// multiplies each path's counts, for a bootstrap; empty: one. invalid_input when nothing converts.
Result<Markov> markov(const Paths& paths, unsigned order, std::span<const double> weight = {});
inline constexpr std::size_t states_max = 200'000;

/// Shapley value of each channel where a set of channels is worth the conversions of the paths that
/// use no other channel. For this worth the value is known in closed form for any number of
/// channels: a path's conversions fall in equal parts on its distinct channels (each path is a game
/// of unanimity; Shapley 1953, Zhao et al. 2018).
std::vector<double> shapley(const Paths& paths, std::span<const double> weight);

}  // namespace hospes::insight
