#include "mail/message.h"

#include <algorithm>

#include "digest/digest.h"
#include "mail/text.h"

namespace hospes::mail {
namespace {

constexpr std::size_t header_bytes_max = 2'000;  // of one value

bool breaks(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos;
}

class Fields {
 public:
  /// Names the field, never the value: that is a person's.
  Status add(std::string_view name, std::string_view value) {
    if (breaks(value))
      return fail(
          Code::invalid_input, "the header " + std::string(name) + " would hold a line end or NUL"
      );
    if (value.size() > header_bytes_max)
      return fail(
          Code::invalid_input, "the header " + std::string(name) + " is longer than " +
                                   std::to_string(header_bytes_max) + " bytes"
      );
    out_.emplace_back(name, folded(name, value));
    return {};
  }
  std::vector<std::pair<std::string, std::string>> take() { return std::move(out_); }

 private:
  std::vector<std::pair<std::string, std::string>> out_;
};

std::string part(std::string_view type, std::string_view content) {
  std::string out = "Content-Type: text/" + std::string(type) + "; charset=utf-8\r\n";
  out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  out += quoted_printable(content);
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

/// `=_` never comes in quoted-printable, so no part can hold it.
std::string boundary_of(const Letter& letter) {
  return "=_" + hex(view_of(sha256(letter.message_id))).substr(0, 24);
}

Status add_list(Fields& fields, const Letter& letter) {
  if (!letter.list_id.empty()) TRY(fields.add("List-Id", "<" + letter.list_id + ">"));
  if (letter.unsubscribe_url.empty()) return {};
  std::string where = "<" + letter.unsubscribe_url + ">";
  if (!letter.unsubscribe_address.empty()) where += ", <mailto:" + letter.unsubscribe_address + ">";
  TRY(fields.add("List-Unsubscribe", where));
  return fields.add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

}  // namespace

std::string Message::text() const {
  std::string out;
  for (const auto& [name, line] : fields) out += line;
  return out + "\r\n" + body;
}

Result<Message> compose(const Letter& letter) {
  Fields fields;
  const std::string to = TRY(checked_address(letter.to));
  if (breaks(letter.subject))
    return fail(Code::invalid_input, "the header Subject would hold a line end or NUL");
  if (breaks(letter.from.name))
    return fail(Code::invalid_input, "the header From would hold a line end or NUL");
  TRY(fields.add("From", to_string(letter.from)));
  TRY(fields.add("To", to));
  if (!letter.reply_to.empty()) {
    const std::string reply_to = TRY(checked_address(letter.reply_to));
    TRY(fields.add("Reply-To", reply_to));
  }
  TRY(fields.add("Subject", encoded_words(letter.subject)));
  TRY(fields.add("Date", date_of(letter.date.us / 1'000'000)));
  TRY(fields.add("Message-ID", "<" + letter.message_id + ">"));
  TRY(fields.add("MIME-Version", "1.0"));
  TRY(add_list(fields, letter));
  if (!letter.feedback_id.empty()) TRY(fields.add("Feedback-ID", letter.feedback_id));
  Message out;
  if (letter.html.empty()) {
    TRY(fields.add("Content-Type", "text/plain; charset=utf-8"));
    TRY(fields.add("Content-Transfer-Encoding", "quoted-printable"));
    out.body = quoted_printable(letter.text);
    if (!out.body.ends_with("\r\n")) out.body += "\r\n";
  } else {
    const std::string boundary = boundary_of(letter);
    TRY(fields.add("Content-Type", "multipart/alternative; boundary=\"" + boundary + "\""));
    const std::string open = "--" + boundary + "\r\n";
    out.body = open + part("plain", letter.text.empty() ? text_of_html(letter.html) : letter.text);
    out.body += open + part("html", letter.html);
    out.body += "--" + boundary + "--\r\n";
  }
  out.fields = fields.take();
  return out;
}

}  // namespace hospes::mail
