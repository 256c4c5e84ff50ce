#include "collect/answer.h"

namespace hospes::collect {

Outgoing record_of(const Atom& atom, const consent::Row& row, std::string proof, Instant received) {
  record::Answered made{
      .atom = atom,
      .purpose = row.purpose,
      .state = static_cast<std::uint8_t>(row.state),
      .since = row.since,
      .until = row.until,
      .message = row.message,
      .source = row.source,
      .notice_id = row.notice.id,
      .notice_version = row.notice.version,
      .notice_lang = row.notice.lang,
      .proof = std::move(proof)};
  return {
      atom.id, std::make_shared<const record::Record>(record::Record{
                   received, std::nullopt, std::nullopt, std::move(made)})};
}

}  // namespace hospes::collect
