#include "mail/lint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/nearest.h"
#include "mail/text.h"

namespace hospes::mail {
namespace {

// Whoever promotes says so in words like these. A service mail with one of them is not sent: it
// would need the permission of marketing (CNIL on "messages mixtes"; CPCE art. L34-5).
constexpr std::array<std::string_view, 24> promotion{
    "promo ",
    "promo.",
    "promotion",
    "soldes",
    "% off",
    "special offer",
    "exclusive offer",
    "limited offer",
    "offre spéciale",
    "offre exclusive",
    "offre limitée",
    "profitez",
    "découvrez nos",
    "discover our",
    "shop now",
    "buy now",
    "achetez maintenant",
    "you may also like",
    "vous aimerez aussi",
    "new collection",
    "nouvelle collection",
    "black friday",
    "utm_",
    "code promo"};

// Providers take these out, or refuse the message.
constexpr std::array<std::string_view, 6> forbidden{"<script", "<form",  "<iframe",
                                                    "<object", "<embed", "javascript:"};
constexpr std::array<std::string_view, 6> shorteners{"//bit.ly/", "//tinyurl.com/", "//t.co/",
                                                     "//goo.gl/", "//ow.ly/",       "//is.gd/"};

constexpr std::size_t clipped_bytes = 102 * 1024;  // beyond, Gmail shows a part
constexpr std::size_t subject_letters_usual = 78;

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::size_t line_at(std::string_view text, std::size_t at) {
  return static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')) + 1;
}

/// `-20 %`, `-20%`.
std::size_t find_rebate(std::string_view text) {
  for (std::size_t at = text.find('-'); at != text.npos; at = text.find('-', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end == at + 1 || end > at + 3) continue;
    std::string_view rest = text.substr(end);
    for (const std::string_view space : {" ", "\u00a0", "\u202f"})
      if (rest.starts_with(space)) rest.remove_prefix(space.size());
    if (rest.starts_with('%') && !rest.starts_with("%}")) return at;
  }
  return text.npos;
}

struct Promotion {
  std::size_t at = 0;
  std::string said;
};

/// Of a text in small letters.
std::optional<Promotion> promotion_in(std::string_view low) {
  constexpr std::string_view do_instead = " is one: send it as marketing, to who permits it";
  for (const std::string_view word : promotion)
    if (const std::size_t at = low.find(word); at != low.npos)
      return Promotion{at, "a service message carries no promotion, and \"" + std::string(word) + "\"" + std::string(do_instead)};
  if (const std::size_t at = find_rebate(low); at != low.npos)
    return Promotion{at, "a service message carries no promotion, and a rebate" + std::string(do_instead)};
  return std::nullopt;
}

class Linter {
 public:
  std::vector<Finding> found;

  void say(std::string_view code, std::string said, std::size_t line = 0, bool refused = false) {
    if (!part_.empty())
      said = "messages/parts/" + part_ + ".liquid:" + std::to_string(std::exchange(line, 0)) + "  " + said;
    found.push_back({refused, std::string(code), std::move(said), line});
  }

  void source(const HouseMessage& m, const std::vector<std::string>& names) {
    text(lowered(m.source), m.kind);
    for (const MessagePart& part : m.parts) {
      part_ = part.name;
      text(lowered(part.source), m.kind);
    }
    part_.clear();
    const auto reads = m.reads();
    const bool leaves = std::ranges::find(reads, "unsubscribe_url") != reads.end();
    if (m.kind == Kind::marketing && !leaves)
      say("no_unsubscribe",
          "a marketing message shows the way out: put {{ unsubscribe_url }} into a link", 0, true);
    if (m.kind == Kind::service && leaves)
      say("service_unsubscribe",
          "nobody unsubscribes from a service message; if it is one that can be left, its kind is "
          "marketing",
          0, true);
    const auto is_offer = [](const std::string& read) { return read == "offer" || read.starts_with("offer."); };
    if (m.kind == Kind::service && std::ranges::any_of(reads, is_offer))
      say("service_promotion",
          "a service message carries no promotion, and {{ offer }} is one: send it as marketing, to who permits it", 0, true);
    if (m.from && lowered(m.from->address).starts_with("no")) no_reply(m.from->address);
    if (!m.reply_to.empty()) no_reply(m.reply_to);
    for (const std::string& read : reads) known(read, names);
  }

  void rendered(const Rendered& r, Kind kind) {
    if (kind == Kind::service)
      if (auto said = promotes(r)) say("service_promotion", std::move(*said), 0, true);
    if (r.subject.empty()) say("no_subject", "the subject is empty", 0, true);
    if (r.subject.size() > subject_letters_usual)
      say("long_subject", "the subject has more than 78 bytes; most readers show some 40 letters");
    const bool loud =
        r.subject.size() > 8 &&
        std::ranges::none_of(r.subject, [](char c) { return c >= 'a' && c <= 'z'; }) &&
        std::ranges::any_of(r.subject, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (loud || r.subject.contains("!!"))
      say("loud_subject", "a subject in capitals, or with !!, looks like spam");
    if (r.html.size() > clipped_bytes)
      say("clipped", "the HTML has more than 102 kB: Gmail cuts it, the way out with it");
    const std::string text = r.text.empty() ? text_of_html(r.html) : r.text;
    if (r.html.contains("<img") && text.size() < 80)
      say("image_only", "there is hardly any text beside the images");
    if (text.size() < 2) say("empty", "there is nothing to read", 0, true);
  }

 private:
  /// One file: the message's own, or a part's.
  void text(const std::string& low, Kind kind) {
    if (kind == Kind::service)
      if (auto p = promotion_in(low)) say("service_promotion", std::move(p->said), line_at(low, p->at), true);
    for (const std::string_view what : forbidden)
      if (const std::size_t at = low.find(what); at != low.npos)
        say("forbidden_markup", "mailbox providers remove or refuse " + std::string(what),
            line_at(low, at), true);
    links(low);
    images(low);
  }

  void links(std::string_view low) {
    for (std::size_t at = low.find("href="); at != low.npos; at = low.find("href=", at + 1)) {
      const std::string_view to =
          low.substr(at + 5 + (low.substr(at + 5).starts_with('"') ? 1 : 0), 200);
      if (to.starts_with("http://"))
        say("plain_link", "a link without TLS (http://)", line_at(low, at));
      const std::string_view target = to.substr(0, to.find_first_of("\"' >"));
      for (const std::string_view s : shorteners)
        if (target.contains(s))
          say("shortener", "a shortened link hides where it leads; providers distrust it",
              line_at(low, at));
    }
  }

  void images(std::string_view low) {
    for (std::size_t at = low.find("<img"); at != low.npos; at = low.find("<img", at + 1)) {
      const std::string_view tag = low.substr(at, low.find('>', at) - at);
      if (!tag.contains("alt="))
        say("no_alt", "an image without alt says nothing to who does not see it", line_at(low, at));
      if (tag.contains("src=\"data:"))
        say("data_image", "most readers do not show data: images", line_at(low, at));
    }
  }

  void no_reply(std::string_view address) {
    const std::string low = lowered(address);
    if (low.starts_with("noreply@") || low.starts_with("no-reply@") ||
        low.starts_with("ne-pas-repondre@"))
      say("no_reply", "a good host can be answered: give an address that somebody reads");
  }

  void known(const std::string& read, const std::vector<std::string>& names) {
    constexpr std::string_view person = "person.";
    constexpr std::array<std::string_view, 5> roots{
        "person", "house", "unsubscribe_url", "person.email", "offer"};
    if (std::ranges::find(roots, read) != roots.end() || read.starts_with("house.") || read.starts_with("offer.")) return;
    if (!read.starts_with(person)) {
      say("unknown_name", "nothing is called \"" + read + "\" here" +
                              nearest_hint(read.substr(0, read.find('.')), roots));
    } else if (const std::string name = read.substr(person.size());
               !names.empty() && std::ranges::find(names, name) == names.end()) {
      say("unknown_trait",
          "no event says \"" + name + "\" of a person" + nearest_hint(name, names));
    }
  }

  std::string part_;  // whose text it is, when not the message's own
};

}  // namespace

std::vector<Finding> lint(
    const HouseMessage& message, const std::vector<std::string>& person_names
) {
  Linter linter;
  linter.source(message, person_names);
  return std::move(linter.found);
}

std::vector<Finding> lint(const Rendered& rendered, Kind kind) {
  Linter linter;
  linter.rendered(rendered, kind);
  return std::move(linter.found);
}

std::optional<std::string> promotes(const Rendered& rendered) {
  for (const std::string* text : {&rendered.subject, &rendered.html, &rendered.text})
    if (auto found = promotion_in(lowered(*text))) return std::move(found->said);
  return std::nullopt;
}

}  // namespace hospes::mail
