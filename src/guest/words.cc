#include "guest/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/kinds.h"

namespace hospes::guest {
namespace {

constexpr std::array<std::string_view, 12> months_fr = {
    "janvier", "février", "mars",      "avril",   "mai",      "juin",
    "juillet", "août",    "septembre", "octobre", "novembre", "décembre"};
constexpr std::array<std::string_view, 12> months_en = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

struct Said {
  std::string_view purpose, en, fr;
};
/// Purposes of the pack; those of the house say it themselves (`serves`).
constexpr std::array<Said, 13> purposes = {{
    {"operate", "Serve your orders", "Servir vos commandes"},
    {"legal", "Keep what the law asks for", "Garder ce que la loi demande"},
    {"secure", "Spot fraud", "Repérer les fraudes"},
    {"market", "Advise you from what you bought", "Vous conseiller d’après vos achats"},
    {"measure", "Measure the audience, you included", "Mesurer l’audience, vous compris"},
    {"personalise", "Fit the site to your visits", "Adapter le site à vos visites"},
    {"advertise", "Show you our ads elsewhere", "Vous montrer nos annonces ailleurs"},
    {"link", "Join your devices", "Relier vos appareils"},
    {"train", "Let our models learn from you", "Laisser nos modèles apprendre de vous"},
    {"contact:email", "By e-mail", "Par e-mail"},
    {"contact:sms", "By SMS", "Par SMS"},
    {"contact:phone", "By phone", "Par téléphone"},
    {"contact:push", "By notification", "Par notification"},
}};

std::string capital(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
  return text;
}

}  // namespace

std::string Words::date(Instant at) const {
  const zones::Date d = zones::date_of(zones::local(*zone_, at).day);
  const std::string day = french_ && d.day == 1 ? "1er" : std::to_string(d.day);
  return fmt::format("{} {} {}", day, (french_ ? months_fr : months_en)[d.month - 1], d.year);
}

std::string Words::moment(Instant at) const {
  const std::int64_t minutes = zones::local(*zone_, at).us / 60'000'000;
  return french_ ? fmt::format("{}, {}\u00a0h\u00a0{:02}", date(at), minutes / 60, minutes % 60)
                 : fmt::format("{}, {:02}:{:02}", date(at), minutes / 60, minutes % 60);
}

std::string Words::grouped(std::string digits) const {
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    if (at == 1 && digits.front() == '-') break;
    digits.insert(at, french_ ? "\u202f" : ",");
  }
  return digits;
}

std::string Words::number(Decimal value, unsigned places) const {
  const std::string plain = to_string(value);
  const auto point = plain.find('.');
  std::string rest = point == plain.npos ? "" : plain.substr(point + 1);
  if (rest.size() < places) rest.resize(places, '0');
  std::string out = grouped(plain.substr(0, point));
  if (!rest.empty()) out.append(french_ ? "," : ".").append(rest);
  return out;
}

std::string Words::count(std::uint64_t n) const { return grouped(std::to_string(n)); }

std::string Words::money(Decimal value, std::string_view currency) const {
  const std::string amount = number(value, 2);
  const std::string_view sign = currency == "USD"   ? "$"
                                : currency == "EUR" ? "€"
                                : currency == "GBP" ? "£"
                                                    : "";
  if (sign.empty()) return amount + "\u00a0" + std::string(currency);
  return french_ ? amount + "\u00a0" + std::string(sign) : std::string(sign) + amount;
}

std::string Words::purpose(const catalog::Purpose& purpose) const {
  const auto said = std::ranges::find(purposes, purpose.name, &Said::purpose);
  if (said != purposes.end()) return std::string(say(said->en, said->fr));
  if (purpose.name == "contact:post") return std::string(say("By post", "Par courrier"));
  return capital(french_ ? purpose.serves_fr : purpose.serves_en);
}

std::string Words::standing(
    const catalog::Purpose& purpose, std::optional<consent::Answer> answer, Instant since
) const {
  using catalog::Basis;
  if (purpose.basis == Basis::contract)
    return std::string(say("Goes with your orders", "Va avec vos commandes"));
  if (purpose.basis == Basis::duty)
    return std::string(say("The law asks for it", "La loi le demande"));
  if (!answer) {
    if (purpose.basis == Basis::interest)
      return std::string(say("On, unless you say no", "En cours, sauf si vous dites non"));
    return std::string(say("Never asked, so no", "Jamais demandé, donc non"));
  }
  const std::string on = date(since);
  switch (*answer) {
    case consent::Answer::given:
      return fmt::format(fmt::runtime(say("Yes, since {}", "Oui, depuis le {}")), on);
    case consent::Answer::refused:
      return fmt::format(fmt::runtime(say("Refused on {}", "Refusé le {}")), on);
    default:
      return fmt::format(fmt::runtime(say("No, since {}", "Non, depuis le {}")), on);
  }
}

std::string Words::kind(KindId id) const {
  const catalog::Kind* kind = catalog::find_kind(id);
  if (kind == nullptr) return std::string(say("Identifier", "Identifiant"));
  if (id == catalog::kind::anonymous_id) return std::string(say("Browser", "Navigateur"));
  const std::string_view title = say(kind->title_en, kind->title_fr);
  return capital(std::string(title));
}

std::string_view preferred(std::string_view accept, std::string_view usual) {
  // In order of preference as browsers send it; weights only repeat the order.
  while (!accept.empty()) {
    std::string_view one = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), one.size() + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with("fr")) return "fr";
    if (one.starts_with("en")) return "en";
  }
  return usual == "fr" ? "fr" : "en";
}

}  // namespace hospes::guest
