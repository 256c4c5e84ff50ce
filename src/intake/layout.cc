#include "intake/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/nearest.h"
#include "zones/zones.h"

namespace hospes::intake {
namespace {

struct Known {
  Part part;
  std::string_view name;      // as --columns says it
  std::string_view headers;   // blank between; compared plain
};

constexpr std::array<Known, 16> known_parts = {{
    {Part::user_id, "userId",
     "userid customerid clientid customer client idclient iduser idcustomer codeclient numeroclient "
     "noclient nclient numclient refclient customernumber"},
    {Part::anonymous_id, "anonymousId", "anonymousid"},
    {Part::email, "email",
     "email mail emailaddress courriel adresseemail adressemail adressecourriel adresseelectronique"},
    {Part::phone, "phone",
     "phone telephone tel mobile portable telephonemobile telephoneportable phonenumber"},
    {Part::card, "card", "cardid cartefidelite numerocarte numerocartefidelite loyaltycard"},
    {Part::event, "event", "event evenement eventname nomevenement"},
    {Part::type, "type", ""},  // a product has a type too: only when said
    {Part::timestamp, "timestamp",
     "timestamp happened horodatage dateheure date datecommande dateachat dateticket datevente "
     "datefacture dateinscription orderdate createdat datecreation eventtime jour"},
    {Part::message_id, "messageId", "messageid"},
    {Part::opted_in, "optin",
     "optintime optindate dateoptin consentdate dateconsentement dateinscriptionnewsletter"},
    {Part::confirmed, "confirmed", "confirmtime confirmedat dateconfirmation"},
    {Part::said_yes, "saidYes", "doubleoptin optin consentement consent"},
    {Part::proof, "proof",
     "proof preuve optinip confirmip leid euid ip formulaire form sourceoptin doubleoptin"},
    {Part::status, "status", "status statut emailmarketing subscriptionstatus emailstatus"},
    {Part::blocked, "blocked",
     "blocked blacklist emailblacklist emailblacklisted blocklist blocklisted emailblocklisted "
     "desinscrit unsubscribed optout"},
    {Part::reason, "reason",
     "reason motif raison unsubreason unsubreasonother bouncetype diagnostic unsubcampaigntitle "
     "cleancampaigntitle"},
}};
// Times of the lists of mail tools, the likeliest first.
constexpr std::string_view no_times =
    "unsubtime cleantime datedesinscription unsubscribedate unsubscribedat optoutdate bouncedate "
    "bouncedat complaintdate date lastchanged modifiedtime";
constexpr std::string_view contact_times = "lastchanged modifiedtime addedtime";

constexpr bool of_answers(Part part) { return part >= Part::opted_in && part <= Part::reason; }
constexpr bool of_many(Part part) { return part == Part::proof || part == Part::reason; }

/// Lower case, without accents, blanks and marks: `N° Client` is nclient.
std::string plain(std::string_view name) {
  struct Letter {
    std::string_view from;
    char to;
  };
  constexpr std::array<Letter, 12> letters = {
      {{"\xc3\xa9", 'e'}, {"\xc3\xa8", 'e'}, {"\xc3\xaa", 'e'}, {"\xc3\x89", 'e'},
       {"\xc3\xa0", 'a'}, {"\xc3\xa2", 'a'}, {"\xc3\xa7", 'c'}, {"\xc3\xb4", 'o'},
       {"\xc3\xae", 'i'}, {"\xc3\xaf", 'i'}, {"\xc3\xbb", 'u'}, {"\xc3\xb9", 'u'}}};
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c | 0x20);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    for (const auto& [from, to] : letters)
      if (name.substr(i).starts_with(from)) out += to;
  }
  return out;
}

std::vector<std::string_view> words(std::string_view text, std::string_view between) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(between), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

/// Digits that name something rather than count it.
bool names_something(std::string_view header) {
  constexpr std::array<std::string_view, 24> marks = {
      "id",   "ref",  "reference", "code", "num",  "numero", "no",       "sku",
      "ean",  "gtin", "isbn",      "cp",   "zip",  "postal", "postcode", "siret",
      "tel",  "siren", "telephone", "phone", "iban", "carte", "card",     "codepostal"};
  for (const std::string_view word : words(header, " _-./"))
    if (std::ranges::find(marks, plain(word)) != marks.end()) return true;
  return plain(header).ends_with("id") && header.find("Id") != header.npos;
}

class Planner {
 public:
  Planner(const TableFacts& facts, const Wishes& wishes, const catalog::Catalog& catalog)
      : facts_(facts), wishes_(wishes), catalog_(catalog) {}

  Result<Layout> plan() {
    out_.zone = wishes_.zone.empty() ? catalog_.house.time_zone : wishes_.zone;
    out_.event = wishes_.event;
    out_.type = wishes_.type.empty() ? "track" : wishes_.type;
    out_.at = wishes_.at;
    out_.purpose = wishes_.purpose;
    for (const ColumnFacts& column : facts_.columns)
      out_.columns.push_back({.header = column.header, .property = column.header});
    TRY(check_words());
    TRY(take_wishes());
    take_warehouse();
    guess_parts();
    for (std::size_t i = 0; i < out_.columns.size(); ++i) read_as(out_.columns[i], facts_.columns[i]);
    check_whole();
    if (questions_.empty()) return std::move(out_);
    return fail(Code::invalid_input, fmt::format("{}", fmt::join(questions_, "\nerror: ")));
  }

 private:
  template <class... Values>
  void ask(fmt::format_string<Values...> text, Values&&... values) {
    questions_.push_back(facts_.file + ": " + fmt::format(text, std::forward<Values>(values)...));
  }

  Status check_words() {
    if (std::ranges::find(types, out_.type) == types.end())
      return fail(
          Code::invalid_input,
          fmt::format("--type is one of {}{}", fmt::join(types, ", "), nearest_hint(out_.type, types))
      );
    if (out_.type != "track" && !out_.event.empty())
      return fail(
          Code::invalid_input, fmt::format(
                                   "--event names what happened, --type {} says otherwise: say one of "
                                   "them",
                                   out_.type
                               )
      );
    if (!out_.purpose.empty()) TRY(catalog_.purposes.named(out_.purpose));
    if (!out_.at.empty() && !parse_instant(out_.at))
      return fail(Code::invalid_input, "--at is a time such as 2025-04-03T09:00:00Z");
    TRY(zones::named(out_.zone));
    return {};
  }

  Result<std::size_t> column_named(std::string_view header) const {
    for (std::size_t i = 0; i < out_.columns.size(); ++i)
      if (out_.columns[i].header == header) return i;
    std::vector<std::string_view> names;
    for (const Column& c : out_.columns) names.push_back(c.header);
    return fail(
        Code::invalid_input, fmt::format(
                                 "{} has no column \"{}\"{}. It has: {}", facts_.file, header,
                                 nearest_hint(header, names), fmt::join(names, ", ")
                             )
    );
  }

  Status take_wishes() {
    for (const auto& [into, header] : wishes_.columns) {
      Column& column = out_.columns[TRY(column_named(header))];
      const auto known = std::ranges::find(known_parts, into, &Known::name);
      if (known == known_parts.end()) {
        column.property = into;
      } else {
        column.part = known->part;
      }
    }
    for (const std::string& header : wishes_.text) TRY(column_named(header));
    return {};
  }

  /// A table of a Segment or RudderStack warehouse: their columns are known, and in UTC.
  void take_warehouse() {
    constexpr std::array<std::string_view, 9> passed = {
        "received_at", "sent_at", "original_timestamp", "uuid_ts", "uuid",
        "loaded_at",   "channel", "rudder_id",          "user_agent"};
    const auto has = [&](std::string_view name) {
      return std::ranges::find(out_.columns, name, &Column::header) != out_.columns.end();
    };
    if (!has("id") || !has("received_at") || !has("original_timestamp") || !has("timestamp")) return;
    if (wishes_.zone.empty()) out_.zone = "UTC";
    const bool tracks = has("event");
    if (wishes_.type.empty()) out_.type = tracks ? "track" : "identify";
    for (Column& c : out_.columns) {
      if (c.part != Part::property || c.property != c.header) continue;
      c.because = "warehouse";
      if (c.header == "id") c.part = Part::message_id;
      if (std::ranges::find(passed, c.header) != passed.end()) c.part = Part::dropped;
      if (c.header == "event_text" && tracks) c.part = Part::event;
      if (c.header == "event") c.part = has("event_text") ? Part::dropped : Part::event;
      if (c.header.starts_with("context_")) {
        c.part = Part::context;
        c.property = c.header.substr(8);
      }
      if (c.part == Part::property) c.because.clear();
    }
  }

  bool taken(Part part) const {
    return std::ranges::find(out_.columns, part, &Column::part) != out_.columns.end();
  }

  bool wanted(Part part) const {
    const bool answers = out_.type == "contact" || is_no(out_.type);
    if (of_answers(part)) return answers && (part == Part::reason) == is_no(out_.type);
    if (part == Part::timestamp) return out_.at.empty();
    if (part == Part::event) return out_.event.empty() && out_.type == "track";
    return true;
  }

  std::string_view headers_of(const Known& known) const {
    if (known.part != Part::timestamp) return known.headers;
    if (is_no(out_.type)) return no_times;
    return out_.type == "contact" ? contact_times : known.headers;
  }

  void guess_parts() {
    for (const Known& known : known_parts) {
      if (taken(known.part) || !wanted(known.part)) continue;
      for (const std::string_view name : words(headers_of(known), " ")) {
        const auto found = std::ranges::find_if(out_.columns, [&](const Column& c) {
          return c.part == Part::property && c.property == c.header && plain(c.header) == name;
        });
        if (found == out_.columns.end()) continue;
        found->part = known.part;
        if (!of_many(known.part)) break;
      }
    }
  }

  const catalog::PropertyRow* catalogued(const Column& column) const {
    const bool person = out_.type == "identify" || out_.type == "contact";
    const std::string_view event = person ? std::string_view("identify") : out_.event;
    return catalog_.events.row(event).property(column.property);
  }

  void read_as(Column& out, const ColumnFacts& facts) {
    if (out.part == Part::timestamp || out.part == Part::opted_in || out.part == Part::confirmed)
      return read_dates(out, facts, true);
    if (out.part != Part::property) return;
    if (std::ranges::find(wishes_.text, out.header) != wishes_.text.end()) {
      out.because = "--text";
      return;
    }
    using catalog::PropertyType;
    if (const auto* row = catalogued(out)) {
      out.because = "catalogued";
      if (row->type == PropertyType::number || row->type == PropertyType::money)
        read_numbers(out, facts, true);
      if (row->type == PropertyType::instant) read_dates(out, facts, true);
      if (row->type == PropertyType::boolean) out.reading = Reading::boolean, out.must = true;
      return;
    }
    if (facts.filled == 0 || facts.told == ColumnTold::text) return;
    const bool all_numbers = facts.told == ColumnTold::number || (facts.numbers.numbers == facts.filled &&
                                                                  !names_something(out.header));
    if (all_numbers) return read_numbers(out, facts, false);
    if (facts.date_cells == facts.filled) return read_dates(out, facts, false);
    if (facts.boolean_cells == facts.filled) out.reading = Reading::boolean;
  }

  void read_numbers(Column& out, const ColumnFacts& facts, bool must) {
    const auto& seen = facts.numbers;
    out.reading = Reading::number;
    out.must = must;
    out.currency = seen.currency;
    using table::DecimalSign;
    out.sign = wishes_.sign;
    if (facts.told == ColumnTold::number) return void(out.sign = DecimalSign::point);
    if (seen.other_currency_line != 0)
      return ask(
          "\"{}\" is in two currencies, the second from line {}: give the currency a column of its "
          "own, or say --text \"{}\"",
          out.header, seen.other_currency_line, out.header
      );
    if (seen.point_line != 0 && seen.comma_line != 0)
      return ask(
          "\"{}\" has a decimal point on line {} and a decimal comma on line {}: write them one way, "
          "or say --text \"{}\"",
          out.header, seen.point_line, seen.comma_line, out.header
      );
    const std::uint64_t against = out.sign == DecimalSign::point   ? seen.comma_line
                                  : out.sign == DecimalSign::comma ? seen.point_line
                                                                   : 0;
    if (against != 0)
      return ask(
          "\"{}\" on line {} contradicts --decimal; leave --decimal out, or say --text \"{}\"",
          out.header, against, out.header
      );
    if (out.sign == DecimalSign::as_found && seen.point_line != 0) out.sign = DecimalSign::point;
    if (out.sign == DecimalSign::as_found && seen.comma_line != 0) out.sign = DecimalSign::comma;
    if (seen.either_line != 0 && out.sign == DecimalSign::as_found)
      return ask(
          "\"{}\" on line {} may be thousands or a decimal: say --decimal comma or --decimal point",
          out.header, seen.either_line
      );
    const std::uint64_t line = std::max(seen.point_line, seen.comma_line);
    if (line != 0)
      out.because = fmt::format(
          "decimal {}, line {}", out.sign == DecimalSign::comma ? "comma" : "point", line
      );
  }

  void read_dates(Column& out, const ColumnFacts& facts, bool must) {
    using table::DateOrder;
    out.reading = Reading::date;
    out.must = must;
    const auto& seen = facts.dates;
    if (facts.filled > 0 && facts.date_cells + facts.compact_cells == 0 && facts.short_year_line == 0)
      return ask(
          "\"{}\" should hold dates, but its first cell is \"{}\"{}", out.header, facts.sample,
          facts.numbers.numbers == facts.filled
              ? ": days counted by a spreadsheet? Format the column as a date, and save again"
              : ""
      );
    if (seen.day_line != 0 && seen.month_line != 0)
      return ask(
          "\"{}\" is day first on line {} and month first on line {}: nobody can tell the others. "
          "Write them as YYYY-MM-DD",
          out.header, seen.day_line, seen.month_line
      );
    const bool day_first = wishes_.dates == DateOrder::day_first;
    const std::uint64_t against = wishes_.dates == DateOrder::as_found ? 0
                                  : day_first                          ? seen.month_line
                                                                       : seen.day_line;
    if (against != 0)
      return ask(
          "\"{}\" on line {} is no date when read {} first: leave --dates out", out.header, against,
          day_first ? "day" : "month"
      );
    out.month_first = wishes_.dates == DateOrder::month_first || seen.month_line != 0;
    if (wishes_.dates != DateOrder::as_found) return;
    if (facts.short_year_line != 0)
      return ask(
          "\"{}\" on line {} has a year of two digits: say --dates dmy or --dates mdy", out.header,
          facts.short_year_line
      );
    if (seen.day_line == 0 && seen.month_line == 0 && seen.ambiguous_line != 0)
      return ask(
          "\"{}\" on line {} may be read day first or month first, and no other line tells: say "
          "--dates dmy or --dates mdy",
          out.header, seen.ambiguous_line
      );
    if (seen.day_line != 0 || seen.month_line != 0)
      out.because = fmt::format(
          "{} first, line {}", out.month_first ? "month" : "day",
          std::max(seen.day_line, seen.month_line)
      );
  }

  void check_whole() {
    const bool address = taken(Part::email) || taken(Part::phone);
    const bool answers = out_.type == "contact" || is_no(out_.type);
    if (answers && !address)
      return ask("no column holds an address: say --columns email=COLUMN or phone=COLUMN");
    if (!address && !taken(Part::user_id) && !taken(Part::anonymous_id) && !taken(Part::card))
      ask("no column says who: say --columns userId=COLUMN (or email=, phone=, card=, anonymousId=)");
    if (out_.type == "contact") return check_yes();
    if (!taken(Part::timestamp) && out_.at.empty())
      ask("no column says when: say --columns timestamp=COLUMN, or --at TIME for all lines");
    const bool happened = !out_.event.empty() || taken(Part::event) || taken(Part::type) ||
                          out_.type != "track";
    if (!happened)
      ask(
          "no column says what happened: say --event \"Order Completed\" (or another name), --columns "
          "event=COLUMN, or --type identify when each line is a person"
      );
  }

  void check_yes() {
    if (!taken(Part::opted_in) && !taken(Part::confirmed))
      ask(
          "no column says when each said yes: say --columns optin=COLUMN (a day on which somebody was "
          "merely added is none)"
      );
    if (!taken(Part::proof))
      ask(
          "no column shows that they said yes: say --columns proof=COLUMN (an IP address, a form's "
          "name, the number of a confirmation)"
      );
  }

  const TableFacts& facts_;
  const Wishes& wishes_;
  const catalog::Catalog& catalog_;
  Layout out_;
  std::vector<std::string> questions_;
};

}  // namespace

std::string_view to_string(Part part) {
  if (part == Part::context) return "context";
  if (part == Part::dropped) return "-";
  const auto at = std::ranges::find(known_parts, part, &Known::part);
  return at == known_parts.end() ? std::string_view("property") : at->name;
}

std::string Layout::signature() const {
  std::string out = fmt::format("{}|{}|{}|{}|{}", type, event, zone, at, purpose);
  for (const Column& c : columns)
    out += fmt::format(
        "|{}={}:{}:{}:{}:{}", c.header, to_string(c.part), c.property, int(c.reading), int(c.sign),
        c.month_first
    );
  return out;
}

Result<Layout> lay_out(
    const TableFacts& facts, const Wishes& wishes, const catalog::Catalog& catalog
) {
  return Planner(facts, wishes, catalog).plan();
}

}  // namespace hospes::intake
