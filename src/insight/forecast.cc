#include "insight/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hospes::insight {
namespace {

constexpr std::int32_t test_days_min = 28;

/// Expected repeat purchases of everybody up to each day, seen from their first order.
double tracked(
    const Lifetime& model, const std::vector<std::pair<std::int32_t, double>>& newcomers,
    std::int32_t until
) {
  const Customer fresh{};
  const double chance = alive(model, fresh);
  double sum = 0;
  for (const auto& [day, people] : newcomers)
    if (day < until) sum += people * chance * mean(future(model, fresh), (until - day) / 7.0);
  return sum;
}

}  // namespace

Interval Forecast::around(double mean, double part, double z) const {
  const double relative = (total.variance + total.parameter_variance) /
                          (total.mean * total.mean * std::max(part, 1e-9));
  const double spread =
      std::min(7.0, z * std::sqrt(relative + miss * miss));  // a factor of a thousand says enough
  return {mean * std::exp(-spread), mean * std::exp(spread)};
}

std::int32_t half_of(const BuyingDays& days) {
  return days.begin + (days.end - days.begin + 1) / 2 - 1;
}

Result<Forecast> forecast(
    const BuyingDays& days, std::int32_t cut, double weeks, std::span<const Family> candidates
) {
  Forecast out{.people = calibrate(days, days.end), .weeks = weeks};
  const Cells cells = gather(out.people.customers);
  const bool testable = cut - days.begin >= test_days_min && days.end - cut >= test_days_min;
  for (const Family family : candidates) {
    out.fits.push_back(TRY(fit(family, cells)));
    auto test = testable ? back_test(days, family, cut, days.end)
                         : Result<Backtest>(fail(Code::not_found, ""));
    if (test) out.tests.push_back(std::move(*test));
  }
  if (out.tests.size() != out.fits.size()) out.tests.clear();
  const auto score = [&](std::size_t i) {
    return out.tests.empty() ? out.fits[i].log_likelihood : out.tests[i].fit.log_likelihood;
  };
  for (std::size_t i = 1; i < out.fits.size(); ++i)
    if (score(i) > score(out.chosen)) out.chosen = i;
  if (!out.tests.empty() && out.tests[out.chosen].actual > 0 && out.tests[out.chosen].predicted > 0)
    out.miss = std::log(out.tests[out.chosen].actual / out.tests[out.chosen].predicted);
  out.chances = alive(out.fit().model, out.people.customers);
  out.next = expected(out.fit().model, out.people.customers, out.chances, weeks);
  out.total = total(out.fit(), out.people.customers, weeks);
  return out;
}

std::string miss_text(double predicted, double actual, Language l) {
  const double part = actual > 0 ? predicted / actual - 1 : 0;
  const std::string size = figure(std::fabs(part), Shape::percent, 0, l);
  if (l == Language::fr) return size + (part < 0 ? " trop bas" : " trop haut");
  return size + (part < 0 ? " low" : " high");
}

Plot tracking_plot(const BuyingDays& days, const Forecast& f, const Words& title) {
  std::vector<std::pair<std::int32_t, double>> newcomers;
  std::vector<double> repeats(static_cast<std::size_t>(days.end - days.begin) + 1, 0);
  const std::int32_t cut = f.tests.empty() ? days.end : f.tests[f.chosen].cut;
  std::vector<double> first(repeats.size(), 0);
  for (std::uint32_t i = 0; i < days.customers(); ++i) {
    const auto all = days.days(i);
    if (all.empty() || all[0] > cut) continue;
    first[static_cast<std::size_t>(all[0] - days.begin)] += 1;
    for (const std::int32_t day : all.subspan(1))
      repeats[static_cast<std::size_t>(day - days.begin)] += 1;
  }
  for (std::size_t i = 0; i < first.size(); ++i)
    if (first[i] > 0) newcomers.emplace_back(days.begin + static_cast<std::int32_t>(i), first[i]);
  Curve past{.label = {"came", "venu"}};
  Curve foreseen{.label = {"foreseen", "prévu"}, .ink = Ink::miss, .dashed = true};
  double sum = 0;
  for (std::int32_t day = days.begin; day <= days.end; ++day) {
    sum += repeats[static_cast<std::size_t>(day - days.begin)];
    if ((day - days.begin) % 7 != 6 && day != days.end) continue;
    past.x.push_back(day);
    past.y.push_back(sum);
  }
  Plot out{
      .title = title,
      .y = {"repeat purchases, sum", "réachats, cumul"},
      .x = {"", ""},
      .y_shape = Shape::whole,
      .x_is_day = true};
  if (!f.tests.empty()) {
    const Backtest& t = f.tests[f.chosen];
    double at_cut = 0;
    for (std::int32_t day = days.begin; day <= t.cut; ++day)
      at_cut += repeats[static_cast<std::size_t>(day - days.begin)];
    const double model_at_cut = tracked(t.fit.model, newcomers, t.cut);
    const double model_at_end = tracked(t.fit.model, newcomers, t.end);
    // The conditional forecast, along the shape of the unconditional one.
    for (std::int32_t day = t.cut; day <= t.end; day += std::max(1, std::min(7, t.end - day))) {
      const double part = (tracked(t.fit.model, newcomers, day) - model_at_cut) /
                          std::max(1e-9, model_at_end - model_at_cut);
      foreseen.x.push_back(day);
      foreseen.y.push_back(at_cut + part * t.predicted);
      if (day == t.end) break;
    }
    foreseen.label = {
        fmt::format("foreseen, {}", miss_text(t.predicted, t.actual, Language::en)),
        fmt::format("prévu, {}", miss_text(t.predicted, t.actual, Language::fr))};
    out.curves.push_back(foreseen);
  }
  // People who came after the cut join the forecast but not the curve of the past: only one cohort
  // can be drawn together.
  if (f.tests.empty() || cut >= days.end ||
      static_cast<double>(f.people.who.size()) ==
          std::accumulate(first.begin(), first.end(), 0.0)) {
    Curve next{.label = {"next", "à venir"}, .ink = Ink::second, .dashed = true};
    for (int step = 0; step <= 4; ++step) {
      const double part = step / 4.0;
      double mean = 0;
      if (step > 0) {
        const auto each = expected(f.fit().model, f.people.customers, f.chances, f.weeks * part);
        mean = std::accumulate(each.begin(), each.end(), 0.0);
      }
      const Interval i95 = step > 0 ? f.around(mean, part, z95) : Interval{};
      next.x.push_back(days.end + f.weeks * 7 * part);
      next.y.push_back(sum + mean);
      next.low.push_back(sum + i95.low);
      next.high.push_back(sum + i95.high);
    }
    out.curves.push_back(next);
  }
  out.curves.push_back(past);
  return out;
}

}  // namespace hospes::insight
