// Reports on who comes back and how long they stay: cohorts, survival.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "insight/activity.h"
#include "insight/reports.h"

namespace hospes::insight {
namespace {

Result<Report> run_cohorts(const Input& input) {
  const OrderBook book = TRY(read_orders(input));
  const BuyingDays days = buying_days(book.orders);
  if (buyers(days) < people_min) return too_few("cohorts", buyers(days), too_few_why());
  const CohortTable found = cohorts(days);
  Report out;
  out.card = card_of(book, input, days);
  Table table{
      "cohorts",
      {"Who bought again k months after the month of the first order",
       "Qui a racheté k mois après le mois de la première commande"},
      {{"cohort", {"first order", "première commande"}},
       {"month", {"months later", "mois après"}, Shape::whole},
       {"people", {"people", "personnes"}, Shape::whole},
       {"rate", {"share", "part"}, Shape::percent, 1},
       {"low", {"95%, from", "95 %, de"}, Shape::percent, 1},
       {"high", {"to", "à"}, Shape::percent, 1}},
      {}};
  double cells = 0, seen = 0, again = 0;
  const int last = month_of(days.end);
  for (const auto& [month, active] : found.active) {
    for (std::size_t k = 0; k < active.size(); ++k) {
      if (active[k] == 0) continue;
      cells += 1;
      const Interval i = wilson(active[k], active[0], .95);
      table.rows.push_back(
          {month_text(month), static_cast<double>(k), active[k], active[k] / active[0], i.low,
           i.high}
      );
    }
    if (month < last) {
      seen += active[0];
      again += active.size() > 1 ? active[1] : 0;
    }
  }
  std::map<int, std::pair<double, double>> by_age;  // of all cohorts old enough
  for (const auto& [month, active] : found.active)
    for (int k = 0; month + k < last; ++k) {
      by_age[k].first += active[0];
      by_age[k].second +=
          static_cast<std::size_t>(k) < active.size() ? active[static_cast<std::size_t>(k)] : 0;
    }
  Curve curve{.label = {"bought in that month", "ont acheté ce mois-là"}};
  for (const auto& [k, counts] : by_age) {
    if (k == 0) continue;
    const Interval i = wilson(counts.second, counts.first, .95);
    curve.x.push_back(k);
    curve.y.push_back(counts.second / counts.first);
    curve.low.push_back(i.low);
    curve.high.push_back(i.high);
  }
  out.estimates = {
      {"cells",
       {"cells with somebody in them", "cases où il y a quelqu'un"},
       cells,
       {},
       {},
       Shape::whole,
       0}};
  if (seen > 0)
    out.estimates.push_back(
        {"next_month",
         {"bought again in the month after", "ont racheté le mois suivant"},
         again / seen,
         wilson(again, seen, .8),
         wilson(again, seen, .95),
         Shape::percent,
         1}
    );
  out.sentence = both([&](Language l) {
    if (seen == 0)
      return std::string(
          l == Language::fr ? "Un seul mois : personne n'a eu le temps de revenir."
                            : "One month only: nobody had the time to come back."
      );
    return l == Language::fr ? fmt::format(
                                   "{} des nouveaux clients rachètent le mois suivant.",
                                   percent(again / seen, l, 1)
                               )
                             : fmt::format(
                                   "{} of new customers buy again in the month after.",
                                   percent(again / seen, l, 1)
                               );
  });
  if (!curve.x.empty())
    out.plots.push_back(
        {.title = out.sentence,
         .y = {"share of the cohort", "part de la cohorte"},
         .x = {"months after", "mois après"},
         .footing = both([&](Language l) {
           return footing_of(out.card).in(l) +
                  (l == Language::fr ? " ; bande : 95 % (Wilson) ; mois complets seulement"
                                     : "; band: 95% (Wilson); whole months only");
         }),
         .y_shape = Shape::percent,
         .curves = {curve}}
    );
  out.tables.push_back(std::move(table));
  out.card.limits = {
      {"calendar months, so the first and the last may be cut short; who stays is keener by "
       "nature, not by what was done",
       "mois civils : le premier et le dernier peuvent être incomplets ; ceux qui restent sont "
       "plus assidus par nature, pas par ce qu'on a fait"}};
  return out;
}

Result<Report> run_survival(const Input& input) {
  const auto time = TRY(input.numbers("time"));
  const auto left = TRY(input.numbers("left"));
  std::vector<Lasting> people;
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (time[i] < 0)
      return fail(
          Code::invalid_input,
          fmt::format(
              "{}: a time below zero; write how long they were seen", input.table().place(i)
          )
      );
    if (left[i] != 0 && left[i] != 1)
      return fail(
          Code::invalid_input,
          fmt::format(
              "{}: left is 1 (left) or 0 (still there when last seen)", input.table().place(i)
          )
      );
    people.push_back({time[i], left[i] == 1});
  }
  const auto gone = static_cast<std::size_t>(std::ranges::count(people, true, &Lasting::left));
  if (people.size() < people_min || gone == 0)
    return too_few(
        "survival", people.size(),
        {"A curve needs at least ten people and one who left.",
         "Une courbe demande au moins dix personnes, dont une partie."}
    );
  const auto curve = kaplan_meier(people);
  const auto middle = median_survival(curve);
  Report out;
  out.card = {
      .data =
          {fmt::format(
               "{}, {} rows; columns {}", input.table().file(), people.size(), input.taken()
           ),
           fmt::format(
               "{}, {} lignes ; colonnes {}", input.table().file(), people.size(), input.taken()
           )},
      .n = people.size()};
  out.sentence = both([&](Language l) {
    const std::string n = whole(static_cast<double>(people.size()), l);
    if (!middle)
      return l == Language::fr ? fmt::format(
                                     "Plus de la moitié des {} personnes sont encore là à la fin "
                                     "de l'observation.",
                                     n
                                 )
                               : fmt::format(
                                     "More than half of the {} people are still there at the end "
                                     "of what was seen.",
                                     n
                                 );
    return l == Language::fr ? fmt::format(
                                   "La moitié des {} personnes part avant {}.", n,
                                   figure(*middle, Shape::plain, 1, l)
                               )
                             : fmt::format(
                                   "Half of the {} people leave before {}.", n,
                                   figure(*middle, Shape::plain, 1, l)
                               );
  });
  const SurvivalPoint& end = curve.back();
  out.estimates = {
      {"survival_end",
       {"still there at the last leaving", "encore là au dernier départ"},
       end.survival,
       {},
       end.i95,
       Shape::percent,
       1}};
  if (middle)
    out.estimates.push_back(
        {"median", {"median time", "durée médiane"}, *middle, {}, {}, Shape::plain, 1}
    );
  Table table{
      "curve",
      {},
      {{"time", {"time", "durée"}, Shape::plain, 1},
       {"at_risk", {"at risk", "exposés"}, Shape::whole},
       {"left", {"left", "partis"}, Shape::whole},
       {"survival", {"still there", "encore là"}, Shape::percent, 1},
       {"low", {"95%, from", "95 %, de"}, Shape::percent, 1},
       {"high", {"to", "à"}, Shape::percent, 1}},
      {}};
  Curve line{
      .label = {"still there", "encore là"},
      .x = {0},
      .y = {1},
      .low = {1},
      .high = {1},
      .steps = true};
  for (const SurvivalPoint& p : curve) {
    table.rows.push_back({p.time, p.at_risk, p.left, p.survival, p.i95.low, p.i95.high});
    line.x.push_back(p.time);
    line.y.push_back(p.survival);
    line.low.push_back(p.i95.low);
    line.high.push_back(p.i95.high);
  }
  out.tables.push_back(std::move(table));
  out.plots.push_back(
      {.title = out.sentence,
       .y = {"still there", "encore là"},
       .x = {"time", "durée"},
       .footing =
           {fmt::format("n = {}, {} left; band: 95% (Greenwood, log-log)", people.size(), gone),
            fmt::format(
                "n = {}, {} partis ; bande : 95 % (Greenwood, log-log)", people.size(), gone
            )},
       .y_shape = Shape::percent,
       .curves = {line}}
  );
  out.card.limits = {
      {"assumes that those no longer seen are like those still seen",
       "suppose que ceux qu'on ne voit plus ressemblent à ceux qu'on voit encore"}};
  return out;
}

}  // namespace

Insight cohorts_insight() {
  return {
      "cohorts",
      {"Of those who came in one month, who came back later.",
       "De ceux venus un mois, qui est revenu ensuite."},
      order_roles(false),
      order_settings(),
      run_cohorts};
}

Insight survival_insight() {
  return {
      "survival",
      {"How long people stay, with those still there counted rightly.",
       "Combien de temps les gens restent, en comptant bien ceux qui sont encore là."},
      {{"time",
        "time duration tenure days weeks months durée",
        true,
        {"how long each was seen", "combien de temps chacun a été vu"}},
       {"left",
        "left event churn churned status gone parti",
        true,
        {"1 left, 0 still there", "1 parti, 0 encore là"}}},
      {},
      run_survival};
}

}  // namespace hospes::insight
