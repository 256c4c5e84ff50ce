#include "guest/mail_links.h"

#include "activate/letters.h"
#include "guest/form.h"
#include "guest/html.h"
#include "guest/words.h"
#include "mail/token.h"
#include "mail/tracking.h"

namespace hospes::guest {
namespace {

constexpr std::string_view unsubscribe_folder = "/u/";

class MailPage {
 public:
  MailPage(const Doors& doors, const http::Request& request)
      : doors_(doors), request_(request), tokens_(doors.house.keys.house_secret()) {
    const auto& usual = doors.house.catalog.house.languages;
    const std::string asked = request.query_value("lang").value_or("");
    lang_ = asked == "fr" || asked == "en"
                ? std::string(asked)
                : std::string(preferred(
                      request.headers.find("Accept-Language"), usual.empty() ? "fr" : usual.front()
                  ));
  }

  http::Response answer() {
    const std::string_view text = std::string_view(request_.path).substr(unsubscribe_folder.size());
    const auto token = tokens_.open(text, mail::Token::Kind::unsubscribe, doors_.house.clock.now());
    if (!token)
      return page(
          404, say("This link is not complete", "Ce lien n’est pas complet"),
          say("Open it from the message again, or copy it whole.",
              "Ouvrez-le à nouveau depuis le message, ou copiez-le en entier."),
          {}
      );
    const auto identifier = doors_.house.keys.reveal(token->address);
    if (!identifier)
      return page(
          200, say("We know nothing of this address", "Nous ne savons rien de cette adresse"),
          say("It was erased here: nothing will be written to it.",
              "Elle a été effacée : rien ne lui sera écrit."),
          {}
      );
    if (request_.method == "GET" || request_.method == "HEAD") return ask(identifier->value);
    if (request_.method != "POST") return page(405, say("Not like this", "Pas ainsi"), "", {});
    return field(request_, "stop") == "measure" ? stop_measuring(*identifier) : stop(*identifier);
  }

 private:
  std::string_view say(std::string_view en, std::string_view fr) const {
    return lang_ == "fr" ? fr : en;
  }

  /// Enough to know it again, for who has it.
  static std::string masked(std::string_view address) {
    const std::size_t at = address.find('@');
    return std::string(address.substr(0, 1)) + "…" +
           std::string(address.substr(std::min(at, address.size())));
  }

  http::Response ask(std::string_view address) {
    Html body;
    body.raw("<form method=\"post\"><button name=\"stop\" value=\"mail\">");
    body.text(say("Stop writing to me", "Ne plus m’écrire")).raw("</button>");
    if (!measures().empty()) {
      body.raw("</form>");
      body.line("p", say("Or go on, and do not let us see what you open or follow:",
                         "Ou continuer, sans que nous voyions ce que vous ouvrez ou suivez :"));
      body.raw("<form method=\"post\"><button name=\"stop\" value=\"measure\">");
      body.text(say("Write to me, measure nothing", "M’écrire sans rien mesurer")).raw("</button>");
    }
    body.raw("</form>");
    return page(
        200, say("No more mail?", "Plus de messages ?"),
        std::string(say("We write to ", "Nous écrivons à ")) + masked(address) +
            std::string(say(
                ". One press, and it ends at once. Messages about an order of yours still come.",
                ". Un appui, et cela cesse aussitôt. Les messages sur vos commandes continuent."
            )),
        std::move(body)
    );
  }

  /// What a house that measures its mail must let everybody end in each of them.
  std::vector<PurposeBit> measures() const {
    std::vector<PurposeBit> out;
    for (const std::string_view name : {mail::opens_purpose, mail::clicks_purpose})
      if (const auto purpose = activate::measure_of(doors_.house.catalog.purposes, name)) out.push_back(*purpose);
    return out;
  }

  http::Response stop_measuring(const Identifier& identifier) {
    const auto atom = doors_.house.keys.find(identifier);
    if (!atom) return http::from_error(atom.error());
    for (const PurposeBit purpose : measures()) {
      if (!*atom) break;
      const Status done = say_no(doors_, **atom, purpose, "mail_unsubscribe", lang_);
      if (!done) return http::from_error(done.error());
    }
    return page(
        200, say("Done", "C’est fait"),
        say("We see no more what you open or follow, in the messages you have and in those to come.",
            "Nous ne voyons plus ce que vous ouvrez ou suivez, dans les messages reçus comme à venir."),
        {}
    );
  }

  http::Response stop(const Identifier& identifier) {
    const auto atom = doors_.house.keys.find(identifier);
    if (!atom) return http::from_error(atom.error());
    const auto contact = doors_.house.catalog.purposes.named("contact:email");
    if (!contact) return http::from_error(contact.error());
    if (*atom) {
      const Status done = say_no(doors_, **atom, *contact, "mail_unsubscribe", lang_);
      if (!done) return http::from_error(done.error());
    }
    return page(
        200, say("Done", "C’est fait"),
        std::string(say("We no longer write to ", "Nous n’écrivons plus à ")) +
            masked(identifier.value) + ".",
        {}
    );
  }

  http::Response page(int status, std::string_view heading, std::string_view text, Html body) {
    Html out;
    out.raw("<!doctype html>\n<html lang=\"").raw(lang_).raw("\"><head><meta charset=\"utf-8\">");
    out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.raw("<meta name=\"robots\" content=\"noindex\"><title>").text(heading).text(" – ");
    out.text(doors_.house.catalog.house.name);
    out.raw("</title><link rel=\"stylesheet\" href=\"/guest/style.css\"></head><body><header>");
    out.line("p class=\"house\"", doors_.house.catalog.house.name);
    out.raw("<nav class=\"langs\" aria-label=\"").text(say("Language", "Langue")).raw("\">");
    for (const std::string_view code : {"fr", "en"}) {
      out.raw("<a hreflang=\"").raw(code).raw("\" lang=\"").raw(code).raw("\" href=\"?lang=");
      out.raw(code).raw(lang_ == code ? "\" aria-current=\"true\">" : "\">");
      out.raw(code == "fr" ? "FR" : "EN").raw("</a>");
    }
    out.raw("</nav></header><main id=\"main\" class=\"single\">").line("h1", heading);
    if (!text.empty()) out.line("p", text);
    out.add(body).raw("</main></body></html>\n");
    http::Response response{status, {{"Content-Type", "text/html; charset=utf-8"}}, out.done()};
    response.headers.add("Content-Language", lang_);
    return response;
  }

  const Doors& doors_;
  const http::Request& request_;
  const mail::TokenKey tokens_;
  std::string lang_;
};

}  // namespace

bool is_mail_link(std::string_view path) { return path.starts_with(unsubscribe_folder); }

http::Response mail_link(const Doors& doors, const http::Request& request) {
  return MailPage(doors, request).answer();
}

}  // namespace hospes::guest
