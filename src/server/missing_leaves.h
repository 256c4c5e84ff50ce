// Answers and erasures that became durable without a leaf of the transparency log: a crash between the two, or an older
// hospes. Heard while the house starts, entered before it takes anything.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "clock/clock.h"
#include "consent/ledger.h"
#include "receipt/notary.h"
#include "receipt/transparency_log.h"
#include "record/record.h"

namespace hospes::server {

/// What the transparency log is told of a record; most are no answers. Nothing of who was erased.
Result<std::optional<receipt::Sealed>> entry_of(receipt::Notary& notary, const record::Record& record);

class MissingLeaves {
 public:
  /// They outlive it, and are there before anything is heard.
  void open(receipt::TransparencyLog& log, receipt::Notary& notary) {
    log_ = &log;
    notary_ = &notary;
  }
  /// From several threads; passed over once it was entered. Rows that nobody said (`parted`) are consequences of others.
  void heard(const std::vector<consent::Row>& rows);
  void heard(AtomId erased);
  /// Once. `may`: else a house that can only be read enters them at a later start.
  Status enter(bool may, Instant now);

 private:
  Status append(std::vector<receipt::Sealed> entries);

  receipt::TransparencyLog* log_ = nullptr;
  receipt::Notary* notary_ = nullptr;
  std::atomic<bool> starting_{true};
  std::mutex mutex_;
  std::vector<consent::Row> answers_;  // guarded by mutex_
  std::vector<AtomId> erasures_;       // guarded by mutex_
};

}  // namespace hospes::server
