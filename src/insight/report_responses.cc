// The report on those who did not respond.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "insight/reports.h"
#include "insight/response.h"

namespace hospes::insight {
namespace {

Result<std::vector<char>> flags(const Input& input, std::string_view role) {
  const auto values = TRY(counts(input, role, 1));
  std::vector<char> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0 && values[i] != 1)
      return fail(
          Code::invalid_input, fmt::format("{}: {} is 1 or 0", input.table().place(i), role)
      );
    out.push_back(values[i] == 1);
  }
  return out;
}

Result<Report> run_responses(const Input& input) {
  const auto permitted = TRY(flags(input, "permitted"));
  const auto delivered = TRY(flags(input, "delivered"));
  const auto responded = TRY(flags(input, "responded"));
  const std::size_t column = TRY(input.table().find(input.column("segments")));
  std::vector<std::string> names;
  std::map<std::string, std::uint32_t, std::less<>> codes;
  std::vector<Reached> people;
  std::size_t not_permitted = 0, not_delivered = 0;
  for (std::size_t i = 0; i < responded.size(); ++i) {
    if (!permitted[i]) {
      ++not_permitted;
      continue;
    }
    if (!delivered[i]) {
      ++not_delivered;
      continue;
    }
    Reached& one = people.emplace_back(Reached{.responded = responded[i] != 0});
    std::string_view text = input.table().text(column, i);
    while (!text.empty()) {
      const auto end = std::min(text.find('|'), text.size());
      const std::string_view name = text.substr(0, end);
      text.remove_prefix(std::min(text.size(), end + 1));
      if (name.empty()) continue;
      const auto [it, fresh] =
          codes.try_emplace(std::string(name), static_cast<std::uint32_t>(names.size()));
      if (fresh) names.emplace_back(name);
      if (std::ranges::find(one.segments, it->second) == one.segments.end())
        one.segments.push_back(it->second);
    }
  }
  constexpr std::size_t reached_min = 20;
  const double level = TRY(input.number("level", .0001, .5));
  if (people.size() < reached_min)
    return too_few(
        "responses", people.size(),
        {fmt::format("At least {} people must have been permitted and reached.", reached_min),
         fmt::format("Au moins {} personnes doivent avoir été permises et touchées.", reached_min)}
    );
  const Responses found = responses(people, names.size(), level);
  const auto n = static_cast<double>(found.reached),
             rate = static_cast<double>(found.responded) / n;
  Report out;
  out.card = {.data = rows_read(input), .n = people.size()};
  std::vector<SegmentResponse> sorted = found.segments;
  std::ranges::stable_sort(sorted, {}, [](const SegmentResponse& s) {
    return std::pair(s.p_bh, s.p);
  });
  Table table{
      "segments",
      {"Responses of those permitted and reached",
       "Réponses de ceux qui l'ont permis et ont été touchés"},
      {{"segment", {"segment", "segment"}},
       {"reached", {"reached", "touchés"}, Shape::whole},
       {"expected", {"expected", "attendu"}, Shape::plain, 1},
       {"responded", {"answered", "ont répondu"}, Shape::whole},
       {"rate", {"rate", "taux"}, Shape::percent, 1},
       {"low", {"95%, from", "95 %, de"}, Shape::percent, 1},
       {"high", {"to", "à"}, Shape::percent, 1},
       {"p_adjusted", {"p, corrected", "p, corrigé"}, Shape::plain, 4},
       {"visible", {"seen below", "visible sous"}, Shape::percent, 1},
       {"verdict", {"", ""}}},
      {}};
  Plot plot{
      .y = {"share that answered", "part qui a répondu"}, .y_shape = Shape::percent, .y_digits = 1};
  std::vector<std::string> silent;
  for (const SegmentResponse& s : sorted) {
    if (s.reached == 0) continue;
    const auto m = static_cast<double>(s.reached), k = static_cast<double>(s.responded);
    const bool less = k < s.expected;
    Words verdict{"", ""};
    if (s.stands_out)
      verdict = less ? Words{"did not answer", "n'a pas répondu"}
                     : Words{"answered more", "a répondu davantage"};
    if (s.stands_out && less) silent.push_back(names[s.segment]);
    table.rows.push_back(
        {names[s.segment], m, s.expected, k, k / m, s.i95.low, s.i95.high, s.p_bh,
         visible_below(rate, m, static_cast<double>(sorted.size()), level), verdict}
    );
    if (plot.bars.size() < 14)
      plot.bars.push_back(
          {same(names[s.segment]), k / m, s.i95.low, s.i95.high,
           s.stands_out ? Ink::accent : Ink::other}
      );
  }
  out.estimates.push_back(
      {"rate",
       {"answered, of all reached", "ont répondu, de tous les touchés"},
       rate,
       wilson(static_cast<double>(found.responded), n, .8),
       wilson(static_cast<double>(found.responded), n, .95),
       Shape::percent,
       1}
  );
  out.sentence = both([&](Language l) {
    const bool french = l == Language::fr;
    if (silent.empty())
      return french ? fmt::format(
                          "Aucun des {} segments n'a répondu moins que ce que le hasard explique.",
                          sorted.size()
                      )
                    : fmt::format(
                          "None of {} segments answered less than chance explains.", sorted.size()
                      );
    return french ? fmt::format(
                        "{} segment(s) sur {} n'ont pas répondu comme les autres : {}.",
                        silent.size(), sorted.size(), fmt::join(silent | std::views::take(5), ", ")
                    )
                  : fmt::format(
                        "{} of {} segments did not answer like the rest: {}.", silent.size(),
                        sorted.size(), fmt::join(silent | std::views::take(5), ", ")
                    );
  });
  out.notes.push_back(
      {fmt::format("left out: {} not permitted, {} not delivered", not_permitted, not_delivered),
       fmt::format("écartés : {} non permis, {} non délivrés", not_permitted, not_delivered)}
  );
  plot.title = out.sentence;
  plot.footing = both([&](Language l) {
    return l == Language::fr ? fmt::format(
                                   "n = {} permis et touchés ; barres d'erreur : 95 % (Wilson) ; "
                                   "accent : se distingue après correction à {}",
                                   people.size(), percent(level, l)
                               )
                             : fmt::format(
                                   "n = {} permitted and reached; whiskers: 95% (Wilson); accent: "
                                   "stands out after correction at {}",
                                   people.size(), percent(level, l)
                               );
  });
  out.plots.push_back(std::move(plot));
  out.tables.push_back(std::move(table));
  out.card.parameters.push_back(
      {.name = "level",
       .means = {"false discoveries at most", "fausses découvertes au plus"},
       .value = level,
       .shape = Shape::percent,
       .digits = 1}
  );
  out.card.limits = {
      {"\"seen below\": a segment of that size would stand out four times in five if it answered "
       "at this rate or less; above it, silence may go unseen",
       "« visible sous » : un segment de cette taille se distinguerait quatre fois sur cinq s'il "
       "répondait à ce taux ou moins ; au-dessus, son silence peut passer inaperçu"},
      {"each person once; segments overlap, so two that stand out may be the same people",
       "chaque personne une fois ; les segments se recouvrent : deux qui se distinguent peuvent "
       "être les mêmes gens"}};
  return out;
}

}  // namespace

Insight responses_insight() {
  return {
      "responses",
      {"Which segments did not answer, of those permitted and reached.",
       "Quels segments n'ont pas répondu, de ceux permis et touchés."},
      {{"segments",
        "segments segment",
        true,
        {"segments of the person, as a|b|c", "segments de la personne, comme a|b|c"}},
       {"responded",
        "responded response answered converted clicked",
        true,
        {"1 answered, 0 not", "1 a répondu, 0 non"}},
       {"permitted",
        "permitted consent",
        false,
        {"1 permitted, 0 not; all if absent", "1 permis, 0 non ; tous sinon"}},
       {"delivered",
        "delivered reached",
        false,
        {"1 reached, 0 not; all if absent", "1 touché, 0 non ; tous sinon"}}},
      {{"level",
        "0.05",
        {"share of false discoveries allowed", "part de fausses découvertes admise"}}},
      run_responses};
}

}  // namespace hospes::insight
