// The report on creatives: which labels go with sales, for whom, and what this traffic could not
// show.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "insight/creative.h"
#include "insight/reports.h"

namespace hospes::insight {
namespace {

constexpr std::size_t rows_min = 20;
constexpr std::size_t levels_max = 200;  // of one adjusting column

struct Material {
  Screen data;
  std::vector<std::string> labels;
  Keys segments;
  double mean = 0;
};

Status read_labels(const Input& input, Material& out) {
  const std::size_t column = TRY(input.table().find(input.column("labels")));
  std::map<std::string, std::size_t, std::less<>> codes;
  const std::size_t n = input.table().rows();
  for (std::size_t i = 0; i < n; ++i) {
    std::string_view text = input.table().text(column, i);
    while (!text.empty()) {
      const auto end = std::min(text.find('|'), text.size());
      const std::string_view name = text.substr(0, end);
      text.remove_prefix(std::min(text.size(), end + 1));
      if (name.empty()) continue;
      const auto [it, fresh] = codes.try_emplace(std::string(name), out.labels.size());
      if (fresh) {
        if (out.labels.size() == labels_max)
          return fail(
              Code::over_limit,
              fmt::format(
                  "{}: over {} labels; group the rare ones", input.table().place(i), labels_max
              )
          );
        out.labels.emplace_back(name);
        out.data.labels.emplace_back(n, 0);
      }
      out.data.labels[it->second][i] = 1;
    }
  }
  return {};
}

/// One column of 0 and 1 for each level but the first.
Status adjust_for(const Input& input, std::string_view role, Material& out) {
  if (!input.has(role)) return {};
  const Keys levels = input.keys(role);
  if (levels.names.size() > levels_max)
    return fail(
        Code::over_limit,
        fmt::format("{} has over {} values; group them", input.column(role), levels_max)
    );
  for (std::uint32_t level = 1; level < levels.names.size(); ++level) {
    auto& column = out.data.adjust.emplace_back();
    for (const std::uint32_t code : levels.codes) column.push_back(code == level ? 1 : 0);
  }
  return {};
}

Result<Material> read_material(const Input& input) {
  Material out;
  out.data.y = TRY(input.numbers("sales"));
  if (input.has("exposures")) {
    out.data.weight = TRY(input.numbers("exposures"));
    for (std::size_t i = 0; i < out.data.y.size(); ++i) {
      if (!(out.data.weight[i] > 0))
        return fail(
            Code::invalid_input, fmt::format(
                                     "{}: exposures must be above zero; leave out what nobody saw",
                                     input.table().place(i)
                                 )
        );
      out.data.y[i] /= out.data.weight[i];
    }
  }
  double weight = 0;
  for (std::size_t i = 0; i < out.data.y.size(); ++i) {
    const double w = out.data.weight.empty() ? 1 : out.data.weight[i];
    out.mean += w * out.data.y[i];
    weight += w;
  }
  if (weight > 0) out.mean /= weight;
  TRY(read_labels(input, out));
  for (const std::string_view role : {"segment", "channel", "placement", "time"})
    TRY(adjust_for(input, role, out));
  if (input.has("spend")) out.data.adjust.push_back(TRY(input.numbers("spend")));
  if (input.has("segment")) out.segments = input.keys("segment");
  return out;
}

void add_differences(const Material& m, Report& out) {
  if (m.segments.names.size() < 2) return;
  Table table{
      "differences",
      {"Labels whose effect differs between segments",
       "Étiquettes dont l'effet diffère d'un segment à l'autre"},
      {{"label", {"label", "étiquette"}},
       {"segment", {"segment", "segment"}},
       {"effect", {"effect", "effet"}, Shape::plain, 4},
       {"low", {"95%, from", "95 %, de"}, Shape::plain, 4},
       {"high", {"to", "à"}, Shape::plain, 4},
       {"p_adjusted",
        {"p of the difference, corrected", "p de la différence, corrigé"},
        Shape::plain,
        4}},
      {}};
  // Segment itself is constant within one; its columns fall out by themselves.
  for (const Difference& d : differences(m.data, m.segments.codes, m.segments.names.size())) {
    if (d.p_bh > .05) continue;
    for (std::size_t i = 0; i < d.effects.size(); ++i)
      table.rows.push_back(
          {m.labels[d.label], std::string(m.segments.names[d.group[i]]), d.effects[i].effect,
           d.effects[i].i95.low, d.effects[i].i95.high, d.p_bh}
      );
  }
  if (table.rows.empty())
    out.notes.push_back(
        {"no label's effect differs between segments beyond chance",
         "l'effet d'aucune étiquette ne diffère entre segments au-delà du hasard"}
    );
  else
    out.tables.push_back(std::move(table));
}

Result<Report> run_creatives(const Input& input) {
  const Material m = TRY(read_material(input));
  if (m.data.y.size() < rows_min || m.labels.empty())
    return too_few(
        "creatives", m.data.y.size(),
        {fmt::format("At least {} rows with labels are needed.", rows_min),
         fmt::format("Il faut au moins {} lignes étiquetées.", rows_min)}
    );
  const auto permutations = TRY(input.number("permutations", 100, 100'000));
  const ScreenResult found =
      TRY(screen(m.data, {.permutations = static_cast<std::uint32_t>(permutations)}));
  std::vector<LabelEffect> sorted = found.effects;
  std::ranges::stable_sort(sorted, {}, &LabelEffect::p);
  Report out;
  out.card = {
      .data = both([&](Language l) {
        return fmt::format(
            fmt::runtime(
                l == Language::fr ? "{}, {} lignes, {} étiquettes ; colonnes {}"
                                  : "{}, {} rows, {} labels; columns {}"
            ),
            input.table().file(), m.data.y.size(), m.labels.size(), input.taken()
        );
      }),
      .n = m.data.y.size()};
  Table table{
      "labels",
      {"Effect of each label, adjusted", "Effet de chaque étiquette, ajusté"},
      {{"label", {"label", "étiquette"}},
       {"rows", {"rows", "lignes"}, Shape::whole},
       {"effect", {"effect", "effet"}, Shape::plain, 4},
       {"low", {"95%, from", "95 %, de"}, Shape::plain, 4},
       {"high", {"to", "à"}, Shape::plain, 4},
       {"p", {"p", "p"}, Shape::plain, 6},
       {"p_bh", {"p, false discoveries", "p, fausses découvertes"}, Shape::plain, 4},
       {"p_max", {"p, any mistake", "p, toute erreur"}, Shape::plain, 4},
       {"visible", {"unseen below", "invisible sous"}, Shape::plain, 4},
       {"verdict", {"", ""}}},
      {}};
  Plot plot{.y = {"effect on sales, adjusted", "effet sur les ventes, ajusté"}, .y_digits = 3};
  std::size_t named = 0;
  double visible = 0;
  for (const LabelEffect& e : sorted) {
    const bool stands = e.p_bh <= .05;
    named += stands ? 1 : 0;
    visible += e.visible / static_cast<double>(sorted.size());
    Words verdict{"", ""};
    if (stands)
      verdict = e.effect > 0 ? Words{"goes with more sales", "va avec plus de ventes"}
                             : Words{"goes with fewer sales", "va avec moins de ventes"};
    table.rows.push_back(
        {m.labels[e.label], e.rows, e.effect, e.i95.low, e.i95.high, e.p, e.p_bh, e.p_max,
         e.visible, verdict}
    );
    if (plot.bars.size() < 12)
      plot.bars.push_back(
          {same(m.labels[e.label]), e.effect, e.i95.low, e.i95.high,
           stands ? Ink::accent : Ink::other}
      );
  }
  out.sentence = both([&](Language l) {
    const bool french = l == Language::fr;
    std::string text =
        french
            ? fmt::format(
                  "{} étiquette(s) sur {} se distinguent, fausses découvertes tenues à 5\u202f%.",
                  named, sorted.size()
              )
            : fmt::format(
                  "{} of {} labels stand out, false discoveries held to 5%.", named, sorted.size()
              );
    if (m.mean > 0 && !sorted.empty())
      text += french ? fmt::format(
                           " Avec ce trafic, un effet sous {} de la moyenne ne se verrait pas.",
                           percent(visible / m.mean, l)
                       )
                     : fmt::format(
                           " With this traffic a lift under {} of the mean cannot be seen.",
                           percent(visible / m.mean, l)
                       );
    return text;
  });
  if (!sorted.empty())
    out.estimates.push_back(
        {"visible",
         {"smallest effect seen four times in five, mean over labels",
          "plus petit effet vu quatre fois sur cinq, moyenne des étiquettes"},
         visible,
         {},
         {},
         Shape::plain,
         4}
    );
  for (const std::size_t label : found.constant)
    out.notes.push_back(
        {fmt::format(
             "label \"{}\" does not vary once adjusted, so it cannot be told apart", m.labels[label]
         ),
         fmt::format(
             "l'étiquette « {} » ne varie pas une fois ajustée : on ne peut l'isoler",
             m.labels[label]
         )}
    );
  plot.title = out.sentence;
  plot.footing = both([&](Language l) {
    return l == Language::fr ? fmt::format(
                                   "n = {} lignes ; barres d'erreur : 95 %, une étiquette à la "
                                   "fois ; accent : tenu après correction",
                                   m.data.y.size()
                               )
                             : fmt::format(
                                   "n = {} rows; whiskers: 95%, one label at a time; accent: holds "
                                   "after correction",
                                   m.data.y.size()
                               );
  });
  out.plots.push_back(std::move(plot));
  out.tables.push_back(std::move(table));
  add_differences(m, out);
  out.card.fit.push_back(
      {.name = "freedom",
       .means = {"degrees of freedom", "degrés de liberté"},
       .value = found.freedom,
       .shape = Shape::whole}
  );
  out.card.limits = {
      {"labels go together with sales; creatives were not drawn by lot, so a cause is not shown",
       "les étiquettes vont avec les ventes ; les créations n'ont pas été tirées au sort : aucune "
       "cause n'est montrée"},
      {"one label at a time: two that always go together cannot be told apart",
       "une étiquette à la fois : deux qui vont toujours ensemble ne se distinguent pas"}};
  return out;
}

}  // namespace

Insight creatives_insight() {
  return {
      "creatives",
      {"Which labels of creatives go with sales, adjusted, without false discoveries.",
       "Quelles étiquettes des créations vont avec les ventes, à conditions égales, sans fausses "
       "découvertes."},
      {{"labels",
        "labels tags étiquettes",
        true,
        {"labels of the creative, as tone:sarcasm|colour:red",
         "étiquettes, comme ton:sarcasme|couleur:rouge"}},
       {"sales", "sales revenue conversions ventes", true, {"what it sold", "ce qu'elle a vendu"}},
       {"exposures",
        "exposures impressions views",
        false,
        {"how often it was seen; sales are then per exposure",
         "combien de fois vue ; les ventes sont alors par vue"}},
       {"segment", "segment", false, {"to whom", "à qui"}},
       {"channel", "channel canal", false, {"where", "par où"}},
       {"placement", "placement", false, {"in which place", "à quelle place"}},
       {"time",
        "week month period time",
        false,
        {"when, as a few periods", "quand, en quelques périodes"}},
       {"spend", "spend cost budget", false, {"what was spent", "ce qui a été dépensé"}}},
      {{"permutations",
        "2000",
        {"shuffles for the max-T correction", "mélanges pour la correction max-T"}}},
      run_creatives};
}

}  // namespace hospes::insight
