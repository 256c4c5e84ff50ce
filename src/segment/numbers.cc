#include "segment/numbers.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace hospes::segment {

bool compares(Wide left, Test test, Wide right) {
  switch (test) {
    case Test::eq:
      return left == right;
    case Test::ne:
      return left != right;
    case Test::lt:
      return left < right;
    case Test::le:
      return left <= right;
    case Test::gt:
      return left > right;
    case Test::ge:
      return left >= right;
    default:
      return false;
  }
}

bool compares(const Number& left, Test test, Decimal factor, const Number& right) {
  if (!left || !right) return false;
  return compares(left.num * right.den * micro, test, right.num * left.den * factor.micro);
}

Value shown(Wide micros) {
  const bool fits = micros >= std::numeric_limits<std::int64_t>::min() &&
                    micros <= std::numeric_limits<std::int64_t>::max();
  if (fits) return Value::of(Decimal{static_cast<std::int64_t>(micros)});
  return Value::of(
      std::string_view(micros > 0 ? "> 9223372036854.775807" : "< -9223372036854.775808")
  );
}

namespace {

std::string key_of(const ValueView& v) {
  std::string stored;
  Writer out(stored);
  write_value(out, v);
  return stored;
}

}  // namespace

std::size_t distinct(const BoundMeasure& m, const std::vector<const Seen*>& events) {
  std::set<std::string> values;
  for (const Seen* seen : events) {
    const ValueView v = find_property(seen->body, m.property);
    if (v.kind != ValueKind::null) values.insert(key_of(v));
    if (values.size() > distinct_max) break;  // every comparison that was let in is decided
  }
  return values.size();
}

std::size_t most(const BoundMeasure& m, const std::vector<const Seen*>& events) {
  std::map<std::string, std::size_t> times;
  std::size_t out = 0;
  for (const Seen* seen : events) {
    const ValueView v = find_property(seen->body, m.property);
    if (v.kind != ValueKind::null) out = std::max(out, ++times[key_of(v)]);
  }
  return out;
}

Number gap(Fold fold, const std::vector<const Seen*>& events) {
  std::vector<std::int64_t> days;
  for (std::size_t i = 1; i < events.size(); ++i) {
    const Duration d = events[i]->moment->happened - events[i - 1]->moment->happened;
    if (d.count() >= day_us) days.push_back(d.count() / day_us);
  }
  if (days.empty()) return {};
  std::ranges::sort(days);
  const std::size_t n = days.size();
  const auto of = [](std::int64_t num, std::size_t den) {
    return Number{num * micro, static_cast<Wide>(den)};
  };
  if (fold == Fold::longest_gap) return of(days.back(), 1);
  if (fold == Fold::shortest_gap) return of(days.front(), 1);
  if (fold == Fold::median_gap) return of(days[(n - 1) / 2] + days[n / 2], 2);
  return of(std::accumulate(days.begin(), days.end(), std::int64_t{0}), n);
}

Number amounts(const BoundMeasure& m, const std::vector<const Seen*>& events) {
  Wide sum = 0, low = 0, high = 0;
  std::int64_t n = 0;
  for (const Seen* seen : events) {
    const ValueView v = find_property(seen->body, m.property);
    if (v.kind != ValueKind::number) continue;
    const Wide x = v.number.micro;
    sum += x;
    low = n == 0 ? x : std::min(low, x);
    high = n == 0 ? x : std::max(high, x);
    ++n;
  }
  if (m.fold == Fold::sum) return {sum, 1};
  if (n == 0) return {};
  if (m.fold == Fold::average) return {sum, n};
  return {m.fold == Fold::min ? low : high, 1};
}

}  // namespace hospes::segment
