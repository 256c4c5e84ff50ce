// The notices under which a house asks, as it declares them, and what the law finds wrong with each:
// a yes under a notice that fails opens nothing. docs/notices.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/purposes.h"

namespace hospes::catalog {

/// A way to say something on a screen, the least visible first.
enum class Prominence : std::uint8_t { absent, text, link, button };

struct Act {
  Prominence prominence = Prominence::absent;
  unsigned clicks = 0;  // from the notice to the end
};

/// One act of the person, and what it answers.
struct Choice {
  Mask purposes = 0;
  bool preset = false;    // ticked before the person came
  bool required = false;  // without it the service is refused
};

struct NoticeText {
  std::string id, version;
  Act accept, refuse, withdraw;
  bool pay_or_consent = false;  // who refuses pays
  bool free_option = false;     // a third option: free, and without tracking
  std::vector<Choice> choices;

  Mask asks() const;
};

/// What is wrong, by the rule of the pack that says so.
struct Finding {
  std::string code;  // `refuse_hidden`
  std::string en, fr, source;
  Mask purposes = 0;  // whose yes does not count
};

/// A rule of the pack: which of the linter's checks are law, in words.
struct NoticeRule {
  std::string code, en, fr, source;
};
/// The checks that there are: refuse_hidden, bundled, preset, required, wall, withdraw_harder.
std::span<const std::string_view> notice_checks();

/// All that the rules find, in their order.
std::vector<Finding> lint(const NoticeText& notice, std::span<const NoticeRule> rules);

/// The declared notices of a house.
class Notices {
 public:
  static constexpr std::size_t notices_max = 256;

  struct Judged {
    NoticeText notice;
    std::vector<Finding> findings;
  };
  /// conflict when that version is declared already; over_limit.
  Status add(NoticeText notice, std::span<const NoticeRule> rules);
  std::span<const Judged> all() const { return all_; }
  /// nullptr: nobody declared it, and it is not judged.
  const Judged* find(std::string_view id, std::string_view version) const;
  /// Why a yes to that purpose under that notice does not count; nullptr: nothing is found.
  const Finding* against(std::string_view id, std::string_view version, PurposeBit purpose) const;
  /// Purposes to which a yes under it does not count.
  Mask voided(std::string_view id, std::string_view version) const;

 private:
  std::vector<Judged> all_;
};

}  // namespace hospes::catalog
