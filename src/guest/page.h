// The guest book's pages, drawn on the server: one section a freedom, each on a page of its own and
// the first of them together on one. No script: every act is a form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guest/acts.h"
#include "guest/html.h"
#include "guest/knows.h"
#include "guest/leaves.h"
#include "guest/sessions.h"
#include "guest/words.h"

namespace hospes::guest {

/// Empty: all in one.
enum class Tab : std::uint8_t { all, known, allow, pace, devices, take, rights, looked, receipts, none };
struct TabRow {
  Tab tab = Tab::all;
  std::string_view path;  // below /guest/{language}
  std::string_view en, fr;
};
std::span<const TabRow> tabs();

/// What every part of a page draws from.
struct Sheet {
  const Doors& doors;
  const Words& words;
  const Session* session = nullptr;  // null: nobody is logged in
  const Known* known = nullptr;
  std::string path = "";  // below /guest/{language}, for the links that change the language
  Tab tab = Tab::none;
  std::vector<Leaf> done = {};  // what the guest did just now

  std::string_view say(std::string_view en, std::string_view fr) const { return words.say(en, fr); }
  /// An address of ours, in the language of this page.
  std::string to(std::string_view below) const;
};

/// A whole document. `title`: of the window; `heading`: of the page.
std::string document(
    const Sheet& sheet, std::string_view heading, std::string_view under, Html body
);
/// Where a request stands, for the guest.
std::string_view state_in_words(const Sheet& sheet, rights::Right right, std::string_view state);
/// Opens a form that does something; the word proves that a page of ours sent it.
Html form(const Sheet& sheet, std::string_view action);

Html known_section(const Sheet& sheet, bool whole);
/// How long the house keeps what; empty: it set no end.
Html schedules_section(const Sheet& sheet);
Html why_section(const Sheet& sheet, std::string_view segment);
Html done_section(const Sheet& sheet, std::size_t skipped);
Html allow_section(const Sheet& sheet);
Html pace_section(const Sheet& sheet);
struct LevelWords {
  std::string_view name, about;
};
/// In the page's language; of a name in outbox::level_names.
LevelWords level_words(const Sheet& sheet, std::string_view level);
Html devices_section(const Sheet& sheet);
Html take_section(const Sheet& sheet);
Html erase_section(const Sheet& sheet);
Html correct_section(const Sheet& sheet, const Trait& trait);
/// Each exercised right with its clock, and what keeps everything from use.
Html rights_section(const Sheet& sheet);
/// What stands over every page while nothing of theirs is used; empty: all is as usual.
Html halted_note(const Sheet& sheet);
/// An erasure has begun: until when, and the link that takes it back.
Html counting_section(
    const Sheet& sheet, std::string_view cancel, std::optional<std::uint64_t> leaf
);
/// Of the link that takes an erasure back: asks, and after the press tells.
Html keep_section(const Sheet& sheet, std::string_view token);
Html looked_section(const Sheet& sheet, std::size_t most);
Html receipts_section(const Sheet& sheet, std::size_t most);
/// After an erasure: there is nobody to log in any more, so the receipts are on the page itself.
Html farewell_section(const Sheet& sheet, const std::vector<std::string>& receipts);
Html enter_section(const Sheet& sheet, std::string_view code);
Html outside_section(const Sheet& sheet);

/// The style sheet of all pages: light and dark, from the same names.
std::string_view style();

}  // namespace hospes::guest
