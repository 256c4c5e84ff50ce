// The three cards of the first screen: who carries the revenue and whether it lasted, where people
// stop, what comes next and how wrong we were. Everything in them is computed from the orders
// given.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "insight/activity.h"
#include "insight/forecast.h"

namespace hospes::insight {
namespace {

constexpr std::size_t customers_min = 100;
constexpr std::int32_t window_days = 90;
constexpr std::size_t steps_max = 4;

Words cohort_line(const BuyingDays& days, std::size_t n) {
  const Words cohort = cohort_of(days);
  return both([&](Language l) {
    return fmt::format(
        fmt::runtime(l == Language::fr ? "n = {} clients, {}" : "n = {} customers, {}"),
        whole(static_cast<double>(n), l), cohort.in(l)
    );
  });
}

struct Fifth {
  double early_people = 0, later_share = 0, again_top = 0, again_rest = 0, whole_share = 0,
         gini = 0;
  std::vector<double> before, after;
};

/// The fifth that spent most up to `cut`, and what they and the others did after it.
Fifth fifth_of(const BuyingDays& days, std::int32_t cut) {
  Fifth out;
  std::vector<double> both_periods;
  for (std::uint32_t who = 0; who < days.customers(); ++who) {
    const auto all = days.days(who);
    if (all.empty()) continue;
    double before = 0, after = 0;
    bool again = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      (all[i] <= cut ? before : after) += days.values(who)[i];
      again = again || all[i] > cut;
    }
    both_periods.push_back(before + after);
    if (all[0] > cut) continue;
    out.before.push_back(before);
    out.after.push_back(
        again ? after + 1e-9 : -1
    );  // -1: did not come again; an order may cost nothing
  }
  std::vector<std::size_t> order(out.before.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return out.before[i]; });
  const std::size_t top = order.size() / 5;
  double later = 0, later_top = 0, again_top = 0, again_rest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double after = std::max(0.0, out.after[order[k]]);
    const double again = out.after[order[k]] >= 0 ? 1 : 0;
    later += after;
    later_top += k < top ? after : 0;
    (k < top ? again_top : again_rest) += again;
  }
  out.early_people = static_cast<double>(top);
  out.later_share = later > 0 ? later_top / later : 0;
  out.again_top = top > 0 ? again_top / static_cast<double>(top) : 0;
  out.again_rest = order.size() > top ? again_rest / static_cast<double>(order.size() - top) : 0;
  out.whole_share = top_share(both_periods, .2);
  out.gini = gini(both_periods);
  return out;
}

void card_fifth(const BuyingDays& days, Report& out) {
  const std::int32_t cut = half_of(days);
  const Fifth f = fifth_of(days, cut);
  const std::size_t n = f.before.size();
  const Interval again = wilson(f.again_top * f.early_people, f.early_people, .95);
  const double rest = static_cast<double>(n) - f.early_people;
  const Interval others = wilson(f.again_rest * rest, rest, .95);
  out.estimates.push_back(
      {"fifth_later_share",
       {"card 1: share of later revenue of the early top fifth",
        "carte 1 : part du revenu suivant du premier cinquième"},
       f.later_share,
       {},
       {},
       Shape::percent,
       0}
  );
  out.estimates.push_back(
      {"fifth_again",
       {"card 1: of them, bought again", "carte 1 : d'entre eux, ont racheté"},
       f.again_top,
       {},
       again,
       Shape::percent,
       0}
  );
  out.estimates.push_back(
      {"others_again",
       {"card 1: of the others, bought again", "carte 1 : des autres, ont racheté"},
       f.again_rest,
       {},
       others,
       Shape::percent,
       0}
  );
  out.estimates.push_back(
      {"fifth_whole_share",
       {"card 1: in sample, over the whole period",
        "carte 1 : dans l'échantillon, toute la période"},
       f.whole_share,
       {},
       {},
       Shape::percent,
       0}
  );
  out.estimates.push_back(
      {"gini", {"card 1: Gini", "carte 1 : Gini"}, f.gini, {}, {}, Shape::plain, 2}
  );
  Plot plot{.y_shape = Shape::percent};
  plot.title = both([&](Language l) {
    const std::string share = percent(f.later_share, l), a = percent(f.again_top, l),
                      b = percent(f.again_rest, l), day = date_text(cut);
    return l == Language::fr
               ? fmt::format(
                     "Les 20\u202f% qui avaient dépensé le plus au {} ont fait {} du revenu de la "
                     "suite ; {} d'entre eux ont racheté, contre {} des autres.",
                     day, share, a, b
                 )
               : fmt::format(
                     "The 20% who spent most by {} made {} of the revenue that followed; {} of "
                     "them bought again against {} of the others.",
                     day, share, a, b
                 );
  });
  plot.y = {"bought again", "ont racheté"};
  plot.bars = {
      {{"top fifth", "premier cinquième"}, f.again_top, again.low, again.high, Ink::accent},
      {{"others", "les autres"}, f.again_rest, others.low, others.high, Ink::second}};
  const Words cohort = cohort_line(days, n), period = period_of(days.begin, days.end);
  plot.footing = both([&](Language l) {
    return fmt::format(
        fmt::runtime(
            l == Language::fr
                ? "{}. {}. Classés tôt, jugés après : pas de flatterie. Barres d'erreur : 95 %."
                : "{}. {}. Ranked early and judged later, which avoids flattery. Whiskers: 95%."
        ),
        cohort.in(l), period.in(l)
    );
  });
  out.plots.push_back(std::move(plot));
}

void card_steps(const BuyingDays& days, Report& out) {
  std::array<double, steps_max> seen{}, again{};
  for (std::uint32_t who = 0; who < days.customers(); ++who) {
    const auto all = days.days(who);
    for (std::size_t k = 0; k < std::min(all.size(), steps_max); ++k) {
      if (all[k] + window_days > days.end) break;  // not observed for so long
      seen[k] += 1;
      again[k] += k + 1 < all.size() && all[k + 1] - all[k] <= window_days ? 1 : 0;
    }
  }
  Table table{
      "steps",
      {"Another buying day within 90 days", "Un autre jour d'achat dans les 90 jours"},
      {{"after", {"after buying day", "après le jour d'achat"}, Shape::whole},
       {"n", {"n", "n"}, Shape::whole},
       {"rate", {"came again", "sont revenus"}, Shape::percent, 0},
       {"low", {"95%, from", "95 %, de"}, Shape::percent, 1},
       {"high", {"to", "à"}, Shape::percent, 1}},
      {}};
  Plot plot{
      .y = {"another buying day within 90 days", "un autre jour d'achat dans les 90 jours"},
      .y_shape = Shape::percent};
  std::size_t steepest = 0;
  double least = 2;
  for (std::size_t k = 0; k < steps_max; ++k) {
    if (seen[k] < 10) break;
    const double rate = again[k] / seen[k];
    const Interval i = wilson(again[k], seen[k], .95);
    table.rows.push_back({static_cast<double>(k + 1), seen[k], rate, i.low, i.high});
    plot.bars.push_back(
        {both([&](Language l) {
           return fmt::format(
               fmt::runtime(l == Language::fr ? "après le {}{} (n {})" : "after no. {}{} (n {})"),
               k + 1, l == Language::fr ? (k == 0 ? "ᵉʳ" : "ᵉ") : "", whole(seen[k], l)
           );
         }),
         rate, i.low, i.high, Ink::second}
    );
    if (rate < least) least = rate, steepest = k;
  }
  if (plot.bars.empty()) return;
  plot.bars[steepest].ink = Ink::accent;
  plot.title = both([&](Language l) {
    if (l == Language::fr)
      return steepest == 0
                 ? std::string("La deuxième commande est la marche la plus raide.")
                 : fmt::format("La marche la plus raide vient après le {}ᵉ achat.", steepest + 1);
    return steepest == 0 ? std::string("The second order is the steepest step.")
                         : fmt::format("The steepest step comes after purchase {}.", steepest + 1);
  });
  const Words period = period_of(days.begin, days.end);
  plot.footing = both([&](Language l) {
    return fmt::format(
        fmt::runtime(
            l == Language::fr
                ? "Seulement ceux observés 90 jours, {}. Ceux qui restent sont aussi plus assidus "
                  "par nature : cela montre où l'on s'arrête, pas ce qu'une relance gagnerait. "
                  "Barres d'erreur : 95 %."
                : "Only those observed for 90 days, {}. Those who stay are also keener by nature: "
                  "this shows where people stop, not what a nudge would gain. Whiskers: 95%."
        ),
        period.in(l)
    );
  });
  out.tables.push_back(std::move(table));
  out.plots.push_back(std::move(plot));
}

Status card_next(const BuyingDays& days, Report& out) {
  constexpr std::array model = {Family::bg_nbd};
  const std::int32_t cut = half_of(days);
  const auto found = forecast(days, cut, (days.end - cut) / 7.0, model);
  if (!found || found->tests.empty()) {
    out.notes.push_back(
        {"card 3: no rate of buying can be told here",
         "carte 3 : aucun rythme d'achat ne peut se dire ici"}
    );
    return {};
  }
  const Forecast& f = *found;
  const Backtest& test = f.tests[0];
  const double off = test.actual > 0 ? test.predicted / test.actual - 1 : 0;
  const Interval i80 = f.around(f.total.mean, 1, z80), i95 = f.around(f.total.mean, 1, z95);
  out.estimates.push_back(
      {"foreseen",
       {"card 3: foreseen at the cut", "carte 3 : prévu à la coupe"},
       test.predicted,
       {},
       {},
       Shape::whole,
       0}
  );
  out.estimates.push_back(
      {"came", {"card 3: came", "carte 3 : venu"}, test.actual, {}, {}, Shape::whole, 0}
  );
  out.estimates.push_back(
      {"off", {"card 3: how far off", "carte 3 : écart"}, off, {}, {}, Shape::percent, 0}
  );
  out.estimates.push_back(
      {"next",
       {"card 3: purchases to come, model error included",
        "carte 3 : achats à venir, erreur du modèle comprise"},
       f.total.mean,
       i80,
       i95,
       Shape::whole,
       0}
  );
  const int weeks = static_cast<int>(std::lround(test.weeks));
  Plot plot = tracking_plot(
      days, f, both([&](Language l) {
        const std::string p = whole(test.predicted, l), a = whole(test.actual, l),
                          o = percent(std::fabs(off), l);
        if (l == Language::fr)
          return fmt::format(
              "Le modèle (BG/NBD) prévoyait {} achats pour {} semaines ; il en est venu {} : {} "
              "{}.",
              p, weeks, a, o, off < 0 ? "de trop peu" : "de trop"
          );
        return fmt::format(
            "The model (BG/NBD) foresaw {} purchases for {} weeks; {} came: {} too {}.", p, weeks,
            a, o, off < 0 ? "few" : "many"
        );
      })
  );
  const Words cohort = cohort_line(days, f.people.who.size());
  plot.footing = both([&](Language l) {
    const std::string next = whole(f.total.mean, l), low = whole(i95.low, l),
                      high = whole(i95.high, l);
    if (l == Language::fr)
      return fmt::format(
          "{}. {} semaines à venir : {} achats (95 % : {}–{}, erreur du modèle comprise) ; dernier "
          "essai : {}. Une seule cohorte, une seule boutique.",
          cohort.fr, weeks, next, low, high, miss_text(test.predicted, test.actual, l)
      );
    return fmt::format(
        "{}. Next {} weeks: {} purchases (95%: {}–{}, model error included); last back-test: {}. "
        "One cohort, one shop.",
        cohort.en, weeks, next, low, high, miss_text(test.predicted, test.actual, l)
    );
  });
  out.plots.push_back(std::move(plot));
  return {};
}

Result<Report> run_cards(const Input& input) {
  const OrderBook book = TRY(read_orders(input));
  const BuyingDays days = buying_days(book.orders);
  std::size_t n = 0;
  for (std::uint32_t i = 0; i < days.customers(); ++i) n += days.days(i).empty() ? 0 : 1;
  if (n < customers_min || days.end - days.begin < 2 * window_days)
    return too_few(
        "cards", n,
        {fmt::format("The cards need {} customers and half a year of orders.", customers_min),
         fmt::format("Les cartes demandent {} clients et six mois de commandes.", customers_min)}
    );
  Report out;
  out.card = {
      .data = book.data(input),
      .cohort = cohort_of(days),
      .period = period_of(days.begin, days.end),
      .n = n};
  if (book.valued) card_fifth(days, out);
  card_steps(days, out);
  TRY(card_next(days, out));
  for (const Plot& plot : out.plots) {
    out.notes.push_back(plot.title);
    out.notes.push_back(plot.footing);
  }
  out.sentence = {
      "The three cards of the first screen, from these orders.",
      "Les trois cartes du premier écran, d'après ces commandes."};
  out.card.limits = {
      {"each card names its cohort; another shop may differ",
       "chaque carte nomme sa cohorte ; une autre boutique peut différer"}};
  return out;
}

}  // namespace

Insight cards_insight() {
  return {
      "cards",
      {"The three cards of the first screen: who carries, where people stop, what comes next.",
       "Les trois cartes du premier écran : qui porte, où l'on s'arrête, ce qui vient."},
      order_roles(false),
      order_settings(),
      run_cards};
}

}  // namespace hospes::insight
