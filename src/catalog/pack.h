// The rules of law that a house lives under, as a dated file with sources (packs/fr-eu.toml), and
// what a house may make of them: it narrows and never widens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/notices.h"
#include "catalog/purposes.h"
#include "catalog/retention.h"

namespace hospes::catalog {

/// What must be kept of somebody who was erased: that a `request` was made and met, or what they answered (`consent`).
struct EvidenceRule {
  std::string of;
  Period keep;         // from the erasure on
  std::string source;  // the ground
};

struct Pack {
  std::string name;     // `fr-eu`
  std::string version;  // the day it was written, RFC 3339

  std::vector<PurposeRule> purposes;  // by ordinal
  std::vector<NoticeRule> notice_rules;
  std::vector<PurposeLimit> limits;  // how long a purpose may have anything
  std::vector<EvidenceRule> evidence;

  /// `fr-eu 2026-11-28`: what a receipt and a decision pin.
  std::string pinned() const { return name + " " + version; }
};

/// The pack that this build ships. Read once.
const Pack& fr_eu_pack();

/// For tests: a pack out of another text. invalid_input with file, line and what would do.
Result<Pack> read_pack(std::string_view text);

}  // namespace hospes::catalog
