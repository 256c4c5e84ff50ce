// mail_driver SELECTOR:KEY.pem… : first the keys' DNS records, one a line; then one letter a line
// in (JSON), one message a line out (base64), or `error: …`.
#include <simdjson.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "digest/digest.h"
#include "mail/dkim.h"

namespace {

using namespace hospes;

std::string field(simdjson::dom::element letter, std::string_view name) {
  std::string_view out;
  return letter[name].get(out) == simdjson::SUCCESS ? std::string(out) : std::string();
}

Result<std::string> message_of(simdjson::dom::element in, const std::vector<mail::DkimKey>& keys) {
  mail::Letter letter;
  letter.from = TRY(mail::parse_mailbox(field(in, "from")));
  letter.to = field(in, "to");
  letter.reply_to = field(in, "reply_to");
  letter.subject = field(in, "subject");
  letter.html = field(in, "html");
  letter.text = field(in, "text");
  letter.message_id = field(in, "message_id");
  letter.date = *parse_instant(field(in, "date"));
  letter.list_id = field(in, "list_id");
  letter.feedback_id = field(in, "feedback_id");
  letter.unsubscribe_url = field(in, "unsubscribe_url");
  letter.unsubscribe_address = field(in, "unsubscribe_address");
  mail::Message message = TRY(mail::compose(letter));
  TRY(mail::sign(message, field(in, "domain"), keys, letter.date));
  return message.text();
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<mail::DkimKey> keys;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument(arguments[i]);
    const std::size_t colon = argument.find(':');
    std::ifstream file{std::string(argument.substr(colon + 1))};
    auto key = mail::DkimKey::read(
        std::string(argument.substr(0, colon)),
        std::string(std::istreambuf_iterator<char>(file), {})
    );
    if (!key) {
      std::cerr << key.error().message << "\n";
      return 2;
    }
    std::cout << key->selector() << " " << key->dns_record() << "\n" << std::flush;
    keys.push_back(std::move(*key));
  }
  simdjson::dom::parser parser;
  for (std::string line; std::getline(std::cin, line);) {
    const auto message = message_of(parser.parse(line), keys);
    std::cout << (message ? base64(*message) : "error: " + message.error().message) << "\n"
              << std::flush;
  }
}
