#include "catalog/notices_toml.h"

#include <array>

#include "base/nearest.h"
#include "catalog/pack.h"

namespace hospes::catalog {
namespace {

constexpr std::array<std::string_view, 4> prominences = {"absent", "text", "link", "button"};

Status read_act(const Place& notice, std::string_view key, Act& out) {
  const toml::table* table = TRY(sub_table(notice, key));
  if (table == nullptr) return {};
  const Place place{*table, notice.file, notice.what + ", " + std::string(key)};
  TRY(only_keys(place, {"as", "clicks"}));
  std::string as;
  std::int64_t clicks = 1;
  TRY(read(place, "as", as));
  TRY(read(place, "clicks", clicks));
  const auto at = std::ranges::find(prominences, as);
  if (at == prominences.end())
    return placed(place, Result<void>(fail(
        Code::invalid_input, "as is button, link, text or absent, not \"" + as.substr(0, 32) + "\""
    )));
  if (clicks < 1 || clicks > 100)
    return placed(place, Result<void>(fail(Code::invalid_input, "clicks is a whole number from 1 to 100")));
  out = {static_cast<Prominence>(at - prominences.begin()), static_cast<unsigned>(clicks)};
  return {};
}

Result<Choice> read_choice(const Place& place, const Purposes& purposes) {
  TRY(only_keys(place, {"purposes", "preset", "required"}));
  Choice out;
  out.purposes = TRY(read_mask(place, "purposes", purposes));
  TRY(read(place, "preset", out.preset));
  TRY(read(place, "required", out.required));
  const Mask asked = purposes.consent() | purposes.interest();
  if (out.purposes == 0 || (out.purposes & ~asked) != 0)
    return placed(place, Result<Choice>(fail(
        Code::invalid_input, "a choice asks for one purpose or more of consent or interest; contract and duty ask nobody"
    )));
  return out;
}

Result<NoticeText> read_notice(const Place& place, const Purposes& purposes) {
  TRY(only_keys(place, {"id", "version", "accept", "refuse", "withdraw", "pay_or_consent", "free_option", "choice"}));
  NoticeText out;
  TRY(read(place, "id", out.id));
  TRY(read(place, "version", out.version));
  if (out.id.empty() || out.version.empty())
    return placed(place, Result<NoticeText>(fail(Code::invalid_input, "a notice needs an id and a version, both texts")));
  const Place named{place.table, place.file, "notice \"" + out.id + "\""};
  TRY(read_act(named, "accept", out.accept));
  TRY(read_act(named, "refuse", out.refuse));
  TRY(read_act(named, "withdraw", out.withdraw));
  TRY(read(named, "pay_or_consent", out.pay_or_consent));
  TRY(read(named, "free_option", out.free_option));
  for (const toml::table* row : TRY(sub_tables(named, "choice")))
    out.choices.push_back(TRY(read_choice({*row, place.file, named.what + ", choice"}, purposes)));
  if (out.choices.empty())
    return placed(place, Result<NoticeText>(fail(Code::invalid_input, "a notice needs a [[notice.choice]] with purposes")));
  return out;
}

}  // namespace

Status read_notices(const Place& place, const Purposes& purposes, Notices& out) {
  TRY(only_keys(place, {"notice"}));
  for (const toml::table* row : TRY(sub_tables(place, "notice"))) {
    const Place here{*row, place.file, "[[notice]]"};
    NoticeText notice = TRY(read_notice(here, purposes));
    TRY(placed(here, Result<void>(out.add(std::move(notice), fr_eu_pack().notice_rules))));
  }
  return {};
}

Result<NoticeRule> read_notice_rule(const Place& place) {
  TRY(only_keys(place, {"code", "en", "fr", "source"}));
  NoticeRule out;
  TRY(read(place, "code", out.code));
  TRY(read(place, "en", out.en));
  TRY(read(place, "fr", out.fr));
  TRY(read(place, "source", out.source));
  if (std::ranges::find(notice_checks(), out.code) == notice_checks().end())
    return placed(place, Result<NoticeRule>(fail(
        Code::invalid_input, "no check enforces \"" + out.code.substr(0, 32) + "\"" + nearest_hint(out.code, notice_checks())
    )));
  return out;
}

}  // namespace hospes::catalog
