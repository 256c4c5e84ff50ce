#include "catalog/pack.h"

#include <algorithm>

#include "base/check.h"
#include "base/time.h"
#include "catalog/notices_toml.h"
#include "catalog/retention_toml.h"
#include "catalog/toml_read.h"

namespace hospes::catalog {
namespace {

constexpr std::string_view shipped =
#include "packs/fr-eu.inc"
    ;
constexpr std::string_view shipped_name = "fr-eu.toml";

Result<Basis> basis_in(const Place& place, std::string_view text) {
  if (const auto basis = parse_basis(text)) return *basis;
  return fail(
      Code::invalid_input, place.what + ": a basis is contract, duty, interest or consent, not \"" +
                               std::string(text.substr(0, 32)) + "\""
  );
}

Result<PurposeRule> read_purpose(const Place& place, std::size_t ordinal) {
  TRY(only_keys(place, {"name", "basis", "may_be", "catalogued_only", "on_device", "gpc", "serves_en", "serves_fr", "source"}));
  PurposeRule out;
  out.purpose.ordinal = static_cast<PurposeBit>(ordinal);
  std::string basis;
  std::vector<std::string> may_be;
  TRY(read(place, "name", out.purpose.name));
  TRY(read(place, "basis", basis));
  TRY(read(place, "may_be", may_be));
  TRY(read(place, "catalogued_only", out.purpose.catalogued_only));
  TRY(read(place, "on_device", out.purpose.on_device));
  TRY(read(place, "gpc", out.purpose.gpc));
  TRY(read(place, "serves_en", out.purpose.serves_en));
  TRY(read(place, "serves_fr", out.purpose.serves_fr));
  TRY(read(place, "source", out.source));
  out.purpose.basis = TRY(placed(place, basis_in(place, basis)));
  for (const std::string& one : may_be) out.may_be.push_back(TRY(placed(place, basis_in(place, one))));
  if (out.purpose.name.empty() || out.source.empty())
    return placed(place, Result<PurposeRule>(fail(Code::invalid_input, "a purpose of a pack needs a name and a source")));
  return out;
}

Result<EvidenceRule> read_evidence(const Place& place) {
  TRY(only_keys(place, {"of", "keep", "source"}));
  EvidenceRule out;
  std::string keep;
  TRY(read(place, "of", out.of));
  TRY(read(place, "keep", keep));
  TRY(read(place, "source", out.source));
  out.keep = TRY(placed(place, parse_period(keep)));
  if ((out.of != "request" && out.of != "consent") || out.source.empty() || out.keep.after_last_act)
    return placed(place, Result<EvidenceRule>(fail(Code::invalid_input, "evidence is of \"request\" or \"consent\", with a source, from the erasure on")));
  return out;
}

}  // namespace

Result<Pack> read_pack(std::string_view text) {
  const toml::table table = TRY(parse_toml(text, shipped_name));
  const Place file{table, shipped_name, std::string(shipped_name)};
  TRY(only_keys(file, {"name", "version", "purpose", "notice_rule", "limit", "evidence"}));
  Pack out;
  TRY(read(file, "name", out.name));
  TRY(read(file, "version", out.version));
  if (out.name.empty() || !parse_instant(out.version))
    return fail(Code::invalid_input, "a pack needs a name, and its version is the day it was written, as 2026-11-27");
  const auto rows = TRY(sub_tables(file, "purpose"));
  if (rows.size() > Purposes::purposes_max) return fail(Code::over_limit, "a pack has at most 64 purposes");
  for (const toml::table* row : rows)
    out.purposes.push_back(TRY(read_purpose({*row, shipped_name, "[[purpose]]"}, out.purposes.size())));
  for (const toml::table* row : TRY(sub_tables(file, "notice_rule")))
    out.notice_rules.push_back(TRY(read_notice_rule({*row, shipped_name, "[[notice_rule]]"})));
  for (const toml::table* row : TRY(sub_tables(file, "limit")))
    out.limits.push_back(TRY(read_purpose_limit({*row, shipped_name, "[[limit]]"})));
  for (const toml::table* row : TRY(sub_tables(file, "evidence")))
    out.evidence.push_back(TRY(read_evidence({*row, shipped_name, "[[evidence]]"})));
  return out;
}

const Pack& fr_eu_pack() {
  static const Pack pack = [] {
    auto read = read_pack(shipped);
    check(read.has_value(), "the pack of this build is well written; catalog_test says so");
    return std::move(*read);
  }();
  return pack;
}

}  // namespace hospes::catalog
