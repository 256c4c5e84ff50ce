#include "bench/guarded_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "segment/text.h"

namespace hospes::bench {
namespace {

constexpr unsigned countries = 60;
constexpr unsigned cities = 600;  // ten a country
constexpr unsigned categories = 100;
constexpr unsigned brands = 120;
constexpr std::array events = {
    "Product Viewed", "Product Viewed", "Product Added", "Page Viewed", "Order Completed"};
constexpr std::array windows = {"10m", "1h", "6h", "1d", "3d", "7d", "14d", "30d", "60d", "90d"};
constexpr std::array offsets = {"2d..1d", "14d..7d", "60d..30d", "90d..60d"};
constexpr std::array plans = {"free", "plus", "pro", "family"};

/// 0 … n−1, small ones more often: two thirds of the draws fall into the first third.
std::uint64_t liked(Dice& dice, std::uint64_t n) { return std::min(dice.below(n), dice.below(n)); }

template <std::size_t N>
const char* one_of(Dice& dice, const std::array<const char*, N>& list) {
  return list[dice.below(N)];
}

/// What of an event is asked about: nothing, or one clause.
std::string filter(Dice& dice, std::string_view event) {
  if (event == "Page Viewed" || dice.chance(30)) return "";
  if (event == "Order Completed")
    return fmt::format(" where total >= {}", 5 * (1 + liked(dice, 80)));
  const auto price = 5 * (1 + liked(dice, 50));
  switch (dice.below(4)) {
    case 0:
      return fmt::format(" where category = \"c{:03}\"", liked(dice, categories));
    case 1:
      return fmt::format(" where brand = \"b{:03}\"", liked(dice, brands));
    case 2:
      return fmt::format(
          " where category = \"c{:03}\" and price >= {}", liked(dice, categories), price
      );
    default:
      return fmt::format(" where price >= {}", price);
  }
}

std::string trait_test(Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return fmt::format("trait(\"points\") > {}", 100 * (1 + dice.below(80)));
    case 1:
      return fmt::format("trait(\"age\") >= {}", 18 + dice.below(60));
    case 2:
      return fmt::format("trait(\"plan\") = \"{}\"", one_of(dice, plans));
    default:
      return "trait(\"news\") = true";
  }
}

std::string test(Dice& dice) {
  const std::uint64_t kind = dice.below(20);
  if (kind < 5) return trait_test(dice);
  const char* event = one_of(dice, events);
  const std::string select = fmt::format("\"{}\"{}", event, filter(dice, event));
  const char* window = windows[9 - liked(dice, windows.size())];
  if (kind < 7) {
    return fmt::format(
        "sum(\"Order Completed\".total, {}) >= {}", window, 20 * (1 + liked(dice, 50))
    );
  }
  if (kind < 9) return fmt::format("did not ({}) in {}", select, window);
  if (kind < 11) {
    return fmt::format("count({}, {}) >= {}", select, one_of(dice, offsets), 1 + liked(dice, 3));
  }
  constexpr std::array<unsigned, 6> thresholds{1, 2, 3, 5, 10, 20};
  return fmt::format(
      "count({}, {}) >= {}", select, window, thresholds[liked(dice, thresholds.size())]
  );
}

std::string guard(Dice& dice) {
  if (dice.chance(50)) return fmt::format("trait(\"country\") = \"L{:02}\"", dice.below(countries));
  return fmt::format("trait(\"city\") = \"S{:03}\"", dice.below(cities));
}

void tests_of(const segment::Node& node, std::set<std::string>& out) {
  const auto each = [&](const std::vector<segment::Node>& of) {
    for (const segment::Node& child : of) tests_of(child, out);
  };
  if (const auto* all = std::get_if<segment::All>(&node.is)) return each(all->of);
  if (const auto* any = std::get_if<segment::Any>(&node.is)) return each(any->of);
  if (const auto* no = std::get_if<segment::Not>(&node.is)) return each(no->of);
  out.insert(segment::format(node));
}

Value decimal(double value) {
  return Value::of(Decimal{static_cast<std::int64_t>(value * 100) * 10'000});
}

}  // namespace

std::string guarded_set(unsigned segments, std::uint64_t seed, std::string_view purpose) {
  Dice dice(seed);
  std::vector<std::string> pool;
  for (unsigned i = 0; i < 3 * segments; ++i) pool.push_back(test(dice));
  std::string out;
  for (unsigned i = 0; i < segments; ++i) {
    out += fmt::format("segment g{:05}\n  purpose {}\n  where {}", i, purpose, guard(dice));
    for (std::uint64_t clauses = 2 + dice.below(3); clauses > 0; --clauses) {
      const std::string& one = pool[dice.below(pool.size())];
      const std::string& other = pool[dice.below(pool.size())];
      out += dice.chance(50) ? fmt::format("\n    and {}", one)
                             : fmt::format("\n    and ({} or {})", one, other);
    }
    out += "\n\n";
  }
  return out;
}

Result<std::shared_ptr<const segment::Definitions>> bound_set(
    const std::string& source, Names& names
) {
  auto parsed = segment::parse(source);
  if (!parsed) return fail(Code::invalid_input, segment::to_string(parsed.error(), "guarded set"));
  segment::Binding binding;
  binding.names = &names;
  binding.purpose = [](std::string_view p) {
    return p == "market" ? std::optional(PurposeBit{0}) : std::nullopt;
  };
  binding.kind = [](std::string_view) { return std::optional<KindId>(); };
  return segment::bind(std::move(*parsed), binding);
}

std::size_t distinct_tests(const segment::Definitions& definitions) {
  std::set<std::string> out;
  for (const segment::SegmentIndex i : definitions.order())
    tests_of(definitions.at(i).definition.predicate, out);
  return out.size();
}

Lives::Lives(LifeOptions options, Names& names)
    : options_(options),
      dice_(options.seed),
      cumulative_(options.people),
      rank_(options.people),
      events_of_(options.people),
      city_of_(options.people),
      now_us_(static_cast<double>(options.starts.us)) {
  const auto name = [&](std::string_view text) { return names.intern(text).value_or(no_name); };
  names_ = {
      .category = name("category"),
      .brand = name("brand"),
      .price = name("price"),
      .total = name("total"),
      .country = name("country"),
      .city = name("city"),
      .plan = name("plan"),
      .points = name("points"),
      .age = name("age"),
      .news = name("news"),
      .about = name("about"),
      .viewed = name("Product Viewed"),
      .added = name("Product Added"),
      .ordered = name("Order Completed"),
      .page = name("Page Viewed"),
      .identify = name("identify")};
  double sum = 0;
  for (std::uint32_t i = 0; i < options.people; ++i) {
    sum += std::pow(static_cast<double>(i) + 1, -0.99);
    cumulative_[i] = sum;
    rank_[i] = i;
    city_of_[i] = static_cast<std::uint16_t>(liked(dice_, cities));
  }
  for (std::uint32_t i = options.people; i > 1; --i) std::swap(rank_[i - 1], rank_[dice_.below(i)]);
}

std::uint32_t Lives::somebody() {
  for (;;) {
    const double part = static_cast<double>(dice_.next() >> 11) * 0x1p-53 * cumulative_.back();
    const auto at = std::ranges::lower_bound(cumulative_, part) - cumulative_.begin();
    const std::uint32_t person =
        rank_[std::min(static_cast<std::size_t>(at), cumulative_.size() - 1)];
    if (events_of_[person] < options_.events_a_person_max) return person;
  }
}

void Lives::identify(Event& event, std::uint32_t person, bool first) {
  event.type = EventType::identify;
  event.name = names_.identify;
  std::uint16_t& city = city_of_[person];
  if (!first && dice_.below(1'000) < 2) city = static_cast<std::uint16_t>(liked(dice_, cities));
  const auto set = [&](Name name, Value value) {
    event.properties.push_back({name, std::move(value)});
  };
  set(names_.points, Value::of(Decimal::whole(static_cast<std::int64_t>(liked(dice_, 10'000)))));
  set(names_.country, Value::of(std::string_view(fmt::format("L{:02}", city / 10))));
  set(names_.city, Value::of(std::string_view(fmt::format("S{:03}", city))));
  if (!first) return;
  set(names_.plan, Value::of(std::string_view(plans[liked(dice_, plans.size())])));
  set(names_.age, Value::of(Decimal::whole(18 + static_cast<std::int64_t>(dice_.below(60)))));
  set(names_.news, Value::of(dice_.chance(40)));
  if (options_.trait_bytes > 0) {
    std::string about(options_.trait_bytes, ' ');
    for (char& c : about) c = static_cast<char>('a' + dice_.below(26));
    set(names_.about, Value::of(std::string_view(about)));
  }
}

void Lives::act(Event& event) {
  event.type = EventType::track;
  const auto set = [&](Name name, Value value) {
    event.properties.push_back({name, std::move(value)});
  };
  const std::uint64_t what = dice_.below(92);
  if (what < 20) {
    event.type = EventType::page;
    event.name = names_.page;
    return;
  }
  if (what < 28) {
    event.name = names_.ordered;
    set(names_.total, decimal(10 + static_cast<double>(liked(dice_, 400))));
    return;
  }
  event.name = what < 43 ? names_.added : names_.viewed;
  const auto category = liked(dice_, categories);
  set(names_.category, Value::of(std::string_view(fmt::format("c{:03}", category))));
  set(names_.brand, Value::of(std::string_view(fmt::format("b{:03}", liked(dice_, brands)))));
  set(names_.price, decimal(5 + static_cast<double>(liked(dice_, 250))));
}

void Lives::next(Deed& out) {
  const std::uint64_t serial = serial_++;
  const bool first = serial < options_.people;
  now_us_ += first ? 3.6e9 / options_.people : 8.64e10 / (options_.events_a_day * options_.people);
  out.person = first ? static_cast<std::uint32_t>(serial) : somebody();
  out.arrives = Instant{static_cast<std::int64_t>(now_us_)};
  ++events_of_[out.person];
  Event& event = out.event;
  event.properties.clear();
  event.received = event.happened = out.arrives;
  event.message = {dice_.next(), serial};
  event.mask = 1;
  if (first || dice_.chance(8))
    identify(event, out.person, first);
  else
    act(event);
  if (first || !dice_.chance(2)) return;
  const double late_us =
      6e7 * std::pow(28'800.0, static_cast<double>(dice_.below(1'000'000)) / 1e6);
  event.happened =
      std::max(options_.starts, event.happened - Duration(static_cast<std::int64_t>(late_us)));
}

}  // namespace hospes::bench
