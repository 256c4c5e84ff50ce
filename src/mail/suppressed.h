// Addresses that take no mail of this house any more, by a name that only the house can make
// (TokenKey::name_of): the list holds no address, and outlives an erasure without knowing anybody.
// One line each, in the data folder: `NAME REASON DAY`, appended; a soft bounce is a line of its
// own.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/time.h"
#include "mail/lines.h"

namespace hospes::mail {

class Suppressed {
 public:
  enum class Reason : std::uint8_t {
    gone,       // no such mailbox: no mail at all
    complaint,  // said to be unwanted: no marketing
    soft,       // could not be delivered, this time; five over two weeks are `gone`
  };
  static constexpr std::size_t names_max = 5'000'000;
  static constexpr unsigned soft_max = 5;
  static constexpr std::int64_t soft_days = 14;

  /// corrupt: a line that is none, with its number.
  static Result<std::unique_ptr<Suppressed>> open(disk::Disk& disk, const std::string& folder);

  /// Thread-safe. Cost: one look-up.
  bool stops(std::string_view name, bool marketing) const;
  bool complained(std::string_view name) const;
  /// Durable when it returns. Known already: nothing. `name`: 24 hexadecimal digits.
  Status add(std::string_view name, Reason reason, Instant now);
  std::size_t size() const;

 private:
  struct Held {
    bool gone = false, complained = false;
    std::uint8_t soft = 0;
    std::int64_t first_soft = 0, last_soft = 0;  // days since 1970-01-01
    bool known(Reason reason, std::int64_t day) const;
    void take(Reason reason, std::int64_t day);
  };
  Suppressed() = default;

  mutable std::mutex mutex_;
  std::optional<Lines> lines_;  // set once opened
  std::unordered_map<std::string, Held> held_;
};

}  // namespace hospes::mail
