#include "lake/withhold.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "digest/digest.h"

namespace hospes::lake {
namespace {

/// Shorter identifiers stand in half of all texts by chance: they are looked for as the whole text only.
constexpr std::size_t inside_bytes_min = 6;

/// Last parts of field names that name a person, without `_`, `-` and case.
constexpr std::array<std::string_view, 34> naming = {
    "email",     "mail",       "emailaddress", "phone",       "phonenumber", "mobile",    "tel",       "telephone",
    "firstname", "lastname",   "fullname",     "middlename",  "givenname",   "familyname", "surname",  "username",
    "nickname",  "birthday",   "birthdate",    "dateofbirth", "street",      "address1",  "address2",  "postalcode",
    "zip",       "ip",         "ipaddress",    "iban",        "cardnumber",  "passport",  "avatar",    "userid",
    "deviceid",  "anonymousid"};

/// Of who somebody says to be (identify, group, alias), these and no others.
constexpr std::array<std::string_view, 5> of_people = {"gender", "language", "address.city", "address.country", "createdAt"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string folded(std::string_view name) {
  std::string out = lower(name.substr(name.rfind('.') + 1));
  std::erase_if(out, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return out;
}

std::string digest(const EVP_MD* kind, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, kind, nullptr);
  return hex({reinterpret_cast<const char*>(bytes.data()), size});
}

std::string percent(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-_.~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
  }
  return out;
}

/// Without the tail that depends on what follows, and in the alphabet of URLs where it differs.
void add_base64(std::string_view text, std::vector<std::string>& out) {
  std::string code = base64(text.substr(0, text.size() / 3 * 3));
  if (code.size() < 8) return;
  std::string url = code;
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  if (url != code) out.push_back(std::move(url));
  out.push_back(std::move(code));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Someone@somewhere.
bool has_address(std::string_view text) {
  for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at + 1)) {
    const bool before = at > 0 && std::isspace(static_cast<unsigned char>(text[at - 1])) == 0;
    if (before && text.find('.', at) != text.npos) return true;
  }
  return false;
}

/// ISO/IEC 7812-1, annex B.
bool is_luhn(std::string_view digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    auto d = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    if (i % 2 == 1) d = d > 4 ? 2 * d - 9 : 2 * d;
    sum += d;
  }
  return sum % 10 == 0;
}

/// Nine digits or more with nothing but what groups them: a telephone number (E.164 has at most fifteen), a card.
bool has_number(std::string_view text, bool is_id) {
  std::string digits;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '\n';
    if (is_digit(c)) {
      digits += c;
    } else if (std::string_view(" .-()+/").find(c) == std::string_view::npos || c == '\n') {
      if (!is_id && digits.size() >= 9) return true;
      if (digits.size() >= 15 && digits.size() <= 19 && is_luhn(digits)) return true;
      digits.clear();
    }
  }
  return false;
}

std::string unhex(std::string_view text) {
  std::string out;
  const auto nibble = [](char c) { return is_digit(c) ? c - '0' : (c | 32) - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(nibble(text[i]) * 16 + nibble(text[i + 1]));
  return out;
}

std::string unpercent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool code = text[i] == '%' && i + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                      std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!code) {
      out += text[i];
    } else {
      out += unhex(text.substr(i + 1, 2));
      i += 2;
    }
  }
  return out;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// As long as a digest of an address is: MD5 (a thing's own number may be so long too), SHA-1, SHA-256.
bool has_digest(std::string_view text, bool is_id) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0) continue;
    const std::string_view run = text.substr(begin, i - begin);
    const bool long_enough = run.size() == 40 || run.size() == 64 || (run.size() == 32 && !is_id);
    if (long_enough && is_hex(run)) return true;
    begin = i + 1;
  }
  return false;
}

/// A run of letters that is a code: what it says, when it says something.
std::vector<std::string> decoded(std::string_view text) {
  std::vector<std::string> out;
  if (text.find('%') != text.npos) out.push_back(unpercent(text));
  std::string run;
  const auto close = [&] {
    if (run.size() >= 12) {
      if (is_hex(run)) out.push_back(unhex(run));
      std::string padded = run;
      std::ranges::replace(padded, '-', '+');
      std::ranges::replace(padded, '_', '/');
      padded.append((4 - padded.size() % 4) % 4, '=');
      if (auto plain = base64_decoded(padded)) out.push_back(std::move(*plain));
    }
    run.clear();
  };
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '-' || c == '_') {
      run += c;
    } else {
      close();
    }
  }
  close();
  for (const std::string& one : std::vector(out)) {  // UTF-16: every other byte is nothing
    std::string narrow = one;
    std::erase(narrow, '\0');
    if (narrow.size() != one.size()) out.push_back(std::move(narrow));
  }
  return out;
}

/// A thing's own number or code.
bool names_a_thing(std::string_view name) {
  const std::string last = folded(name);
  static constexpr std::array<std::string_view, 8> words = {"sku", "ean", "gtin", "isbn", "products", "coupon", "variant", "code"};
  return last.ends_with("id") || std::ranges::find(words, last) != words.end();
}

/// Where a page lies; what follows `?` or `#` is for nobody else.
bool names_a_place(std::string_view name) {
  const std::string last = folded(name);
  return last.ends_with("url") || last == "path" || last == "referrer" || last == "link";
}

}  // namespace

Spellings spellings_of(std::string_view identifier) {
  Spellings out;
  out.plain = lower(identifier);
  for (const std::string& form : {out.plain, std::string(identifier)}) {
    for (const EVP_MD* kind : {EVP_md5(), EVP_sha1(), EVP_sha256()}) out.inside.push_back(digest(kind, form));
    if (form.size() < inside_bytes_min) continue;
    out.inside.push_back(lower(form));
    out.inside.push_back(hex(form));
    if (std::string coded = lower(percent(form)); coded != lower(form)) out.inside.push_back(std::move(coded));
    add_base64(form, out.exact);
  }
  for (auto* list : {&out.inside, &out.exact}) {
    std::ranges::sort(*list);
    list->erase(std::ranges::unique(*list).begin(), list->end());
  }
  return out;
}

bool hides_identifier(std::string_view text, bool is_id) {
  if (has_address(text) || has_number(text, is_id) || has_digest(text, is_id)) return true;
  return std::ranges::any_of(decoded(text), [](const std::string& plain) { return has_address(plain); });
}

std::string Withhold::name(const Event& event) const {
  const std::string_view name = names_.text(event.name);
  const bool known = event.type != EventType::track || catalog_.events.row(name).catalogued();
  return !known && hides_identifier(name, false) ? "Withheld" : std::string(name);
}

bool Withhold::passes(std::string_view name, const catalog::EventRow& row, EventType type) const {
  if (row.property(name) == nullptr) return false;
  const bool of_a_person = type == EventType::identify || type == EventType::group || type == EventType::alias;
  if (of_a_person || row.property("firstName") != nullptr || row.property("email") != nullptr)
    return std::ranges::find(of_people, name) != of_people.end();
  return std::ranges::find(naming, folded(name)) == naming.end();
}

bool Withhold::passes(std::string_view text, bool is_id, const std::vector<const Spellings*>& whose) const {
  if (text.size() > text_bytes_max || hides_identifier(text, is_id)) return false;
  const std::string small = lower(text);
  return std::ranges::none_of(whose, [&](const Spellings* s) {
    return small == s->plain ||
           std::ranges::any_of(s->inside, [&](const auto& form) { return small.find(form) != small.npos; }) ||
           std::ranges::any_of(s->exact, [&](const auto& form) { return text.find(form) != text.npos; });
  });
}

std::optional<std::string> Withhold::value(
    const catalog::PropertyRow& field, const ValueView& value, const std::vector<const Spellings*>& whose
) const {
  const std::string_view name = field.name;
  const bool counts = field.type == catalog::PropertyType::number || field.type == catalog::PropertyType::money;
  switch (value.kind) {
    case ValueKind::null:
      return "null";
    case ValueKind::boolean:
      return value.truth() ? "true" : "false";
    case ValueKind::number:
      if (!counts && !passes(to_string(value.number), names_a_thing(name), whose)) return std::nullopt;
      return to_string(value.number);
    case ValueKind::json:
      return passes(value.text, true, whose) ? std::optional(std::string(value.text)) : std::nullopt;
    case ValueKind::text: {
      std::string_view text = value.text;
      if (names_a_place(name)) text = text.substr(0, text.find_first_of("?#"));
      if (!passes(text, names_a_thing(name), whose)) return std::nullopt;
      return json_text(text);
    }
    case ValueKind::atom:
      break;
  }
  return std::nullopt;
}

std::vector<const Spellings*> Withhold::spellings(const Event& event) {
  std::vector<const Spellings*> out;
  const auto meet = [&](const Atom& atom) {
    auto& known = known_[atom.id];
    if (!known) {
      const auto identifier = keys_.reveal(atom.id);
      known = std::make_unique<Spellings>(identifier ? spellings_of(identifier->value) : Spellings());
    }
    if (!known->plain.empty()) out.push_back(known.get());
  };
  meet(event.owner);
  for (const Atom& other : event.others) meet(other);
  return out;
}

std::string Withhold::properties(const Event& event) {
  const catalog::EventRow& row = catalog_.events.row(names_.text(event.name));
  std::string out = "{";
  std::optional<std::vector<const Spellings*>> whose;
  for (PackedReader in(event.properties.packed()); in.next();) {
    const std::string_view name = names_.text(in.name());
    if (name.starts_with("context.")) continue;  // addresses, devices, screens: what no report needs by person
    std::optional<std::string> told;
    if (passes(name, row, event.type)) {
      if (!whose) whose = spellings(event);
      told = value(*row.property(name), in.value(), *whose);
    }
    if (!told) {
      ++withheld_;
      continue;
    }
    if (out.size() > 1) out += ',';
    out.append(json_text(name)).append(1, ':').append(*told);
  }
  return out + "}";
}

}  // namespace hospes::lake
