#include <fmt/format.h>

#include "base/time.h"
#include "insight/reports.h"

namespace hospes::insight {

std::span<const Insight> insights() {
  static const std::vector<Insight> all = {
      clv(),
      rfm_insight(),
      power_insight(),
      cohorts_insight(),
      survival_insight(),
      transitions_insight(),
      funnel_insight(),
      attribution_insight(),
      responses_insight(),
      creatives_insight(),
      cards_insight()};
  return all;
}

Words rows_read(const Input& input) {
  return both([&](Language l) {
    return fmt::format(
        fmt::runtime(l == Language::fr ? "{}, {} lignes ; colonnes {}" : "{}, {} rows; columns {}"),
        input.table().file(), whole(static_cast<double>(input.table().rows()), l), input.taken()
    );
  });
}

Result<std::vector<double>> counts(const Input& input, std::string_view role, double otherwise) {
  if (!input.has(role)) return std::vector<double>(input.table().rows(), otherwise);
  auto out = TRY(input.numbers(role));
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i] < 0)
      return fail(
          Code::invalid_input, fmt::format("{}: {} is below zero", input.table().place(i), role)
      );
  return out;
}

Words too_few_why() {
  return {
      fmt::format("This report needs at least {} customers with orders.", people_min),
      fmt::format("Ce rapport demande au moins {} clients avec des commandes.", people_min)};
}

std::size_t buyers(const BuyingDays& days) {
  std::size_t out = 0;
  for (std::uint32_t i = 0; i < days.customers(); ++i) out += days.days(i).empty() ? 0 : 1;
  return out;
}

Card card_of(const OrderBook& book, const Input& input, const BuyingDays& days) {
  return {
      .data = book.data(input),
      .cohort = cohort_of(days),
      .period = period_of(days.begin, days.end),
      .n = buyers(days)};
}

Words footing_of(const Card& card) {
  return both([&](Language l) {
    return fmt::format(
        "n = {} {}, {}", whole(static_cast<double>(card.n), l),
        l == Language::fr ? "clients" : "customers", card.period.in(l)
    );
  });
}

Result<std::int32_t> day_of(const Input& input, std::string_view setting) {
  const auto at = parse_instant(input.text(setting));
  if (at) return static_cast<std::int32_t>(at->us / day_us);
  return fail(
      Code::invalid_input,
      fmt::format("{}={} is no date; write YYYY-MM-DD", setting, input.text(setting))
  );
}

}  // namespace hospes::insight
