#include "portal/campaign_figures.h"

#include <mutex>

#include "insight/chance.h"

namespace hospes::portal {
namespace {

using flow::Led;
using journey::End;
using journey::How;

struct Sums {
  std::uint32_t version = 0;
  std::map<std::uint16_t, std::uint64_t> here;
  std::map<Led::Sum, std::uint64_t> sums;
};

Sums sums_of(node::Node& node, const std::string& id) {
  std::mutex mutex;
  Sums out;
  node.ask_all([&](const flow::PartitionState& s) {
    const std::lock_guard lock(mutex);
    for (const auto& [version, sums] : s.led.sums) {
      if (version.first != id || version.second < out.version) continue;
      if (version.second > out.version) out = {.version = version.second, .here = {}, .sums = {}};
      for (const auto& [sum, count] : sums) out.sums[sum] += count;
    }
  });
  node.ask_all([&](const flow::PartitionState& s) {
    const std::lock_guard lock(mutex);
    const auto at = s.led.here.find({id, out.version});
    if (at == s.led.here.end()) return;
    for (const auto& [step, count] : at->second) out.here[step] += count;
  });
  return out;
}

void count_end(CampaignArm& arm, End end, std::uint64_t n) {
  arm.people += n;
  if (end == End::goal) arm.bought += n;
  if (end == End::permission || end == End::joined) arm.unknown += n;
}

}  // namespace

std::uint64_t CampaignFigures::targeted() const {
  std::uint64_t out = written_to.people + control.people;
  for (const auto& [reason, n] : kept_out) out += n;
  return out;
}

std::uint64_t CampaignFigures::permitted() const {
  std::uint64_t out = written_to.people;
  for (const auto& [reason, n] : refused) out -= std::min(out, n);
  return out;
}

CampaignFigures campaign_figures(node::Node& node, const journey::Definition& shape) {
  const Sums sums = sums_of(node, shape.id);
  const auto place = [&](std::string_view id) { return journey::target_of(shape, 0, id); };
  const std::size_t write = place("write"), control = place("control");
  CampaignFigures out;
  const auto arm = [&](std::size_t at) -> CampaignArm& {
    return at == control ? out.control : out.written_to;
  };
  for (const auto& [at, n] : sums.here) {
    arm(at).people += n;
    if (at == write) out.waiting += n;
  }
  for (const auto& [sum, n] : sums.sums) {
    switch (sum.what) {
      case Led::Sum::kept_out:  // without a reason: they are in it already
        if (sum.reason != 0) out.kept_out[sum.reason] += n;
        break;
      case Led::Sum::ended:
        count_end(arm(sum.at), static_cast<End>(sum.how), n);
        if (sum.at == write && static_cast<End>(sum.how) == End::goal) out.bought_first += n;
        break;
      case Led::Sum::step:
        if (sum.at != write) break;
        if (static_cast<How>(sum.how) == How::done) out.delivered += n;
        if (static_cast<How>(sum.how) == How::refused) out.refused[sum.reason] += n;
        if (static_cast<How>(sum.how) == How::failed) out.failed += n;
        if (static_cast<How>(sum.how) == How::uncertain) out.uncertain += n;
        break;
      case Led::Sum::entered:
        break;
    }
  }
  return out;
}

std::optional<CampaignEffect> effect_of(const CampaignFigures& f) {
  if (f.written_to.known() < arm_least || f.control.known() < arm_least) return std::nullopt;
  const auto x1 = static_cast<double>(f.written_to.bought), n1 = static_cast<double>(f.written_to.known());
  const auto x2 = static_cast<double>(f.control.bought), n2 = static_cast<double>(f.control.known());
  return CampaignEffect{x1 / n1 - x2 / n2, insight::difference_of_shares(x1, n1, x2, n2, .95)};
}

}  // namespace hospes::portal
