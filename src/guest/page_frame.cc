#include <array>

#include "guest/page.h"

namespace hospes::guest {
namespace {

constexpr std::array<TabRow, 9> tab_rows = {{
    {Tab::all, "", "All in one", "Tout en un"},
    {Tab::known, "known", "What we know", "Ce que nous savons"},
    {Tab::allow, "allow", "What you allow", "Ce que vous permettez"},
    {Tab::pace, "pace", "Your pace", "Votre rythme"},
    {Tab::devices, "devices", "Your devices", "Vos appareils"},
    {Tab::take, "take", "Take away, erase", "Emporter, effacer"},
    {Tab::rights, "rights", "Your requests", "Vos demandes"},
    {Tab::looked, "looked", "Who looked", "Qui a regardé"},
    {Tab::receipts, "receipts", "Your receipts", "Vos reçus"},
}};

Html languages(const Sheet& sheet) {
  Html out;
  out.raw("<nav class=\"langs\" aria-label=\"").text(sheet.say("Language", "Langue")).raw("\">");
  for (const std::string_view code : {"fr", "en"}) {
    out.raw("<a hreflang=\"")
        .raw(code)
        .raw("\" lang=\"")
        .raw(code)
        .raw("\" href=\"/guest/")
        .raw(code);
    if (!sheet.path.empty()) out.raw("/").text(sheet.path);
    out.raw("\"").raw(sheet.words.code() == code ? " aria-current=\"true\"" : "").raw(">");
    out.raw(
           code == "fr" ? "<abbr title=\"Français\">FR</abbr>" : "<abbr title=\"English\">EN</abbr>"
    )
        .raw("</a>");
  }
  return out.raw("</nav>");
}

Html top(const Sheet& sheet) {
  Html out;
  out.raw("<header><p class=\"house\">").text(sheet.doors.house.catalog.house.name).raw("</p>");
  if (sheet.known != nullptr && !sheet.known->identifiers.empty())
    out.raw("<p class=\"who\" dir=\"auto\">")
        .text(sheet.known->identifiers.front().value)
        .raw("</p>");
  out.add(languages(sheet));
  if (sheet.session != nullptr) {
    out.add(form(sheet, "leave")).raw("<button class=\"plain\">");
    out.text(sheet.say("Sign out", "Se déconnecter")).raw("</button></form>");
  }
  return out.raw("</header>");
}

Html tab_list(const Sheet& sheet) {
  Html out;
  out.raw("<nav class=\"tabs\" aria-label=\"")
      .text(sheet.say("Your pages", "Vos pages"))
      .raw("\"><ul>");
  for (const TabRow& row : tab_rows) {
    out.raw("<li><a href=\"").raw(sheet.to(row.path)).raw("\"");
    if (row.tab == sheet.tab) out.raw(" aria-current=\"page\"");
    out.raw(">").text(sheet.say(row.en, row.fr)).raw("</a></li>");
  }
  return out.raw("</ul></nav>");
}

/// What the guest did just now, with its proof.
Html done_note(const Sheet& sheet) {
  Html out;
  if (sheet.done.empty()) return out;
  out.raw("<div class=\"note yes\" role=\"status\"><p><strong>✓ ")
      .text(sheet.say("Done.", "C’est fait."));
  out.raw("</strong></p><ul>");
  for (const Leaf& leaf : sheet.done) {
    const auto& purposes = sheet.doors.house.catalog.purposes;
    const auto purpose = purposes.find(leaf.of("purpose"));
    out.raw("<li>");
    if (purpose) {
      out.text(sheet.words.purpose(purposes.at(*purpose))).text(sheet.say(": ", "\u00a0: "));
      out.text(leaf.of("state") == "given" ? sheet.say("yes", "oui") : sheet.say("no", "non"))
          .raw(". ");
    } else if (const auto right = rights::find(leaf.of("right"))) {
      const rights::RightRow& row = rights::row_of(*right);
      out.text(sheet.say(row.en, row.fr)).text(sheet.say(": ", "\u00a0: "));
      out.text(state_in_words(sheet, *right, leaf.of("state"))).raw(". ");
    }
    if (leaf.of("kind") == "level")
      out.text(sheet.say("How often we write to you: ", "À quelle fréquence nous vous écrivons\u00a0: "))
          .text(level_words(sheet, leaf.of("level")).name)
          .raw(". ");
    out.raw("<a href=\"").raw(sheet.to("receipts/" + std::to_string(leaf.number))).raw("\">");
    out.text(sheet.say("Receipt ", "Reçu ")).text(std::to_string(leaf.number)).raw("</a></li>");
  }
  return out.raw("</ul></div>");
}

}  // namespace

std::span<const TabRow> tabs() { return tab_rows; }

std::string Sheet::to(std::string_view below) const {
  std::string out = "/guest/" + std::string(words.code());
  if (!below.empty()) out.append("/").append(below);
  return out;
}

Html form(const Sheet& sheet, std::string_view action) {
  Html out;
  out.raw("<form method=\"post\" action=\"").raw(sheet.to(action)).raw("\">");
  if (sheet.session != nullptr)
    out.raw("<input type=\"hidden\" name=\"word\" value=\"").text(sheet.session->word).raw("\">");
  return out;
}

std::string document(
    const Sheet& sheet, std::string_view heading, std::string_view under, Html body
) {
  Html out;
  out.raw("<!doctype html>\n<html lang=\"")
      .raw(sheet.words.code())
      .raw("\"><head><meta charset=\"utf-8\">");
  out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
  out.raw("<meta name=\"robots\" content=\"noindex\"><title>").text(heading).text(" – ");
  out.text(sheet.doors.house.catalog.house.name);
  out.raw("</title><link rel=\"stylesheet\" href=\"/guest/style.css\"></head><body>");
  out.raw("<a class=\"skip\" href=\"#main\">")
      .text(sheet.say("To the content", "Aller au contenu"))
      .raw("</a>");
  // On a page of its own a section repeats the page's heading: for who hears the page, not for who
  // sees it.
  out.add(top(sheet))
      .raw(sheet.tab == Tab::all ? "<main id=\"main\">" : "<main id=\"main\" class=\"single\">")
      .raw("<h1 dir=\"auto\">")
      .text(heading)
      .raw("</h1>");
  if (!under.empty()) out.raw("<p class=\"under\">").text(under).raw("</p>");
  if (sheet.session != nullptr) out.add(tab_list(sheet));
  if (sheet.known != nullptr) out.add(halted_note(sheet));
  out.add(done_note(sheet)).add(body);
  return out.raw("</main></body></html>\n").done();
}

}  // namespace hospes::guest
