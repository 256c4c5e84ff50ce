#include "demo/cdnow.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/dice.h"

namespace hospes::demo {
namespace {

constexpr std::uint64_t seed = 1997;
constexpr std::int64_t minute_us = 60'000'000;
constexpr std::int64_t day_us = 1'440 * minute_us;
constexpr std::int64_t week_us = 7 * day_us;

constexpr std::array<std::string_view, 40> first_names = {
    "Camille", "Marie",    "Jeanne",  "Lucie",   "Chloé",  "Emma",    "Louise",  "Alice",
    "Inès",    "Zoé",      "Manon",   "Sarah",   "Nadia",  "Aïcha",   "Fatima",  "Hélène",
    "Sophie",  "Claire",   "Élodie",  "Margaux", "Paul",   "Jean",    "Louis",   "Hugo",
    "Jules",   "Léo",      "Gabriel", "Arthur",  "Mehdi",  "Karim",   "Ahmed",   "Youssef",
    "Étienne", "François", "Nicolas", "Thomas",  "Mathis", "Antoine", "Olivier", "René"};
constexpr std::array<std::string_view, 40> last_names = {
    "Martin",   "Bernard", "Dubois",  "Thomas",   "Robert",   "Richard", "Petit",   "Durand",
    "Leroy",    "Moreau",  "Simon",   "Laurent",  "Lefebvre", "Michel",  "Garcia",  "David",
    "Bertrand", "Roux",    "Vincent", "Fournier", "Morel",    "Girard",  "André",   "Mercier",
    "Dupont",   "Lambert", "Bonnet",  "François", "Martinez", "Legrand", "Garnier", "Faure",
    "Rousseau", "Blanc",   "Guérin",  "Muller",   "Henry",    "Roussel", "Nguyen",  "Benali"};

struct Share {
  std::string_view purpose;
  unsigned percent;
};
// Of a hundred customers, how many said yes. Invented.
constexpr std::array shares = {Share{"personalise", 75},   Share{"measure", 70},
                               Share{"contact:email", 60}, Share{"link", 55},
                               Share{"train", 30},         Share{"contact:sms", 15},
                               Share{"advertise", 20},     Share{"share:cinema", 10}};

std::string_view word(std::string_view& line) {
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return line = {};
  line.remove_prefix(begin);
  const std::string_view out = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(out.size());
  return out;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return out;
}

std::optional<std::int32_t> parse_day(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  const auto iso = std::string(text.substr(0, 4)) + "-" + std::string(text.substr(4, 2)) + "-" +
                   std::string(text.substr(6, 2));
  const auto instant = parse_instant(iso);
  if (!instant) return std::nullopt;
  return static_cast<std::int32_t>(instant->us / day_us);
}

std::optional<std::int64_t> parse_cents(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || text.size() - dot != 3) return std::nullopt;
  const auto whole = number<std::uint32_t>(text.substr(0, dot));
  const auto rest = number<std::uint8_t>(text.substr(dot + 1));
  if (!whole || !rest) return std::nullopt;
  return std::int64_t{*whole} * 100 + *rest;
}

std::optional<Order> parse_order(std::string_view line) {
  const auto customer = number<std::uint32_t>(word(line));
  const auto day = parse_day(word(line));
  const auto quantity = number<std::uint32_t>(word(line));
  const auto cents = parse_cents(word(line));
  if (!customer || !day || !quantity || !cents || !word(line).empty()) return std::nullopt;
  return Order{0, *customer, *day, *quantity, *cents};
}

std::int32_t minute_of(std::uint32_t number) {
  Dice dice(seed * 1'000'003 + number);
  return static_cast<std::int32_t>(480 + dice.below(720));
}

Instant moved(const Order& order, std::int64_t weeks) {
  return Instant{order.day * day_us + minute_of(order.customer) * minute_us + weeks * week_us};
}

std::string plain(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte < 0x80) out.push_back(static_cast<char>(byte | 0x20));
    if (byte == 0xc3 && ++i < name.size()) {  // Latin-1 letters of the tables above
      const auto low = static_cast<unsigned char>(name[i]) | 0x20;
      out.push_back(
          low == 0xa7                  ? 'c'
          : low >= 0xa8 && low <= 0xab ? 'e'
          : low >= 0xac && low <= 0xaf ? 'i'
                                       : 'a'
      );
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Order>> parse_cdnow(std::string_view text) {
  std::vector<Order> out;
  std::uint32_t line_number = 0;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::string_view rest = line;
    if (line_number++ == 0 || word(rest).empty()) continue;
    auto order = parse_order(line);
    if (!order) {
      return fail(
          Code::corrupt, "the orders' line " + std::to_string(line_number) +
                             " is not `customer date count dollars`; run tools/fetch.sh again"
      );
    }
    if (out.size() >= orders_max) return fail(Code::over_limit, "more than a million orders");
    order->row = static_cast<std::uint32_t>(out.size() + 1);
    out.push_back(*order);
  }
  if (out.empty()) return fail(Code::corrupt, "no orders in the file; run tools/fetch.sh again");
  return out;
}

Result<std::vector<Order>> read_cdnow(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in)
    return fail(
        Code::not_found, "cannot read the demo's orders at " + path + "; tools/fetch.sh brings them"
    );
  return parse_cdnow(std::move(text).str());
}

Customer customer(std::uint32_t number) {
  Dice dice(seed * 2'000'003 + number);
  Customer out;
  out.user_id = std::to_string(number);
  out.user_id.insert(0, out.user_id.size() < 5 ? 5 - out.user_id.size() : 0, '0');
  out.first_name = first_names[dice.below(first_names.size())];
  out.last_name = last_names[dice.below(last_names.size())];
  out.email =
      plain(out.first_name) + "." + plain(out.last_name) + "." + out.user_id + "@disquaire.example";
  out.minute = minute_of(number);
  out.purposes = {"market"};
  for (const Share& s : shares) {
    if (dice.chance(s.percent)) out.purposes.push_back(s.purpose);
  }
  return out;
}

Instant Plan::at(const Order& order) const { return moved(order, weeks); }

std::int64_t weeks_to(const std::vector<Order>& orders, Instant now) {
  Instant last = Instant::beginning();
  for (const Order& o : orders) last = std::max(last, moved(o, 0));
  return orders.empty() || now < last ? 0 : (now.us - last.us) / week_us;
}

Plan plan(std::vector<Order> orders, std::int64_t weeks) {
  Plan out{std::move(orders), weeks};
  std::ranges::sort(out.orders, {}, [&](const Order& o) { return std::pair(out.at(o), o.row); });
  return out;
}

std::string date_of(std::int32_t day) { return to_string(Instant{day * day_us}).substr(0, 10); }

std::string amount_of(std::int64_t cents) {
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}

}  // namespace hospes::demo
