// Lines that are events already: Segment archives, exports, what `/v1/batch` takes. Each is looked
// at before it stands in a batch, for one broken line would refuse its whole batch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "intake/compose.h"

namespace hospes::intake {

class EventLines {
 public:
  /// `at`: the time of lines that bear none; empty: such lines are refused.
  EventLines(const Manifest& manifest, std::string at, std::string id_root);
  ~EventLines();
  /// Appends the line as an item, with a messageId, type and timestamp where it had none; or says
  /// why not. 64 bytes behind `json` must be readable.
  std::optional<Unfit> line(std::string_view json, std::uint64_t number, std::string& out);
  /// The same of a line that another house gave away: a yes that was given to `house` is none to this one
  /// (GDPR art. 4(11): consent is to a named controller), whether it is an answer or the event's own; a no is.
  std::optional<Unfit> line_of(
      std::string_view house, std::string_view json, std::uint64_t number, std::string& out
  );

 private:
  struct Parser;
  const Manifest& manifest_;
  std::string at_, id_root_;
  std::unique_ptr<Parser> parser_;
};

/// What the server said of the items of one batch.
struct Verdicts {
  struct One {
    std::size_t i = 0;  // place in the batch
    std::string code, reason;
  };
  std::size_t accepted = 0;
  std::vector<One> rejected, withheld;
};
/// corrupt when this is no answer of the collect path.
Result<Verdicts> read_verdicts(std::string_view body);

}  // namespace hospes::intake
