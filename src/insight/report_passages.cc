// Reports on what people did in which order: funnel, transitions.
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "insight/passages.h"
#include "insight/reports.h"

namespace hospes::insight {
namespace {

struct Events {
  Log log;
  std::size_t nameless = 0;
};

Result<Events> read_log(const Input& input) {
  const Keys who = input.keys("person"), what = input.keys("event");
  const auto at = TRY(input.instants("time"));
  std::vector<std::uint32_t> person, event;
  std::vector<std::int64_t> when;
  Events out;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (who.codes[i] == Keys::none || what.codes[i] == Keys::none) {
      ++out.nameless;
      continue;
    }
    person.push_back(who.codes[i]);
    event.push_back(what.codes[i]);
    when.push_back(at[i]);
  }
  out.log = log_of(
      person, {who.names.begin(), who.names.end()}, when, event,
      {what.names.begin(), what.names.end()}
  );
  return out;
}

std::vector<Role> log_roles() {
  return {
      {"person", "person customer customer_id user user_id case patient id", true, {"who", "qui"}},
      {"event",
       "event activity action stage step handling",
       true,
       {"what was done", "ce qui a été fait"}},
      {"time", "time timestamp date at complete", true, {"when", "quand"}}};
}

double in_days(double us) { return us / static_cast<double>(day_us); }

Result<Report> run_funnel(const Input& input) {
  const Events events = TRY(read_log(input));
  const Log& log = events.log;
  std::vector<std::uint32_t> steps;
  std::vector<std::string> names;
  std::string left = input.text("steps");
  if (left.empty())
    return fail(Code::invalid_input, "say the steps: --with steps=\"view>add>buy\"");
  while (!left.empty()) {
    const auto end = std::min(left.find('>'), left.size());
    const std::string name = left.substr(0, end);
    left.erase(0, end + 1);
    const auto found = std::ranges::find(log.names, name);
    if (found == log.names.end())
      return fail(
          Code::invalid_input, fmt::format(
                                   "no event \"{}\"; the file has: {}", name,
                                   fmt::join(log.names | std::views::take(20), ", ")
                               )
      );
    steps.push_back(static_cast<std::uint32_t>(found - log.names.begin()));
    names.push_back(name);
  }
  const double within = TRY(input.days("within"));
  const auto found = funnel(
      log, steps, static_cast<std::int64_t>(within * static_cast<double>(day_us)),
      input.text("start") == "any"
  );
  if (found[0] == 0)
    return too_few(
        "funnel", 0, {"Nobody did the first step.", "Personne n'a fait le premier pas."}
    );
  Report out;
  out.card = {.data = rows_read(input), .n = found[0]};
  Table table{
      "steps",
      {},
      {{"step", {"step", "étape"}},
       {"people", {"people", "personnes"}, Shape::whole},
       {"of_first", {"of the first", "du premier"}, Shape::percent, 1},
       {"low", {"95%, from", "95 %, de"}, Shape::percent, 1},
       {"high", {"to", "à"}, Shape::percent, 1},
       {"of_previous", {"of the one before", "du précédent"}, Shape::percent, 1}},
      {}};
  Plot plot{
      .y = {"of those who began", "de ceux qui ont commencé"},
      .y_shape = Shape::percent,
      .y_digits = 1};
  std::size_t steepest = 0;
  double least = 2;
  for (std::size_t k = 0; k < found.size(); ++k) {
    const auto n = static_cast<double>(found[k]), all = static_cast<double>(found[0]);
    const Interval i = wilson(n, all, .95);
    const double before = k == 0 ? all : static_cast<double>(found[k - 1]);
    Value previous;
    if (k > 0 && before > 0) {
      previous = n / before;
      if (n / before < least) least = n / before, steepest = k;
    }
    table.rows.push_back({names[k], n, n / all, i.low, i.high, previous});
    plot.bars.push_back(
        {same(fmt::format("{}. {}", k + 1, names[k])), n / all, k == 0 ? 1 : i.low,
         k == 0 ? 1 : i.high, Ink::second}
    );
  }
  if (steepest > 0) plot.bars[steepest].ink = Ink::accent;
  out.sentence = both([&](Language l) {
    const auto last = static_cast<double>(found.back()), all = static_cast<double>(found[0]);
    std::string text = l == Language::fr
                           ? fmt::format("{} sur {} vont au bout", whole(last, l), whole(all, l))
                           : fmt::format("{} of {} reach the end", whole(last, l), whole(all, l));
    if (steepest == 0) return text + ".";
    return text + (l == Language::fr ? fmt::format(
                                           " ; la marche la plus raide mène à « {} » ({}).",
                                           names[steepest], percent(least, l)
                                       )
                                     : fmt::format(
                                           "; the steepest step leads to \"{}\" ({}).",
                                           names[steepest], percent(least, l)
                                       ));
  });
  plot.title = out.sentence;
  plot.footing = both([&](Language l) {
    return l == Language::fr ? fmt::format(
                                   "n = {} ; en {} jours ; barres d'erreur : 95 % (Wilson)",
                                   found[0], figure(within, Shape::plain, 0, l)
                               )
                             : fmt::format(
                                   "n = {}; within {} days; whiskers: 95% (Wilson)", found[0],
                                   figure(within, Shape::plain, 0, l)
                               );
  });
  out.plots.push_back(std::move(plot));
  out.tables.push_back(std::move(table));
  out.card.limits = {
      {"people who began late had less time; a funnel shows where people stop, not why",
       "qui a commencé tard a eu moins de temps ; un entonnoir montre où l'on s'arrête, pas "
       "pourquoi"}};
  return out;
}

Result<Report> run_transitions(const Input& input) {
  const Events events = TRY(read_log(input));
  const Log& log = events.log;
  const Passages found = passages(log);
  if (found.list.empty())
    return too_few(
        "transitions", log.people.size(),
        {"Nobody did two things.", "Personne n'a fait deux choses."}
    );
  Report out;
  out.card = {.data = rows_read(input), .n = log.people.size()};
  Table table{
      "passages",
      {"From one stage to the next", "D'une étape à la suivante"},
      {{"from", {"from", "de"}},
       {"to", {"to", "à"}},
       {"count", {"passages", "passages"}, Shape::whole},
       {"rate", {"share", "part"}, Shape::percent, 1},
       {"low", {"95%, from", "95 %, de"}, Shape::percent, 1},
       {"high", {"to", "à"}, Shape::percent, 1},
       {"median_days", {"median days", "jours, médiane"}, Shape::plain, 2}},
      {}};
  Plot plot{.y = {"passages", "passages"}};
  for (const Passage& p : found.list) {
    const double all = static_cast<double>(found.leaving[p.from] + found.last[p.from]);
    const auto n = static_cast<double>(p.count);
    const Interval i = wilson(n, all, .95);
    table.rows.push_back(
        {log.names[p.from], log.names[p.to], n, n / all, i.low, i.high, in_days(p.median_us)}
    );
    if (plot.flows.size() < 20) plot.flows.push_back({log.names[p.from], log.names[p.to], n});
  }
  const Passage& top = found.list[0];
  const double top_rate = static_cast<double>(top.count) /
                          static_cast<double>(found.leaving[top.from] + found.last[top.from]);
  out.sentence = both([&](Language l) {
    return l == Language::fr ? fmt::format(
                                   "Le passage le plus fréquent va de « {} » à « {} » : {} fois, "
                                   "{} de ceux qui y étaient, en {} jours (médiane).",
                                   log.names[top.from], log.names[top.to],
                                   whole(static_cast<double>(top.count), l), percent(top_rate, l),
                                   figure(in_days(top.median_us), Shape::plain, 1, l)
                               )
                             : fmt::format(
                                   "The most frequent passage leads from \"{}\" to \"{}\": {} "
                                   "times, {} of those who were there, in {} days (median).",
                                   log.names[top.from], log.names[top.to],
                                   whole(static_cast<double>(top.count), l), percent(top_rate, l),
                                   figure(in_days(top.median_us), Shape::plain, 1, l)
                               );
  });
  Table whole_paths{
      "paths",
      {"Most frequent whole paths", "Chemins entiers les plus fréquents"},
      {{"path", {"path", "chemin"}}, {"people", {"people", "personnes"}, Shape::whole}},
      {}};
  for (const auto& [events_of, n] : variants(log, 10)) {
    std::string text;
    for (std::size_t i = 0; i < events_of.size() && i < 12; ++i)
      text += (i ? " > " : "") + log.names[events_of[i]];
    if (events_of.size() > 12) text += " > …";
    whole_paths.rows.push_back({text, static_cast<double>(n)});
  }
  plot.title = out.sentence;
  plot.footing = both([&](Language l) {
    return l == Language::fr ? fmt::format(
                                   "n = {} personnes ; les {} passages les plus fréquents",
                                   log.people.size(), plot.flows.size()
                               )
                             : fmt::format(
                                   "n = {} people; the {} most frequent passages",
                                   log.people.size(), plot.flows.size()
                               );
  });
  out.plots.push_back(std::move(plot));
  out.tables.push_back(std::move(table));
  out.tables.push_back(std::move(whole_paths));
  if (events.nameless > 0)
    out.notes.push_back(
        {fmt::format("{} rows without person or event left out", events.nameless),
         fmt::format("{} lignes sans personne ou sans événement écartées", events.nameless)}
    );
  out.card.limits = {
      {"passages of one person are not independent, so intervals are narrow where few people do "
       "much",
       "les passages d'une personne ne sont pas indépendants : les intervalles sont étroits où peu "
       "de gens font beaucoup"}};
  return out;
}

}  // namespace

Insight funnel_insight() {
  return {
      "funnel",
      {"How many do a first thing, then a second, in order and in time.",
       "Combien font une première chose, puis une deuxième, dans l'ordre et à temps."},
      log_roles(),
      {{"steps",
        "",
        {"events in order, as view>add>buy", "événements dans l'ordre, comme vue>ajout>achat"}},
       {"within", "30d", {"time from the first step", "délai depuis le premier pas"}},
       {"start",
        "first",
        {"first or any: which first step begins", "first ou any : quel premier pas commence"}}},
      run_funnel};
}

Insight transitions_insight() {
  return {
      "transitions",
      {"From which stage to which, how often, how fast.",
       "De quelle étape à quelle autre, combien de fois, en combien de temps."},
      log_roles(),
      {},
      run_transitions};
}

}  // namespace hospes::insight
