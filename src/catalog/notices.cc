#include "catalog/notices.h"

#include <algorithm>
#include <array>
#include <bit>

namespace hospes::catalog {
namespace {

struct Check {
  std::string_view code;
  /// The purposes whose yes does not count.
  Mask (*fails)(const NoticeText&);
};

/// As visible, and no further away (GDPR art. 4(11) and 7(4); CNIL deliberation 2020-092).
Mask refuse_hidden(const NoticeText& n) {
  const bool shown = n.refuse.prominence >= n.accept.prominence &&
                     n.refuse.prominence != Prominence::absent && n.refuse.clicks <= n.accept.clicks;
  return shown ? 0 : n.asks();
}

/// One act for each purpose: what only an act for several asks for (GDPR recital 32 and 43).
Mask bundled(const NoticeText& n) {
  Mask together = 0, alone = 0;
  for (const Choice& c : n.choices) (std::popcount(c.purposes) == 1 ? alone : together) |= c.purposes;
  return together & ~alone;
}

Mask preset(const NoticeText& n) {
  Mask out = 0;
  for (const Choice& c : n.choices) out |= c.preset ? c.purposes : 0;
  return out;
}

Mask required(const NoticeText& n) {
  Mask out = 0;
  for (const Choice& c : n.choices) out |= c.required ? c.purposes : 0;
  return out;
}

Mask wall(const NoticeText& n) { return n.pay_or_consent && !n.free_option ? n.asks() : 0; }

Mask withdraw_harder(const NoticeText& n) {
  const bool as_easy = n.withdraw.prominence != Prominence::absent && n.withdraw.clicks <= n.accept.clicks;
  return as_easy ? 0 : n.asks();
}

constexpr std::array checks = std::to_array<Check>({
    {"refuse_hidden", refuse_hidden},
    {"bundled", bundled},
    {"preset", preset},
    {"required", required},
    {"wall", wall},
    {"withdraw_harder", withdraw_harder},
});

}  // namespace

std::span<const std::string_view> notice_checks() {
  static const auto names = [] {
    std::array<std::string_view, checks.size()> out;
    std::ranges::transform(checks, out.begin(), &Check::code);
    return out;
  }();
  return names;
}

Mask NoticeText::asks() const {
  Mask out = 0;
  for (const Choice& c : choices) out |= c.purposes;
  return out;
}

std::vector<Finding> lint(const NoticeText& notice, std::span<const NoticeRule> rules) {
  std::vector<Finding> out;
  for (const NoticeRule& rule : rules) {
    const auto check = std::ranges::find(checks, rule.code, &Check::code);
    const Mask fails = check == checks.end() ? 0 : check->fails(notice);
    if (fails != 0) out.push_back({rule.code, rule.en, rule.fr, rule.source, fails});
  }
  return out;
}

Status Notices::add(NoticeText notice, std::span<const NoticeRule> rules) {
  if (find(notice.id, notice.version) != nullptr)
    return fail(
        Code::conflict, "notice \"" + notice.id + "\" version \"" + notice.version +
                            "\" is declared twice; a text that changes is another version"
    );
  if (all_.size() >= notices_max) return fail(Code::over_limit, "at most 256 notices are declared");
  std::vector<Finding> findings = lint(notice, rules);
  all_.push_back({std::move(notice), std::move(findings)});
  return {};
}

const Notices::Judged* Notices::find(std::string_view id, std::string_view version) const {
  const auto at = std::ranges::find_if(all_, [&](const Judged& j) {
    return j.notice.id == id && j.notice.version == version;
  });
  return at == all_.end() ? nullptr : &*at;
}

const Finding* Notices::against(
    std::string_view id, std::string_view version, PurposeBit purpose
) const {
  const Judged* judged = find(id, version);
  if (judged == nullptr) return nullptr;
  const auto at = std::ranges::find_if(judged->findings, [&](const Finding& f) {
    return (f.purposes & bit(purpose)) != 0;
  });
  return at == judged->findings.end() ? nullptr : &*at;
}

Mask Notices::voided(std::string_view id, std::string_view version) const {
  Mask out = 0;
  if (const Judged* judged = find(id, version))
    for (const Finding& f : judged->findings) out |= f.purposes;
  return out;
}

}  // namespace hospes::catalog
