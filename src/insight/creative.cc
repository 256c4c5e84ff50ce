#include "insight/creative.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "insight/chance.h"

namespace hospes::insight {
namespace {

using Column = std::vector<double>;

double dot(const Column& a, const Column& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Takes out of `v` what the orthonormal columns say; twice, for rounding.
void clear(Column& v, const std::vector<Column>& basis) {
  for (int pass = 0; pass < 2; ++pass)
    for (const Column& b : basis) {
      const double part = dot(v, b);
      for (std::size_t i = 0; i < v.size(); ++i) v[i] -= part * b[i];
    }
}

/// The constant and the adjusting columns, orthonormal; what earlier ones already say is dropped.
std::vector<Column> basis_of(const Screen& data, const Column& root) {
  std::vector<Column> out;
  const auto add = [&](Column v) {
    for (std::size_t i = 0; i < v.size(); ++i) v[i] *= root[i];
    const double before = std::sqrt(dot(v, v));
    clear(v, out);
    const double length = std::sqrt(dot(v, v));
    if (!(length > 1e-9 * std::max(before, 1e-300))) return;
    for (double& x : v) x /= length;
    out.push_back(std::move(v));
  };
  add(Column(data.y.size(), 1));
  for (const Column& c : data.adjust) add(c);
  return out;
}

struct Cleared {
  Column y;
  double y_length = 0;
  std::vector<std::size_t> label;
  std::vector<Column> x;       // unit length
  std::vector<double> length;  // of each before
  std::vector<std::size_t> constant;
  double freedom = 0;
};

Cleared cleared(const Screen& data) {
  Column root(data.y.size(), 1);
  for (std::size_t i = 0; i < data.weight.size(); ++i) root[i] = std::sqrt(data.weight[i]);
  const auto basis = basis_of(data, root);
  Cleared out{
      .freedom = static_cast<double>(data.y.size()) - static_cast<double>(basis.size()) - 1};
  out.y = data.y;
  for (std::size_t i = 0; i < out.y.size(); ++i) out.y[i] *= root[i];
  const double whole = std::sqrt(dot(out.y, out.y));
  clear(out.y, basis);
  out.y_length = std::sqrt(dot(out.y, out.y));
  if (out.y_length <= 1e-12 * whole) out.y_length = 0;
  for (std::size_t label = 0; label < data.labels.size(); ++label) {
    Column x(root.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = data.labels[label][i] ? root[i] : 0;
    const double before = std::sqrt(dot(x, x));
    clear(x, basis);
    const double length = std::sqrt(dot(x, x));
    if (!(length > 1e-6 * std::max(before, 1e-300))) {
      out.constant.push_back(label);
      continue;
    }
    for (double& v : x) v /= length;
    out.label.push_back(label);
    out.length.push_back(length);
    out.x.push_back(std::move(x));
  }
  return out;
}

LabelEffect effect_of(const Screen& data, const Cleared& c, std::size_t k) {
  LabelEffect out{.label = c.label[k]};
  out.rows = static_cast<double>(std::ranges::count_if(data.labels[out.label], [](char v) {
    return v != 0;
  }));
  const double part = dot(c.x[k], c.y);
  const double r = std::clamp(part / c.y_length, -1.0, 1.0);
  out.effect = part / c.length[k];
  const double rest = std::max(0.0, 1 - r * r);
  out.se = std::sqrt(rest / c.freedom) * c.y_length / c.length[k];
  const double t = rest > 0 ? r * std::sqrt(c.freedom / rest) : 1e12;
  out.p = student_two_sided(t, c.freedom);
  // Student's 97.5 % quantile is read off the normal one (Cornish and Fisher); from 5 degrees on
  // right to a percent.
  const double z = normal_quantile(.975), v = c.freedom;
  const double reach =
      z + (z * z * z + z) / (4 * v) + (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * v * v);
  out.i95 = {out.effect - reach * out.se, out.effect + reach * out.se};
  return out;
}

typedef float Eight __attribute__((vector_size(32)));
constexpr std::size_t block = 32;  // labels at once: four vectors

/// Largest |x·Py| over all labels, for each of many permutations P of y. Labels lie in blocks of 32
/// side by side, so that one pass over the rows serves 32 labels and two permutations.
std::vector<float> largest(const Cleared& c, const ScreenOptions& options) {
  const std::size_t n = c.y.size(), blocks = (c.x.size() + block - 1) / block;
  std::vector<Eight> x(blocks * n * 4, Eight{});
  for (std::size_t k = 0; k < c.x.size(); ++k)
    for (std::size_t i = 0; i < n; ++i)
      x[((k / block) * n + i) * 4 + k % block / 8][k % 8] = static_cast<float>(c.x[k][i]);
  std::vector<float> first(c.y.begin(), c.y.end()), second = first, out;
  Dice dice(options.seed);
  const auto shuffle = [&](std::vector<float>& v) {
    for (std::size_t i = n; i > 1; --i) std::swap(v[i - 1], v[dice.below(i)]);
  };
  for (std::uint32_t round = 0; round < options.permutations; round += 2) {
    shuffle(first);
    shuffle(second);
    float most_first = 0, most_second = 0;
    for (std::size_t b = 0; b < blocks; ++b) {
      Eight s0{}, s1{}, s2{}, s3{}, t0{}, t1{}, t2{}, t3{};
      const Eight* row = &x[b * n * 4];
      for (std::size_t i = 0; i < n; ++i, row += 4) {
        s0 += row[0] * first[i];
        s1 += row[1] * first[i];
        s2 += row[2] * first[i];
        s3 += row[3] * first[i];
        t0 += row[0] * second[i];
        t1 += row[1] * second[i];
        t2 += row[2] * second[i];
        t3 += row[3] * second[i];
      }
      for (int k = 0; k < 8; ++k) {
        for (const Eight& s : {s0, s1, s2, s3}) most_first = std::max(most_first, std::fabs(s[k]));
        for (const Eight& t : {t0, t1, t2, t3})
          most_second = std::max(most_second, std::fabs(t[k]));
      }
    }
    out.push_back(most_first);
    if (out.size() < options.permutations) out.push_back(most_second);
  }
  return out;
}

Status check_shape(const Screen& data) {
  if (data.labels.size() > labels_max)
    return fail(
        Code::over_limit,
        fmt::format("{} labels; at most {}: group the rare ones", data.labels.size(), labels_max)
    );
  if (data.labels.size() * data.y.size() > screen_cells_max)
    return fail(Code::over_limit, "too many rows times labels; add rows of one creative together");
  return {};
}

}  // namespace

Result<ScreenResult> screen(const Screen& data, const ScreenOptions& options) {
  TRY(check_shape(data));
  const Cleared c = cleared(data);
  if (c.freedom < 1)
    return fail(
        Code::invalid_input,
        fmt::format("{} rows are too few for the columns to adjust for", data.y.size())
    );
  if (c.y_length == 0)
    return fail(
        Code::invalid_input,
        "sales do not vary once adjusted for the other columns, so no label can matter"
    );
  ScreenResult out{.constant = c.constant, .freedom = c.freedom};
  std::vector<double> p;
  for (std::size_t k = 0; k < c.x.size(); ++k) {
    out.effects.push_back(effect_of(data, c, k));
    p.push_back(out.effects.back().p);
  }
  if (out.effects.empty()) return out;
  const auto adjusted = benjamini_hochberg(p);
  auto most = largest(c, options);
  std::ranges::sort(most);
  const double limit =
      most.empty() ? c.y_length
                   : most[most.size() - 1 - most.size() / 20] / c.y_length;  // a correlation
  const double limit_t = limit * std::sqrt(c.freedom / std::max(1e-12, 1 - limit * limit));
  for (std::size_t k = 0; k < out.effects.size(); ++k) {
    LabelEffect& e = out.effects[k];
    e.p_bh = adjusted[k];
    const auto seen = static_cast<float>(std::fabs(dot(c.x[k], c.y)));
    const auto above = most.end() - std::ranges::lower_bound(most, seen * (1 - 1e-6f));
    e.p_max = (static_cast<double>(above) + 1) / (static_cast<double>(most.size()) + 1);
    // The residual spread without any label's part, so that a strong label does not look easier to
    // see.
    e.visible = (limit_t + normal_quantile(.8)) * c.y_length / std::sqrt(c.freedom) / c.length[k];
  }
  return out;
}

std::vector<Difference> differences(
    const Screen& data, std::span<const std::uint32_t> group, std::size_t groups
) {
  std::vector<Difference> all(data.labels.size());
  for (std::size_t g = 0; g < groups; ++g) {
    Screen part;
    part.labels.resize(data.labels.size());
    part.adjust.resize(data.adjust.size());
    for (std::size_t i = 0; i < data.y.size(); ++i) {
      if (group[i] != g) continue;
      part.y.push_back(data.y[i]);
      if (!data.weight.empty()) part.weight.push_back(data.weight[i]);
      for (std::size_t k = 0; k < data.labels.size(); ++k)
        part.labels[k].push_back(data.labels[k][i]);
      for (std::size_t k = 0; k < data.adjust.size(); ++k)
        part.adjust[k].push_back(data.adjust[k][i]);
    }
    const Cleared c = cleared(part);
    if (c.freedom < 5 || c.y_length == 0) continue;
    for (std::size_t k = 0; k < c.x.size(); ++k) {
      const LabelEffect e = effect_of(part, c, k);
      if (!(e.se > 0)) continue;
      all[e.label].group.push_back(static_cast<std::uint32_t>(g));
      all[e.label].effects.push_back(e);
    }
  }
  std::vector<Difference> out;
  std::vector<double> p;
  for (std::size_t label = 0; label < all.size(); ++label) {
    Difference& d = all[label];
    if (d.effects.size() < 2) continue;
    d.label = label;
    double weights = 0, mean = 0, q = 0;
    for (const LabelEffect& e : d.effects)
      weights += 1 / (e.se * e.se), mean += e.effect / (e.se * e.se);
    mean /= weights;
    for (const LabelEffect& e : d.effects)
      q += (e.effect - mean) * (e.effect - mean) / (e.se * e.se);
    d.p = chi_squared_above(q, static_cast<double>(d.effects.size() - 1));
    p.push_back(d.p);
    out.push_back(std::move(d));
  }
  const auto adjusted = benjamini_hochberg(p);
  for (std::size_t i = 0; i < out.size(); ++i) out[i].p_bh = adjusted[i];
  return out;
}

}  // namespace hospes::insight
