#include "activate/letters.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "digest/digest.h"
#include "mail/campaign_links.h"
#include "mail/lint.h"
#include "mail/text.h"

namespace hospes::activate {
namespace {

constexpr std::size_t verp_key_digits = 16;
constexpr std::size_t bounces_local_max = 64 - 2 - verp_key_digits - 24;  // RFC 5321, 4.5.3.1.1

Result<std::string> file_of(
    const std::string& folder, const std::string& file, const std::string& destination
) {
  const auto path = std::filesystem::path(folder) / file;
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open())
    return fail(
        Code::unavailable,
        "cannot read " + path.string() + " of destination \"" + destination + "\" (actions.toml)"
    );
  return text;
}

std::string domain_of(std::string_view address) {
  return std::string(address.substr(address.rfind('@') + 1));
}

}  // namespace

liquid::Object message_names(
    const Reading& reading, const std::string& house, const std::string& unsubscribe_url
) {
  liquid::Object out{
      {"person", reading.person}, {"house", liquid::Object{{"name", liquid::Value(house)}}}};
  if (!reading.offer.is_nil()) out.emplace_back("offer", reading.offer);
  if (!unsubscribe_url.empty()) out.emplace_back("unsubscribe_url", unsubscribe_url);
  return out;
}

Result<Letters> Letters::open(
    const catalog::Destination& destination, const std::string& folder, HouseMail house
) {
  const catalog::MailRoute& route = *destination.mail;
  const auto of = [&](std::string_view key, const Error& error) {
    return fail(
        error.code, std::string(key) + " of destination \"" + destination.name +
                        "\" in actions.toml: " + error.message
    );
  };
  Letters out(std::move(house));
  auto from = mail::parse_mailbox(route.from);
  if (!from) return of("from", from.error());
  out.from_ = std::move(*from);
  auto domain = mail::ascii_domain(route.domain);
  if (!domain) return of("domain", domain.error());
  out.domain_ = std::move(*domain);
  const std::string sender = domain_of(out.from_.address);
  if (sender != out.domain_ && !sender.ends_with("." + out.domain_))
    return fail(
        Code::invalid_input,
        "destination \"" + destination.name + "\" in actions.toml sends from " + sender +
            " and signs as " + out.domain_ +
            ": mailbox providers want the signing domain to be that of the sender, or above it"
    );
  auto bounces = mail::checked_address(route.bounces.empty() ? out.from_.address : route.bounces);
  if (!bounces) return of("bounces", bounces.error());
  out.bounces_ = std::move(*bounces);
  if (out.bounces_.rfind('@') > bounces_local_max)
    return fail(
        Code::invalid_input, "bounces of destination \"" + destination.name +
                                 "\" in actions.toml has more than " +
                                 std::to_string(bounces_local_max) +
                                 " bytes before the @: what names the message must find room there"
    );
  out.public_url_ = route.public_url.empty() ? out.house_.public_url : route.public_url;
  while (out.public_url_.ends_with('/')) out.public_url_.pop_back();
  if (out.public_url_.empty())
    return fail(
        Code::invalid_input,
        "destination \"" + destination.name +
            "\" in actions.toml needs public_url, or the house [public] url in hospes.toml: the https:// "
            "address under which guests reach it, for unsubscribing"
    );
  for (const auto& [selector, file] : route.dkim) {
    const std::string pem = TRY(file_of(folder, file, destination.name));
    out.keys_.push_back(TRY(mail::DkimKey::read(selector, pem)));
  }
  if (!route.ca_file.empty()) {
    TRY(file_of(folder, route.ca_file, destination.name));
    out.ca_file_ = (std::filesystem::path(folder) / route.ca_file).string();
  }
  if (!route.password_file.empty()) {
    out.password_ = TRY(file_of(folder, route.password_file, destination.name));
    while (!out.password_.empty() && (out.password_.back() == '\n' || out.password_.back() == '\r'))
      out.password_.pop_back();
  }
  return out;
}

bool Letters::is_marketing(std::string_view message) const {
  const mail::HouseMessage* found = house_.messages.find(message, liquid::Language::fr);
  return found == nullptr || found->kind == mail::Kind::marketing;
}

mail::Tracking Letters::tracking(const Reading& reading) const {
  const auto open = [&](std::optional<PurposeBit> p) { return p && (reading.open & bit(*p)) != 0; };
  return {.opens = open(house_.opens), .clicks = open(house_.clicks)};
}

std::variant<Posted, Unposted> Letters::make(
    std::string_view message, const Reading& reading, const Occasion& occasion
) const {
  using outbox::Reason;
  const auto& [key, now, mark, campaign, measured] = occasion;
  const std::string& language = reading.language.empty() ? house_.language : reading.language;
  const mail::HouseMessage* written = house_.messages.find(
      message, language.starts_with("fr") ? liquid::Language::fr : liquid::Language::en
  );
  if (written == nullptr) return Unposted{Reason::unrenderable, "there is no message of that name"};
  if (reading.address.empty()) return Unposted{Reason::no_address, {}};
  const auto address = mail::checked_address(reading.address);
  if (!address) return Unposted{Reason::no_address, address.error().message};
  const bool marketing = written->kind == mail::Kind::marketing;
  const std::string unsubscribe =
      public_url_ + "/u/" + house_.tokens.seal({.address = reading.address_atom, .effect = key});
  const liquid::Object names =
      message_names(reading, house_.house_name, marketing ? unsubscribe : std::string());
  auto rendered = written->render(names, {.zone = house_.zone, .now = now});
  if (!rendered) return Unposted{Reason::unrenderable, rendered.error().message};
  if (const auto* aborted = std::get_if<mail::Aborted>(&*rendered))
    return Unposted{Reason::aborted, aborted->reason};
  auto& content = std::get<mail::Rendered>(*rendered);
  // What it reads of the person may say what its files do not.
  if (auto said = marketing ? std::nullopt : mail::promotes(content)) return Unposted{Reason::unrenderable, std::move(*said)};
  if (!campaign.empty() && marketing)
    content.html = mail::with_campaign(
        content.html, {.source = mail::link_name(house_.house_name), .campaign = std::string(campaign),
                       .except = public_url_ + "/u/"}
    );
  if (const auto permitted = tracking(reading); measured && marketing && permitted.any()) {
    if (content.text.empty()) content.text = mail::text_of_html(content.html);  // whose links are not counted
    content.html = mail::with_tracking(
        content.html, permitted, {reading.address_atom, key, public_url_, now}, house_.tokens
    );
  }
  mail::Letter letter{
      .from = written->from.value_or(from_),
      .to = *address,
      .reply_to = written->reply_to,
      .subject = std::string(mark) + content.subject,
      .html = std::move(content.html),
      .text = std::move(content.text),
      .message_id = {},
      .date = now};
  if (marketing) {
    letter.list_id = written->name + "." + domain_;
    letter.feedback_id = written->name + ":" + domain_ + ":marketing:hospes";
    letter.unsubscribe_url = unsubscribe;
  }
  return post(std::move(letter), key, house_.tokens.name_of(reading.address), now);
}

std::variant<Posted, Unposted> Letters::note(
    const std::string& address, std::string subject, std::string text, Instant now
) const {
  const auto to = mail::checked_address(address);
  if (!to) return Unposted{outbox::Reason::no_address, to.error().message};
  mail::Letter letter{
      .from = from_,
      .to = *to,
      .reply_to = {},
      .subject = std::move(subject),
      .html = {},
      .text = std::move(text),
      .message_id = {},
      .date = now};
  const std::string name = house_.tokens.name_of(address);
  return post(std::move(letter), hash128(name + std::to_string(now.us)), name, now);
}

std::variant<Posted, Unposted> Letters::post(
    mail::Letter letter, Hash128 key, const std::string& name, Instant now
) const {
  using outbox::Reason;
  letter.message_id = to_hex(key) + "." + name + "@" + domain_;
  const std::string to = letter.to;
  auto made = mail::compose(letter);
  if (!made) return Unposted{Reason::unrenderable, made.error().message};
  if (const Status is_signed = mail::sign(*made, domain_, keys_, now); !is_signed)
    return Unposted{Reason::unrenderable, is_signed.error().message};
  const std::size_t at = bounces_.rfind('@');
  // VERP: what comes back names its effect and its address, by names that are the house's own.
  std::string sender = bounces_.substr(0, at) + "+" + to_hex(key).substr(0, verp_key_digits);
  sender += "." + name + bounces_.substr(at);
  return Posted{std::move(sender), to, made->text()};
}

}  // namespace hospes::activate
