// Private to the room: the reports, each in a file of its own; catalogue.cc lists them.
#pragma once

#include "insight/input.h"
#include "insight/order_book.h"

namespace hospes::insight {

Insight clv();
Insight rfm_insight();
Insight power_insight();
Insight cohorts_insight();
Insight survival_insight();
Insight attribution_insight();
Insight funnel_insight();
Insight transitions_insight();
Insight responses_insight();
Insight creatives_insight();
Insight cards_insight();

/// `file.csv, 1,234 rows; columns …`, for the card.
Words rows_read(const Input& input);
/// A column of numbers that are at least zero; `otherwise` everywhere when no column plays the
/// role.
Result<std::vector<double>> counts(const Input& input, std::string_view role, double otherwise);
/// What reports on customers share.
inline constexpr std::size_t people_min = 10;
Words too_few_why();
std::size_t buyers(const BuyingDays& days);
Card card_of(const OrderBook& book, const Input& input, const BuyingDays& days);
Words footing_of(const Card& card);
/// A setting that is a date: days since 1970-01-01.
Result<std::int32_t> day_of(const Input& input, std::string_view setting);

}  // namespace hospes::insight
