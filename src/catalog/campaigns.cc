// toml++ throws; nothing it throws leaves here.
#include "catalog/campaigns.h"

#include <algorithm>

#include "catalog/toml_edit.h"
#include "catalog/toml_values.h"
#include "zones/zones.h"

namespace hospes::catalog {
namespace {

std::string share_text(std::uint32_t of_10000) {
  const std::uint32_t rest = of_10000 % 100;
  std::string out = std::to_string(of_10000 / 100);
  if (rest > 0) out += "." + std::string(rest < 10 ? "0" : "") + std::to_string(rest);
  return out + "%";
}

std::string mark_text(const Mark& mark) {
  std::string out = "{ of = " + toml_text(mark.of) + ", at = " + toml_text(to_string(mark.at));
  if (!mark.by.empty()) out += ", by = " + toml_text(mark.by);
  return out + " }";
}

Result<Instant> instant_in(const Place& place, std::string_view key) {
  std::string text;
  TRY(read(place, key, text));
  if (const auto at = parse_instant(text)) return *at;
  return wrong_at(
      place, key, std::string(key) + " in " + place.what + " is an instant such as \"2026-11-28T09:00:00Z\""
  );
}

Result<std::optional<Mark>> read_mark(const Place& place, std::string_view key) {
  const toml::table* table = TRY(sub_table(place, key));
  if (table == nullptr) return std::optional<Mark>();
  const Place mark{*table, place.file, std::string(key) + " of " + place.what};
  TRY(only_keys(mark, {"of", "at", "by"}));
  Mark out;
  TRY(read(mark, "of", out.of));
  TRY(read(mark, "by", out.by));
  out.at = TRY(instant_in(mark, "at"));
  return std::optional(std::move(out));
}

Status read_within(const Place& place, Campaign& out) {
  if (!place.table.contains("within")) return {};
  std::string text;
  TRY(read(place, "within", text));
  const auto span = parse_duration(text);
  if (!span || *span < std::chrono::hours(1) || *span > std::chrono::days(90))
    return wrong_at(place, "within", "within in " + place.what + " is a duration such as \"14d\", 1h to 90d");
  out.within = *span;
  return {};
}

Status read_titles(const Place& place, Campaign& out) {
  const toml::table* table = TRY(sub_table(place, "title"));
  if (table == nullptr) return {};
  const Place title{*table, place.file, "title of " + place.what};
  TRY(only_keys(title, {"en", "fr"}));
  TRY(read(title, "en", out.title_en));
  return read(title, "fr", out.title_fr);
}

Status needed(const Place& place, std::string_view key, std::string& out, std::string_view what) {
  TRY(read(place, key, out));
  if (!out.empty()) return {};
  return wrong_at(place, key, place.what + " needs " + std::string(what));
}

Result<Campaign> read_campaign(const Place& row) {
  TRY(only_keys(
      row, {"name", "title", "segment", "action", "at", "control", "goal", "within", "test", "tested",
            "approved", "stopped"}
  ));
  Campaign out;
  TRY(read_name(row, out.name));
  if (out.name.contains('-'))
    return wrong_at(row, "name", "the name of a campaign is of a-z, 0-9 and _: it names a journey, and links");
  const Place place{row.table, row.file, "campaign \"" + out.name + "\""};
  TRY(read_titles(place, out));
  TRY(needed(place, "segment", out.segment, "the segment it writes to"));
  TRY(needed(place, "action", out.action, "the action that writes, one with when = \"journey\""));
  TRY(needed(place, "at", out.at, "a date and a time of the house, such as \"2026-12-01 10:00\""));
  if (!zones::wall_of(out.at))
    return wrong_at(
        place, "at", "at in " + place.what + " is a date and a time of the house, such as \"2026-12-01 10:00\""
    );
  TRY(read_share(place, "control", out.control));
  TRY(needed(place, "goal", out.goal, "an event to reach"));
  TRY(read_within(place, out));
  TRY(read(place, "test", out.test));
  if (out.test.size() > test_addresses_max)
    return wrong_at(place, "test", place.what + " has ten test addresses at most");
  out.tested = TRY(read_mark(place, "tested"));
  out.approved = TRY(read_mark(place, "approved"));
  if (row.table.contains("stopped")) out.stopped = TRY(instant_in(place, "stopped"));
  return out;
}

std::string block_of(const Campaign& c) {
  std::string out = "[[campaign]]\nname = " + toml_text(c.name) + "\n";
  if (!c.title_en.empty()) out += "title.en = " + toml_text(c.title_en) + "\n";
  if (!c.title_fr.empty()) out += "title.fr = " + toml_text(c.title_fr) + "\n";
  out += "segment = " + toml_text(c.segment) + "\naction = " + toml_text(c.action) + "\nat = " +
         toml_text(c.at) + "\ncontrol = " + toml_text(share_text(c.control)) + "\ngoal = " +
         toml_text(c.goal) + "\nwithin = " + toml_text(hospes::to_string(c.within)) + "\n";
  if (!c.test.empty()) out += "test = " + toml_list(c.test) + "\n";
  return out;
}

Result<toml::table> parsed(std::string_view text) {
  if (text.size() > campaigns_bytes_max) return fail(Code::over_limit, "campaigns.toml is over 1 MB");
  return parse_toml(text, campaigns_file);
}

const Campaign* named(const std::vector<Campaign>& all, std::string_view name) {
  const auto at = std::ranges::find(all, name, &Campaign::name);
  return at == all.end() ? nullptr : &*at;
}

}  // namespace

std::string Campaign::words() const {
  Campaign bare = *this;
  std::ranges::sort(bare.test);
  return block_of(bare);
}

Result<std::vector<Campaign>> read_campaigns(std::string_view text) {
  const toml::table root = TRY(parsed(text));
  const Place place{root, campaigns_file, std::string(campaigns_file)};
  TRY(only_keys(place, {"campaign"}));
  std::vector<Campaign> out;
  const auto tables = TRY(sub_tables(place, "campaign"));
  for (const toml::table* table : tables) {
    Campaign one = TRY(read_campaign({*table, campaigns_file, "[[campaign]]"}));
    if (named(out, one.name) != nullptr)
      return wrong(campaigns_file, *table, "two campaigns are called \"" + one.name + "\"");
    out.push_back(std::move(one));
    if (out.size() > campaigns_max)
      return fail(Code::over_limit, "campaigns.toml holds at most 300 campaigns: take out what is over");
  }
  return out;
}

Result<std::string> with_campaign(std::string_view text, const Campaign& campaign) {
  const auto before = TRY(read_campaigns(text));
  if (named(before, campaign.name) != nullptr)
    return fail(Code::conflict, "there is a campaign \"" + campaign.name + "\" already");
  std::string out(text);
  if (!out.empty()) out += out.ends_with('\n') ? "\n" : "\n\n";
  out += block_of(campaign);
  const auto after = TRY(read_campaigns(out));
  const Campaign* there = named(after, campaign.name);
  if (there != nullptr && *there == campaign) return out;
  return fail(Code::invalid_input, "this campaign cannot be written as TOML");
}

Result<std::string> with_marks(
    std::string_view text, std::string_view name, const CampaignMarks& marks
) {
  const auto before = TRY(read_campaigns(text));
  const Campaign* found = named(before, name);
  if (found == nullptr)
    return fail(Code::not_found, "no campaign is called \"" + std::string(name) + "\" in campaigns.toml");
  Campaign wanted = *found;
  std::vector<std::pair<std::string_view, std::string>> values;
  if (marks.tested) values.emplace_back("tested", mark_text(*(wanted.tested = marks.tested)));
  if (marks.approved) values.emplace_back("approved", mark_text(*(wanted.approved = marks.approved)));
  if (marks.stopped) values.emplace_back("stopped", toml_text(to_string(*(wanted.stopped = marks.stopped))));
  std::string out(text);
  for (const auto& [key, value] : values) {
    const toml::table root = TRY(parsed(out));  // each change moves the lines below it
    const toml::table* table = table_with(root["campaign"].as_array(), "name", name);
    if (table == nullptr) break;
    out = with_value(out, *table, key, value);
  }
  const auto after = read_campaigns(out);
  const Campaign* there = after ? named(*after, name) : nullptr;
  if (there != nullptr && *there == wanted) return out;
  return fail(
      Code::conflict, "this change cannot be made in campaigns.toml as it is written: put each campaign "
                      "under [[campaign]]"
  );
}

}  // namespace hospes::catalog
