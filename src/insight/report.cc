#include "insight/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hospes::insight {
namespace {

/// Letters as they stand on a screen: UTF-8 continuation bytes take no room.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string shown(const Value& value, const Field& field, Language language) {
  if (const auto* number = std::get_if<double>(&value))
    return figure(*number, field.shape, field.digits, language);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* words = std::get_if<Words>(&value)) return words->in(language);
  return "–";
}

bool is_text(const Value& value) {
  return std::holds_alternative<std::string>(value) || std::holds_alternative<Words>(value);
}

std::string table_text(const Table& table, Language language) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Field& f : table.fields) lines[0].push_back(f.title.in(language));
  for (const auto& row : table.rows) {
    auto& line = lines.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i)
      line.push_back(shown(row[i], table.fields[i], language));
  }
  std::vector<std::size_t> wide(table.fields.size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) wide[i] = std::max(wide[i], width(line[i]));
  std::string out;
  if (!table.title.empty()) out += table.title.in(language) + "\n";
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string gap(wide[i] - width(line[i]), ' ');
      const bool left = !table.rows.empty() && is_text(table.rows[0][i]);
      text += (i > 0 ? "  " : "  ") + (left ? line[i] + gap : gap + line[i]);
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string estimate_text(const Estimate& e, Language language) {
  const bool french = language == Language::fr;
  std::string out = fmt::format(
      "{}{} {}", e.means.in(language), french ? " :" : ":",
      figure(e.value, e.shape, e.digits, language)
  );
  const auto add = [&](const std::optional<Interval>& i, std::string_view level) {
    if (!i) return;
    out += fmt::format(
        "   {} {}–{}", level, figure(i->low, e.shape, e.digits, language),
        figure(i->high, e.shape, e.digits, language)
    );
  };
  add(e.i80, french ? "80 %" : "80%");
  add(e.i95, french ? "95 %" : "95%");
  return out;
}

std::string card_text(const Card& card, Language language) {
  const bool french = language == Language::fr;
  std::string out = french ? "Carte\n" : "Card\n";
  const auto line = [&](std::string_view en, std::string_view fr, const std::string& text) {
    if (!text.empty()) out += fmt::format("  {:<11}{}\n", french ? fr : en, text);
  };
  line("data", "données", card.data.in(language));
  line("cohort", "cohorte", card.cohort.in(language));
  line("period", "période", card.period.in(language));
  line("n", "n", figure(static_cast<double>(card.n), Shape::whole, 0, language));
  line("purpose", "finalité", card.purpose);
  line("computed", "calculé le", card.computed);
  for (const Estimate& e : card.parameters)
    line("parameter", "paramètre", estimate_text(e, language));
  for (const Estimate& e : card.fit) line("fit", "ajustement", estimate_text(e, language));
  for (const Words& w : card.limits) line("limit", "limite", w.in(language));
  return out;
}

Status settle(const Estimate& e) {
  const auto wrong = [&](const std::optional<Interval>& i) {
    return i && !(std::isfinite(i->low) && std::isfinite(i->high) && i->low <= i->high);
  };
  if (std::isfinite(e.value) && !wrong(e.i80) && !wrong(e.i95)) return {};
  return fail(
      Code::corrupt, fmt::format("the figure {} could not be computed from this data", e.name)
  );
}

Status settle(const Table& table) {
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto* number = std::get_if<double>(&row[i]);
      if (number != nullptr && !std::isfinite(*number))
        return fail(
            Code::corrupt, fmt::format(
                               "the column {} of {} could not be computed from this data",
                               table.fields[i].name, table.name
                           )
        );
    }
  }
  return {};
}

}  // namespace

Report too_few(std::string name, std::size_t n, Words why) {
  Report out;
  out.name = std::move(name);
  out.too_few = true;
  out.card.n = n;
  out.sentence = {
      fmt::format("Too few to tell, n = {}. {}", n, why.en),
      fmt::format("Trop peu pour le dire, n = {}. {}", n, why.fr)};
  return out;
}

Status settle(const Report& report) {
  for (const auto* list : {&report.estimates, &report.card.parameters, &report.card.fit})
    for (const Estimate& e : *list) TRY(settle(e));
  for (const Table& table : report.tables) TRY(settle(table));
  for (std::size_t i = 0; i < report.scores.columns.size(); ++i)
    for (const double value : report.scores.columns[i])
      if (!std::isfinite(value))
        return fail(
            Code::corrupt,
            fmt::format(
                "the score {} could not be computed for everybody", report.scores.fields[i].name
            )
        );
  return {};
}

std::string to_text(const Report& report, Language language) {
  std::string out = report.sentence.in(language) + "\n\n";
  for (const Estimate& e : report.estimates) out += "  " + estimate_text(e, language) + "\n";
  if (!report.estimates.empty()) out += "\n";
  for (const Table& table : report.tables) out += table_text(table, language) + "\n";
  for (const Words& note : report.notes) out += "note: " + note.in(language) + "\n";
  if (!report.notes.empty()) out += "\n";
  return out + card_text(report.card, language);
}

std::string to_csv(const Scores& scores) {
  std::string out = "person";
  for (const Field& f : scores.fields) out += "," + f.name;
  out += "\n";
  for (std::size_t row = 0; row < scores.people.size(); ++row) {
    const std::string& person = scores.people[row];
    if (person.find_first_of(",\"\n") == std::string::npos) {
      out += person;
    } else {
      out += '"';
      for (const char c : person) out += c == '"' ? "\"\"" : std::string(1, c);
      out += '"';
    }
    for (std::size_t i = 0; i < scores.columns.size(); ++i)
      out += fmt::format(",{:.{}f}", scores.columns[i][row], scores.fields[i].digits);
    out += "\n";
  }
  return out;
}

}  // namespace hospes::insight
