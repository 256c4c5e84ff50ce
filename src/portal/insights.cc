#include "portal/insights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "insight/input.h"
#include "portal/day.h"
#include "portal/json.h"
#include "portal/orders.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

/// What a segment and a model over a customer's own purchases serve (design.md, purposes).
constexpr std::string_view purpose = "market";

/// The reports that need nothing but orders.
constexpr std::array<std::string_view, 5> of_orders = {"cards", "clv", "rfm", "power", "cohorts"};

const insight::Insight* find(std::string_view name) {
  if (std::ranges::find(of_orders, name) == of_orders.end()) return nullptr;
  for (const insight::Insight& one : insight::insights())
    if (one.name == name) return &one;
  return nullptr;
}

std::string words(const insight::Words& w) {
  return Object().text("en", w.en).text("fr", w.fr).done();
}

http::Response list() {
  List out;
  for (const std::string_view name : of_orders)
    if (const auto* one = find(name))
      out.add(Object().text("name", name).raw("means", words(one->means)).done());
  return http::json(
      200, Object().text("purpose", purpose).raw("insights", out.done()).done() + "\n"
  );
}

http::Response no_insight() {
  std::string all;
  for (const std::string_view name : of_orders) all.append(all.empty() ? "" : ", ").append(name);
  return problem(404, "not_found", "the house's own orders give these reports: " + all);
}

/// What was left out, in words, on the report's card.
void tell_left_out(insight::Report& report, const HouseOrders& orders) {
  const auto add = [&](std::uint64_t n, std::string_view en, std::string_view fr) {
    if (n == 0) return;
    report.card.data.en += fmt::format("; {} {}", n, en);
    report.card.data.fr += fmt::format(" ; {} {}", n, fr);
  };
  add(orders.closed, "orders are closed to this purpose and not read",
      "commandes sont fermées à cette finalité et ne sont pas lues");
  add(orders.unpriced, "orders without an amount left out", "commandes sans montant écartées");
}

std::map<std::string, std::string> settings_of(
    const insight::Insight& one, const http::Request& request
) {
  std::map<std::string, std::string> out;
  for (const insight::Setting& setting : one.settings)
    if (const auto value = request.query_value(setting.name))
      out.emplace(setting.name, *value);
  return out;
}

Result<insight::Report> make(
    const ConsoleDoors& doors, const insight::Insight& one,
    const std::map<std::string, std::string>& settings
) {
  const PurposeBit bit = TRY(doors.catalog.purposes.named(purpose));
  const HouseOrders orders = TRY(orders_of(doors, bit));
  insight::Report report =
      orders.table.rows() == 0
          ? insight::too_few(
                std::string(one.name), 0,
                {"No order has come yet that may be read for this purpose.",
                 "Aucune commande n'est encore venue qui puisse se lire à cette fin."}
            )
          : TRY(insight::run(
                one, orders.table, {.settings = settings, .purpose = std::string(purpose)}
            ));
  report.name = one.name;
  report.card.purpose = purpose;
  report.card.computed = TRY(date_of(doors.catalog.house.time_zone, doors.clock.now()));
  tell_left_out(report, orders);
  return report;
}

Result<insight::Sheet> sheet_of(const http::Request& request) {
  insight::Sheet out;
  if (const auto width = request.query_value("width")) {
    unsigned px = 0;
    const auto [end, error] = std::from_chars(width->data(), width->data() + width->size(), px);
    if (error != std::errc() || end != width->data() + width->size() || px < 320 || px > 1'600)
      return fail(Code::invalid_input, "width is a number of pixels from 320 to 1600");
    out.width = px;
  }
  const std::string theme = request.query_value("theme").value_or("");
  if (theme == "dark") out.theme = insight::Sheet::Theme::dark;
  if (theme == "light") out.theme = insight::Sheet::Theme::light;
  out.words = request.query_value("words").value_or("1") != "0";
  return out;
}

}  // namespace

Insights::Insights(const ConsoleDoors& doors)
    : doors_(doors),
      queue_(
          1, waiting_max, "too many reports are asked for; ask again",
          [this](const http::Request& request) { return answer(request); }
      ) {}

void Insights::close() {
  closing_ = true;
  queue_.close();
}

const Insights::Made& Insights::made(std::string_view name, const http::Request& request) {
  const insight::Insight& one = *find(name);
  const auto settings = settings_of(one, request);
  std::string key(name);
  for (const auto& [setting, value] : settings)
    key.append(1, '\n').append(setting).append(1, '=').append(value);
  const Instant now = doors_.clock.now();
  const auto known = made_.find(key);
  if (known != made_.end()) {
    const Made& old = known->second;
    const bool fresh = now - old.as_of < std::max(good_for, old.took * times_made);
    if (fresh && old.report && request.query_value("fresh") != "1") return old;
    made_.erase(known);
  }
  if (made_.size() >= made_max) made_.clear();
  auto report = make(doors_, one, settings);
  return made_.emplace(std::move(key), Made{std::move(report), now, doors_.clock.now() - now})
      .first->second;
}

http::Response Insights::answer(const http::Request& request) {
  if (closing_) return problem(503, "unavailable", "the server stops; ask again");
  if (request.path == "/v1/insight") return list();
  if (const auto name = between(request.path, "/v1/insight/", "/plot")) return plot(request, *name);
  const auto name = between(request.path, "/v1/insight/", "");
  if (!name || find(*name) == nullptr) return no_insight();
  const Made& one = made(*name, request);
  if (!one.report) return problem(one.report.error());
  if (const auto language = request.query_value("text"))
    return http::text(
        200, insight::to_text(
                 *one.report, *language == "fr" ? insight::Language::fr : insight::Language::en
             )
    );
  if (request.query_value("scores") == "1") {
    http::Response out = http::text(200, insight::to_csv(one.report->scores));
    out.headers = {{"Content-Type", "text/csv; charset=utf-8"}};
    return out;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(one.took);
  return http::json(
      200, Object()
                   .text("as_of", to_string(one.as_of))
                   .raw("took_ms", std::to_string(took.count()))
                   .raw("report", insight::to_json(*one.report))
                   .done() +
               "\n"
  );
}

http::Response Insights::plot(const http::Request& request, std::string_view name) {
  if (find(name) == nullptr) return no_insight();
  const auto sheet = sheet_of(request);
  if (!sheet) return problem(sheet.error());
  const Made& one = made(name, request);
  if (!one.report) return problem(one.report.error());
  const std::string wanted = request.query_value("n").value_or("0");
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), n);
  if (error != std::errc() || end != wanted.data() + wanted.size() ||
      n >= one.report->plots.size())
    return problem(
        404, "not_found",
        fmt::format("this report has {} pictures, n = 0 is the first", one.report->plots.size())
    );
  const auto language = request.query_value("lang").value_or("en") == "fr" ? insight::Language::fr
                                                                          : insight::Language::en;
  http::Response out{200, {}, insight::svg(one.report->plots[n], language, *sheet)};
  out.headers.add("Content-Type", "image/svg+xml");
  // It says nothing of a script; were it opened as a page, none would run.
  out.headers.add("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  return out;
}

}  // namespace hospes::portal
