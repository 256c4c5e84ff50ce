#include "insight/order_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <tuple>

namespace hospes::insight {

std::vector<Role> order_roles(bool valued) {
  return {
      {"customer",
       "customer customer_id client client_id user user_id person id",
       true,
       {"who bought", "qui a acheté"}},
      {"date", "date order_date invoice_date timestamp time day", true, {"when", "quand"}},
      {"value",
       "value amount dollar_value total revenue price montant",
       valued,
       {"what was paid", "ce qui a été payé"}},
      {"order",
       "order order_id order_number invoice invoice_no",
       false,
       {"the order's number, when an order has several lines",
        "le numéro de commande, si elle a plusieurs lignes"}},
      {"currency", "currency devise", false, {"the amounts' currency", "la devise des montants"}}};
}

std::vector<Setting> order_settings() {
  return {
      {"free",
       "yes",
       {"do orders that cost nothing count? yes or no",
        "les commandes gratuites comptent-elles ? yes ou no"}}};
}

namespace {

Status one_currency(const Input& input) {
  if (!input.has("currency")) return {};
  const Keys found = input.keys("currency");
  if (found.names.size() < 2) return {};
  return fail(
      Code::invalid_input,
      fmt::format(
          "amounts in {} and {}, and no rate between them: convert them first, or keep one with "
          "--only {}={}",
          found.names[0], found.names[1], input.column("currency"), found.names[0]
      )
  );
}

struct Row {
  std::uint32_t customer = 0;
  std::int64_t at_us = 0;
  double value = 0;
};

void put(OrderBook& book, const Row& row) {
  book.orders.customer.push_back(row.customer);
  book.orders.day.push_back(static_cast<std::int32_t>(
      row.at_us >= 0 ? row.at_us / day_us : -((-row.at_us + day_us - 1) / day_us)
  ));
  book.orders.value.push_back(row.value);
  book.at_us.push_back(row.at_us);
}

}  // namespace

Result<OrderBook> read_orders(const Input& input) {
  TRY(one_currency(input));
  const bool keep_free = input.text("free") != "no";
  const Keys who = input.keys("customer");
  const auto at = TRY(input.instants("date"));
  OrderBook out{.rows = at.size(), .valued = input.has("value")};
  const auto value = out.valued ? TRY(input.numbers("value")) : std::vector<double>(at.size(), 0);
  const Keys number = input.keys("order");
  out.orders.names.assign(who.names.begin(), who.names.end());
  std::vector<Row> rows;
  boost::unordered_flat_map<std::pair<std::uint32_t, std::uint32_t>, std::size_t>
      known;  // of (customer, order)
  boost::unordered_flat_set<std::tuple<std::uint32_t, std::int64_t, double, std::uint32_t>> seen;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (who.codes[i] == Keys::none) {
      ++out.nameless;
      continue;
    }
    if (value[i] < 0) {
      ++out.refunds;
      out.refunded -= value[i];
      continue;
    }
    const std::uint32_t code = number.codes.empty() ? Keys::none : number.codes[i];
    if (!seen.emplace(who.codes[i], at[i], value[i], code).second) ++out.repeated;
    if (out.valued && value[i] == 0 && code != Keys::none && !keep_free)
      continue;  // of a paid order perhaps
    const Row row{who.codes[i], at[i], value[i]};
    if (code != Keys::none) {
      const auto [it, fresh] = known.try_emplace({who.codes[i], code}, rows.size());
      if (!fresh) {
        rows[it->second].at_us = std::min(rows[it->second].at_us, row.at_us);
        rows[it->second].value += row.value;
        continue;
      }
    }
    rows.push_back(row);
  }
  for (const Row& row : rows) {
    const bool free = out.valued && row.value == 0;
    out.free += free ? 1 : 0;
    if (!free || keep_free) put(out, row);
  }
  return out;
}

Words OrderBook::data(const Input& input) const {
  const auto count = [](std::size_t n, Language l) {
    return figure(static_cast<double>(n), Shape::whole, 0, l);
  };
  Words out{
      fmt::format(
          "{}, {} rows, {} orders; columns {}", input.table().file(), count(rows, Language::en),
          count(at_us.size(), Language::en), input.taken()
      ),
      fmt::format(
          "{}, {} lignes, {} commandes ; colonnes {}", input.table().file(),
          count(rows, Language::fr), count(at_us.size(), Language::fr), input.taken()
      )};
  const auto add = [&](std::size_t n, std::string_view en, std::string_view fr) {
    if (n == 0) return;
    out.en += fmt::format("; {} {}", count(n, Language::en), en);
    out.fr += fmt::format(" ; {} {}", count(n, Language::fr), fr);
  };
  add(nameless, "rows without a customer left out", "lignes sans client écartées");
  add(refunds, "rows below zero (refunds) left out", "lignes négatives (remboursements) écartées");
  add(free, "orders cost nothing", "commandes gratuites");
  add(repeated, "rows repeat another exactly and count",
      "lignes répètent exactement une autre et comptent");
  return out;
}

Words period_of(std::int32_t begin, std::int32_t end) {
  return {
      fmt::format("{} to {}", date_text(begin), date_text(end)),
      fmt::format("du {} au {}", date_text(begin), date_text(end))};
}

Words cohort_of(const BuyingDays& days) {
  std::int32_t low = days.end, high = days.begin;
  for (std::uint32_t i = 0; i < days.customers(); ++i) {
    if (days.days(i).empty()) continue;
    low = std::min(low, days.days(i)[0]);
    high = std::max(high, days.days(i)[0]);
  }
  const Words between = period_of(low, high);
  return {"first orders " + between.en, "premières commandes " + between.fr};
}

}  // namespace hospes::insight
