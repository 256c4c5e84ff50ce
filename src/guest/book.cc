#include "guest/book.h"

#include <fmt/format.h>

#include <algorithm>

#include "guest/form.h"
#include "guest/leaves.h"
#include "guest/mail_links.h"
#include "guest/mail_reports.h"
#include "guest/page.h"
#include "guest/takeaway.h"
#include "portal/people.h"
#include "portal/queue.h"
#include "receipt/canonical.h"

namespace hospes::guest {
namespace {

constexpr std::string_view root = "/guest";
constexpr std::size_t done_max = 20;  // things of one page, and acts told in one note
constexpr std::size_t list_max = 100;

/// One request.
class Visit {
 public:
  Visit(
      const Doors& doors, Sessions& sessions, LinkByMail& by_mail, const http::Request& request
  )
      : doors_(doors),
        sessions_(sessions),
        by_mail_(by_mail),
        request_(request),
        now_(doors.house.clock.now()),
        words_("en", *zone()) {}

  http::Response answer() {
    std::string_view rest = std::string_view(request_.path).substr(root.size());
    while (rest.starts_with('/')) rest.remove_prefix(1);
    if (rest == "style.css") return style_sheet();
    const std::string_view lang = rest.substr(0, rest.find('/'));
    if (lang != "fr" && lang != "en") return in_a_language(rest);
    words_ = Words(lang, *zone());
    rest.remove_prefix(std::min(rest.size(), lang.size() + 1));
    path_ = rest;
    session_ = sessions_.of(request_, now_);
    if (request_.method == "GET") return page();
    if (request_.method != "POST")
      return told(
          405, "Pages are read, forms are sent.", "Une page se lit, un formulaire s’envoie."
      );
    if (!http::from_our_page(request_))
      return told(
          403, "This form did not come from these pages.",
          "Ce formulaire ne vient pas de ces pages."
      );
    return act();
  }

 private:
  const zones::Zone* zone() const {
    const zones::Zone* found = zones::find(doors_.house.catalog.house.time_zone);
    return found == nullptr ? &zones::utc() : found;
  }

  Sheet sheet(Tab tab) const {
    Sheet out{.doors = doors_, .words = words_, .path = path_, .tab = tab};
    out.session = session_ ? &*session_ : nullptr;
    out.known = known_ ? &*known_ : nullptr;
    out.done = done_;
    return out;
  }

  http::Response html(int status, std::string text) const {
    http::Response out{status, {{"Content-Type", "text/html; charset=utf-8"}}, std::move(text)};
    out.headers.add("Content-Language", words_.code());
    return out;
  }

  http::Response told(int status, std::string_view en, std::string_view fr) const {
    Html body;
    body.line("p", words_.say(en, fr));
    body.raw("<p class=\"links\"><a href=\"/guest/").raw(words_.code()).raw("\">");
    body.text(words_.say("To your pages", "Vers vos pages")).raw("</a></p>");
    Sheet plain{.doors = doors_, .words = words_};
    return html(
        status, document(plain, words_.say("Not like this", "Pas ainsi"), "", std::move(body))
    );
  }

  static http::Response style_sheet() {
    http::Response out{200, {{"Content-Type", "text/css; charset=utf-8"}}, std::string(style())};
    out.headers.add("Cache-Control", "public, max-age=3600");
    return out;
  }

  http::Response in_a_language(std::string_view rest) const {
    const auto& usual = doors_.house.catalog.house.languages;
    const auto lang =
        preferred(request_.headers.find("Accept-Language"), usual.empty() ? "fr" : usual.front());
    if (request_.method != "GET")
      return told(
          405, "Pages are read, forms are sent.", "Une page se lit, un formulaire s’envoie."
      );
    std::string where = fmt::format("/guest/{}", lang);
    if (is_place(rest)) where.append("/").append(rest);
    return to_page(std::move(where));
  }

  /// Nothing that could leave our pages is put into an address.
  static bool is_place(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '/' || c == '_' || c == '-';
    });
  }

  // What is read: changes nothing.

  http::Response page() {
    if (const auto code = below(path_, "enter/")) return door(*code);
    if (const auto token = below(path_, "keep/")) return way_back(*token);
    if (!session_) return outside();
    if (const auto number = below(path_, "receipts/")) return receipt(*number);
    const auto segment = below(path_, "why/");
    const auto row = std::ranges::find(tabs(), path_, &TabRow::path);
    if (!segment && row == tabs().end() && path_ != "erase" && path_ != "correct")
      return told(404, "There is no such page.", "Cette page n’existe pas.");
    const std::size_t from = receipt::number_of(request_.query_value("from").value_or("")).value_or(0);
    if (!gather({.done_skip = from, .done_max = done_max, .why = std::string(segment.value_or(""))}
        ))
      return gone();
    read_done();
    if (segment) return one_why(*segment);
    if (path_ == "correct") return correcting();
    if (path_ == "erase")
      return whole(
          Tab::take, words_.say("Erase everything", "Tout effacer"), "",
          erase_section(sheet(Tab::take))
      );
    return tab_page(row->tab, from);
  }

  bool gather(const Wanted& wanted) {
    known_ = known(doors_.house, session_->login.id, wanted);
    return known_.has_value();
  }

  void read_done() {
    const std::string list = request_.query_value("done").value_or("");
    std::string_view rest = list;
    while (!rest.empty() && done_.size() < done_max) {
      const std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      const auto number = receipt::number_of(one);
      if (!number) continue;
      if (auto found = leaf(doors_.house.receipts, known_->atoms(), *number))
        done_.push_back(std::move(*found));
    }
  }

  http::Response whole(Tab tab, std::string_view heading, std::string_view under, Html body) const {
    return html(200, document(sheet(tab), heading, under, std::move(body)));
  }

  http::Response one_why(std::string_view segment) const {
    Html body = why_section(sheet(Tab::known), segment);
    if (body.empty())
      return told(404, "You are in no such group.", "Vous n’êtes dans aucun groupe de ce nom.");
    return whole(Tab::known, words_.say("Why", "Pourquoi"), "", std::move(body));
  }

  http::Response correcting() const {
    const std::string name = request_.query_value("trait").value_or("");
    const auto trait = std::ranges::find(known_->traits, name, &Trait::name);
    if (trait == known_->traits.end() || !trait->correctable)
      return told(404, "There is nothing of this name to correct.", "Il n’y a rien de ce nom à corriger.");
    return whole(
        Tab::known, words_.say("Correct", "Corriger"), "", correct_section(sheet(Tab::known), *trait)
    );
  }

  http::Response tab_page(Tab tab, std::size_t from) const {
    const Sheet s = sheet(tab);
    const TabRow& row = *std::ranges::find(tabs(), tab, &TabRow::tab);
    Html body;
    switch (tab) {
      case Tab::all:
        return all_in_one(s);
      case Tab::known:
        if (from == 0) body.add(known_section(s, true));
        body.add(done_section(s, from));
        if (from == 0) body.add(schedules_section(s));
        break;
      case Tab::allow:
        body.add(allow_section(s));
        break;
      case Tab::pace:
        body.add(pace_section(s));
        break;
      case Tab::devices:
        body.add(devices_section(s));
        break;
      case Tab::take:
        body.add(take_section(s));
        break;
      case Tab::rights:
        body.add(rights_section(s));
        break;
      case Tab::looked:
        body.add(looked_section(s, list_max));
        break;
      case Tab::receipts:
        body.add(receipts_section(s, list_max));
        break;
      case Tab::none:
        break;
    }
    return whole(tab, words_.say(row.en, row.fr), "", std::move(body));
  }

  http::Response all_in_one(const Sheet& s) const {
    const std::string name = known_->called.substr(0, known_->called.find(' '));
    const std::string heading =
        name.empty() ? std::string(words_.say(
                           "Here is all we know of you.", "Voici tout ce que nous savons de vous."
                       ))
                     : fmt::format(
                           fmt::runtime(words_.say(
                               "Hello {}. Here is all we know of you.",
                               "Bonjour {}. Voici tout ce que nous savons de vous."
                           )),
                           name
                       );
    Html body;
    body.raw("<div class=\"columns\"><div>").add(known_section(s, false)).raw("</div><div>");
    body.add(allow_section(s)).raw("</div><div>").add(pace_section(s)).add(take_section(s));
    body.add(looked_section(s, 3)).raw("</div></div>");
    return whole(
        Tab::all, heading,
        words_.say(
            "You may permit, take and take back all of it. Nothing here changes what you bought.",
            "Vous pouvez tout permettre, tout emporter, tout reprendre. Rien ici ne change ce que "
            "vous avez acheté."
        ),
        std::move(body)
    );
  }

  http::Response receipt(std::string_view text) {
    if (!gather({.done_max = 0})) return gone();
    const auto number = receipt::number_of(text);
    const auto mine = number ? leaf(doors_.house.receipts, known_->atoms(), *number) : std::nullopt;
    if (!mine)
      return told(
          404, "None of your receipts has this number.", "Aucun de vos reçus n’a ce numéro."
      );
    const auto proof = doors_.house.receipts.receipt_at(*number);
    if (!proof)
      return told(404, "This receipt cannot be given again.", "Ce reçu ne peut plus être donné.");
    http::Response out = http::json(200, *proof + '\n');
    out.headers.add(
        "Content-Disposition", fmt::format("attachment; filename=\"receipt-{}.json\"", *number)
    );
    return out;
  }

  http::Response door(std::string_view code) const {
    if (!sessions_.is_good(code, now_)) return stale_link();
    const std::string heading = fmt::format(
        fmt::runtime(
            words_.say("{} opens its guest book to you.", "{} vous ouvre son livre d’hôtes.")
        ),
        doors_.house.catalog.house.name
    );
    Sheet s{.doors = doors_, .words = words_, .path = path_};
    return html(200, document(s, heading, "", enter_section(s, code)));
  }

  /// Who holds the link of an erasure takes it back with it, without coming in.
  http::Response way_back(std::string_view token) const {
    Sheet s{.doors = doors_, .words = words_, .path = path_};
    return html(
        200, document(s, words_.say("Keep everything?", "Tout garder\u202f?"), "", keep_section(s, token))
    );
  }

  http::Response stale_link() const {
    return told(
        410, "This link was already used, or is older than 15 minutes. Ask for another.",
        "Ce lien a déjà servi, ou a plus de 15 minutes. Demandez-en un autre."
    );
  }

  http::Response outside() const {
    Sheet s{.doors = doors_, .words = words_, .path = path_};
    return html(
        401,
        document(s, words_.say("Your guest book", "Votre livre d’hôtes"), "", outside_section(s))
    );
  }

  /// The same for everybody.
  http::Response link_by_mail() {
    const std::string code = words_.code() == "fr" ? "fr" : "en";
    by_mail_.ask(doors_, field(request_, "email"), code, [&](const Atom& login) {
      return fmt::format("{}/{}/enter/{}", root, code, sessions_.new_link(login, "mail", now_));
    });
    Html body;
    body.line(
        "p", words_.say(
                 "If we know this address, a link is on its way to it. It is good once, for 15 minutes.",
                 "Si nous connaissons cette adresse, un lien lui est envoyé. Il sert une fois, pendant "
                 "15 minutes."
             )
    );
    Sheet plain{.doors = doors_, .words = words_};
    return html(200, document(plain, words_.say("Look into your mail", "Regardez votre courrier"), "", std::move(body)));
  }

  http::Response gone() {
    auto out = told(410, "Nothing of you is here.", "Il n’y a rien de vous ici.");
    out.headers.add("Set-Cookie", sessions_.leave(request_));
    return out;
  }

  // What is done: forms of ours only.

  http::Response act() {
    if (const auto code = below(path_, "enter/")) return enter(*code);
    if (path_ == "link") return link_by_mail();
    if (const auto token = below(path_, "keep/")) return keep_by_link(*token);
    if (!session_) return outside();
    if (field(request_, "word") != session_->word)
      return told(
          403, "This form is not of this visit. Go back and reload the page.",
          "Ce formulaire n’est pas de cette visite. Revenez et rechargez la page."
      );
    if (path_ == "leave") return leave();
    if (!gather({.done_max = 0})) return gone();
    if (path_ == "allow") return allow();
    if (path_ == "stop") return stop();
    if (path_ == "level") return level();
    if (path_ == "devices") return devices();
    if (path_ == "freeze") return freeze();
    if (path_ == "correct") return correct();
    if (path_ == "keep") return taken_back(rights::Right::erasure);
    if (path_ != "take" && path_ != "erase")
      return told(404, "There is no such form.", "Ce formulaire n’existe pas.");
    if (now_ - session_->since > fresh_for)
      return told(
          403, "For this, come in with a new link: you have been here for more than 15 minutes.",
          "Pour cela, entrez avec un nouveau lien\u00a0: vous êtes là depuis plus de 15 minutes."
      );
    return path_ == "take" ? take() : erase_all();
  }

  http::Response enter(std::string_view code) {
    const auto cookie = sessions_.redeem(code, now_);
    if (!cookie) return stale_link();
    http::Response out = to_page(fmt::format("/guest/{}", words_.code()));
    out.headers.add("Set-Cookie", *cookie);
    return out;
  }

  http::Response leave() {
    http::Response out = to_page(fmt::format("/guest/{}", words_.code()));
    out.headers.add("Set-Cookie", sessions_.leave(request_));
    return out;
  }

  http::Response failed(const Error& error) const {
    if (error.code == Code::invalid_input)
      return told(400, "This is not a choice of yours.", "Ce choix n’est pas le vôtre.");
    return told(
        503, "It could not be written down, so nothing was changed. Try again in a minute.",
        "Cela n’a pas pu être inscrit, donc rien n’a changé. Réessayez dans une minute."
    );
  }

  /// Back to the page that the form stood on, which tells what was done.
  http::Response back(const std::vector<std::uint64_t>& leaves) const {
    const std::string from = field(request_, "from");
    const auto row = std::ranges::find(tabs(), from, &TabRow::path);
    std::string where = fmt::format("/guest/{}", words_.code());
    if (row != tabs().end() && !row->path.empty()) where.append("/").append(row->path);
    for (std::size_t i = 0; i < leaves.size(); ++i)
      where.append(i == 0 ? "?done=" : ",").append(std::to_string(leaves[i]));
    return to_page(std::move(where));
  }

  http::Response say(std::vector<PurposeBit> purposes, bool yes) const {
    const auto leaves = guest::answer(
        doors_, *session_, *known_,
        {.purposes = std::move(purposes), .yes = yes, .lang = words_.code()}
    );
    return leaves ? back(*leaves) : failed(leaves.error());
  }

  http::Response allow() const {
    const auto purpose = doors_.house.catalog.purposes.find(field(request_, "purpose"));
    const std::string said = field(request_, "say");
    if (!purpose || (said != "yes" && said != "no")) return failed({Code::invalid_input, ""});
    return say({*purpose}, said == "yes");
  }

  http::Response stop() const {
    std::vector<PurposeBit> contacts;
    for (const catalog::Purpose& p : doors_.house.catalog.purposes.rows())
      if (p.name.starts_with("contact:")) contacts.push_back(p.ordinal);
    return say(std::move(contacts), false);
  }

  http::Response level() const {
    const auto chosen = outbox::level_named(field(request_, "level"));
    if (!chosen) return failed({Code::invalid_input, ""});
    const auto leaves = choose(doors_, *session_, *known_, *chosen);
    return leaves ? back(*leaves) : failed(leaves.error());
  }

  http::Response devices() const {
    const auto other = portal::atom_of(field(request_, "atom"));
    if (!other || *other == session_->login.id) return failed({Code::invalid_input, ""});
    const Status done = part(doors_, *session_, *other);
    if (!done && done.error().code == Code::not_found)
      return told(404, "Nothing joins you to it.", "Rien ne vous y relie.");
    return done ? to_page(sheet(Tab::devices).to("devices")) : failed(done.error());
  }

  http::Response asked(const Result<std::uint64_t>& leaf) const {
    if (!leaf && leaf.error().code == Code::conflict)
      return told(409, "This stands already, or is not corrected here.", "C’est déjà le cas, ou ne se corrige pas ici.");
    if (!leaf && leaf.error().code == Code::not_found) return failed({Code::invalid_input, ""});
    return leaf ? back({*leaf}) : failed(leaf.error());
  }

  http::Response taken_back(rights::Right right) const {
    const auto leaves = take_back(doors_, *session_, *known_, right);
    return leaves ? back(*leaves) : failed(leaves.error());
  }

  http::Response freeze() const {
    const std::string said = field(request_, "say");
    if (said == "no") return taken_back(rights::Right::restriction);
    if (said != "yes") return failed({Code::invalid_input, ""});
    return asked(ask(doors_, *session_, {.right = rights::Right::restriction, .lang = std::string(words_.code())}));
  }

  http::Response correct() const {
    const std::string trait = field(request_, "trait");
    return asked(ask(
        doors_, *session_,
        {.right = rights::Right::correction, .what = trait, .value = field(request_, "value"),
         .lang = std::string(words_.code())}
    ));
  }

  http::Response keep_by_link(std::string_view token) const {
    if (const Status kept = portal::cancel_by_link(doors_.house, token); !kept)
      return told(
          410, "There is no erasure to take back by this link: it was taken back, or it is done.",
          "Il n’y a plus d’effacement à reprendre par ce lien\u00a0: il a été repris, ou il est fait."
      );
    return told(
        200, "Everything is kept, and used as before. Nothing was lost.",
        "Tout est gardé, et sert comme avant. Rien n’est perdu."
    );
  }

  /// The countdown begins; the page that follows tells its end and the way back.
  http::Response erase_later(Duration countdown) {
    const auto begun = portal::request(
        doors_.house, session_->login,
        {.right = rights::Right::erasure, .countdown = countdown, .lang = std::string(words_.code())}
    );
    if (!begun) return asked(std::unexpected(begun.error()));
    if (!gather({.done_max = 0})) return gone();
    Sheet s = sheet(Tab::take);
    return whole(
        Tab::take, words_.say("It counts down", "Le compte à rebours court"), "",
        counting_section(s, begun->cancel, begun->leaf)
    );
  }

  http::Response take() {
    const auto files = takeaway(doors_, *session_);
    if (!files) return gone();
    if (const Status written = note_export(doors_, *session_); !written)
      return failed(written.error());
    http::Response out{200, {{"Content-Type", "application/zip"}}, zip::stored(*files, now_)};
    out.headers.add("Content-Disposition", "attachment; filename=\"hospes-takeaway.zip\"");
    return out;
  }

  http::Response erase_all() {
    const std::string hours = field(request_, "hours");
    if (hours == "24" || hours == "72") return erase_later(std::chrono::hours(hours == "24" ? 24 : 72));
    if (!hours.empty() && hours != "0") return failed({Code::invalid_input, ""});
    const auto receipts = guest::erase(doors_, *known_);
    if (!receipts) return failed(receipts.error());
    sessions_.forget(session_->login.id);
    session_.reset();
    known_.reset();
    Sheet s{.doors = doors_, .words = words_};
    auto out = html(
        200, document(s, words_.say("Goodbye", "Au revoir"), "", farewell_section(s, *receipts))
    );
    out.headers.add("Set-Cookie", sessions_.leave(request_));
    return out;
  }

  const Doors& doors_;
  Sessions& sessions_;
  LinkByMail& by_mail_;
  const http::Request& request_;
  const Instant now_;
  Words words_;
  std::string path_;  // below /guest/{language}
  std::optional<Session> session_;
  std::optional<Known> known_;
  std::vector<Leaf> done_;
};

}  // namespace

Book::Book(BookOptions options, Doors doors)
    : options_(options),
      doors_(std::move(doors)),
      sessions_(options.tls),
      loads_(doors_),
      queue_(std::make_unique<portal::Queue>(
          threads, waiting_max, "too many pages are being drawn; try again in a second",
          [this](const http::Request& request) {
            http::Response out = is_mail_report(request.path) ? mail_report(doors_, request)
                                 : is_mail_link(request.path)
                                     ? mail_link(doors_, request)
                                     : Visit(doors_, sessions_, by_mail_, request).answer();
            guard(out, options_.tls);
            return out;
          }
      )) {}

Book::~Book() { close(); }

bool Book::serves(std::string_view path) {
  return MailLoads::serves(path) || is_mail_link(path) || is_mail_report(path) || path == root || (path.starts_with(root) && path[root.size()] == '/');
}

portal::GuestLink Book::new_link(const Atom& login, std::string_view via) {
  const Instant now = doors_.house.clock.now();
  return {
      fmt::format("{}/enter/{}", root, sessions_.new_link(login, via, now)), now + link_good_for};
}

void Book::handle(http::Request request, http::Responder responder) {
  // A campaign's loads come by the thousand: they wait for nobody's page, and no page for them.
  if (MailLoads::serves(request.path)) return loads_.handle(request, std::move(responder));
  queue_->put(std::move(request), std::move(responder));
}

void Book::close() {
  loads_.close();
  queue_->close();
}

}  // namespace hospes::guest
