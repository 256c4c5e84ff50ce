// Reports on who carries the revenue: rfm, power.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "insight/activity.h"
#include "insight/reports.h"

namespace hospes::insight {
namespace {

Result<Report> run_rfm(const Input& input) {
  const OrderBook book = TRY(read_orders(input));
  const BuyingDays days = buying_days(book.orders);
  if (buyers(days) < people_min) return too_few("rfm", buyers(days), too_few_why());
  const std::int32_t now = input.text("now").empty() ? days.end + 1 : TRY(day_of(input, "now"));
  if (now <= days.end)
    return fail(
        Code::invalid_input,
        fmt::format(
            "now={} is not after the last order, {}", input.text("now"), date_text(days.end)
        )
    );
  const Rfm found = rfm(book.orders, now);
  struct Group {
    double people = 0, days = 0, orders = 0, spent = 0;
  };
  std::map<std::array<std::uint8_t, 3>, Group> groups;
  double all = 0, best = 0, best_spent = 0;
  for (std::size_t i = 0; i < found.who.size(); ++i) {
    Group& g = groups[found.score[i]];
    g.people += 1;
    g.days += found.days[i];
    g.orders += found.orders[i];
    g.spent += found.spent[i];
    all += found.spent[i];
    if (found.score[i] == std::array<std::uint8_t, 3>{5, 5, 5})
      best += 1, best_spent += found.spent[i];
  }
  Report out;
  out.card = card_of(book, input, days);
  const auto n = static_cast<double>(found.who.size());
  out.sentence = both([&](Language l) {
    return l == Language::fr
               ? fmt::format(
                     "{} clients sur {} sont parmi les meilleurs des trois façons (récents, "
                     "fréquents, dépensiers) ; ils portent {} des dépenses.",
                     whole(best, l), whole(n, l), percent(all > 0 ? best_spent / all : 0, l)
                 )
               : fmt::format(
                     "{} of {} customers are among the best in all three ways (recent, frequent, "
                     "big spenders); they carry {} of spending.",
                     whole(best, l), whole(n, l), percent(all > 0 ? best_spent / all : 0, l)
                 );
  });
  out.estimates = {
      {"cells",
       {"filled cells of 125", "cases remplies sur 125"},
       static_cast<double>(groups.size()),
       {},
       {},
       Shape::whole,
       0},
      {"best",
       {"555: best in all three", "555 : les meilleurs partout"},
       best,
       {},
       {},
       Shape::whole,
       0},
      {"best_share",
       {"their share of spending", "leur part des dépenses"},
       all > 0 ? best_spent / all : 0,
       {},
       {},
       Shape::percent,
       1}};
  Table table{
      "cells",
      {},
      {{"score", {"score", "score"}},
       {"people", {"people", "personnes"}, Shape::whole},
       {"days", {"days since", "jours depuis"}, Shape::plain, 0},
       {"orders", {"orders", "commandes"}, Shape::plain, 1},
       {"spent", {"spent", "dépensé"}, Shape::money, 2}},
      {}};
  for (auto it = groups.rbegin(); it != groups.rend(); ++it) {
    const auto& [score, g] = *it;
    table.rows.push_back(
        {fmt::format("{}{}{}", score[0], score[1], score[2]), g.people, g.days / g.people,
         g.orders / g.people, g.spent / g.people}
    );
  }
  out.tables.push_back(std::move(table));
  out.card.limits = {
      {"fifths are equal in number, so a score compares people with each other and not with last "
       "year",
       "les cinquièmes sont égaux en nombre : un score compare les gens entre eux, pas avec l'an "
       "dernier"},
      {"a description: it does not say what a mail would change",
       "une description : elle ne dit pas ce qu'un message changerait"}};
  out.scores.fields = {
      {"recency", {"recency", "récence"}, Shape::whole},
      {"frequency", {"frequency", "fréquence"}, Shape::whole},
      {"monetary", {"monetary", "montant"}, Shape::whole}};
  out.scores.columns.resize(3);
  for (std::size_t i = 0; i < found.who.size(); ++i) {
    out.scores.people.push_back(book.orders.names[found.who[i]]);
    for (std::size_t k = 0; k < 3; ++k) out.scores.columns[k].push_back(found.score[i][k]);
  }
  return out;
}

/// Amounts per buyer, of the buying days in [from, until].
std::vector<double> spent_between(const BuyingDays& days, std::int32_t from, std::int32_t until) {
  std::vector<double> out;
  for (std::uint32_t who = 0; who < days.customers(); ++who) {
    const auto all = days.days(who);
    double sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i] >= from && all[i] <= until) sum += days.values(who)[i];
    out.push_back(sum);
  }
  return out;
}

Interval bootstrap(
    std::span<const double> amounts, double level, double (*statistic)(std::span<const double>)
) {
  constexpr int draws = 400;
  Dice dice(1906);  // Pareto's Manuale
  std::vector<double> found, sample(amounts.size());
  for (int d = 0; d < draws; ++d) {
    for (double& s : sample) s = amounts[dice.below(amounts.size())];
    found.push_back(statistic(sample));
  }
  return central(found, level);
}

double top_fifth(std::span<const double> amounts) { return top_share(amounts, .2); }

Plot pareto_plot(std::vector<double> amounts, const Words& title, const Words& footing) {
  std::ranges::sort(amounts, std::greater<>());
  const double all = std::accumulate(amounts.begin(), amounts.end(), 0.0);
  Curve real{.label = {"customers", "clients"}},
      equal{
          .label = {"if all were equal", "si tous étaient égaux"},
          .x = {0, 100},
          .y = {0, 1},
          .ink = Ink::other,
          .dashed = true};
  double sum = 0;
  std::size_t at = 0;
  for (int step = 0; step <= 100; ++step) {
    const auto upto =
        static_cast<std::size_t>(step / 100.0 * static_cast<double>(amounts.size()) + .5);
    for (; at < upto; ++at) sum += amounts[at];
    real.x.push_back(step);
    real.y.push_back(all > 0 ? sum / all : 0);
  }
  return {
      .title = title,
      .y = {"share of spending", "part des dépenses"},
      .x = {"% of customers, the largest first", "% des clients, les plus gros d'abord"},
      .footing = footing,
      .y_shape = Shape::percent,
      .curves = {equal, real}};
}

Result<Report> run_power(const Input& input) {
  const OrderBook book = TRY(read_orders(input));
  const BuyingDays days = buying_days(book.orders);
  if (buyers(days) < people_min) return too_few("power", buyers(days), too_few_why());
  std::vector<double> spent;
  for (std::uint32_t who = 0; who < days.customers(); ++who)
    if (!days.days(who).empty()) {
      const auto v = days.values(who);
      spent.push_back(std::accumulate(v.begin(), v.end(), 0.0));
    }
  if (std::accumulate(spent.begin(), spent.end(), 0.0) <= 0)
    return too_few(
        "power", spent.size(),
        {"Nothing was paid, so nobody carries more of it.",
         "Rien n'a été payé : personne n'en porte plus."}
    );
  const double share = top_fifth(spent), g = gini(spent);
  Report out;
  out.card = card_of(book, input, days);
  out.estimates = {
      {"top_fifth_share",
       {"share of the top fifth", "part du premier cinquième"},
       share,
       bootstrap(spent, .8, top_fifth),
       bootstrap(spent, .95, top_fifth),
       Shape::percent,
       1},
      {"gini",
       {"Gini (0 equal, 1 one has all)", "Gini (0 égal, 1 un seul a tout)"},
       g,
       bootstrap(spent, .8, gini),
       bootstrap(spent, .95, gini),
       Shape::plain,
       3}};
  // Ranking early and judging later avoids flattering ourselves.
  const std::int32_t cut = input.text("cut").empty()
                               ? days.begin + (days.end - days.begin + 1) / 2 - 1
                               : TRY(day_of(input, "cut"));
  const auto before = spent_between(days, days.begin, cut),
             after = spent_between(days, cut + 1, days.end);
  std::vector<std::size_t> seen;
  for (std::uint32_t who = 0; who < days.customers(); ++who)
    if (!days.days(who).empty() && days.days(who)[0] <= cut) seen.push_back(who);
  std::ranges::stable_sort(seen, std::greater<>(), [&](std::size_t w) { return before[w]; });
  const std::size_t top = seen.size() / 5;
  double later = 0, later_top = 0;
  std::size_t again = 0;
  std::vector<double> ranked;
  for (const std::size_t w : seen) ranked.push_back(after[w]);
  std::vector<std::size_t> by_after(seen.size());
  std::iota(by_after.begin(), by_after.end(), std::size_t{0});
  std::ranges::stable_sort(by_after, std::greater<>(), [&](std::size_t i) { return ranked[i]; });
  for (std::size_t i = 0; i < seen.size(); ++i) {
    later += ranked[i];
    if (i < top) later_top += ranked[i];
  }
  for (std::size_t i = 0; i < top; ++i)
    again += by_after[i] < top && ranked[by_after[i]] > 0 ? 1 : 0;
  if (top > 0 && later > 0) {
    out.estimates.push_back(
        {"kept_share",
         {"share of later spending, of those ranked at the cut",
          "part des dépenses suivantes, de ceux classés à la coupe"},
         later_top / later,
         {},
         {},
         Shape::percent,
         1}
    );
    out.estimates.push_back(
        {"stayed",
         {"of them, still in the top fifth later",
          "d'entre eux, encore du premier cinquième ensuite"},
         static_cast<double>(again) / static_cast<double>(top),
         wilson(static_cast<double>(again), static_cast<double>(top), .8),
         wilson(static_cast<double>(again), static_cast<double>(top), .95),
         Shape::percent,
         1}
    );
  }
  out.sentence = both([&](Language l) {
    std::string text = l == Language::fr
                           ? fmt::format(
                                 "Un cinquième des clients porte {} des dépenses (Gini {}).",
                                 percent(share, l), figure(g, Shape::plain, 2, l)
                             )
                           : fmt::format(
                                 "One fifth of customers carries {} of spending (Gini {}).",
                                 percent(share, l), figure(g, Shape::plain, 2, l)
                             );
    if (top == 0 || later <= 0) return text;
    return text + (l == Language::fr ? fmt::format(
                                           " Classés au {}, ils ont porté {} de la suite.",
                                           date_text(cut), percent(later_top / later, l)
                                       )
                                     : fmt::format(
                                           " Ranked on {}, they carried {} of what followed.",
                                           date_text(cut), percent(later_top / later, l)
                                       ));
  });
  out.plots.push_back(pareto_plot(spent, out.sentence, footing_of(out.card)));
  out.card.limits = {
      {"in one period the ranking is made and judged on the same spending, which flatters it; the "
       "later share does not",
       "sur une seule période, le classement est fait et jugé sur les mêmes dépenses, ce qui le "
       "flatte ; la part suivante, non"},
      {"intervals: 400 resamplings of customers, fixed seed",
       "intervalles : 400 rééchantillonnages des clients, graine fixe"}};
  return out;
}

}  // namespace

Insight rfm_insight() {
  auto settings = order_settings();
  settings.push_back(
      {"now",
       "",
       {"the day from which recency counts; the day after the last order if not said",
        "le jour d'où compte la récence ; le lendemain de la dernière commande sinon"}}
  );
  return {
      "rfm",
      {"Who bought recently, often, and for much: three scores from 1 to 5.",
       "Qui a acheté récemment, souvent, et pour beaucoup : trois scores de 1 à 5."},
      order_roles(true),
      settings,
      run_rfm};
}

Insight power_insight() {
  auto settings = order_settings();
  settings.push_back(
      {"cut",
       "",
       {"the day of the early ranking; half of the period if not said",
        "le jour du premier classement ; la moitié de la période sinon"}}
  );
  return {
      "power",
      {"Who carries the revenue, and whether they went on to.",
       "Qui porte le revenu, et s'ils ont continué."},
      order_roles(true),
      settings,
      run_power};
}

}  // namespace hospes::insight
