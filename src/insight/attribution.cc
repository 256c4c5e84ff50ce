#include "insight/attribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hospes::insight {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a; the names are few and the table is bounded
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

PathReader::PathReader(Paths& paths) : paths_(paths), slots_(4 * channels_max, 0) {
  if (paths_.first.empty()) paths_.first.push_back(0);
}

std::uint16_t PathReader::code(std::string_view channel) {
  std::size_t slot = hash_of(channel) % slots_.size();
  while (slots_[slot] != 0) {
    if (paths_.channels[slots_[slot] - 1] == channel)
      return static_cast<std::uint16_t>(slots_[slot] - 1);
    slot = slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  if (paths_.channels.size() < channels_max) {
    paths_.channels.emplace_back(channel);
    slots_[slot] = static_cast<std::uint32_t>(paths_.channels.size());
    return static_cast<std::uint16_t>(paths_.channels.size() - 1);
  }
  return channels_max;
}

Status PathReader::add(std::string_view path, std::string_view separator) {
  for (;;) {
    const auto end = path.find(separator);
    const std::string_view touch = trimmed(path.substr(0, end));
    if (touch.empty())
      return fail(Code::invalid_input, "a touch is empty; write channels as \"a > b > c\"");
    const std::uint16_t channel = code(touch);
    if (channel == channels_max)
      return fail(
          Code::over_limit, fmt::format("over {} channels; group the rare ones", channels_max)
      );
    paths_.touches.push_back(channel);
    if (paths_.touches.size() - paths_.first.back() > touches_max)
      return fail(Code::over_limit, fmt::format("a path of over {} touches", touches_max));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + separator.size());
  }
  paths_.first.push_back(static_cast<std::uint32_t>(paths_.touches.size()));
  return {};
}

std::vector<double> heuristic(
    const Paths& paths, std::span<const double> weight, Rule rule, double half_life
) {
  std::vector<double> out(paths.channels.size(), 0);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (weight[i] == 0) continue;
    const auto path = paths.of(i);
    const std::size_t n = path.size();
    switch (rule) {
      case Rule::first:
        out[path[0]] += weight[i];
        break;
      case Rule::last:
        out[path[n - 1]] += weight[i];
        break;
      case Rule::linear:
        for (const auto c : path) out[c] += weight[i] / static_cast<double>(n);
        break;
      case Rule::position: {
        const double end = n == 1 ? 0 : (n == 2 ? .5 : .4);
        if (n == 1) out[path[0]] += weight[i];
        out[path[0]] += end * weight[i];
        out[path[n - 1]] += end * weight[i];
        for (std::size_t k = 1; k + 1 < n; ++k)
          out[path[k]] += .2 * weight[i] / static_cast<double>(n - 2);
        break;
      }
      case Rule::decay: {
        const double factor = std::exp2(-1 / half_life);
        double sum = 0, share = 1;
        for (std::size_t k = 0; k < n; ++k, share *= factor) sum += share;
        share = 1;
        for (std::size_t k = n; k-- > 0; share *= factor) out[path[k]] += weight[i] * share / sum;
        break;
      }
    }
  }
  return out;
}

std::vector<double> shapley(const Paths& paths, std::span<const double> weight) {
  std::vector<double> out(paths.channels.size(), 0);
  std::vector<std::uint16_t> distinct;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (weight[i] == 0) continue;
    const auto path = paths.of(i);
    distinct.assign(path.begin(), path.end());
    std::ranges::sort(distinct);
    const auto end = std::ranges::unique(distinct).begin();
    const auto n = static_cast<double>(end - distinct.begin());
    for (auto it = distinct.begin(); it != end; ++it) out[*it] += weight[i] / n;
  }
  return out;
}

}  // namespace hospes::insight
