#include "insight/attribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/dice.h"
#include "insight/files.h"
#include "insight/test_data.h"

namespace hospes::insight {
namespace {

Paths path_data(const std::string& file) {
  const auto table = read_files({file});
  EXPECT_TRUE(table) << table.error().message;
  Paths out;
  PathReader reader(out);
  const std::size_t column = *table->find("path");
  for (std::size_t i = 0; i < table->rows(); ++i)
    EXPECT_TRUE(reader.add(table->text(column, i), ">"));
  out.conversions = *numbers(*table, *table->find("total_conversions"));
  out.value = *numbers(*table, *table->find("total_conversion_value"));
  out.nulls = *numbers(*table, *table->find("total_null"));
  return out;
}

Paths made(const std::vector<std::tuple<std::string, double, double>>& rows) {
  Paths out;
  PathReader reader(out);
  for (const auto& [path, conversions, nulls] : rows) {
    EXPECT_TRUE(reader.add(path, ">"));
    out.conversions.push_back(conversions);
    out.nulls.push_back(nulls);
  }
  return out;
}

using Shares = std::map<std::string, double>;
Shares named(const Paths& paths, const std::vector<double>& values) {
  Shares out;
  for (std::size_t i = 0; i < values.size(); ++i) out[paths.channels[i]] = values[i];
  return out;
}

void expect_shares(const Shares& found, const Shares& reference, double tolerance) {
  for (const auto& [channel, value] : reference)
    EXPECT_NEAR(found.at(channel), value, tolerance) << channel;
}

// Heuristics of ChannelAttribution 2.2.5, to the three decimals that it prints.
TEST(Attribution, HeuristicsEqualTheReference) {
  NEED_DATA(file, "pathdata/PathData.csv");
  const Paths paths = path_data(file);
  ASSERT_EQ(std::accumulate(paths.conversions.begin(), paths.conversions.end(), 0.0), 19'785);
  const auto by = [&](Rule rule, const std::vector<double>& weight) {
    return named(paths, heuristic(paths, weight, rule, 1));
  };
  expect_shares(
      by(Rule::first, paths.conversions),
      {{"alpha", 6308}, {"iota", 4606}, {"eta", 3164}, {"beta", 2831}, {"theta", 1606}, {"mi", 2}},
      0
  );
  expect_shares(
      by(Rule::last, paths.conversions),
      {{"alpha", 8447}, {"iota", 3355}, {"eta", 4167}, {"beta", 989}, {"theta", 653}, {"mi", 2}}, 0
  );
  expect_shares(
      by(Rule::linear, paths.conversions),
      {{"alpha", 7574.719},
       {"iota", 3857.096},
       {"eta", 3539.951},
       {"beta", 2083.500},
       {"theta", 1022.801},
       {"mi", 2.222}},
      5.1e-4
  );
  expect_shares(
      by(Rule::first, paths.value), {{"alpha", 19121.272}, {"iota", 19597.261}, {"zeta", 103.004}},
      5.1e-4
  );
  expect_shares(
      by(Rule::linear, paths.value),
      {{"alpha", 24524.710}, {"beta", 8954.267}, {"lambda", 4430.316}}, 5.1e-4
  );
  expect_shares(
      named(paths, shapley(paths, paths.conversions)),
      {{"alpha", 7627.944},
       {"iota", 3505.044},
       {"eta", 3613.656},
       {"beta", 1982.739},
       {"theta", 1190.963},
       {"mi", 2.667}},
      5.1e-4
  );
}

TEST(Attribution, ExactMarkovEqualsTheReferenceAtOrdersOneToThree) {
  NEED_DATA(file, "pathdata/PathData.csv");
  const Paths paths = path_data(file);
  const std::array<Shares, 3> reference = {
      Shares{
          {"alpha", 5344.948},
          {"beta", 2527.352},
          {"delta", 4.614},
          {"epsilon", 599.571},
          {"eta", 3340.847},
          {"gamma", 171.145},
          {"iota", 3884.615},
          {"kappa", 274.363},
          {"lambda", 1282.847},
          {"mi", 1.722},
          {"theta", 1971.913},
          {"zeta", 381.063}},
      Shares{
          {"alpha", 5617.454},
          {"iota", 3810.511},
          {"eta", 3391.858},
          {"beta", 2439.649},
          {"theta", 1902.474},
          {"mi", 2.073}},
      Shares{
          {"alpha", 5748.099},
          {"iota", 3791.029},
          {"eta", 3396.071},
          {"beta", 2405.534},
          {"theta", 1849.813},
          {"mi", 2.127}}};
  const double nulls = std::accumulate(paths.nulls.begin(), paths.nulls.end(), 0.0);
  for (unsigned order = 1; order <= 3; ++order) {
    const auto found = markov(paths, order);
    ASSERT_TRUE(found);
    expect_shares(named(paths, found->conversions), reference[order - 1], 5.1e-4);
    EXPECT_NEAR(
        std::accumulate(found->conversions.begin(), found->conversions.end(), 0.0), 19'785, 1e-6
    );
    // What enters must come out: at every order the chain converts as often as the paths did.
    EXPECT_NEAR(found->base, 19'785 / (19'785 + nulls), 1e-12);
    EXPECT_EQ(found->states, (std::array{13u, 125u, 967u})[order - 1]);
    if (order == 1)
      expect_shares(
          named(paths, found->removal),
          {{"alpha", .558399},
           {"iota", .405835},
           {"eta", .349026},
           {"beta", .264039},
           {"theta", .206010},
           {"mi", .000180}},
          5.1e-7
      );
  }
}

/// The chain once more, naively: dense, by Gaussian elimination.
double dense_base(const Paths& paths, unsigned order, int without) {
  std::map<std::vector<std::uint16_t>, std::size_t> ids = {{{}, 0}};
  std::map<std::pair<std::size_t, std::size_t>, double> counts;
  std::map<std::size_t, double> converts, totals;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const double w = paths.conversions[i] + paths.nulls[i];
    std::vector<std::uint16_t> state;
    std::size_t at = 0;
    for (const auto c : paths.of(i)) {
      state.push_back(c);
      if (state.size() > order) state.erase(state.begin());
      const std::size_t to = ids.try_emplace(state, ids.size()).first->second;
      counts[{at, to}] += w;
      totals[at] += w;
      at = to;
    }
    converts[at] += paths.conversions[i];
    totals[at] += w;
  }
  const std::size_t n = ids.size();
  std::vector<char> gone(n, 0);
  for (const auto& [state, id] : ids)
    gone[id] = without >= 0 &&
               std::ranges::find(state, static_cast<std::uint16_t>(without)) != state.end();
  std::vector<std::vector<double>> m(n, std::vector<double>(n + 1, 0));
  for (std::size_t i = 0; i < n; ++i)
    m[i][i] = 1, m[i][n] = gone[i] || totals[i] == 0 ? 0 : converts[i] / totals[i];
  for (const auto& [pair, count] : counts)
    if (!gone[pair.first] && !gone[pair.second])
      m[pair.first][pair.second] -= count / totals[pair.first];
  for (std::size_t c = n; c-- > 0;)
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c || m[r][c] == 0) continue;
      const double factor = m[r][c] / m[c][c];
      for (std::size_t k = 0; k <= n; ++k) m[r][k] -= factor * m[c][k];
    }
  return m[0][n] / m[0][0];
}

TEST(Attribution, RandomWorldsAgreeWithADenseSolve) {
  constexpr std::uint64_t seed = 41;
  SCOPED_TRACE(seed);
  Dice dice(seed);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::tuple<std::string, double, double>> rows;
    for (int i = 0; i < 12; ++i) {
      std::string path;
      for (std::uint64_t k = 0, n = 1 + dice.below(6); k < n; ++k)
        path += (k ? " > " : "") + std::string(1, static_cast<char>('a' + dice.below(4)));
      rows.emplace_back(path, double(dice.below(4)), double(dice.below(9)));
    }
    rows.emplace_back("a", 1, 1);
    const Paths paths = made(rows);
    for (unsigned order = 1; order <= 4; ++order) {
      const auto found = markov(paths, order);
      ASSERT_TRUE(found);
      const double base = dense_base(paths, order, -1);
      EXPECT_NEAR(found->base, base, 1e-9 * base);
      for (std::size_t c = 0; c < paths.channels.size(); ++c)
        EXPECT_NEAR(
            found->removal[c], 1 - dense_base(paths, order, static_cast<int>(c)) / base, 1e-9
        ) << order;
    }
  }
}

/// Shapley's definition: the mean over all orders of arrival of what a channel adds.
TEST(Attribution, ShapleyIsItsDefinition) {
  constexpr std::uint64_t seed = 42;
  SCOPED_TRACE(seed);
  Dice dice(seed);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::tuple<std::string, double, double>> rows = {{"a > b > c > d > e", 0, 1}};
    for (int i = 0; i < 15; ++i) {
      std::string path;
      for (std::uint64_t k = 0, n = 1 + dice.below(5); k < n; ++k)
        path += (k ? ">" : "") + std::string(1, static_cast<char>('a' + dice.below(5)));
      rows.emplace_back(path, double(dice.below(9)), 0);
    }
    const Paths paths = made(rows);
    const auto worth = [&](unsigned set) {
      double sum = 0;
      for (std::size_t i = 0; i < paths.size(); ++i)
        if (std::ranges::all_of(paths.of(i), [&](auto c) { return set >> c & 1; }))
          sum += paths.conversions[i];
      return sum;
    };
    std::array<unsigned, 5> order = {0, 1, 2, 3, 4};
    std::array<double, 5> sum{};
    do {
      unsigned set = 0;
      for (const unsigned c : order) sum[c] += worth(set | 1u << c) - worth(set), set |= 1u << c;
    } while (std::ranges::next_permutation(order).found);
    const auto found = shapley(paths, paths.conversions);
    for (std::size_t c = 0; c < 5; ++c) EXPECT_NEAR(found[c], sum[c] / 120, 1e-9);
  }
}

TEST(Attribution, PositionAndDecayByDefinition) {
  const Paths paths = made({{"a > b > c > d", 10, 0}});
  const std::vector<double> weight = {10};
  EXPECT_EQ(heuristic(paths, weight, Rule::position, 1), (std::vector<double>{4, 1, 1, 4}));
  const auto decay = heuristic(paths, weight, Rule::decay, 1);
  expect_shares(
      named(paths, decay), {{"d", 80. / 15}, {"c", 40. / 15}, {"b", 20. / 15}, {"a", 10. / 15}},
      1e-12
  );
  const Paths two = made({{"a > b", 10, 0}});
  EXPECT_EQ(heuristic(two, weight, Rule::position, 1), (std::vector<double>{5, 5}));
  const Paths one = made({{"a", 10, 0}});
  for (const Rule rule : {Rule::first, Rule::last, Rule::linear, Rule::position, Rule::decay})
    EXPECT_EQ(heuristic(one, weight, rule, 1), std::vector<double>{10});
}

TEST(Attribution, OneTouchNothingConvertedAndEmptyTouches) {
  const auto sole = markov(made({{"a", 3, 1}}), 2);
  ASSERT_TRUE(sole);
  EXPECT_EQ(sole->conversions, std::vector<double>{3});
  EXPECT_FALSE(markov(made({{"a > b", 0, 5}}), 1));
  Paths paths;
  PathReader reader(paths);
  EXPECT_FALSE(reader.add("a > > b", ">"));
  EXPECT_FALSE(reader.add("", ">"));
}

}  // namespace
}  // namespace hospes::insight
