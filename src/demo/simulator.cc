#include "demo/simulator.h"

#include <algorithm>
#include <array>
#include <map>

#include "demo/json.h"

namespace hospes::demo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

constexpr Duration quiet_from = days(180);
constexpr std::int64_t much_cents = 15'000;  // of segment 37
constexpr std::int64_t big_cents = 30'000;   // of segment 22

struct Record {
  std::string_view sku, name, category;
  unsigned cents;
};
constexpr std::array records = {
    Record{"J1", "Blue Morning", "jazz", 1'490},   Record{"J2", "Quai de nuit", "jazz", 1'690},
    Record{"J3", "Cinq temps", "jazz", 1'290},     Record{"R1", "Loud Garden", "rock", 1'390},
    Record{"R2", "Second Floor", "rock", 1'190},   Record{"C1", "Suites", "classical", 1'990},
    Record{"C2", "Nocturnes", "classical", 1'890}, Record{"S1", "La Marche", "chanson", 1'590},
    Record{"S2", "Rue Haute", "chanson", 1'490},   Record{"E1", "Circuit", "electro", 1'390}};
constexpr std::size_t jazz_records = 3;  // the first ones

constexpr std::array<std::string_view, 4> paths = {"/", "/nouveautes", "/occasions", "/magasin"};

std::string product_of(const Record& r) {
  std::string out;
  Object(out)
      .text("sku", r.sku)
      .text("name", r.name)
      .text("category", r.category)
      .raw("price", amount_of(r.cents))
      .close();
  return out;
}

}  // namespace

Simulator::Simulator(std::uint64_t seed, const Plan& plan, Instant start)
    : dice_(seed), run_(std::to_string(start.us / 1'000)), next_(start) {
  std::map<std::uint32_t, Instant> last;
  std::map<std::uint32_t, std::int64_t> spent;
  for (const Order& o : plan.orders) {
    last[o.customer] = plan.at(o);
    spent[o.customer] += o.cents;
  }
  for (const auto& [number, at] : last) {
    const Customer who = customer(number);
    const auto gave = [&](std::string_view purpose) {
      return std::ranges::find(who.purposes, purpose) != who.purposes.end();
    };
    if (gave("personalise")) regulars_.emplace_back(at, who.user_id);
    if (gave("personalise") && spent[number] >= big_cents) big_spenders_.emplace_back(at, who.user_id);
    if (spent[number] >= much_cents && !gave("contact:email") && !gave("contact:sms"))
      unreachable_.push_back(who.user_id);
  }
  std::ranges::sort(regulars_);
  std::ranges::sort(big_spenders_);
}

std::vector<Call> Simulator::due(Instant now) {
  for (std::size_t i = 0; next_ <= now; next_ = next_ + story_every) {
    if (++i > stories_max) {
      next_ = now;
      continue;
    }
    begin(next_);
  }
  std::vector<Call> out;
  while (!queue_.empty() && queue_.top().due <= now) {
    out.push_back(queue_.top());
    queue_.pop();
  }
  return out;
}

void Simulator::begin(Instant at) {
  const auto throw_of = dice_.below(100);
  if (throw_of < 18) return come_back(at);
  if (throw_of < 32) return leave_basket(at);
  if (throw_of < 48) return stroll(at);
  if (throw_of < 56) return search_in_vain(at);
  if (throw_of < 68) return become_customer(at);
  if (throw_of < 75) return hesitate(at);
  if (throw_of < 87) return get_mails(at);
  if (throw_of < 95) return permit_for_a_while(at);
  say_no(at);
}

/// Segments 27 and 29: enters with a page, leaves with an order, or because the visit was a day (a
/// week) ago. Of the quiet one in fifty has spent much; here one in four, for a journey that welcomes them.
void Simulator::come_back(Instant at) {
  const bool big = !big_spenders_.empty() && dice_.chance(25);
  const std::string& id = quiet_of(big ? big_spenders_ : regulars_, at);
  const Visitor who{id, "device-" + id};
  const auto how = dice_.below(4);
  const Duration ago = how == 0   ? hours(24) - minutes(2, 8)
                       : how == 1 ? Duration(days(7)) - minutes(2, 8)
                                  : Duration(0);
  Instant due = at;
  for (int i = 0; i < 2; ++i, due = due + seconds(5))
    page(due, due - ago, who, paths[dice_.below(paths.size())]);
  for (int i = 0; i < 3; ++i, due = due + seconds(7)) view(due, due - ago, who, dice_.chance(30));
  if (ago == Duration(0) && dice_.chance(35)) {
    const Instant bought = due + minutes(2, 6);
    order(bought, bought, who);
  }
}

/// Segment 26: put into the basket nearly an hour ago, or nearly a day ago; some buy after all.
void Simulator::leave_basket(Instant at) {
  const std::string& id = somebody_quiet(at);
  const Visitor who{id, "device-" + id};
  const Instant added =
      at - (dice_.chance(30) ? hours(24) - minutes(3, 8) : hours(1) - minutes(1, 3));
  const Record& r = records[dice_.below(records.size())];
  const std::string properties = product_of(r);
  page(at, added - seconds(40), who, "/disque/" + std::string(r.sku));
  event(at, added, Lane::page, who, "Product Added", properties);
  if (dice_.chance(50)) {
    const Instant bought = at + minutes(4, 8);
    order(bought, bought, who);
  }
}

/// Segments 30, 31 and 33: a stranger looks around, then perhaps says who they are. Some strolls
/// are told a day late, so that "in the last 24 hours" ends soon.
void Simulator::stroll(Instant at) {
  const std::string number = std::to_string(++people_);
  const Visitor who{"", "stroller-" + run_ + "-" + number};
  const Duration ago = dice_.chance(30) ? hours(24) - minutes(3, 8) : Duration(0);
  const bool jazz = dice_.chance(40);
  Instant due = at;
  for (int i = 0; i < 4; ++i, due = due + seconds(4))
    page(due, due - ago, who, paths[dice_.below(paths.size())]);
  for (int i = 0; i < 6; ++i, due = due + seconds(6)) view(due, due - ago, who, jazz);
  if (!dice_.chance(55)) return;
  const std::string id = "sim-" + run_ + "-" + number;
  welcome(due, due - ago - hours(1), id);
  due = due + seconds(20);
  identify(due, due - ago, {id, who.anonymous_id});
}

/// Segments 32 and 33, entering now or leaving within minutes.
void Simulator::search_in_vain(Instant at) {
  const Visitor who{"", "searcher-" + run_ + "-" + std::to_string(++people_)};
  const Instant searched = dice_.chance(50) ? at : at - days(7) + minutes(2, 7);
  event(at, searched, Lane::page, who, "Products Searched", R"({"query":"cassettes","results":0})");
  const Instant viewed = at - days(30) + minutes(3, 8);
  if (dice_.chance(50)) {
    for (int i = 0; i < 3; ++i) view(at + seconds(2 + i), viewed + seconds(i), who, true);
  }
}

/// Segments 1 and 2: a first order today, or one that turns 30 (90) days old in some minutes;
/// some order again, some say no.
void Simulator::become_customer(Instant at) {
  const std::string id = "sim-" + run_ + "-" + std::to_string(++people_);
  const Visitor who{id, ""};
  const auto how = dice_.below(3);
  const Duration ago = how == 0   ? Duration(days(30)) - minutes(3, 8)
                       : how == 1 ? Duration(days(90)) - minutes(3, 8)
                                  : Duration(0);
  welcome(at, at - ago - hours(1), id);
  identify(at + seconds(2), at - ago, who);
  order(at + seconds(3), at + seconds(3) - ago, who);
  if (how == 2 && dice_.chance(50)) {
    const Instant again = at + minutes(3, 7);
    order(again, again, who);
  }
  if (dice_.chance(10)) {
    const Instant said = at + minutes(5, 9);
    answer(said, said, id, "personalise", "withdrawn");
  }
}

Simulator::Visitor Simulator::newcomer(Instant due, Instant at) {
  const std::string id = "sim-" + run_ + "-" + std::to_string(++people_);
  welcome(due, at - hours(1), id);
  identify(due + seconds(1), at, {id, ""});
  return {id, ""};
}

/// Segment 28: the same record again and again, now or nearly two days ago; some order after all.
void Simulator::hesitate(Instant at) {
  const Duration ago = dice_.chance(40) ? hours(48) - minutes(3, 8) : Duration(0);
  const Visitor who = newcomer(at, at - ago);
  const Record& r = records[dice_.below(records.size())];
  const std::string properties = product_of(r);
  for (int i = 0; i < 3; ++i) {
    const Instant due = at + seconds(5 + 20 * i);
    event(due, due - ago, Lane::server, who, "Product Viewed", properties);
  }
  if (ago != Duration(0) || !dice_.chance(50)) return;
  const Instant bought = at + minutes(3, 7);
  order(bought, bought, who);
}

void Simulator::mail(Instant due, Instant at, const Visitor& who, std::string_view name) {
  std::string properties;
  Object(properties).text("message_id", "M" + std::to_string(at.us / 1'000'000)).close();
  event(due, at, Lane::server, who, name, properties);
}

/// Segments 34, 35 and 40: four mails of this week, or three that turn 30 days old (a week) in some
/// minutes; some click, some buy.
void Simulator::get_mails(Instant at) {
  const auto how = dice_.below(4);
  const Duration ago = how == 0   ? Duration(days(30)) - minutes(3, 8)
                       : how == 1 ? Duration(days(7)) - minutes(3, 8)
                                  : Duration(0);
  const Visitor who = newcomer(at, at - ago - hours(1));
  const int mails = how == 0 ? 3 : 4;
  for (int i = 0; i < mails; ++i) {
    const Instant due = at + seconds(2 + 3 * i);
    mail(due, due - ago, who, "Email Delivered");
  }
  if (!dice_.chance(60)) return;
  for (int i = 0; i < 2; ++i) {
    const Instant due = at + minutes(2, 4) + seconds(i);
    mail(due, due - (how == 0 ? ago : Duration(0)), who, "Email Link Clicked");
  }
  if (!dice_.chance(50)) return;
  const Instant bought = at + minutes(5, 8);
  order(bought, bought, who);
}

/// Segments 36 and 38: a yes to mails that ends in some minutes, or in 30 days and some minutes;
/// or a mail that comes back.
void Simulator::permit_for_a_while(Instant at) {
  const Visitor who = newcomer(at, at);
  const auto how = dice_.below(3);
  const Instant until = how == 0   ? at + minutes(3, 8)
                        : how == 1 ? at + days(30) + minutes(2, 6)
                                   : at + days(400);
  answer(at + seconds(2), at, who.user_id, "contact:email", "given", until);
  if (how != 2) return;
  const Instant bounced = at + minutes(3, 7);
  mail(bounced, bounced, who, "Email Bounced");
}

/// Segments 37 and 39: a good customer lets the shop write to them, and takes it back; some change
/// their mind again.
void Simulator::say_no(Instant at) {
  const std::string id = unreachable_.empty() ? newcomer(at, at).user_id
                                              : unreachable_[dice_.below(unreachable_.size())];
  answer(at + seconds(3), at, id, "contact:email", "given");
  const Instant no = at + minutes(1, 3);
  answer(no, no, id, "contact:email", "withdrawn");
  if (!dice_.chance(40)) return;
  const Instant yes = no + minutes(2, 4);
  answer(yes, yes, id, "contact:email", "given");
}

const std::string& Simulator::quiet_of(const Past& people, Instant at) {
  const auto end = std::ranges::upper_bound(people, at - quiet_from - days(1), {}, &Past::value_type::first);
  static const std::string nobody = "visitor";
  if (people.empty()) return nobody;
  const auto quiet = static_cast<std::size_t>(end - people.begin());
  return people[dice_.below(quiet > 0 ? quiet : people.size())].second;
}

Duration Simulator::minutes(unsigned from, unsigned to) {
  return seconds(60 * from + dice_.below(60 * (to - from) + 1));
}

void Simulator::call(Instant due, Lane lane, std::string json) {
  queue_.push({due, ++calls_, lane, std::move(json)});
}

std::string Simulator::message_id() { return "sim-" + run_ + "-" + std::to_string(calls_ + 1); }

void Simulator::event(
    Instant due, Instant at, Lane lane, const Visitor& who, std::string_view name,
    std::string_view properties
) {
  std::string json;
  Object out(json);
  out.text("type", "track")
      .text("event", name)
      .text("messageId", message_id())
      .text("timestamp", to_string(at));
  if (!who.user_id.empty()) out.text("userId", who.user_id);
  if (!who.anonymous_id.empty()) out.text("anonymousId", who.anonymous_id);
  // A stranger's browser says what the banner was answered; a customer's answers are in the
  // ledger.
  if (who.user_id.empty())
    out.raw(
        "context", R"({"consent":{"categoryPreferences":{"measure":true,"personalise":true}}})"
    );
  out.raw("properties", properties).close();
  call(due, lane, std::move(json));
}

void Simulator::page(Instant due, Instant at, const Visitor& who, std::string_view path) {
  std::string properties;
  Object(properties).text("path", path).close();
  event(due, at, Lane::page, who, "Page Viewed", properties);
}

void Simulator::view(Instant due, Instant at, const Visitor& who, bool jazz) {
  const Record& r = records[dice_.below(jazz ? jazz_records : records.size())];
  const std::string properties = product_of(r);
  event(due, at, Lane::page, who, "Product Viewed", properties);
}

void Simulator::order(Instant due, Instant at, const Visitor& who) {
  const auto quantity = 1 + dice_.below(3);
  const auto cents =
      static_cast<std::int64_t>(quantity * records[dice_.below(records.size())].cents);
  std::string properties;
  Object(properties)
      .text("order_id", "S" + run_ + "-" + std::to_string(calls_ + 1))
      .raw("total", amount_of(cents))
      .raw("quantity", std::to_string(quantity))
      .text("currency", "USD")
      .text("original_date", to_string(at).substr(0, 10))
      .close();
  event(due, at, Lane::server, {who.user_id, ""}, "Order Completed", properties);
}

void Simulator::identify(Instant due, Instant at, const Visitor& who) {
  std::string traits;
  Object(traits).text("email", who.user_id + "@visitors.example").close();
  std::string json;
  Object out(json);
  out.text("type", "identify").text("messageId", message_id()).text("userId", who.user_id);
  if (!who.anonymous_id.empty()) out.text("anonymousId", who.anonymous_id);
  out.text("timestamp", to_string(at)).raw("traits", traits).close();
  call(due, Lane::server, std::move(json));
}

void Simulator::answer(
    Instant due, Instant since, const std::string& user_id, std::string_view purpose,
    std::string_view state, Instant until
) {
  std::string json;
  Object out(json);
  out.text("type", "consent")
      .text("messageId", message_id())
      .text("userId", user_id)
      .text("purpose", purpose)
      .text("state", state)
      .text("happened", to_string(since));
  if (until != Instant::never()) out.text("until", to_string(until));
  out.raw("notice", R"({"id":"accueil","version":"1","lang":"fr"})").close();
  call(due, Lane::answers, std::move(json));
}

void Simulator::welcome(Instant due, Instant since, const std::string& user_id) {
  for (const std::string_view purpose : {"market", "personalise", "measure", "link"}) {
    answer(due, since, user_id, purpose, "given");
  }
}

Result<std::size_t> send_due(
    http::Client& client, Simulator& simulator, Instant now, const SimulatorKeys& keys,
    const Patience& patience
) {
  const std::vector<Call> calls = simulator.due(now);
  for (const Lane lane : {Lane::answers, Lane::server, Lane::page}) {
    std::string body = "{\"batch\":[";
    for (const Call& c : calls) {
      if (c.lane != lane) continue;
      if (!body.ends_with('[')) body.push_back(',');
      body += c.json;
    }
    if (body.ends_with('[')) continue;
    body += "]}";
    TRY(post_batch(client, lane == Lane::page ? keys.page : keys.server, body, patience));
  }
  return calls.size();
}

}  // namespace hospes::demo
