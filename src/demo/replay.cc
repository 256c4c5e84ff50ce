#include "demo/replay.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "demo/json.h"

namespace hospes::demo {
namespace {

constexpr Duration before_first =
    std::chrono::hours(1);  // answers are this much older than the first order

struct Place {
  std::int64_t weeks = -1;
  std::size_t next = 0;  // first order of the plan that is not known to be taken
};

Place read_place(const std::string& file) {
  Place place;
  std::ifstream in(file);
  if (!(in >> place.weeks >> place.next)) place = {};
  return place;
}

/// Replaced in one step, so that a crash leaves the old or the new place. Losing the last one only
/// sends twice.
Status write_place(const std::string& file, const Place& place) {
  const std::string fresh = file + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << place.weeks << ' ' << place.next << '\n';
    if (!out.flush()) return fail(Code::unavailable, "cannot write " + fresh);
  }
  std::error_code error;
  std::filesystem::rename(fresh, file, error);
  if (error) return fail(Code::unavailable, "cannot write " + file + ": " + error.message());
  return {};
}

void comma(std::string& out) {
  if (out.back() != '[') out.push_back(',');
}

void write_answer(std::string& out, const Customer& who, std::string_view purpose, Instant at) {
  std::string notice;
  Object(notice).text("id", "accueil").text("version", "1").text("lang", "fr").close();
  comma(out);
  Object(out)
      .text("type", "consent")
      .text("userId", who.user_id)
      .text("messageId", "answer-" + who.user_id + "-" + std::string(purpose))
      .text("purpose", purpose)
      .text("state", "given")
      .text("happened", to_string(at))
      .raw("notice", notice)
      .text("proof", "invented by the demo")
      .close();
}

void write_identify(std::string& out, const Customer& who, Instant at) {
  std::string traits;
  Object(traits)
      .text("email", who.email)
      .text("firstName", who.first_name)
      .text("lastName", who.last_name)
      .close();
  comma(out);
  Object(out)
      .text("type", "identify")
      .text("userId", who.user_id)
      .text("messageId", "identify-" + who.user_id)
      .text("timestamp", to_string(at))
      .raw("traits", traits)
      .close();
}

void write_order(std::string& out, const Customer& who, const Order& order, Instant at) {
  std::string properties;
  Object(properties)
      .text("order_id", "D" + std::to_string(order.row))
      .raw("total", amount_of(order.cents))
      .raw("quantity", std::to_string(order.quantity))
      .text("currency", "USD")
      .text("original_date", date_of(order.day))
      .close();
  comma(out);
  Object(out)
      .text("type", "track")
      .text("event", "Order Completed")
      .text("userId", who.user_id)
      .text("messageId", std::to_string(order.row))
      .text("timestamp", to_string(at))
      .raw("properties", properties)
      .close();
}

std::string thousands(std::uint64_t n, bool french) {
  std::string out = std::to_string(n);
  for (std::size_t i = out.size(); i > 3; i -= 3) out.insert(i - 3, french ? " " : ",");
  return out;
}

/// Pace over the whole call: steady enough to be believed.
class Pace {
 public:
  Pace(Clock& clock, std::size_t begin) : clock_(clock), started_(clock.now()), begin_(begin) {}
  void measure(Progress& p) const {
    const auto passed = std::max<std::int64_t>(1, (clock_.now() - started_).count());
    p.orders_per_s = (p.done - begin_) * 1'000'000 / static_cast<std::uint64_t>(passed);
    p.seconds_left =
        p.orders_per_s == 0 ? 0 : (p.total - p.done + p.orders_per_s - 1) / p.orders_per_s;
  }

 private:
  Clock& clock_;
  Instant started_;
  std::size_t begin_;
};

}  // namespace

std::vector<char> first_orders(const Plan& plan) {
  std::uint32_t most = 0;
  for (const Order& o : plan.orders) most = std::max(most, o.customer);
  std::vector<char> seen(most + std::size_t{1}, 0);
  std::vector<char> first;
  first.reserve(plan.orders.size());
  for (const Order& o : plan.orders)
    first.push_back(std::exchange(seen[o.customer], 1) == 0 ? 1 : 0);
  return first;
}

std::string answers_body(
    const Plan& plan, const std::vector<char>& first, std::size_t from, std::size_t to
) {
  std::string out = "{\"batch\":[";
  for (std::size_t i = from; i < to; ++i) {
    if (first[i] == 0) continue;
    const Customer who = customer(plan.orders[i].customer);
    const Instant at = plan.at(plan.orders[i]) - before_first;
    for (const std::string_view purpose : who.purposes) write_answer(out, who, purpose, at);
  }
  return out + "]}";
}

std::string orders_body(
    const Plan& plan, const std::vector<char>& first, std::size_t from, std::size_t to
) {
  std::string out = "{\"batch\":[";
  for (std::size_t i = from; i < to; ++i) {
    const Order& order = plan.orders[i];
    const Customer who = customer(order.customer);
    const Instant at = plan.at(order);
    if (first[i] != 0) write_identify(out, who, at);
    write_order(out, who, order, at);
  }
  return out + "]}";
}

Result<Progress> replay(
    http::Client& client, std::vector<Order> orders, Clock& clock, const ReplayOptions& options,
    const std::function<void(const Progress&)>& on_progress
) {
  Place place = read_place(options.position_file);
  if (place.weeks < 0) place.weeks = weeks_to(orders, clock.now());
  const Plan all = plan(std::move(orders), place.weeks);
  const std::vector<char> first = first_orders(all);
  place.next = std::min(place.next, all.orders.size());
  Progress progress{.done = place.next, .total = all.orders.size(), .weeks = place.weeks};
  progress.people = static_cast<std::size_t>(std::ranges::count(first, 1));
  if (place.next > 0) progress.shop_date = all.at(all.orders[place.next - 1]);
  const Pace pace(clock, place.next);
  while (place.next < all.orders.size()) {
    const std::size_t to = std::min(all.orders.size(), place.next + options.orders_per_request);
    const std::string answers = answers_body(all, first, place.next, to);
    if (!answers.ends_with("[]}"))
      TRY(post_batch(client, options.write_key, answers, options.patience));
    TRY(post_batch(
        client, options.write_key, orders_body(all, first, place.next, to), options.patience
    ));
    place.next = to;
    TRY(write_place(options.position_file, place));
    progress.done = to;
    progress.shop_date = all.at(all.orders[to - 1]);
    pace.measure(progress);
    on_progress(progress);
  }
  return progress;
}

std::string progress_line(const Progress& p, bool french) {
  constexpr std::size_t width = 24;
  const std::size_t full = p.total == 0 ? width : p.done * width / p.total;
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < full ? "█" : "░";
  const std::string percent = std::to_string(p.total == 0 ? 100 : p.done * 100 / p.total);
  const std::string day = to_string(p.shop_date).substr(0, 10);
  const std::string pace = thousands(p.orders_per_s, french);
  const std::string left = std::to_string(p.seconds_left);
  return french ? "rejoue " + bar + "  " + percent + " %   " + pace +
                      " commandes/s   date du magasin " + day + "   encore " + left + " s"
                : "replaying " + bar + "  " + percent + " %   " + pace + " orders/s   shop date " +
                      day + "   " + left + " s left";
}

}  // namespace hospes::demo
