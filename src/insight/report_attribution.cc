// The report on attribution: eight rules side by side.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "insight/attribution.h"
#include "insight/chance.h"
#include "insight/reports.h"

namespace hospes::insight {
namespace {

Result<Paths> read_paths(const Input& input) {
  Paths out;
  PathReader reader(out);
  const std::string separator = input.text("separator");
  if (separator.empty())
    return fail(Code::invalid_input, "separator is empty; it stands between two touches");
  out.conversions = TRY(counts(input, "conversions", 1));
  out.nulls = TRY(counts(input, "nulls", 0));
  if (input.has("value")) out.value = TRY(input.numbers("value"));
  const std::size_t column = TRY(input.table().find(input.column("path")));
  for (std::size_t i = 0; i < input.table().rows(); ++i) {
    auto added = reader.add(input.table().text(column, i), separator);
    if (!added)
      return fail(added.error().code, input.table().place(i) + ": " + added.error().message);
  }
  return out;
}

constexpr int resamplings = 200;

/// Intervals of a rule's credits when the paths are drawn again (Poisson bootstrap, fixed seed).
std::vector<Interval> resampled(const Paths& paths, unsigned order) {
  std::vector<std::vector<double>> draws(paths.channels.size());
  Dice dice(2016);
  Paths again = paths;
  for (int d = 0; d < resamplings; ++d) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
      again.conversions[i] = poisson(dice, paths.conversions[i]);
      again.nulls[i] = poisson(dice, paths.nulls[i]);
    }
    const auto found = markov(again, order);
    if (!found) continue;
    const double sum = std::accumulate(found->conversions.begin(), found->conversions.end(), 0.0);
    for (std::size_t c = 0; c < draws.size(); ++c) draws[c].push_back(found->conversions[c] / sum);
  }
  std::vector<Interval> out;
  for (auto& d : draws) out.push_back(d.empty() ? Interval{} : central(d, .95));
  return out;
}

Result<Report> run_attribution(const Input& input) {
  const Paths paths = TRY(read_paths(input));
  const double conversions =
      std::accumulate(paths.conversions.begin(), paths.conversions.end(), 0.0);
  const double nulls = std::accumulate(paths.nulls.begin(), paths.nulls.end(), 0.0);
  if (conversions <= 0)
    return too_few(
        "attribution", 0,
        {"No path converted, so there is nothing to attribute.",
         "Aucun chemin n'a converti : rien à attribuer."}
    );
  const double half_life = TRY(input.number("half-life", .01, 1e6));
  Report out;
  out.card = {.data = rows_read(input), .n = static_cast<std::size_t>(conversions + nulls)};
  Table table{
      "channels",
      {"Conversions given to each channel, by eight rules",
       "Conversions données à chaque canal, selon huit règles"},
      {{"channel", {"channel", "canal"}}},
      {}};
  std::vector<std::vector<double>> columns;
  const auto add = [&](const char* name, Words title, std::vector<double> values) {
    table.fields.push_back({name, std::move(title), Shape::plain, 1});
    columns.push_back(std::move(values));
  };
  add("first", {"first", "premier"}, heuristic(paths, paths.conversions, Rule::first, half_life));
  add("last", {"last", "dernier"}, heuristic(paths, paths.conversions, Rule::last, half_life));
  add("linear", {"linear", "linéaire"},
      heuristic(paths, paths.conversions, Rule::linear, half_life));
  add("position", {"40/20/40", "40/20/40"},
      heuristic(paths, paths.conversions, Rule::position, half_life));
  add("decay", {"decay", "déclin"}, heuristic(paths, paths.conversions, Rule::decay, half_life));
  std::vector<double> one;
  for (unsigned order = 1; order <= 3; ++order) {
    auto found = TRY(markov(paths, order));
    if (order == 1) {
      one = found.conversions;
      const double all = conversions + nulls;
      out.estimates.push_back(
          {"base",
           {"paths that convert", "chemins qui convertissent"},
           found.base,
           wilson(conversions, all, .8),
           wilson(conversions, all, .95),
           Shape::percent,
           2}
      );
    }
    add(order == 1 ? "markov1" : (order == 2 ? "markov2" : "markov3"),
        same(fmt::format("Markov {}", order)), std::move(found.conversions));
  }
  add("shapley", same("Shapley"), shapley(paths, paths.conversions));
  if (nulls == 0)
    out.notes.push_back(
        {"no path without a conversion is given: removal effects then only say how many paths hold "
         "a channel",
         "aucun chemin sans conversion n'est donné : les effets de retrait disent seulement "
         "combien de chemins tiennent un canal"}
    );
  std::vector<std::size_t> order(paths.channels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t c) { return one[c]; });
  const auto intervals = resampled(paths, 1);
  Plot plot{
      .y = {"share by exact Markov, order 1", "part selon Markov exact, ordre 1"},
      .y_shape = Shape::percent,
      .y_digits = 1};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t c = order[i];
    std::vector<Value> row{paths.channels[c]};
    for (const auto& column : columns) row.emplace_back(column[c]);
    row.emplace_back(intervals[c].low);
    row.emplace_back(intervals[c].high);
    table.rows.push_back(std::move(row));
    if (i < 12)
      plot.bars.push_back(
          {same(paths.channels[c]), one[c] / conversions, intervals[c].low, intervals[c].high,
           i == 0 ? Ink::accent : Ink::second}
      );
  }
  table.fields.push_back({"markov1_low95", {"share, 95% from", "part, 95 % de"}, Shape::percent, 1}
  );
  table.fields.push_back({"markov1_high95", {"to", "à"}, Shape::percent, 1});
  const std::string& top = paths.channels[order[0]];
  const auto last_share = columns[1][order[0]] / conversions;
  out.sentence = both([&](Language l) {
    const std::string a = percent(one[order[0]] / conversions, l), b = percent(last_share, l);
    return l == Language::fr
               ? fmt::format(
                     "{} compte pour {} des conversions par Markov, {} si l'on ne crédite que le "
                     "dernier contact. Cela décrit des chemins ; cela ne prouve pas ce qui a fait "
                     "vendre.",
                     top, a, b
                 )
               : fmt::format(
                     "{} counts for {} of conversions by Markov, {} if only the last touch is "
                     "credited. This describes paths; it does not prove what made people buy.",
                     top, a, b
                 );
  });
  plot.title = out.sentence;
  plot.footing = both([&](Language l) {
    return l == Language::fr
               ? fmt::format(
                     "n = {} conversions et {} chemins sans ; barres d'erreur : 95 %, {} "
                     "rééchantillonnages",
                     whole(conversions, l), whole(nulls, l), resamplings
                 )
               : fmt::format(
                     "n = {} conversions and {} paths without; whiskers: 95%, {} resamplings",
                     whole(conversions, l), whole(nulls, l), resamplings
                 );
  });
  out.plots.push_back(std::move(plot));
  out.tables.push_back(std::move(table));
  out.card.limits = {
      {"attribution shares out what happened; who is reached often was often already about to buy. "
       "Only a holdout shows what a channel adds",
       "l'attribution partage ce qui a eu lieu ; qui est souvent touché allait souvent acheter. "
       "Seul un groupe témoin montre ce qu'un canal ajoute"},
      {"decay counts touches, not days: a path file holds no dates",
       "le déclin compte des contacts, pas des jours : un fichier de chemins n'a pas de dates"}};
  out.card.parameters.push_back(
      {.name = "half_life",
       .means =
           {"decay: half as much every … touches", "déclin : moitié moins tous les … contacts"},
       .value = half_life,
       .digits = 1}
  );
  return out;
}

}  // namespace

Insight attribution_insight() {
  return {
      "attribution",
      {"Which channels stood on the paths to a conversion, by eight rules side by side.",
       "Quels canaux étaient sur les chemins de conversion, selon huit règles côte à côte."},
      {{"path",
        "path journey chemin",
        true,
        {"channels in order, as \"a > b > c\"", "canaux dans l'ordre, comme « a > b > c »"}},
       {"conversions",
        "conversions total_conversions converted",
        false,
        {"how many such paths converted; one each if absent",
         "combien de ces chemins ont converti ; un chacun sinon"}},
       {"nulls",
        "nulls total_null null unconverted",
        false,
        {"how many did not", "combien n'ont pas converti"}},
       {"value",
        "value conversion_value total_conversion_value",
        false,
        {"what they were worth", "ce qu'ils valaient"}}},
      {{"separator", ">", {"between two touches", "entre deux contacts"}},
       {"half-life",
        "2",
        {"decay: half as much every … touches", "déclin : moitié moins tous les … contacts"}}},
      run_attribution};
}

}  // namespace hospes::insight
