// notices.toml, and [[notice_rule]] of a pack. Private to catalog/.
#pragma once

#include "catalog/notices.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {

Status read_notices(const Place& place, const Purposes& purposes, Notices& out);
/// invalid_input for a rule that no check of this build enforces.
Result<NoticeRule> read_notice_rule(const Place& place);

}  // namespace hospes::catalog
