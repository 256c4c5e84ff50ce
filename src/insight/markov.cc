// The exact absorbing chain of attribution.h. With h(s) the probability of converting from state s,
// h = r + Q h; removing a channel removes its states, whose inflow is lost. The systems are solved
// by Gauss-Seidel from the longest-known successors back: Q has row sums below one (each path
// ends), so it converges to rounding.
#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cmath>

#include "insight/attribution.h"

namespace hospes::insight {
namespace {

struct Edge {
  std::uint32_t to;
  double p;
};

struct Chain {
  std::vector<std::uint32_t>
      first;                    // of state s: edges [first[s], first[s + 1]); state 0 is the start
  std::vector<Edge> edges;      // without self-loops
  std::vector<double> stay;     // 1 / (1 - p(s → s))
  std::vector<double> convert;  // probability of converting at once
  std::vector<std::vector<std::uint16_t>> channels;  // in each state
};

/// States by their last `order` channels. Orders up to 3 fit 64 bits; longer keys are hashed
/// sequences kept whole.
class States {
 public:
  explicit States(unsigned order) : order_(order) {}

  std::uint32_t after(std::uint32_t state, std::uint16_t channel) {
    const auto [it, fresh] = next_.try_emplace(std::uint64_t{state} << 16 | channel, 0u);
    if (!fresh) return it->second;
    std::vector<std::uint16_t> last = channels_[state];
    last.push_back(channel);
    if (last.size() > order_) last.erase(last.begin());
    const auto found = known_.find(last);
    const std::uint32_t to =
        found != known_.end() ? found->second : static_cast<std::uint32_t>(channels_.size());
    if (found == known_.end()) {
      known_.emplace(last, to);
      channels_.push_back(std::move(last));
    }
    next_[std::uint64_t{state} << 16 | channel] = to;
    return to;
  }
  std::size_t size() const { return channels_.size(); }
  std::vector<std::vector<std::uint16_t>> take() { return std::move(channels_); }

 private:
  unsigned order_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> next_;
  boost::unordered_flat_map<std::vector<std::uint16_t>, std::uint32_t> known_;
  std::vector<std::vector<std::uint16_t>> channels_ = {{}};
};

Result<Chain> chain_of(const Paths& paths, unsigned order, std::span<const double> weight) {
  States states(order);
  boost::unordered_flat_map<std::uint64_t, double> counts;
  std::vector<double> converted, ended;
  const auto at_least = [](std::vector<double>& list, std::size_t n) {
    if (list.size() < n) list.resize(n, 0);
  };
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const double w = weight.empty() ? 1 : weight[i];
    const double passed = w * (paths.conversions[i] + paths.nulls[i]);
    if (passed == 0) continue;
    std::uint32_t at = 0;
    for (const std::uint16_t channel : paths.of(i)) {
      const std::uint32_t to = states.after(at, channel);
      counts[std::uint64_t{at} << 32 | to] += passed;
      at = to;
    }
    if (states.size() > states_max)
      return fail(
          Code::over_limit,
          fmt::format("order {} makes over {} states; ask a lower one", order, states_max)
      );
    at_least(converted, states.size());
    at_least(ended, states.size());
    converted[at] += w * paths.conversions[i];
    ended[at] += passed;
  }
  Chain out;
  const std::size_t n = states.size();
  at_least(converted, n);
  std::vector<double> total = ended;
  at_least(total, n);
  std::vector<std::pair<std::uint64_t, double>> sorted(counts.begin(), counts.end());
  std::ranges::sort(sorted);
  for (const auto& [key, count] : sorted) total[key >> 32] += count;
  out.first.assign(n + 1, 0);
  out.stay.assign(n, 1);
  out.convert.assign(n, 0);
  for (const auto& [key, count] : sorted) {
    const auto from = static_cast<std::uint32_t>(key >> 32), to = static_cast<std::uint32_t>(key);
    const double p = count / total[from];
    if (from == to) {
      out.stay[from] = total[from] / (total[from] - count);
      continue;
    }
    out.edges.push_back({to, p});
    ++out.first[from + 1];
  }
  for (std::size_t s = 0; s < n; ++s) {
    out.first[s + 1] += out.first[s];
    if (total[s] > 0) out.convert[s] = converted[s] / total[s];
  }
  out.channels = states.take();
  return out;
}

/// h of the start, with the states that `without` holds removed; `h` is the first guess and the
/// answer.
double reach(const Chain& chain, const std::vector<char>& without, std::vector<double>& h) {
  constexpr int rounds_max = 100'000;
  const std::size_t n = chain.convert.size();
  for (std::size_t s = 0; s < n; ++s)
    if (without[s]) h[s] = 0;
  for (int round = 0; round < rounds_max; ++round) {
    double moved = 0;
    for (std::size_t s = n; s-- > 0;) {
      if (without[s]) continue;
      double sum = chain.convert[s];
      for (std::uint32_t e = chain.first[s]; e < chain.first[s + 1]; ++e)
        sum += chain.edges[e].p * h[chain.edges[e].to];
      sum *= chain.stay[s];
      moved = std::max(moved, std::fabs(sum - h[s]));
      h[s] = sum;
    }
    if (moved <= 1e-16) break;
  }
  return h[0];
}

}  // namespace

Result<Markov> markov(const Paths& paths, unsigned order, std::span<const double> weight) {
  const Chain chain = TRY(chain_of(paths, std::max(order, 1u), weight));
  const std::size_t n = chain.convert.size();
  Markov out{.states = n};
  std::vector<char> none(n, 0);
  std::vector<double> whole(n, 0);
  out.base = reach(chain, none, whole);
  if (!(out.base > 0))
    return fail(Code::invalid_input, "no path converts, so there is nothing to attribute");
  double conversions = 0, sum = 0;
  for (std::size_t i = 0; i < paths.size(); ++i)
    conversions += (weight.empty() ? 1 : weight[i]) * paths.conversions[i];
  for (std::uint16_t channel = 0; channel < paths.channels.size(); ++channel) {
    std::vector<char> without(n, 0);
    for (std::size_t s = 0; s < n; ++s)
      without[s] = std::ranges::find(chain.channels[s], channel) != chain.channels[s].end();
    std::vector<double> h = whole;
    out.removal.push_back(std::clamp(1 - reach(chain, without, h) / out.base, 0.0, 1.0));
    sum += out.removal.back();
  }
  for (const double effect : out.removal)
    out.conversions.push_back(sum > 0 ? conversions * effect / sum : 0);
  return out;
}

}  // namespace hospes::insight
