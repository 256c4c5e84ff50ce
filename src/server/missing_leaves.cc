#include "server/missing_leaves.h"

#include <future>
#include <utility>

#include "flow/rows.h"

namespace hospes::server {
namespace {

constexpr std::size_t entries_max = 1'000;

}  // namespace

Result<std::optional<receipt::Sealed>> entry_of(receipt::Notary& notary, const record::Record& record) {
  const auto* answered = std::get_if<record::Answered>(&record.body);
  if (answered == nullptr) return std::optional<receipt::Sealed>();
  consent::Row row = flow::row_of(*answered);
  row.acted = record.stamp;
  auto entry = notary.answered(row);
  if (entry) return std::optional(std::move(*entry));
  if (entry.error().code == Code::not_found) return std::optional<receipt::Sealed>();  // erased
  return std::unexpected(std::move(entry.error()));
}

void MissingLeaves::heard(const std::vector<consent::Row>& rows) {
  if (!starting_) return;
  for (const consent::Row& row : rows) {
    if (row.state == consent::Answer::closing || row.source == "parted") continue;
    if (log_->knows(row.message)) continue;
    const std::lock_guard lock(mutex_);
    answers_.push_back(row);
  }
}

void MissingLeaves::heard(AtomId erased) {
  if (log_->knows(notary_->message_of_erasure(erased))) return;
  const std::lock_guard lock(mutex_);
  erasures_.push_back(erased);
}

Status MissingLeaves::enter(bool may, Instant now) {
  const std::lock_guard lock(mutex_);
  starting_ = false;
  const auto answers = std::exchange(answers_, {});
  const auto erasures = std::exchange(erasures_, {});
  if ((answers.empty() && erasures.empty()) || !may) return {};
  std::vector<receipt::Sealed> entries;
  for (const consent::Row& row : answers) {
    auto entry = notary_->answered(row);
    if (!entry && entry.error().code == Code::not_found) continue;  // erased since
    entries.push_back(TRY(std::move(entry)));
    if (entries.size() == entries_max) TRY(append(std::exchange(entries, {})));
  }
  for (const AtomId atom : erasures) {
    receipt::Erasure erasure{.atom = atom, .at = now, .by = "start"};
    entries.push_back(TRY(notary_->erased(erasure)));
  }
  return entries.empty() ? Status() : append(std::move(entries));
}

Status MissingLeaves::append(std::vector<receipt::Sealed> entries) {
  std::promise<Status> durable;
  TRY(log_->append(std::move(entries), [&](Status s) { durable.set_value(std::move(s)); }));
  return durable.get_future().get();
}

}  // namespace hospes::server
