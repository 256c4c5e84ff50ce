// One message as it stands on the wire (RFC 5322, MIME): headers and body, before it is signed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "mail/address.h"

namespace hospes::mail {

struct Letter {
  Mailbox from;
  std::string to;          // an address
  std::string reply_to;    // an address; empty: none
  std::string subject;     // UTF-8
  std::string html, text;  // text empty: made of the HTML; html empty: text alone
  std::string message_id;  // without the angle brackets
  Instant date;
  std::string list_id;              // `news.example.com`; empty: none
  std::string feedback_id;          // four parts with colons; empty: none
  std::string unsubscribe_url;      // https; empty: no List-Unsubscribe
  std::string unsubscribe_address;  // for List-Unsubscribe too; empty: none
};

/// Named fields in their order, and the body; both as they are sent.
struct Message {
  std::vector<std::pair<std::string, std::string>>
      fields;        // name, and `Name: value` folded, with CR LF
  std::string body;  // CR LF at the end of each line

  std::string text() const;
};

/// invalid_input: a header would hold CR, LF or NUL, or an address is none. Cost: some hundred
/// microseconds for 30 kB.
Result<Message> compose(const Letter& letter);

}  // namespace hospes::mail
