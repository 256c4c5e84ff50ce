#include "consent/ledger.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/check.h"

namespace hospes::consent {
namespace {

constexpr std::array<std::string_view, 6> names = {"objected", "withdrawn", "refused",
                                                  "given",    "closing",   "invalid"};

}  // namespace

std::string_view to_string(Answer answer) { return names[static_cast<std::size_t>(answer)]; }

std::optional<Answer> parse_answer(std::string_view text) {
  const auto at = std::ranges::find(names, text);
  const auto answer = static_cast<Answer>(at - names.begin());
  if (answer >= Answer::closing) return std::nullopt;
  return answer;
}

void Standing::add(const Row& row) {
  const bool no_before = closed_through == Instant::never();
  if (row.state == Answer::closing) {
    closed_through = std::max(closed_through, row.until);
    return;
  }
  state = row.state;
  if (is_against(row.state)) {
    closed_through = Instant::never();
    yes_begin = Instant::never();
    yes_end = Instant::beginning();
    return;
  }
  if (!no_before && row.acted < yes_end) {
    // A renewal. One that has already ended takes the yes back from now on, and cannot undo that it
    // stood until now.
    yes_end = std::max(row.until, row.acted);
    return;
  }
  if (no_before) closed_through = row.acted;  // the instant where they meet is closed
  answered_until = no_before ? row.acted : std::max(answered_until, yes_end);
  yes_begin = std::max(std::min(row.since, row.acted), answered_until);
  yes_end = row.until;
}

void Ledger::add(Row row) {
  check(rows_.empty() || rows_.back().acted <= row.acted, "answers come in log order");
  sum(row);
  rows_.push_back(std::move(row));
}

void Ledger::insert(Row row) {
  const auto place = [](const Row& r) { return std::tuple(r.acted, r.position, r.message); };
  const auto at = std::ranges::upper_bound(rows_, place(row), {}, place);
  const bool last = at == rows_.end();
  rows_.insert(at, row);
  if (last) return sum(row);
  standings_.clear();
  for (const Row& r : rows_) sum(r);
}

void Ledger::sum(const Row& row) {
  if (row.state == Answer::invalid) return;
  auto at = std::ranges::find(standings_, row.purpose, &Standing::purpose);
  if (at == standings_.end()) {
    at = standings_.insert(standings_.end(), Standing{.purpose = row.purpose});
  }
  at->add(row);
}

const Standing* Ledger::standing(PurposeBit purpose) const {
  const auto at = std::ranges::find(standings_, purpose, &Standing::purpose);
  return at == standings_.end() ? nullptr : &*at;
}

Instant closed_through(const Ledger& ledger, PurposeBit purpose, Instant) {
  const Standing* s = ledger.standing(purpose);
  return s != nullptr ? s->closed_through : Instant::beginning();
}

std::optional<Answer> meet(
    std::span<const Ledger* const> ledgers, PurposeBit purpose, Instant now
) {
  std::optional<Answer> out;
  for (const Ledger* ledger : ledgers) {
    const Standing* s = ledger->standing(purpose);
    if (s == nullptr || s->state == Answer::closing) continue;
    if (s->state == Answer::given && now >= s->yes_end) continue;
    out = out ? std::min(*out, s->state) : s->state;
  }
  return out;
}

}  // namespace hospes::consent
