// hospes signal: what a TC or GPP string says, and whether it may be relied on.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <iostream>

#include "base/json_text.h"
#include "clock/clock.h"
#include "server/command.h"
#include "server/signals.h"
#include "signal/gpp.h"

namespace hospes::server {
namespace {

using signal::TcString;
using signal::Vendors;

struct Ask {
  std::vector<std::string> strings;
  std::string at;
};

/// The purposes of the TCF, shortened; IAB Europe, policies, appendix A.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> purpose_names = {{
    {"store and read on the device", "lire et écrire sur l'appareil"},
    {"limited data for ads", "publicité à données limitées"},
    {"profiles for ads", "profils publicitaires"},
    {"profiles used for ads", "publicité selon profil"},
    {"profiles for content", "profils de contenu"},
    {"profiles used for content", "contenu selon profil"},
    {"measure ads", "mesure de la publicité"},
    {"measure content", "mesure du contenu"},
    {"understand audiences", "connaissance des audiences"},
    {"improve services", "amélioration des services"},
    {"limited data for content", "contenu à données limitées"},
}};

std::vector<unsigned> numbers(signal::PurposeSet set) {
  std::vector<unsigned> out;
  for (unsigned n = 1; n <= 64; ++n)
    if ((set >> (n - 1) & 1) != 0) out.push_back(n);
  return out;
}

std::string list(const auto& numbers) { return fmt::format("[{}]", fmt::join(numbers, ",")); }

std::string restrictions_json(const TcString& tc) {
  std::string out;
  for (const signal::Restriction& r : tc.restrictions)
    out += fmt::format(
        "{}{{\"purpose\":{},\"kind\":{},\"vendors\":{}}}", out.empty() ? "" : ",", r.purpose,
        static_cast<int>(r.kind), list(r.vendors)
    );
  return '[' + out + ']';
}

std::string publisher_json(const TcString& tc) {
  if (!tc.publisher) return "null";
  const signal::PublisherSegment& p = *tc.publisher;
  return fmt::format(
      "{{\"consent\":{},\"interest\":{},\"custom\":{},\"custom_consent\":{},\"custom_interest\":{}}}",
      list(numbers(p.consent)), list(numbers(p.interest)), p.custom, list(numbers(p.custom_consent)),
      list(numbers(p.custom_interest))
  );
}

std::string json_of(const TcString& tc, const Status& valid) {
  const auto vendors = [](const std::optional<Vendors>& v) { return v ? list(*v) : "null"; };
  return fmt::format(
      "{{\"kind\":\"tc\",\"valid\":{},\"reason\":{},\"created\":\"{}\",\"updated\":\"{}\",\"ends\":"
      "\"{}\",\"cmp\":{},\"cmp_version\":{},\"screen\":{},\"language\":\"{}\",\"vendor_list\":{},"
      "\"policy\":{},\"service_specific\":{},\"other_texts\":{},\"special_features\":{},\"consent\":{},"
      "\"interest\":{},\"one_treatment\":{},\"country\":\"{}\",\"vendor_consent\":{},"
      "\"vendor_interest\":{},\"restrictions\":{},\"disclosed\":{},\"allowed\":{},\"publisher\":{},"
      "\"written\":\"{}\"}}",
      valid.has_value(), valid ? "null" : json_text(valid.error().message), to_string(tc.created),
      to_string(tc.updated), to_string(signal::tc_ends(tc)), tc.cmp, tc.cmp_version, tc.screen,
      tc.language, tc.vendor_list, tc.policy, tc.service_specific, tc.other_texts,
      list(numbers(tc.special_features)), list(numbers(tc.consent)), list(numbers(tc.interest)),
      tc.one_treatment, tc.country, list(tc.vendor_consent), list(tc.vendor_interest),
      restrictions_json(tc), vendors(tc.disclosed), vendors(tc.allowed), publisher_json(tc),
      signal::write_tc(tc)
  );
}

void tell(const Globals& globals, const TcString& tc, const Status& valid) {
  const auto line = [&](std::string_view en, std::string_view fr, const std::string& value) {
    fmt::print("  {:<14}{}\n", globals.say(en, fr), value);
  };
  fmt::print("{}\n", globals.say("TC string", "chaîne TC"));
  line("holds", "vaut", valid ? std::string(globals.say("yes", "oui")) : valid.error().message);
  line("made", "faite", to_string(tc.created));
  line("ends", "finit", to_string(signal::tc_ends(tc)));
  line("consent tool", "outil", fmt::format("CMP {}, {} {}", tc.cmp, tc.language, tc.country));
  for (unsigned n = 1; n <= purpose_names.size(); ++n) {
    const bool yes = tc.consents_to(n);
    const bool interest = (tc.interest >> (n - 1) & 1) != 0;
    const auto& [en, fr] = purpose_names[n - 1];
    fmt::print(
        "  {:<14}{}  {}\n", fmt::format("{} {}", globals.say("purpose", "finalité"), n),
        yes ? globals.say("consent", "consentie") : interest ? globals.say("interest", "intérêt")
                                                             : globals.say("no", "non"),
        globals.say(en, fr)
    );
  }
  line(
      "vendors", "partenaires",
      fmt::format(
          "{} {}, {} {}", tc.vendor_consent.size(), globals.say("consented", "consentis"),
          tc.disclosed ? std::to_string(tc.disclosed->size()) : "?",
          globals.say("disclosed", "divulgués")
      )
  );
}

/// Exit codes: 0 read and valid, 1 not.
int one(const Globals& globals, const std::string& text, Instant now) {
  const auto refuse = [&](const Error& error) -> int {
    if (globals.json) {
      fmt::print("{{\"kind\":null,\"valid\":false,\"reason\":{}}}\n", json_text(error.message));
    } else {
      fmt::print("{}\n", error.message);
    }
    return exit_no;
  };
  if (signal::looks_like_gpp(text)) {
    const auto sections = signal::parse_gpp(text);
    if (!sections) return refuse(sections.error());
    std::string listed;
    for (const signal::GppSection& s : *sections)
      listed += fmt::format(
          "{}{{\"id\":{},\"text\":{}}}", listed.empty() ? "" : ",", s.id, json_text(s.text)
      );
    if (globals.json) {
      fmt::print(
          "{{\"kind\":\"gpp\",\"sections\":[{}],\"written\":{}}}\n", listed,
          json_text(signal::write_gpp(*sections))
      );
      return exit_done;
    }
    int code = exit_done;
    for (const signal::GppSection& s : *sections) {
      fmt::print("{} {}\n", globals.say("GPP section", "section GPP"), s.id);
      if (s.id == signal::gpp_europe) code = one(globals, s.text, now);
    }
    return code;
  }
  const auto tc = signal::parse_tc(text);
  if (!tc) return refuse(tc.error());
  const Status valid = signal::check_tc(*tc, now);
  if (globals.json) {
    fmt::print("{}\n", json_of(*tc, valid));
  } else {
    tell(globals, *tc, valid);
  }
  return valid ? exit_done : exit_no;
}

int read(const Globals& globals, const Ask& ask) {
  SystemClock clock;
  const auto at = ask.at.empty() ? std::optional(clock.now()) : parse_instant(ask.at);
  if (!at) return report({Code::invalid_input, "--at wants a time, like 2026-11-27T12:00:00Z"});
  int code = exit_done;
  for (const std::string& text : ask.strings) {
    if (text != "-") {
      code = std::max(code, one(globals, text, *at));
      continue;
    }
    for (std::string line; std::getline(std::cin, line);)
      code = std::max(code, one(globals, line, *at));
  }
  return code;
}

constexpr Help signal_help{
    "signal",
    "Reads a consent string of the IAB (TC 2.2 and 2.3, GPP): what it allows, and whether it may be "
    "relied on.",
    "Lit une chaîne de consentement de l'IAB (TC 2.2 et 2.3, GPP) : ce qu'elle permet, et si l'on "
    "peut s'y fier.",
    "hospes signal CQuIxQAQuIxQANwABBENBjFgAMIAAAAAAAqIAEEEAAAAAAAA.IBBQA4ABAAGAAgAQQAAA\n"
    "hospes signal - --json < strings.txt    one a line\n"
    "hospes signal STRING --at 2027-06-01T00:00:00Z    as of then",
    "hospes signal CQuIxQAQuIxQANwABBENBjFgAMIAAAAAAAqIAEEEAAAAAAAA.IBBQA4ABAAGAAgAQQAAA\n"
    "hospes signal - --json < chaines.txt    une par ligne\n"
    "hospes signal CHAÎNE --at 2027-06-01T00:00:00Z    à cette date"};

}  // namespace

void add_signal(Command hospes) {
  const auto ask = std::make_shared<Ask>();
  const Command command = hospes.command(signal_help);
  command.option("string", ask->strings, "consent strings; - reads them from the input")
      .required();
  command.option("--at", ask->at, "whether it held then");
  command.run(ask, read);
}

}  // namespace hospes::server
