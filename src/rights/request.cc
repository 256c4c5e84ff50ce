#include "rights/request.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "zones/zones.h"

namespace hospes::rights {
namespace {

constexpr std::uint8_t list_version = 1;

constexpr std::array<RightRow, rights> rows = {{
    {Right::access, "access", 15, false, "to see everything", "tout voir"},
    {Right::correction, "correction", 16, false, "to correct", "rectifier"},
    {Right::erasure, "erasure", 17, true, "to be forgotten", "être oublié"},
    {Right::restriction, "restriction", 18, true, "to keep it from every use",
     "geler tout usage"},
    {Right::portability, "portability", 20, false, "to take everything away", "tout emporter"},
    {Right::objection, "objection", 21, true, "to object", "s’opposer"},
    {Right::withdrawal, "withdrawal", 7, true, "to take a yes back", "retirer un oui"},
}};

void write(Writer& out, const Request& r) {
  out.u64(r.id.hi);
  out.u64(r.id.lo);
  out.u8(static_cast<std::uint8_t>(r.right));
  out.u8(static_cast<std::uint8_t>(r.state));
  out.u8(static_cast<std::uint8_t>(r.by));
  for (const Instant at : {r.made, r.deadline, r.ends, r.changed}) out.i64(at.us);
  out.text(r.what);
  out.text(r.reason);
}

bool read(Reader& in, Request& r) {
  r.id.hi = in.u64();
  r.id.lo = in.u64();
  const std::uint8_t right = in.u8(), state = in.u8(), by = in.u8();
  for (Instant* at : {&r.made, &r.deadline, &r.ends, &r.changed}) at->us = in.i64();
  r.what = in.text();
  r.reason = in.text();
  if (!in.ok() || right >= rights || state > static_cast<std::uint8_t>(State::revoked) ||
      by > static_cast<std::uint8_t>(By::guest))
    return false;
  r.right = static_cast<Right>(right);
  r.state = static_cast<State>(state);
  r.by = static_cast<By>(by);
  return true;
}

void make_room(std::vector<Request>& requests) {
  while (requests.size() > kept_max) {
    const auto old = std::ranges::find_if(requests, [](const Request& r) {
      return !is_open(r.state) && !halts(r);
    });
    if (old == requests.end()) return;
    requests.erase(old);
  }
}

}  // namespace

std::span<const RightRow, rights> table() { return rows; }
const RightRow& row_of(Right right) { return rows[static_cast<std::size_t>(right)]; }

std::optional<Right> find(std::string_view name) {
  const auto at = std::ranges::find(rows, name, &RightRow::name);
  return at == rows.end() ? std::nullopt : std::optional(at->right);
}

std::string_view to_string(State state) {
  constexpr std::string_view names[] = {"open", "extended", "fulfilled", "denied", "revoked"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(By by) {
  constexpr std::string_view names[] = {"session", "token", "guest"};
  return names[static_cast<std::size_t>(by)];
}

Instant months_after(Instant at, unsigned months) {
  const zones::Local local = zones::local(zones::utc(), at);
  zones::Date date = zones::date_of(local.day);
  const unsigned month = date.month - 1 + months;
  date.year += static_cast<int>(month / 12);
  date.month = month % 12 + 1;
  zones::Date next{date.year + (date.month == 12 ? 1 : 0), date.month % 12 + 1, 1};
  date.day = std::min(date.day, zones::date_of(zones::day_of(next) - 1).day);
  constexpr std::int64_t day_us = 86'400'000'000;
  return zones::instant_of(zones::utc(), zones::day_of(date) * day_us + local.us);
}

bool halts(std::span<const Request> requests) {
  return std::ranges::any_of(requests, [](const Request& r) { return halts(r); });
}

bool may_be(const Request& r) {
  switch (r.state) {
    case State::open:
    case State::fulfilled:
      return true;
    case State::extended:
    case State::denied:
      return !row_of(r.right).stops && r.by != By::guest && !r.reason.empty();
    case State::revoked:
      return r.by == By::guest;
  }
  return false;
}

bool put(std::vector<Request>& requests, Request said) {
  if (!may_be(said)) return false;
  const auto word = [](const Request& r) {
    return std::tie(r.changed, r.state, r.by, r.reason, r.what);
  };
  const auto known = std::ranges::find(requests, said.id, &Request::id);
  if (known != requests.end()) {
    if (known->right != said.right || word(said) <= word(*known)) return false;
    said.made = known->made;  // once said, the clock runs from there
    *known = std::move(said);
    return true;
  }
  const auto place = std::ranges::upper_bound(
      requests, std::tuple(said.made, said.id), {},
      [](const Request& r) { return std::tuple(r.made, r.id); }
  );
  requests.insert(place, std::move(said));
  make_room(requests);
  return true;
}

std::string form_of(const Request& request) {
  std::string form;
  Writer out(form);
  write(out, request);
  return form;
}

bool read_request(std::string_view form, Request& out) {
  Reader in(form);
  return read(in, out) && in.done();
}

std::string requests_form(std::span<const Request> requests) {
  std::string form;
  Writer out(form);
  out.u8(list_version);
  out.varint(requests.size());
  for (const Request& r : requests) write(out, r);
  return form;
}

bool read_requests(std::string_view form, std::vector<Request>& out) {
  Reader in(form);
  if (in.u8() != list_version) return false;
  for (auto n = in.varint(); n > 0; --n) {
    if (!in.ok() || !read(in, out.emplace_back())) return false;
  }
  return in.done();
}

}  // namespace hospes::rights
