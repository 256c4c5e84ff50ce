// Private to collect/: one request of the collect paths, from its bytes to the answer it will get
// once its records are durable. Used by the door's thread only.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collect/consent_token.h"
#include "collect/door.h"
#include "collect/id_cookie.h"
#include "collect/identify.h"
#include "collect/pace.h"
#include "collect/parse.h"
#include "collect/times.h"
#include "collect/visitor.h"
#include "consent/stamp.h"

namespace hospes::collect {

/// What becomes of one request. `records` empty: it may be answered at once.
struct Prepared {
  http::Response response;
  std::vector<Outgoing> records;
  std::vector<consent::Row> answers;
  std::optional<Hash128> receipt_of;  // the one answer whose receipt goes into the response
  std::vector<Arrival> arrivals;
  std::vector<dead_letter::Letter> letters;  // what was refused and may be kept
  std::size_t bytes = 0;  // of the body, inflated
  std::shared_ptr<const catalog::Sources> sources;  // in force when it came
  const catalog::Source* source = nullptr;  // whose key it came with, as far as that is known
};

/// The answer when the house cannot take anything now.
http::Response busy(const Error& error);

class Desk {
 public:
  explicit Desk(Doors doors, bool behind_proxy = false)
      : doors_(doors),
        tokens_(doors.keys.house_secret(), doors.catalog.house.name),
        visitors_(day_zone(doors.catalog.house)),
        behind_proxy_(behind_proxy) {}
  Prepared take(const http::Request& request, Instant received) {
    sources_ = doors_.sources.now();
    Prepared out = judge(request, received);
    out.sources = std::move(sources_);
    return out;
  }
  /// What the house itself saw: no key is asked for.
  Prepared own(const http::Request& request, const catalog::Source& source, Instant received);
  /// A letter, as it is now, through the same judgement: one arrival says what becomes of it.
  /// `retimed`: its times are as it says now. not_found when its source is gone; invalid_input when
  /// it is no JSON object any more.
  Result<Prepared> again(const dead_letter::Letter& letter, bool retimed, Instant now);

 private:
  struct Caller {
    catalog::KeyMatch key;
    bool gpc = false;
    Instant received;
    const http::Request* request = nullptr;  // none: nobody sent one just now
  };
  /// One request on its way. `out.answers` counts already for the events beside them: all of it is
  /// written in one piece, or nothing is.
  struct Sheet {
    Caller caller;
    Prepared out;
    Shape shape;
    std::string_view context;                        // of the envelope, as JSON
    const dead_letter::Letter* repaired = nullptr;  // which is sent again
    bool retimed = false;
    std::size_t accepted = 0;
    std::map<std::size_t, std::string> rejected, withheld, invalid;  // by place in the batch, as JSON
    const Reject* first_reject = nullptr;
    std::string token;  // of a yes by a device, for its own requests
    CookieWord cookie;  // of a page's events
  };

  /// What the ledger is asked about one event, and what the question rests on.
  struct Asked {
    std::vector<std::shared_ptr<const consent::Ledger>> ledgers;
    std::vector<consent::Named> named;
    std::optional<consent::Question> question;
  };

  Prepared judge(const http::Request& request, Instant received);
  std::expected<Caller, http::Response> admit(
      const http::Request& request, std::string_view key, Instant received,
      const catalog::Source*& source
  );
  std::optional<http::Response> other_source(
      const Parsed& parsed, std::string_view key, const Caller& caller
  ) const;
  Prepared all(const Parsed& parsed, Shape shape, const Caller& caller);
  Status item(const Item& item, std::size_t i, Sheet& sheet);
  Status event(const Item& item, std::size_t i, Sheet& sheet);
  Status answer(const Item& item, std::size_t i, Sheet& sheet);
  Status keep(
      const Item& item, std::size_t i, const Who& who, const consent::Stamp& stamp,
      const catalog::EventRow& row, const Times& times, Sheet& sheet
  );
  /// False: no more names.
  bool fill(
      const Item& item, const Who& who, const std::vector<Atom>& atoms, bool catalogued_only,
      const catalog::EventRow& row, record::Arrived& out
  );
  /// What the device's tokens open of an event that started at `start`. False: one of them is not
  /// read, and is never taken for silence.
  bool carried(const Item& item, const Who& who, Instant start, Instant received, Mask& yes);
  /// The token of a yes that was just recorded; empty unless a device said it.
  std::string token_of(const Identifier& who, const consent::Row& row) const;
  Status asked(const Item& item, const Who& who, Instant happened, const Sheet& sheet, Asked& out);
  std::expected<Times, const Reject*> times(const Item& item, const Who& who, const Sheet& sheet);
  /// After refuse: into the dead letters, where its people permit something of it.
  Status set_aside(const Item& item, Sheet& sheet);
  void withhold(const Item& item, std::size_t i, const consent::Question& question, Sheet& sheet);
  bool leave_out_erased(Who& who, Instant happened) const;
  void too_late(const Item& item, std::size_t i, std::string_view why, Sheet& sheet);
  /// `what`: where in the event, if that helps; names only.
  void refuse(
      const Item& item, std::size_t i, const Reject& why, Sheet& sheet, std::string_view what = {}
  );
  /// False, and refused: the source is strict and this is not what the catalogue says.
  bool catalogued(
      const Item& item, std::size_t i, std::string_view name, const catalog::EventRow& row,
      Sheet& sheet
  );
  void note(const Field& field, Name name, const catalog::PropertyRow* row);
  std::string id_of(const Item& item, const Sheet& sheet) const;
  static Arrival arrival(Verdict verdict, const Item& item, const Sheet& sheet);

  Doors doors_;
  std::shared_ptr<const catalog::Sources> sources_;  // of the request at hand
  Parser parser_;
  Skews skews_;
  Paces paces_;
  ConsentTokens tokens_;
  DayMarks visitors_;
  const bool behind_proxy_;
  std::vector<SaidProperty> said_;  // of the event at hand
};

}  // namespace hospes::collect
