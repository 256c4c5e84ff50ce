// Effects as mail: what a destination needs to write, sign and address a message. Used on its
// lane's thread, after the permit.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "activate/reading.h"
#include "catalog/actions.h"
#include "mail/dkim.h"
#include "mail/messages.h"
#include "mail/token.h"
#include "mail/tracking.h"
#include "outbox/effect.h"

namespace hospes::activate {

/// What all messages of a house share. All outlive it.
struct HouseMail {
  const mail::Messages& messages;
  const mail::TokenKey& tokens;
  std::string house_name;
  std::string language;  // of who never said theirs
  const zones::Zone* zone = nullptr;
  std::string public_url = {};  // of destinations that name none; empty: each must
  // Of a house that measures its mail (mail/tracking.h); none: it does not.
  std::optional<PurposeBit> opens = std::nullopt, clicks = std::nullopt;
};

/// A purpose of measured mail (mail/tracking.h), in a house that lists it and did not retire it.
inline std::optional<PurposeBit> measure_of(const catalog::Purposes& purposes, std::string_view name) {
  const auto found = purposes.named(name);
  return found ? std::optional(*found) : std::nullopt;
}

/// What one message is made for. `key` names the effect: Message-ID and return path are functions of
/// it and of the address.
struct Occasion {
  Hash128 key;
  Instant now;
  std::string_view mark = {};      // before the subject
  std::string_view campaign = {};  // named by the links of a marketing message
  bool measured = false;           // as the reading permits; a marketing message alone
};

struct Posted {
  std::string sender, recipient;  // of the envelope
  std::string content;
};
/// What a template sees. `unsubscribe_url` empty: of a service message, which has none.
liquid::Object message_names(
    const Reading& reading, const std::string& house, const std::string& unsubscribe_url
);

/// Why there is no message for this person.
struct Unposted {
  outbox::Reason reason = outbox::Reason::unrenderable;
  std::string detail;  // without personal data but what an abort's reason says
};

class Letters {
 public:
  /// Reads the keys and the password. invalid_input and unavailable name destination and file.
  static Result<Letters> open(
      const catalog::Destination& destination, const std::string& folder, HouseMail house
  );

  const std::string& password() const { return password_; }
  const std::vector<mail::DkimKey>& keys() const { return keys_; }
  const std::string& domain() const { return domain_; }
  const std::string& ca_file() const { return ca_file_; }
  const std::string& public_url() const { return public_url_; }
  /// A short service message in plain text, of the house itself. `now` and the address name it.
  std::variant<Posted, Unposted> note(
      const std::string& address, std::string subject, std::string text, Instant now
  ) const;
  std::string name_of(std::string_view address) const { return house_.tokens.name_of(address); }
  /// A message of that name is marketing; unknown ones too.
  bool is_marketing(std::string_view message) const;

  /// Purposes that `read_person` is to ask about for a message that is measured.
  Mask measures() const {
    return (house_.opens ? bit(*house_.opens) : 0) | (house_.clicks ? bit(*house_.clicks) : 0);
  }

  /// Cost: some 600 µs for 30 kB, half of it RSA.
  std::variant<Posted, Unposted> make(
      std::string_view message, const Reading& reading, const Occasion& occasion
  ) const;

 private:
  mail::Tracking tracking(const Reading& reading) const;
  std::variant<Posted, Unposted> post(
      mail::Letter letter, Hash128 key, const std::string& name, Instant now
  ) const;
  explicit Letters(HouseMail house) : house_(std::move(house)) {}
  HouseMail house_;
  mail::Mailbox from_;
  std::string domain_, bounces_, public_url_, password_, ca_file_;
  std::vector<mail::DkimKey> keys_;
};

}  // namespace hospes::activate
