// `hospes-bench insight`: what the models of src/insight answer and take, under the names that the
// peers' scripts print, each with its seconds (median of the runs, data already in memory). Data by
// HOSPES_DATA or --data; what is absent is said.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "base/dice.h"
#include "bench/commands.h"
#include "bench/machine.h"
#include "bench/options.h"
#include "insight/attribution.h"
#include "insight/backtest.h"
#include "insight/bgbb.h"
#include "insight/creative.h"
#include "insight/files.h"
#include "insight/order_book.h"
#include "insight/planted.h"
#include "insight/spend.h"

namespace hospes::bench {
namespace {

using namespace hospes::insight;  // NOLINT: the whole file is about that room

/// Medians of the runs; on a busy machine the CPU's own is the fairer.
struct Took {
  double wall = 0, cpu = 0;
};

struct Bench {
  bench::Report report;
  std::string data;
  int runs = 5;

  template <class F>
  Took seconds(F&& f) const {
    std::vector<double> wall, cpu;
    for (int i = 0; i < runs; ++i) {
      const auto began = std::chrono::steady_clock::now();
      const double cpu_began_us = thread_cpu_us();
      f();
      cpu.push_back((thread_cpu_us() - cpu_began_us) / 1e6);
      wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()
      );
    }
    std::ranges::sort(wall);
    std::ranges::sort(cpu);
    return {wall[wall.size() / 2], cpu[cpu.size() / 2]};
  }
  void put(std::string_view name, const std::string& value, const Took& took) {
    bench::Report one;
    one.text("value", value);
    one.number("seconds", took.wall);
    one.number("cpu_seconds", took.cpu);
    report.object(name, one);
  }
  std::string file(const std::string& name) {
    const std::string path = data + "/" + name;
    if (std::filesystem::exists(path)) return path;
    report.text("absent_" + std::filesystem::path(name).stem().string(), name);
    return {};
  }
};

Result<std::vector<double>> column_of(const Columns& table, const std::string& name) {
  const std::size_t column = TRY(table.find(name));
  return numbers(table, column);
}

Result<std::vector<std::vector<double>>> columns_of(
    const std::string& path, const std::vector<std::string>& names
) {
  const Columns table = TRY(read_files({path}));
  std::vector<std::vector<double>> out;
  for (const auto& name : names) out.push_back(TRY(column_of(table, name)));
  return out;
}

std::string shown(const LifetimeFit& f) {
  std::string out;
  for (std::size_t i = 0; i < 4; ++i)
    out +=
        fmt::format("{}{}={:.5f}", i ? "," : "", parameter_names(f.model.family)[i], f.model.p[i]);
  return out;
}

double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

Result<LifetimeFit> fitted(
    Bench& b, Family family, std::span<const Customer> customers, const std::string& name, int times
) {
  // The peer's fit starts from columns as well: gathering counts.
  auto found = TRY(fit(family, gather(customers)));
  Bench timer{.runs = times};
  const Took took = timer.seconds([&] { (void)fit(family, gather(customers)).has_value(); });
  b.put(name + "_params", shown(found), took);
  b.put(name + "_LL", fmt::format("{:.4f}", found.log_likelihood), took);
  return found;
}

Status sample(Bench& b) {
  const std::string path = b.file("cdnow/cdnow_customers_summary_with_transactions.csv");
  if (path.empty()) return {};
  const auto c = TRY(columns_of(path, {"x", "t_x", "T", "zbar"}));
  std::vector<Customer> customers, repeat;
  std::vector<Spender> spenders;
  for (std::size_t i = 0; i < c[0].size(); ++i) {
    customers.push_back({static_cast<std::uint32_t>(c[0][i]), c[1][i], c[2][i]});
    if (c[0][i] == 0) continue;
    repeat.push_back(customers.back());
    spenders.push_back({customers.back().x, c[3][i]});
  }
  const auto bg = TRY(fitted(b, Family::bg_nbd, customers, "bgnbd_cdnow", b.runs));
  std::vector<double> chances, next;
  Took took = b.seconds([&] { chances = alive(bg.model, customers); });
  b.put("bgnbd_cdnow_palive_sum", fmt::format("{:.5f}", sum(chances)), took);
  took = b.seconds([&] { next = expected(bg.model, customers, chances, 39); });
  b.put("bgnbd_cdnow_E39_sum", fmt::format("{:.5f}", sum(next)), took);
  TRY(fitted(b, Family::pareto_nbd, customers, "pareto_nbd_cdnow", b.runs));
  TRY(fitted(b, Family::mbg_nbd, customers, "mbgnbd_cdnow", b.runs));
  const SpendFit gg = TRY(fit_spend(spenders));
  took = b.seconds([&] { (void)fit_spend(spenders).has_value(); });
  b.put(
      "gammagamma_cdnow_params", fmt::format("p={:.5f},q={:.5f},v={:.5f}", gg.p, gg.q, gg.v), took
  );
  b.put("gammagamma_cdnow_LL", fmt::format("{:.4f}", gg.log_likelihood), took);
  double worth = 0;
  took = b.seconds([&] {
    worth = 0;
    const auto still = alive(bg.model, repeat);
    std::vector<double> before(repeat.size(), 0);
    for (int month = 1; month <= 12; ++month) {
      const auto upto = expected(bg.model, repeat, still, 4.345 * month);
      for (std::size_t i = 0; i < upto.size(); ++i)
        worth += (upto[i] - before[i]) *
                 expected_value(gg, spenders[i].x, spenders[i].m).value_or(0) /
                 std::pow(1.01, month);
      before = upto;
    }
  });
  b.put("clv12m_cdnow_sum_bg_from_summary", fmt::format("{:.4f}", worth), took);
  return {};
}

Status master(Bench& b) {
  const std::string path = b.file("cdnow/CDNOW_master.txt");
  if (path.empty()) return {};
  const Columns table = TRY(read_files({path}));
  const Insight reader{"orders", {}, order_roles(true), order_settings(), nullptr};
  const Input input = TRY(Input::read(reader, table, {}));
  const OrderBook book = TRY(read_orders(input));
  constexpr std::int32_t cut = 10'134, end = 10'407;
  Calibration people;
  BuyingDays days;
  Took took = b.seconds([&] {
    days = buying_days(book.orders);
    people = calibrate(days, cut);
  });
  b.put("cdnow_master_rfm_rows", std::to_string(people.customers.size()), took);
  const auto bg = TRY(fitted(b, Family::bg_nbd, people.customers, "bgnbd_master", b.runs));
  const auto next =
      expected(bg.model, people.customers, alive(bg.model, people.customers), (end - cut) / 7.0);
  const auto came = bought(days, people.who, cut, end);
  double mae = 0, actual = 0;
  for (std::size_t i = 0; i < next.size(); ++i)
    mae += std::fabs(next[i] - came[i]) / static_cast<double>(next.size()), actual += came[i];
  b.put("bgnbd_master_holdout_MAE", fmt::format("{:.5f}", mae), took);
  b.put(
      "bgnbd_master_holdout_total_pred_vs_actual", fmt::format("{:.1f}/{:.0f}", sum(next), actual),
      took
  );
  return {};
}

Status donations(Bench& b) {
  const std::string path = b.file("donations/donations.csv");
  if (path.empty()) return {};
  const auto c = TRY(columns_of(path, {"frequency", "recency", "periods", "weights"}));
  std::vector<Taker> takers;
  for (std::size_t i = 0; i < c[0].size(); ++i)
    takers.push_back(
        {static_cast<std::uint32_t>(c[0][i]), static_cast<std::uint32_t>(c[1][i]),
         static_cast<std::uint32_t>(c[2][i]), c[3][i]}
    );
  const DiscreteFit found = TRY(fit_discrete(takers));
  const Took took = b.seconds([&] { (void)fit_discrete(takers).has_value(); });
  const auto& p = found.p;
  b.put(
      "bgbb_donations_params",
      fmt::format("alpha={:.5f},beta={:.5f},gamma={:.5f},delta={:.5f}", p[0], p[1], p[2], p[3]),
      took
  );
  b.put("bgbb_donations_LL", fmt::format("{:.4f}", found.log_likelihood), took);
  return {};
}

std::string shares(const Paths& paths, const std::vector<double>& values) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < values.size(); ++i)
    out.push_back(fmt::format("{}={:.3f}", paths.channels[i], values[i]));
  std::ranges::sort(out);
  return fmt::format("{}", fmt::join(out, ";"));
}

Status attribution(Bench& b) {
  const std::string path = b.file("pathdata/PathData.csv");
  if (path.empty()) return {};
  const Columns table = TRY(read_files({path}));
  const std::size_t column = TRY(table.find("path"));
  const auto read = [&](std::size_t times) -> Result<Paths> {
    Paths out;
    PathReader reader(out);
    for (std::size_t k = 0; k < times; ++k)
      for (std::size_t i = 0; i < table.rows(); ++i) TRY(reader.add(table.text(column, i), ">"));
    return out;
  };
  Paths paths = TRY(read(1));
  paths.conversions = TRY(column_of(table, "total_conversions"));
  paths.nulls = TRY(column_of(table, "total_null"));
  for (const auto& [name, rule] :
       {std::pair{"first_touch", Rule::first}, std::pair{"last_touch", Rule::last},
        std::pair{"linear_touch", Rule::linear}}) {
    std::vector<double> found;
    const Took took = b.seconds([&] { found = heuristic(paths, paths.conversions, rule, 2); });
    b.put(fmt::format("heur_{}_conversions", name), shares(paths, found), took);
  }
  for (unsigned order = 1; order <= 3; ++order) {
    const Markov found = TRY(markov(paths, order));
    const Took took = b.seconds([&] { (void)markov(paths, order).has_value(); });
    if (order == 1)
      b.put("markov_exact_o1_base_conv_prob", fmt::format("{:.8f}", found.base), took);
    b.put(
        fmt::format("markov_exact_order{}", order),
        fmt::format(
            "base={:.8f};states={};{}", found.base, found.states, shares(paths, found.conversions)
        ),
        took
    );
  }
  std::vector<double> found;
  Took took = b.seconds([&] { found = shapley(paths, paths.conversions); });
  b.put("shapley_simplified", shares(paths, found), took);
  // A million paths, read from their text, through all eight rules.
  took = Bench{.runs = 3}.seconds([&] {
    auto many = read(100);
    if (!many) return;
    for (std::size_t k = 0; k < 100; ++k) {
      many->conversions.insert(
          many->conversions.end(), paths.conversions.begin(), paths.conversions.end()
      );
      many->nulls.insert(many->nulls.end(), paths.nulls.begin(), paths.nulls.end());
    }
    for (const Rule rule : {Rule::first, Rule::last, Rule::linear, Rule::position, Rule::decay})
      (void)heuristic(*many, many->conversions, rule, 2);
    for (unsigned order = 1; order <= 3; ++order) (void)markov(*many, order).has_value();
    (void)shapley(*many, many->conversions);
  });
  b.put("paths_1m_eight_rules", "1000000", took);
  return {};
}

/// P(alive), expected purchases and 12-month value of a million different customers.
void scoring(Bench& b) {
  constexpr std::size_t n = 1'000'000;
  const Lifetime model{Family::bg_nbd, {.24259, 4.41353, .79289, 2.42575}};
  const SpendFit gg{.p = 6.2488, .q = 3.74459, .v = 15.44775};
  Dice dice(1);
  std::vector<Customer> customers;
  std::vector<double> paid;
  for (std::size_t i = 0; i < n; ++i) {
    const double T = static_cast<double>(7 + dice.below(728)) / 7;
    const auto x = static_cast<std::uint32_t>(dice.below(4) * dice.below(8));
    customers.push_back({x, x == 0 ? 0 : T * static_cast<double>(dice.below(1'000)) / 1'000, T});
    paid.push_back(5 + static_cast<double>(dice.below(10'000)) / 100);
  }
  double value = 0;
  const Took took = b.seconds([&] {
    const auto chances = alive(model, customers);
    const auto next = expected(model, customers, chances, 52);
    value = 0;
    for (std::size_t i = 0; i < n; ++i)
      value += next[i] * expected_value(gg, customers[i].x, paid[i]).value_or(0);
  });
  b.put("score_1m_customers", fmt::format("{:.2f}", value), took);
}

Status creatives(Bench& b) {
  double fdp = 0, power = 0;
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    const World w = world(seed);
    const auto found = TRY(screen(w.data, {.permutations = 2}));
    double named = 0, wrong = 0;
    for (const LabelEffect& e : found.effects)
      named += e.p_bh <= .05, wrong += e.p_bh <= .05 && !w.planted[e.label];
    fdp += wrong / std::max(1.0, named) / 50;
    power += (named - wrong) / 12 / 50;
  }
  const World w = world(0);
  Took took = b.seconds([&] { (void)screen(w.data, {.permutations = 2}).has_value(); });
  b.put("creative_bh_mean_FDP", fmt::format("{:.4f}", fdp), took);
  b.put("creative_bh_mean_power", fmt::format("{:.4f}", power), took);
  const auto found = TRY(screen(w.data));
  took = b.seconds([&] { (void)screen(w.data).has_value(); });
  b.put(
      "creative_maxT_perm2000_rejected",
      std::to_string(
          std::ranges::count_if(found.effects, [](const auto& e) { return e.p_max < .05; })
      ),
      took
  );
  return {};
}

}  // namespace

Result<Report> insight_command(std::span<const char* const> words) {
  const char* named = std::getenv("HOSPES_DATA");
  const Options options = TRY(
      Options::read(words, {{"data", named != nullptr ? named : "../shared/data"}, {"runs", "5"}})
  );
  Bench b;
  b.data = options.text("data");
  b.runs = static_cast<int>(TRY(options.number("runs", 1, 1'000)));
  b.report.text("workload", "insight");
  TRY(sample(b));
  TRY(master(b));
  TRY(donations(b));
  TRY(attribution(b));
  scoring(b);
  TRY(creatives(b));
  b.report.object("surroundings", core_surroundings());
  return b.report;
}

}  // namespace hospes::bench
