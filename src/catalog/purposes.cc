#include "catalog/purposes.h"

#include <algorithm>

#include "base/check.h"
#include "base/nearest.h"
#include "catalog/pack.h"

namespace hospes::catalog {
namespace {

constexpr std::size_t name_bytes_max = 64;

bool is_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ':';
  };
  return !name.empty() && name.size() <= name_bytes_max && name.front() >= 'a' &&
         name.front() <= 'z' && name.back() != ':' && std::ranges::all_of(name, good);
}

}  // namespace

std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::contract:
      return "contract";
    case Basis::duty:
      return "duty";
    case Basis::interest:
      return "interest";
    case Basis::consent:
      return "consent";
  }
  return "unknown";
}

std::optional<Basis> parse_basis(std::string_view text) {
  for (const Basis b : {Basis::contract, Basis::duty, Basis::interest, Basis::consent}) {
    if (text == to_string(b)) return b;
  }
  return std::nullopt;
}

Purposes Purposes::fr_eu() {
  static const Purposes of_pack = of_rules(fr_eu_pack().purposes, fr_eu_pack().pinned());
  return of_pack;
}

Purposes Purposes::of_rules(std::vector<PurposeRule> rules, std::string_view pinned) {
  Purposes out;
  out.pack_ = pinned;
  for (const PurposeRule& rule : rules) out.rows_.push_back(rule.purpose);
  out.rules_ = std::move(rules);
  out.remask();
  return out;
}

Status Purposes::choose(std::string_view name, Basis basis) {
  const PurposeBit p = TRY(named(name));
  Purpose& row = rows_[p];
  static const PurposeRule of_house;
  const PurposeRule& rule = p < rules_.size() ? rules_[p] : of_house;
  if (std::ranges::find(rule.may_be, basis) == rule.may_be.end()) {
    std::string open;
    for (const PurposeRule& r : rules_)
      if (!r.may_be.empty()) open += (open.empty() ? "" : ", ") + r.purpose.name;
    return fail(
        Code::invalid_input, "purpose \"" + row.name + "\" rests on " +
                                 std::string(to_string(row.basis)) + " in the pack " + pack_ +
                                 (rule.source.empty() ? "" : " (" + rule.source + ")") +
                                 "; it leaves open only " + open +
                                 ", as \"interest\" or \"consent\""
    );
  }
  row.basis = basis;
  remask();
  return {};
}

Result<PurposeBit> Purposes::add(
    std::string_view name, std::string_view serves_en, std::string_view serves_fr
) {
  if (!is_name(name)) {
    return fail(
        Code::invalid_input,
        "a purpose is named with lower-case letters, digits, _ - and :, at most 64 bytes, such as "
        "share:acme"
    );
  }
  if (find(name))
    return fail(Code::conflict, "purpose \"" + std::string(name) + "\" exists already");
  if (rows_.size() >= purposes_max) {
    return fail(
        Code::over_limit, "purpose \"" + std::string(name) +
                              "\" would be the 65th: an event's permission has 64 bits, and bits "
                              "are never reused"
    );
  }
  const auto ordinal = static_cast<PurposeBit>(rows_.size());
  put(
      {.ordinal = ordinal,
       .name = std::string(name),
       .basis = Basis::consent,
       .gpc = name.starts_with("share:"),
       .serves_en = std::string(serves_en),
       .serves_fr = std::string(serves_fr)}
  );
  return ordinal;
}

Status Purposes::retire(std::string_view name) {
  const PurposeBit p = TRY(named(name));
  if (((masks_.heedless & bit(p)) != 0) || name == "link")
    return fail(
        Code::invalid_input, "purpose \"" + rows_[p].name + "\" cannot be retired: contract and duty bind the house, and link says who is who"
    );
  rows_[p].retired = true;
  remask();
  return {};
}

std::optional<PurposeBit> Purposes::find(std::string_view name) const {
  const auto at = std::ranges::find(rows_, name, &Purpose::name);
  if (at == rows_.end()) return std::nullopt;
  return at->ordinal;
}

Result<PurposeBit> Purposes::named(std::string_view name) const {
  const auto p = find(name);
  if (p && !rows_[*p].retired) return *p;
  if (p) return fail(Code::not_found, "purpose \"" + std::string(name) + "\" is retired: nothing uses it any more");
  return fail(
      Code::not_found, "unknown purpose \"" + std::string(name.substr(0, name_bytes_max)) + "\"" +
                           nearest_hint(name, names(all() & ~retired()))
  );
}

const Purpose& Purposes::at(PurposeBit ordinal) const {
  check(knows(ordinal), "a purpose comes from its own table");
  return rows_[ordinal];
}

std::vector<std::string_view> Purposes::names(Mask mask) const {
  std::vector<std::string_view> out;
  for (const Purpose& row : rows_) {
    if ((mask & bit(row.ordinal)) != 0) out.push_back(row.name);
  }
  return out;
}

Result<Mask> Purposes::mask(std::span<const std::string_view> wanted) const {
  Mask out = 0;
  for (const std::string_view name : wanted) out |= bit(TRY(named(name)));
  return out;
}

void Purposes::put(Purpose purpose) {
  rows_.push_back(std::move(purpose));
  remask();
}

void Purposes::remask() {
  masks_ = {};
  for (const Purpose& row : rows_) {
    const Mask b = bit(row.ordinal);
    masks_.all |= b;
    if (row.basis == Basis::consent) masks_.consent |= b;
    if (row.basis == Basis::interest) masks_.interest |= b;
    if (row.basis == Basis::contract || row.basis == Basis::duty) masks_.heedless |= b;
    if (row.catalogued_only) masks_.catalogued_only |= b;
    if (row.on_device) masks_.on_device |= b;
    if (row.gpc) masks_.gpc |= b;
    if (row.retired) masks_.retired |= b;
  }
}

Status may_follow(const Purposes& before, const Purposes& after) {
  for (const Purpose& old : before.rows()) {
    if (!after.knows(old.ordinal) || after.at(old.ordinal).name != old.name) {
      return fail(
          Code::conflict, "purpose \"" + old.name + "\" is bit " + std::to_string(old.ordinal) +
                              " of every stored event and must stay where it is"
      );
    }
    if (old.retired && !after.at(old.ordinal).retired)
      return fail(
          Code::conflict, "purpose \"" + old.name + "\" was retired and does not come back: what was kept for it then "
                          "would be used again; add another, under another name"
      );
    if (after.at(old.ordinal).basis != old.basis) {
      return fail(
          Code::conflict, "the basis of \"" + old.name + "\" is " +
                              std::string(to_string(old.basis)) +
                              " and is never changed: another basis is another purpose, under "
                              "another name"
      );
    }
  }
  return {};
}

}  // namespace hospes::catalog
