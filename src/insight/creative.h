// Which labels of creatives go with sales, adjusted for what else differed, with honest
// significance over hundreds of labels.
//
// Each label's effect is a coefficient of least squares on the label and the adjusting columns
// (Frisch-Waugh-Lovell: both sides are first cleared of them). Two corrections: Benjamini-Hochberg
// holds the share of false discoveries, max-T (Westfall and Young 1993, residuals permuted as
// Freedman and Lane 1983) holds the chance of any. It describes what went together; only an
// experiment shows a cause.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "insight/report.h"

namespace hospes::insight {

struct Screen {
  std::vector<double> y;  // a sales figure of each row
  std::vector<std::vector<double>>
      adjust;  // columns whose part is taken out first; the constant is understood
  std::vector<std::vector<char>> labels;  // columns of 0 and 1
  std::vector<double> weight;             // of rows, above zero; empty: equal
};
struct ScreenOptions {
  std::uint32_t permutations = 2'000;
  std::uint64_t seed = 1993;
};
inline constexpr std::size_t labels_max = 5'000;
inline constexpr std::size_t screen_cells_max = 400'000'000;  // rows × labels

struct LabelEffect {
  std::size_t label = 0;
  double rows = 0;  // that bear it
  double effect = 0, se = 0;
  Interval i95;
  double p = 1, p_bh = 1, p_max = 1;
  double visible = 0;  // the smallest effect seen with 80 % power at the max-T threshold
};
struct ScreenResult {
  std::vector<LabelEffect> effects;  // of labels that vary, in their order
  std::vector<std::size_t>
      constant;  // labels that all rows bear, or none, or the adjustment already says
  double freedom = 0;
};
/// Cost: rows × labels × permutations multiplications. invalid_input when fewer rows than columns
/// to adjust for, or when y does not vary.
Result<ScreenResult> screen(const Screen& data, const ScreenOptions& options = {});

/// Does a label's effect differ between groups of rows? Cochran's Q over the groups where it
/// varies.
struct Difference {
  std::size_t label = 0;
  double p = 1, p_bh = 1;
  std::vector<std::uint32_t> group;
  std::vector<LabelEffect> effects;  // of each such group
};
std::vector<Difference> differences(
    const Screen& data, std::span<const std::uint32_t> group, std::size_t groups
);

}  // namespace hospes::insight
