// What comes next, what it is worth, and how wrong we would have been: the report around the
// lifetime models.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "insight/forecast.h"
#include "insight/spend.h"

namespace hospes::insight {
namespace {

constexpr std::size_t repeat_buyers_min = 10;
constexpr double weeks_a_month = 365.25 / 12 / 7;

Table models_table(const Forecast& f) {
  Table out{
      "models",
      {"Models, chosen by likelihood before the cut",
       "Modèles, choisis par vraisemblance avant la coupe"},
      {{"model", {"model", "modèle"}},
       {"log_likelihood", {"LL", "LV"}, Shape::plain, 1},
       {"predicted", {"foreseen", "prévu"}, Shape::whole},
       {"actual", {"came", "venu"}, Shape::whole},
       {"error", {"error", "écart"}, Shape::percent, 1},
       {"mae", {"mean error per customer", "écart moyen par client"}, Shape::plain, 3},
       {"level80", {"80% held", "80 % tenu"}, Shape::percent, 1},
       {"level95", {"95% held", "95 % tenu"}, Shape::percent, 1},
       {"chosen", {"chosen", "choisi"}}},
      {}};
  for (std::size_t i = 0; i < f.fits.size(); ++i) {
    std::vector<Value> row{std::string(name_of(f.fits[i].model.family)), f.fits[i].log_likelihood};
    if (f.tests.empty()) {
      row.resize(8);
    } else {
      const Backtest& t = f.tests[i];
      row[1] = t.fit.log_likelihood;
      const double error = t.actual > 0 ? t.predicted / t.actual - 1 : 0;
      for (const double v :
           {t.predicted, t.actual, error, t.mae, t.coverage.level80, t.coverage.level95})
        row.emplace_back(v);
    }
    row.emplace_back(i == f.chosen ? Words{"yes", "oui"} : Words{"", ""});
    out.rows.push_back(std::move(row));
  }
  return out;
}

std::vector<Estimate> parameters_of(const LifetimeFit& fit) {
  std::vector<Estimate> out;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string name(parameter_names(fit.model.family)[i]);
    Estimate e{.name = name, .means = same(name), .value = fit.model.p[i], .digits = 4};
    const bool on_a_ridge = !fit.converged || std::fabs(std::log(e.value)) > 10;
    if (fit.log_covariance && !on_a_ridge) {
      const double se = std::sqrt((*fit.log_covariance)[i][i]);
      if (se < 2.5) e.i95 = Interval{e.value * std::exp(-z95 * se), e.value * std::exp(z95 * se)};
    }
    out.push_back(e);
  }
  return out;
}

struct Worth {
  std::optional<SpendFit> spend;
  std::vector<double> value;  // per customer, in the horizon
  double sum = 0;
};

/// Purchases to come, times what each is worth, discounted month by month.
Worth worth_of(const Forecast& f, double discount_year) {
  Worth out;
  std::vector<Spender> spenders;
  for (std::size_t i = 0; i < f.people.who.size(); ++i)
    if (f.people.repeat_days[i] > 0)
      spenders.push_back({f.people.repeat_days[i], f.people.repeat_value[i]});
  const auto found = fit_spend(spenders);
  if (!found || !found->converged || found->q <= 1) return out;
  out.spend = *found;
  const double factor = std::pow(1 + discount_year, -1.0 / 12);
  std::vector<double> before(f.next.size(), 0), flow(f.next.size(), 0);
  const int months = std::max(1, static_cast<int>(std::ceil(f.weeks / weeks_a_month - 1e-9)));
  for (int month = 1; month <= months; ++month) {
    const auto upto = expected(
        f.fit().model, f.people.customers, f.chances, std::min(f.weeks, month * weeks_a_month)
    );
    for (std::size_t i = 0; i < upto.size(); ++i)
      flow[i] += (upto[i] - before[i]) * std::pow(factor, month);
    before = upto;
  }
  for (std::size_t i = 0; i < flow.size(); ++i) {
    const auto each = expected_value(*out.spend, f.people.repeat_days[i], f.people.repeat_value[i]);
    out.value.push_back(flow[i] * each.value_or(0));
    out.sum += out.value.back();
  }
  return out;
}

Scores scores_of(const BuyingDays&, const Forecast& f, const Worth& worth, const Orders& orders) {
  Scores out;
  out.fields = {
      {"alive", {"still a customer", "encore client"}, Shape::percent, 6},
      {"purchases", {"purchases to come", "achats à venir"}, Shape::plain, 6},
      {"purchases_low80", {"80%, from", "80 %, de"}, Shape::whole, 0},
      {"purchases_high80", {"80%, to", "80 %, à"}, Shape::whole, 0},
      {"purchases_low95", {"95%, from", "95 %, de"}, Shape::whole, 0},
      {"purchases_high95", {"95%, to", "95 %, à"}, Shape::whole, 0}};
  out.columns.resize(6);
  std::vector<double> pmf;
  for (std::size_t i = 0; i < f.people.who.size(); ++i) {
    out.people.push_back(orders.names[f.people.who[i]]);
    distribution(future(f.fit().model, f.people.customers[i]), f.chances[i], f.weeks, pmf);
    const Interval i80 = interval_of(pmf, .80), i95 = interval_of(pmf, .95);
    const std::array row = {f.chances[i], f.next[i], i80.low, i80.high, i95.low, i95.high};
    for (std::size_t c = 0; c < row.size(); ++c) out.columns[c].push_back(row[c]);
  }
  if (!worth.value.empty()) {
    out.fields.push_back({"value", {"worth of them", "leur valeur"}, Shape::money, 4});
    out.columns.push_back(worth.value);
  }
  return out;
}

std::optional<Words> coverage_note(const Forecast& f) {
  if (f.tests.empty()) return std::nullopt;
  const Coverage& c = f.tests[f.chosen].coverage;
  const bool held = c.level80 >= .77 && c.level80 <= .83 && c.level95 >= .93 && c.level95 <= .97;
  const auto part = [](double v, Language l) { return figure(v, Shape::percent, 1, l); };
  const auto say = [&](Language l) {
    return l == Language::fr
               ? fmt::format(
                     "à l'essai, les intervalles par client à 80 % ont tenu {}, ceux à 95 % {}{}",
                     part(c.level80, l), part(c.level95, l),
                     held ? ""
                          : " : ils manquent leur promesse, lisez-les comme trop étroits ou trop "
                            "larges d'autant"
                 )
               : fmt::format(
                     "in the back-test the intervals per customer held {} at 80%, {} at 95%{}",
                     part(c.level80, l), part(c.level95, l),
                     held ? ""
                          : ": they miss what they promise, read them as that much too narrow or "
                            "too wide"
                 );
  };
  return Words{say(Language::en), say(Language::fr)};
}

Result<Report> run_clv(const Input& input) {
  const OrderBook book = TRY(read_orders(input));
  const BuyingDays days = buying_days(book.orders);
  const std::size_t customers = book.orders.names.size();
  std::size_t repeaters = 0;
  for (std::uint32_t i = 0; i < days.customers(); ++i) repeaters += days.days(i).size() > 1 ? 1 : 0;
  if (repeaters < repeat_buyers_min)
    return too_few(
        "clv", customers,
        {fmt::format(
             "Of these customers {} bought on two days; a rate of buying needs at least {}.",
             repeaters, repeat_buyers_min
         ),
         fmt::format(
             "Parmi ces clients, {} ont acheté deux jours différents ; un rythme d'achat en "
             "demande au moins {}.",
             repeaters, repeat_buyers_min
         )}
    );
  std::int32_t cut = half_of(days);
  if (!input.text("cut").empty()) cut = TRY(day_of(input, "cut"));
  const double weeks = input.text("horizon").empty() ? std::max(1.0, (days.end - cut) / 7.0)
                                                     : TRY(input.days("horizon")) / 7;
  const double discount = TRY(input.number("discount", 0, 10));
  const Forecast f = TRY(forecast(days, cut, weeks, families));
  const Worth worth = book.valued ? worth_of(f, discount) : Worth{};

  Report out;
  const Interval i80 = f.around(f.total.mean, 1, z80), i95 = f.around(f.total.mean, 1, z95);
  const auto sentence = [&](Language l) {
    const std::string n = figure(static_cast<double>(f.people.who.size()), Shape::whole, 0, l);
    const std::string sum = figure(f.total.mean, Shape::whole, 0, l);
    const std::string low = figure(i95.low, Shape::whole, 0, l),
                      high = figure(i95.high, Shape::whole, 0, l);
    const std::string span = figure(weeks, Shape::plain, weeks == std::floor(weeks) ? 0 : 1, l);
    std::string text =
        l == Language::fr
            ? fmt::format(
                  "Ces {} clients devraient acheter {} fois dans les {} semaines qui viennent (95 "
                  "% : {}–{})",
                  n, sum, span, low, high
              )
            : fmt::format(
                  "These {} customers should buy {} times in the next {} weeks (95%: {}–{})", n,
                  sum, span, low, high
              );
    if (f.tests.empty())
      return text + (l == Language::fr ? " ; la période est trop courte pour un essai."
                                       : "; the period is too short for a back-test.");
    const Backtest& t = f.tests[f.chosen];
    return text +
           fmt::format(
               fmt::runtime(l == Language::fr ? " ; dernier essai : {}." : "; last back-test: {}."),
               miss_text(t.predicted, t.actual, l)
           );
  };
  out.sentence = {sentence(Language::en), sentence(Language::fr)};
  out.estimates.push_back(
      {"purchases",
       {"purchases to come", "achats à venir"},
       f.total.mean,
       i80,
       i95,
       Shape::whole,
       0}
  );
  double active = 0, active_variance = 0;
  for (const double p : f.chances) active += p, active_variance += p * (1 - p);
  const auto around = [&](double z) {
    const double half = z * std::sqrt(active_variance);
    return Interval{
        std::max(0.0, active - half),
        std::min(static_cast<double>(f.chances.size()), active + half)};
  };
  out.estimates.push_back(
      {"active",
       {"still customers, given the model", "encore clients, selon le modèle"},
       active,
       around(z80),
       around(z95),
       Shape::whole,
       0}
  );
  if (worth.spend) {
    const double each = f.total.mean > 0 ? worth.sum / f.total.mean : 0;
    const auto scaled = [&](const Interval& i) { return Interval{each * i.low, each * i.high}; };
    out.estimates.push_back(
        {"value",
         {"what they are worth", "ce qu'ils valent"},
         worth.sum,
         scaled(i80),
         scaled(i95),
         Shape::money,
         0}
    );
  }
  out.tables.push_back(models_table(f));
  if (const auto note = coverage_note(f)) out.notes.push_back(*note);
  if (f.miss != 0)
    out.notes.push_back(
        {"the interval of the sum includes the model's own error, as large as it was in the "
         "back-test",
         "l'intervalle du total comprend l'erreur propre du modèle, aussi grande qu'à l'essai"}
    );
  if (!f.fit().converged)
    out.notes.push_back(
        {"the fit lies on a flat ridge: parameters are not to be read one by one",
         "l'ajustement est sur une crête plate : les paramètres ne se lisent pas un à un"}
    );
  if (book.valued && !worth.spend)
    out.notes.push_back(
        {"too few customers paid on two later days, or all the same: no value per purchase can be "
         "told",
         "trop peu de clients ont payé deux autres jours, ou tous pareil : la valeur d'un achat ne "
         "se dit pas"}
    );
  out.plots.push_back(tracking_plot(days, f, out.sentence));
  const Words period = period_of(days.begin, days.end), cohort = cohort_of(days);
  out.plots[0].footing = {
      fmt::format(
          "n = {} customers, {}; cut {}; band: 95%, with the last error",
          figure(static_cast<double>(f.people.who.size()), Shape::whole, 0, Language::en),
          period.en, date_text(cut)
      ),
      fmt::format(
          "n = {} clients, {} ; coupe {} ; bande : 95 %, dernier écart compris",
          figure(static_cast<double>(f.people.who.size()), Shape::whole, 0, Language::fr),
          period.fr, date_text(cut)
      )};
  out.card = {
      .data = book.data(input),
      .cohort = cohort,
      .period = period,
      .n = f.people.who.size(),
      .parameters = parameters_of(f.fit()),
      .limits = {
          {"one rate of buying per customer, which neither seasons nor campaigns change; orders of "
           "one day count once",
           "un rythme d'achat par client, que ni saisons ni campagnes ne changent ; les commandes "
           "d'un jour comptent une fois"},
          {"describes these people; newcomers are not foreseen",
           "décrit ces personnes ; les nouvelles ne sont pas prévues"}}};
  out.card.fit.push_back(
      {.name = "log_likelihood",
       .means = {"log-likelihood", "log-vraisemblance"},
       .value = f.fit().log_likelihood,
       .digits = 1}
  );
  if (worth.spend) {
    const SpendFit& s = *worth.spend;
    for (const auto& [name, value] :
         {std::pair{"p", s.p}, std::pair{"q", s.q}, std::pair{"v", s.v}})
      out.card.parameters.push_back(
          {.name = std::string("spend_") + name,
           .means = same(std::string("Gamma-Gamma ") + name),
           .value = value,
           .digits = 4}
      );
    out.card.fit.push_back(
        {.name = "spend_correlation",
         .means =
             {"correlation of how often and how much (assumed 0)",
              "corrélation entre combien souvent et combien (supposée 0)"},
         .value = s.correlation,
         .digits = 2}
    );
  }
  out.scores = scores_of(days, f, worth, book.orders);
  return out;
}

}  // namespace

Insight clv() {
  auto settings = order_settings();
  settings.push_back(
      {"cut",
       "",
       {"last day the back-test may see; half of the period if not said",
        "dernier jour que l'essai peut voir ; la moitié de la période sinon"}}
  );
  settings.push_back(
      {"horizon",
       "",
       {"how far to look: 39w, 180d; as long as the back-test if not said",
        "jusqu'où regarder : 39w, 180d ; autant que l'essai sinon"}}
  );
  settings.push_back(
      {"discount",
       "0",
       {"what money loses in a year: 0.1 for 10%", "ce que l'argent perd en un an : 0.1 pour 10 %"}}
  );
  return {
      "clv",
      {"Who will buy again, how often, what it is worth, and how wrong the last forecast was.",
       "Qui rachètera, combien de fois, ce que cela vaut, et de combien la dernière prévision "
       "s'est trompée."},
      order_roles(false),
      settings,
      run_clv};
}

}  // namespace hospes::insight
