#include "bench/visitors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace hospes::bench {
namespace {

constexpr double zipf_exponent = 0.99;
// The vocabulary of guarded_set.h.
constexpr unsigned cities = 600;
constexpr unsigned cities_a_country = 10;
constexpr unsigned categories = 100;
constexpr unsigned brands = 120;
constexpr std::array plans = {"free", "plus", "pro", "family"};
constexpr std::array doings = {
    "Product Viewed", "Product Viewed", "Product Viewed", "Product Viewed",  "Product Viewed",
    "Product Added",  "Product Added",  "Cart Viewed",    "Product Removed", "Order Completed"};

/// `digits` decimal digits of `value`; JSON takes no leading zero outside of texts.
void number(std::string& out, std::uint64_t value, unsigned digits) {
  std::array<char, 20> text;
  for (unsigned i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text.data(), digits);
}

void price(std::string& out, std::uint64_t cents) {
  number(out, cents / 100, 3);
  out += '.';
  number(out, cents % 100, 2);
}

/// Steady over the life of a person.
std::uint64_t trait_of(std::uint32_t person, std::uint64_t salt) {
  std::uint64_t z = (person + 1) * 0x9e3779b97f4a7c15 + salt * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Visitors::Visitors(VisitorsOptions options)
    : options_(options),
      dice_(options_.seed),
      cumulative_(options_.regulars),
      events_of_(options_.regulars),
      device_seen_(options_.regulars) {
  double sum = 0;
  for (std::uint32_t rank = 0; rank < options_.regulars; ++rank) {
    sum += std::pow(static_cast<double>(rank) + 1, -zipf_exponent);
    cumulative_[rank] = static_cast<float>(sum);
  }
}

std::string Visitors::user_id(std::uint32_t person) { return fmt::format("u{:09}", person); }

std::uint64_t Visitors::number_of(std::string_view message_id) {
  std::uint64_t out = 0;
  for (const char c : message_id.substr(message_id.rfind('-') + 1))
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  return out;
}

void Visitors::begin_run(std::uint64_t number) { prefix_ = "r" + std::to_string(number); }

std::uint32_t Visitors::somebody() {
  for (;;) {
    const auto part = static_cast<float>(dice_.next() >> 40) / static_cast<float>(1U << 24);
    const auto at = std::ranges::lower_bound(cumulative_, part * cumulative_.back());
    const auto person =
        static_cast<std::uint32_t>(std::min(at, cumulative_.end() - 1) - cumulative_.begin());
    if (events_of_[person] >= events_a_person_max) continue;
    distinct_ += events_of_[person]++ == 0 ? 1 : 0;
    return person;
  }
}

/// What every event ends with: its number, its time and the context that clients add.
void Visitors::finish(std::string_view stamp, std::string& out) {
  out.append(R"("messageId":"0f3a9b1c-)").append(prefix_).append("-");
  number(out, messages_++, 12);
  out.append(R"(","timestamp":")").append(stamp);
  out +=
      R"(","context":{"library":{"name":"analytics.js","version":"npm:next-1.81.0"},)"
      R"("locale":"fr-FR","timezone":"Europe/Paris","userAgent":"Mozilla/5.0 (X11; Linux x86_64) )"
      R"(AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",)"
      R"("page":{"path":"/rayons/jazz","referrer":"https://search.example/","title":"Rayon \"jazz\""},)"
      R"("campaign":{"source":"lettre","medium":"email","name":"rentree-jazz"},"ip":"192.0.2.7",)"
      R"("screen":{"width":1920,"height":1080,"density":2},)"
      R"("consent":{"categoryPreferences":{"market":true,"personalise":true,"link":true}}}})";
}

void Visitors::write_doing(std::string& out) {
  const auto product = dice_.below(50'000);
  if (dice_.below(92) < 22) {
    out += R"("type":"page","name":"Product","properties":{"category":"c)";
    number(out, product % categories, 3);
    out += R"(","url":"https://shop.example/rayons/jazz/p)";
    number(out, product, 5);
    out += R"("},)";
    return;
  }
  const std::string_view name = doings[dice_.below(doings.size())];
  out.append(R"("type":"track","event":")").append(name).append(R"(","properties":{)");
  if (name == "Order Completed") {
    out += R"("order_id":"o)";
    number(out, messages_, 12);
    out += R"(","total":)";
  } else {
    out += R"("product_id":"p)";
    number(out, product, 5);
    out += R"(","price":)";
  }
  price(out, 10'000 + dice_.below(29'500));
  out += R"(,"category":"c)";
  number(out, product % categories, 3);
  out += R"(","brand":"b)";
  number(out, product % brands, 3);
  out += R"(","currency":"EUR","quantity":1},)";
}

void Visitors::write_newcomer(std::string_view stamp, std::string& out) {
  out += R"({"anonymousId":"a7d0c2f4-)";
  number(out, newcomers_++, 9);
  out += R"(",)";
  ++first_seen_;
  write_doing(out);
  finish(stamp, out);
}

void Visitors::write_identify(
    std::string_view stamp, std::uint32_t person, bool device, std::string& out
) {
  out += R"({"type":"identify","userId":"u)";
  number(out, person, 9);
  if (device) {
    out += R"(","anonymousId":"d5b1e8a3-)";
    number(out, person, 9);
    first_seen_ += device_seen_[person] ? 0 : 1;
    device_seen_[person] = true;
  }
  const auto city = trait_of(person, 1) % cities;
  out += R"(","traits":{"country":"L)";
  number(out, city / cities_a_country, 2);
  out += R"(","city":"S)";
  number(out, city, 3);
  out.append(R"(","plan":")").append(plans[trait_of(person, 2) % plans.size()]);
  out += R"(","points":)";
  number(out, 1'000 + trait_of(person, 3) % 8'000 + dice_.below(3), 4);
  out += R"(,"age":)";
  number(out, 18 + trait_of(person, 5) % 60, 2);
  out += R"(,"news":)";
  out += trait_of(person, 4) % 5 < 2 ? "true}," : "false},";
  finish(stamp, out);
}

void Visitors::write_regular(std::string_view stamp, std::string& out) {
  const std::uint32_t person = somebody();
  if (dice_.below(70) < 8) return write_identify(stamp, person, dice_.chance(50), out);
  out += R"({"userId":"u)";
  number(out, person, 9);
  out += R"(",)";
  write_doing(out);
  finish(stamp, out);
}

void Visitors::next(Instant now, std::string& body) {
  const std::string stamp = to_string(now);
  body = R"({"batch":[)";
  for (unsigned i = 0; i < options_.events_per_batch; ++i) {
    if (i > 0) body += ',';
    // Devices named by an identify for the first time count among the first seen.
    const bool newcomer = first_seen_ * 100 < (events_ + 1) * options_.first_seen_percent &&
                          dice_.chance(options_.first_seen_percent + 20);
    newcomer ? write_newcomer(stamp, body) : write_regular(stamp, body);
    ++events_;
  }
  body.append(R"(],"sentAt":")").append(stamp).append(R"("})");
}

unsigned Visitors::introduce(Instant now, unsigned events, std::string& body) {
  const std::string stamp = to_string(now);
  const unsigned count = std::min(events, options_.regulars - introduced_);
  body = R"({"batch":[)";
  for (unsigned i = 0; i < count; ++i) {
    if (i > 0) body += ',';
    write_identify(stamp, introduced_++, false, body);
  }
  body.append(R"(],"sentAt":")").append(stamp).append(R"("})");
  return count;
}

}  // namespace hospes::bench
