#include "mail/address.h"

#include <idn2.h>

#include <algorithm>

#include "mail/text.h"

namespace hospes::mail {
namespace {

constexpr std::size_t local_bytes_max = 64, address_bytes_max = 254;

std::string_view stripped(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// RFC 5322 atext, and points that are neither at an end nor doubled.
bool is_dot_atom(std::string_view local) {
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
  const auto good = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
  };
  return !local.empty() && local.size() <= local_bytes_max && std::ranges::all_of(local, good) &&
         local.front() != '.' && local.back() != '.' && !local.contains("..");
}

}  // namespace

Result<std::string> ascii_domain(std::string_view domain) {
  char* out = nullptr;
  const int code = idn2_to_ascii_8z(std::string(domain).c_str(), &out, IDN2_NONTRANSITIONAL);
  std::string ascii = code == IDN2_OK ? out : "";
  idn2_free(out);
  const bool letters = std::ranges::all_of(ascii, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
  const bool labels = letters && ascii.contains('.') && ascii.front() != '.' &&
                      ascii.back() != '.' && !ascii.contains("..");
  if (code != IDN2_OK || !labels || domain.contains('\0'))
    return fail(Code::invalid_input, "the domain of a mail address is a name such as example.com");
  return ascii;
}

Result<std::string> checked_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == address.npos) return fail(Code::invalid_input, "a mail address is local@domain");
  if (!is_dot_atom(address.substr(0, at)))
    return fail(
        Code::invalid_input,
        "the part before the @ of a mail address is letters of ASCII, digits and points, 64 at most"
    );
  std::string out(address.substr(0, at + 1));
  out += TRY(ascii_domain(address.substr(at + 1)));
  if (out.size() > address_bytes_max)
    return fail(Code::invalid_input, "a mail address has 254 bytes at most");
  return out;
}

Result<Mailbox> parse_mailbox(std::string_view text) {
  if (std::ranges::any_of(text, [](char c) { return c >= 0 && c < ' '; }))
    return fail(Code::invalid_input, "a sender is one line");
  text = stripped(text);
  Mailbox out;
  if (text.ends_with('>')) {
    const std::size_t open = text.rfind('<');
    if (open == text.npos) return fail(Code::invalid_input, "a sender is \"Name <local@domain>\"");
    std::string_view name = stripped(text.substr(0, open));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"'))
      name = name.substr(1, name.size() - 2);
    out.name = name;
    text = text.substr(open + 1, text.size() - open - 2);
  }
  out.address = TRY(checked_address(text));
  return out;
}

std::string to_string(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return mailbox.address;
  const bool ascii = std::ranges::all_of(mailbox.name, [](char c) { return c >= ' ' && c < 127; });
  std::string name;
  if (!ascii || mailbox.name.contains("=?")) {
    name = encoded_words(mailbox.name);
  } else {
    name = "\"";
    for (const char c : mailbox.name) {
      if (c == '"' || c == '\\') name += '\\';
      name += c;
    }
    name += '"';
  }
  return name + " <" + mailbox.address + ">";
}

}  // namespace hospes::mail
