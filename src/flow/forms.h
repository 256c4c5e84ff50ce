// Stored forms that rows and digest share. Private to flow/.
#pragma once

#include "base/bytes.h"
#include "flow/state.h"

namespace hospes::flow {

void write_moment(Writer& out, const Timeline& timeline, const Moment& moment, const Names& names);
Status read_events(std::string_view form, Timeline& timeline, Names& names);
std::string seen_form(const Seen& seen);
Seen read_seen(std::string_view form);
std::string ledger_form(const consent::Ledger& ledger);
Status read_ledger(std::string_view form, consent::Ledger& ledger);

}  // namespace hospes::flow
