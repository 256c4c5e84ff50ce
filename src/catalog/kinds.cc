#include "catalog/kinds.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/nearest.h"

namespace hospes::catalog {
namespace {

// Limits are choices: one login a person, a few addresses; devices are many, and shared ones are
// found by what they weld.
// What partners send instead of the address or number itself: lower-case hex of SHA-256.
constexpr KindId email_sha256 = 8;
constexpr KindId phone_sha256 = 9;

constexpr std::array usual = {
    Kind{kind::user_id, "user_id", 0, 1, false, "user id", "identifiant client", Normal::as_is, {}},
    Kind{kind::email, "email", 1, 3, false, "e-mail address", "adresse e-mail", Normal::email, {}},
    Kind{kind::phone, "phone", 2, 3, false, "phone number", "numéro de téléphone", Normal::phone, {}},
    Kind{kind::card, "card", 3, 3, false, "loyalty card", "carte de fidélité", Normal::card, {}},
    Kind{kind::external_id, "external_id", 4, 8, false, "id elsewhere", "identifiant externe", Normal::as_is, {}},
    Kind{kind::device_id, "device_id", 5, no_limit, true, "device", "appareil", Normal::as_is, {}},
    Kind{kind::push_token, "push_token", 6, no_limit, true, "push token", "jeton de notification", Normal::as_is, {}},
    Kind{kind::anonymous_id, "anonymous_id", 7, no_limit, true, "visitor", "visiteur", Normal::as_is, {}},
    Kind{email_sha256, "email_sha256", 4, 3, false, "e-mail, hashed", "adresse e-mail hachée", Normal::sha256, {}},
    Kind{phone_sha256, "phone_sha256", 4, 3, false, "phone, hashed", "téléphone haché", Normal::sha256, {}},
};

/// What `use` made of the rules; the rules lend it their texts.
struct Table {
  KindRules rules;
  std::vector<Kind> kinds{usual.begin(), usual.end()};
};
Table& table() {
  static Table one;
  return one;
}

// Addresses that forms are filled with to get past them, and those nobody reads: seen in peers'
// issue lists as what welds thousands of people together.
constexpr std::array<std::string_view, 16> filler = {
    "test@test.com", "test@test.fr",     "test@example.com", "test@gmail.com", "a@a.com",
    "a@a.fr",        "aa@aa.com",        "aaa@aaa.com",      "abc@abc.com",    "x@x.com",
    "no@no.com",     "none@none.com",    "na@na.com",        "email@email.com", "no@mail.com",
    "noemail@noemail.com"};
constexpr std::array<std::string_view, 8> unread = {"noreply",    "no-reply",  "no_reply", "donotreply",
                                                    "do-not-reply", "ne-pas-repondre", "nepasrepondre",
                                                    "mailer-daemon"};

// What programs send when they mean nobody (seen in peers' issue lists: PostHog, Segment, Mautic).
constexpr std::array<std::string_view, 19> nobody = {
    "null",
    "undefined",
    "none",
    "nil",
    "nan",
    "n/a",
    "na",
    "unknown",
    "anonymous",
    "guest",
    "true",
    "false",
    "[object object]",
    "{}",
    "[]",
    "not_set",
    "(not set)",
    "distinct_id",
    "anonymousid"};

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string_view trim(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

bool means_nobody(std::string_view value) {
  // Zeros and dashes alone: 0, 0000, the zero UUID.
  if (std::ranges::all_of(value, [](char c) { return c == '0' || c == '-'; })) return true;
  std::string low(value);
  std::ranges::transform(low, low.begin(), lower);
  return low == "-1" || std::ranges::find(nobody, low) != nobody.end();
}

/// Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
/// `second_min/max`.
bool is_utf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto lead = static_cast<unsigned char>(s[i++]);
    if (lead < 0x80) continue;
    const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || i + static_cast<std::size_t>(more) > s.size()) return false;
    const auto second = static_cast<unsigned char>(s[i]);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
      return false;
    }
    for (int k = 0; k < more; ++k) {
      if ((static_cast<unsigned char>(s[i++]) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

std::unexpected<Error> refuse(const Kind& k, std::string_view why) {
  return fail(Code::invalid_input, std::string(k.name) + " " + std::string(why));
}

Result<std::string> normal_email(const Kind& k, std::string_view value) {
  std::string out(value);
  std::ranges::transform(out, out.begin(), lower);
  const auto at = out.find('@');
  const bool one_at = at != std::string::npos && out.find('@', at + 1) == std::string::npos;
  if (!one_at || at == 0 || at > 64) return refuse(k, "is not of the shape name@domain.tld");
  const std::string_view domain = std::string_view(out).substr(at + 1);
  const auto dot = domain.rfind('.');
  const bool shaped = dot != std::string_view::npos && dot > 0 && dot + 1 < domain.size() &&
                      domain.front() != '-' && domain.find("..") == std::string_view::npos &&
                      domain.front() != '.';
  if (!shaped || out.size() > 254 || std::ranges::any_of(out, is_space)) {
    return refuse(k, "is not of the shape name@domain.tld, or longer than 254 bytes");
  }
  const std::string_view local = std::string_view(out).substr(0, at);
  if (std::ranges::find(filler, out) != filler.end() ||
      std::ranges::find(unread, local) != unread.end())
    return refuse(k, "is a test address or one that nobody reads; it would join strangers");
  return out;
}

Result<std::string> normal_phone(const Kind& k, std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (is_digit(c) || (c == '+' && out.empty())) {
      out.push_back(c);
    } else if (std::string_view(" .-/()\t").find(c) == std::string_view::npos) {
      return refuse(k, "holds something that is no digit; send it as +33123456789");
    }
  }
  if (out.starts_with("00")) out.replace(0, 2, "+");
  const std::size_t digits = out.size() - (out.starts_with('+') ? 1 : 0);
  if (digits < 6 || digits > 15) return refuse(k, "needs 6 to 15 digits (E.164)");
  return out;
}

Result<std::string> normal_hash(const Kind& k, std::string_view value) {
  std::string out(value);
  std::ranges::transform(out, out.begin(), lower);
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  if (out.size() != 64 || !std::ranges::all_of(out, is_hex))
    return refuse(k, "is not the SHA-256 of the normalised value, 64 hex digits");
  // SHA-256 of nothing: what a pipeline sends for an empty field.
  if (out == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    return refuse(k, "is the hash of an empty value");
  return out;
}

std::string normal_card(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c != ' ' && c != '-') out.push_back(upper(c));
  }
  return out;
}

std::string each(std::string_view value, char (*change)(char)) {
  std::string out(value);
  std::ranges::transform(out, out.begin(), change);
  return out;
}

Result<std::string> normal_digits(const Kind& k, std::string_view value) {
  std::string out;
  std::ranges::copy_if(value, std::back_inserter(out), is_digit);
  if (out.empty()) return refuse(k, "has no digits");
  return out;
}

Result<std::string> canonical(const Kind& k, std::string_view value) {
  switch (k.normal) {
    case Normal::email:
      return normal_email(k, value);
    case Normal::phone:
      return normal_phone(k, value);
    case Normal::card:
      return normal_card(value);
    case Normal::sha256:
      return normal_hash(k, value);
    case Normal::digits:
      return normal_digits(k, value);
    case Normal::lower:
      return each(value, lower);
    case Normal::upper:
      return each(value, upper);
    case Normal::as_is:
      break;
  }
  return std::string(value);
}

Result<std::string> normalise(const Kind& k, std::string_view raw) {
  const std::string_view value = trim(raw);
  if (value.empty()) return refuse(k, "is empty");
  if (value.size() > identifier_bytes_max) return refuse(k, "is longer than 512 bytes");
  if (!is_utf8(value)) return refuse(k, "is not valid UTF-8");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(value, is_control)) return refuse(k, "holds control characters");
  if (means_nobody(value)) return refuse(k, "is a placeholder that means nobody (null, 0000, …)");
  std::string out = TRY(canonical(k, value));
  if (out.empty() || means_nobody(out)) return refuse(k, "is a placeholder that means nobody");
  if (std::ranges::find(k.never, out) != k.never.end())
    return refuse(k, "is a value that the house lets join nobody (identifiers.toml)");
  return out;
}

constexpr std::array<std::string_view, 8> normals = {"as_is", "lower", "upper", "digits", "card", "email", "phone", "sha256"};

bool is_slug(std::string_view name) {
  const auto part = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
  return !name.empty() && name.size() <= 32 && name.front() >= 'a' && name.front() <= 'z' && std::ranges::all_of(name, part);
}

const Kind* usual_kind(std::string_view name) {
  const auto at = std::ranges::find(usual, name, &Kind::name);
  return at == usual.end() ? nullptr : &*at;
}

/// The rule as a row of the table; it lends its texts.
Kind row_of(const KindRule& rule, KindId id) {
  if (!rule.own) {
    Kind out = *usual_kind(rule.name);
    if (rule.per_person > 0) out.per_person = rule.per_person;
    out.never = rule.never;
    return out;
  }
  return {id, rule.name, rule.priority, rule.is_device ? no_limit : rule.per_person, rule.is_device,
          rule.title_en, rule.title_fr, rule.normal, rule.never};
}

}  // namespace

Status add(KindRules& rules, KindRule rule) {
  const auto no = [&](const std::string& why) { return fail(Code::invalid_input, "kind \"" + rule.name + "\": " + why); };
  if (!is_slug(rule.name)) return no("a name is 1 to 32 letters a-z, digits and _, and begins with a letter");
  if (std::ranges::find(rules.rows, rule.name, &KindRule::name) != rules.rows.end()) return no("it is there already");
  const Kind* known = usual_kind(rule.name);
  rule.own = known == nullptr;
  if (known != nullptr && known->id == kind::user_id && rule.per_person > 1)
    return no("a person has one: it is the strongest kind");
  if (known != nullptr && known->is_device && rule.per_person > 0) return no("devices have no limit");
  if (rule.own && (rule.priority < 1 || rule.priority > 7))
    return no("priority is 1 (strong) to 7 (weak); 0 is user_id's");
  if (rule.own && !rule.is_device && (rule.per_person < 1 || rule.per_person > 100))
    return no("per_person says how many of these one person may have: 1 to 100");
  const auto own = std::ranges::count_if(rules.rows, &KindRule::own);
  if (rule.own && own == static_cast<std::ptrdiff_t>(own_kinds_max)) return no("a house has at most 32 kinds of its own");
  const Kind bare = row_of({.name = rule.name, .own = rule.own, .priority = rule.priority, .per_person = rule.per_person,
                            .is_device = rule.is_device, .title_en = {}, .title_fr = {}, .normal = rule.normal}, own_kinds_begin);
  for (std::string& value : rule.never) value = TRY(normalise(bare, value));
  if (rule.own && rule.title_en.empty()) rule.title_en = rule.name;
  if (rule.own && rule.title_fr.empty()) rule.title_fr = rule.title_en;
  rules.rows.push_back(std::move(rule));
  return {};
}

std::string KindRules::fixed() const {
  std::string out = "quarantine_above " + std::to_string(quarantine_above) + "\n";
  for (const Kind& k : usual) {
    const auto rule = std::ranges::find(rows, k.name, &KindRule::name);
    const auto limit = rule != rows.end() && rule->per_person > 0 ? rule->per_person : k.per_person;
    if (!k.is_device) out.append(k.name).append(" per_person ").append(std::to_string(limit)).append("\n");
  }
  for (const KindRule& r : rows) {
    if (!r.own) continue;
    out.append(r.name).append(" priority ").append(std::to_string(r.priority));
    out.append(r.is_device ? " device" : " per_person " + std::to_string(r.per_person));
    out.append(" normalise ").append(normals[static_cast<std::size_t>(r.normal)]).append("\n");
  }
  return out;
}

void use(const KindRules& rules) {
  Table& t = table();
  t.rules = rules;
  t.kinds.assign(usual.begin(), usual.end());
  KindId next = own_kinds_begin;
  for (const KindRule& rule : t.rules.rows) {
    if (rule.own) {
      t.kinds.push_back(row_of(rule, next++));
    } else {
      Kind made = row_of(rule, 0);
      t.kinds[made.id] = made;
    }
  }
}

std::uint32_t quarantine_above() { return table().rules.quarantine_above; }

std::optional<Normal> normal_named(std::string_view name) {
  const auto at = std::ranges::find(normals, name);
  if (at == normals.end()) return std::nullopt;
  return static_cast<Normal>(at - normals.begin());
}

std::span<const Kind> kinds() { return table().kinds; }

const Kind* find_kind(KindId id) {
  const auto& all = table().kinds;
  if (id < usual.size()) return &all[id];
  const std::size_t at = usual.size() + id - own_kinds_begin;
  return id >= own_kinds_begin && at < all.size() ? &all[at] : nullptr;
}

const Kind* find_kind(std::string_view name) {
  const auto& all = table().kinds;
  const auto at = std::ranges::find(all, name, &Kind::name);
  return at == all.end() ? nullptr : &*at;
}

Result<KindId> kind_named(std::string_view name) {
  if (const Kind* k = find_kind(name)) return k->id;
  std::vector<std::string_view> names;
  std::string all;
  for (const Kind& k : kinds()) {
    names.push_back(k.name);
    all.append(all.empty() ? "" : ", ").append(k.name);
  }
  return fail(
      Code::not_found,
      "unknown kind of identifier \"" + std::string(name.substr(0, 64)) + "\"" + nearest_hint(name, names) + " (" + all + ")"
  );
}

std::uint8_t priority_of(KindId id) {
  const Kind* k = find_kind(id);
  return k != nullptr ? k->priority : 255;
}

Result<std::string> normalise(KindId id, std::string_view raw) {
  const Kind* k = find_kind(id);
  if (k == nullptr) return fail(Code::invalid_input, "unknown kind of identifier");
  return normalise(*k, raw);
}

Result<Identifier> parse_identifier(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(Code::invalid_input, "write an identifier as kind:value, for example user_id:42");
  }
  const KindId id = TRY(kind_named(text.substr(0, colon)));
  return Identifier{id, TRY(normalise(id, text.substr(colon + 1)))};
}

}  // namespace hospes::catalog
