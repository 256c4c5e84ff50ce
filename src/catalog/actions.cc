// actions.toml. toml++ throws; nothing it throws leaves here.
#include "catalog/actions.h"

#include <array>
#include <charconv>

#include "catalog/actions_toml.h"
#include "catalog/mail_route.h"
#include "catalog/toml_values.h"

namespace hospes::catalog {
namespace {

constexpr std::size_t attempts_max = 16;
constexpr std::int64_t minute_us = 60'000'000;


Status read_span(const Place& place, std::string_view key, Duration least, Duration most, Duration& out) {
  if (!place.table.contains(key)) return {};
  std::string text;
  TRY(read(place, key, text));
  const auto span = parse_duration(text);
  if (!span || *span < least || *span > most) {
    return wrong_at(
        place, key,
        std::string(key) + " in " + place.what + " is a duration such as \"30s\" or \"48h\", " +
            hospes::to_string(least) + " to " + hospes::to_string(most)
    );
  }
  out = *span;
  return {};
}

/// `08:30`, up to `24:00`.
std::optional<std::int64_t> time_of_day(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<int> {
    int out = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    return out;
  };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = number(text.substr(0, 2));
  const auto minute = number(text.substr(3));
  if (!hour || !minute || *hour > 24 || *minute > 59 || (*hour == 24 && *minute > 0))
    return std::nullopt;
  return (*hour * 60 + *minute) * minute_us;
}

Status read_quiet(const Place& place, Action& out) {
  if (!place.table.contains("quiet")) return {};
  std::string text;
  TRY(read(place, "quiet", text));
  const auto dash = text.find('-');
  const auto from = time_of_day(std::string_view(text).substr(0, dash));
  const auto until = dash == std::string::npos
                         ? std::nullopt
                         : time_of_day(std::string_view(text).substr(dash + 1));
  if (!from || !until || (*until - *from) % (1'440 * minute_us) == 0) {
    return wrong_at(
        place, "quiet",
        "quiet in " + place.what + " is two times of day of the person's zone, such as \"21:00-08:00\", less than a day apart"
    );
  }
  out.quiet = {*from, *until};
  return {};
}

Status read_url(const Place& place, Destination& out) {
  TRY(read(place, "url", out.url));
  const bool scheme = out.mail ? out.url.starts_with("smtps://") || out.url.starts_with("smtp://")
                               : out.url.starts_with("https://") || out.url.starts_with("http://");
  const bool plain = std::ranges::all_of(out.url, [](char c) { return c > ' ' && c < 127; });
  const auto host = out.url.find("//");
  const bool user = out.url.substr(0, out.url.find('/', host + 2)).contains('@');
  if (scheme && plain && !user && out.url.size() <= 2'000 && out.url.size() > host + 2) return {};
  if (out.mail)
    return wrong_at(
        place, "url",
        "url in " + place.what + " is smtp://relay:587 or smtps://relay:465, without a user name in it"
    );
  return wrong_at(
      place, "url",
      "url in " + place.what +
          " is https://host/path (http:// only for an address that [act] allow lists), without a "
          "user name in it"
  );
}

Result<Destination> read_destination(const Place& place) {
  Destination out;
  TRY(read_mail(place, out));
  if (!out.mail)
    TRY(only_keys(place, {"name", "kind", "url", "secret_file", "timeout", "connections", "retry", "channel", "mapping", "headers_file"}));
  TRY(read_name(place, out.name));
  TRY(read_url(place, out));
  TRY(read(place, "secret_file", out.secret_file));
  TRY(read(place, "channel", out.channel));
  TRY(read(place, "mapping", out.mapping));
  TRY(read(place, "headers_file", out.headers_file));
  TRY(read_span(place, "timeout", std::chrono::milliseconds(100), std::chrono::minutes(2), out.timeout));
  TRY(read_count(place, "connections", 1, 256, out.connections));
  if (!place.table.contains("retry")) return out;
  std::vector<std::string> pauses;
  TRY(read(place, "retry", pauses));
  out.retry.clear();
  for (const std::string& text : pauses) {
    const auto pause = parse_duration(text);
    if (!pause || *pause > std::chrono::hours(48) || out.retry.size() >= attempts_max) {
      return wrong_at(
          place, "retry",
          "retry in " + place.what + " is a list of pauses such as [\"5s\", \"5m\"], sixteen at most, "
          "48h each at most"
      );
    }
    out.retry.push_back(*pause);
  }
  return out;
}

Status read_when(const Place& place, Action& out) {
  std::string text;
  TRY(read(place, "when", text));
  if (text == "enters" || text == "leaves" || text == "journey") {
    out.on_enter = text != "leaves";
    out.by_journey = text == "journey";
    return {};
  }
  return wrong_at(
      place, "when", "when in " + place.what + " is \"enters\", \"leaves\" or \"journey\""
  );
}

Result<Action> read_action(const Place& place, const Purposes& purposes) {
  TRY(only_keys(
      place, {"name", "version", "when", "segment", "from", "purpose", "destination", "cap_per_day", "quiet",
              "holdout", "valid_for", "message"}
  ));
  Action out;
  TRY(read_name(place, out.name));
  const Place named{place.table, place.file, "action \"" + out.name + "\""};
  TRY(read_count(named, "version", 1, 1'000'000, out.version));
  TRY(read_when(named, out));
  TRY(read(named, "segment", out.segment));
  if (out.by_journey && !out.segment.empty())
    return wrong_at(
        named, "segment", named.what + " has when = \"journey\": its journey says whom, take segment out"
    );
  if (out.segment.empty() && !out.by_journey)
    return wrong_at(named, "segment", named.what + " needs a segment");
  TRY(read(named, "from", out.from));
  if (!out.from.empty() && (out.by_journey || !out.on_enter))
    return wrong_at(named, "from", named.what + " has from, which goes with when = \"enters\" only");
  std::string purpose;
  TRY(read(named, "purpose", purpose));
  if (purpose.empty()) {
    return wrong_at(
        named, "purpose",
        named.what + " needs the purpose that it serves; nothing is done about a person without one"
    );
  }
  const auto known = purposes.named(purpose);
  if (!known) return wrong_at(named, "purpose", known.error().message);
  out.purpose = *known;
  TRY(read(named, "destination", out.destination));
  TRY(read(named, "message", out.message));
  TRY(read_count(named, "cap_per_day", 1, 24, out.cap_per_day));
  TRY(read_quiet(named, out));
  TRY(read_share(named, "holdout", out.holdout));
  TRY(read_span(named, "valid_for", std::chrono::seconds(1), std::chrono::hours(24 * 30), out.valid_for));
  return out;
}

Status read_caps(const Place& file, Actions& out) {
  const toml::table* table = TRY(sub_table(file, "caps"));
  if (table == nullptr) return {};
  const Place place{*table, file.file, "[caps]"};
  TRY(only_keys(place, {"per_day", "per_week", "less_per_week"}));
  if (table->contains("per_day")) TRY(read_count(place, "per_day", 1, 24, out.contacts_per_day));
  if (table->contains("per_week")) TRY(read_count(place, "per_week", 1, 100, out.contacts_per_week));
  return read_count(place, "less_per_week", 1, 100, out.contacts_less_per_week);
}

template <class T>
bool is_known(const std::vector<T>& list, std::string_view name) {
  return std::ranges::find(list, name, &T::name) != list.end();
}

}  // namespace

const Destination* Actions::destination(std::string_view name) const {
  const auto at = std::ranges::find(destinations, name, &Destination::name);
  return at == destinations.end() ? nullptr : &*at;
}

Result<Actions> read_actions(const Place& place, const Purposes& purposes) {
  TRY(only_keys(place, {"destination", "action", "caps"}));
  Actions out;
  TRY(read_caps(place, out));
  for (const toml::table* table : TRY(sub_tables(place, "destination"))) {
    Destination one = TRY(read_destination({*table, place.file, "[[destination]]"}));
    if (is_known(out.destinations, one.name))
      return wrong(place.file, *table, "two destinations are called \"" + one.name + "\"");
    out.destinations.push_back(std::move(one));
  }
  for (const toml::table* table : TRY(sub_tables(place, "action"))) {
    const Place row{*table, place.file, "[[action]]"};
    Action one = TRY(read_action(row, purposes));
    if (is_known(out.actions, one.name))
      return wrong(place.file, *table, "two actions are called \"" + one.name + "\"");
    const Destination* destination = out.destination(one.destination);
    if (destination == nullptr) {
      std::vector<std::string> names;
      for (const Destination& d : out.destinations) names.push_back(d.name);
      return wrong_at(
          row, "destination",
          "action \"" + one.name + "\" needs one of the file's [[destination]]s" +
              nearest_hint(one.destination, names)
      );
    }
    if (destination->mail.has_value() != !one.message.empty())
      return wrong_at(
          row, "message",
          "action \"" + one.name + "\" " +
              (one.message.empty() ? "needs a message, for its destination sends mail"
                                   : "has a message, and its destination sends no mail")
      );
    out.actions.push_back(std::move(one));
  }
  if (out.destinations.size() > Actions::destinations_max || out.actions.size() > Actions::actions_max)
    return fail(Code::over_limit, "actions.toml holds at most 64 destinations and 1,000 actions");
  return out;
}

Result<Actions> read_actions(std::string_view text, const Purposes& purposes) {
  const toml::table table = TRY(parse_toml(text, "actions.toml"));
  Actions out = TRY(read_actions(Place{table, "actions.toml", "actions.toml"}, purposes));
  out.text = text;
  return out;
}

}  // namespace hospes::catalog
