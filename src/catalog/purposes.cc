#include "catalog/purposes.h"

#include <algorithm>

#include "base/check.h"
#include "base/nearest.h"

namespace hospes::catalog {
namespace {

constexpr std::size_t name_bytes_max = 64;

// Order is the ordinal: rows are only ever added at the end.
const std::vector<Purpose>& pack() {
  static const std::vector<Purpose> rows = {
      {0, "operate", Basis::contract, true, false, false,
       "running the contract: order, payment, delivery, return, account, support",
       "exécuter le contrat : commande, paiement, livraison, retour, compte, assistance"},
      {1, "legal", Basis::duty, true, false, false, "invoices and proofs that the law asks for",
       "factures et preuves exigées par la loi"},
      {2, "secure", Basis::interest, true, false, false, "fraud and abuse", "fraude et abus"},
      {3, "market", Basis::interest, true, false, false,
       "segments and models over a customer's own purchases, for similar goods",
       "segments et modèles sur les propres achats du client, pour des produits analogues"},
      {4, "measure", Basis::consent, false, true, false, "individual audience measurement",
       "mesure d'audience individuelle"},
      {5, "personalise", Basis::consent, false, true, false,
       "pages, apps, offers and segments from behaviour",
       "pages, applications, offres et segments selon le comportement"},
      {6, "advertise", Basis::consent, false, false, true, "bids and advertising audiences",
       "enchères et audiences publicitaires"},
      {7, "link", Basis::consent, false, false, false, "joining devices and channels",
       "relier appareils et canaux"},
      {8, "train", Basis::consent, false, false, false, "being a row in a model's training",
       "servir à entraîner un modèle"},
      {9, "contact:email", Basis::consent, false, false, false, "writing by e-mail",
       "écrire par e-mail"},
      {10, "contact:sms", Basis::consent, false, false, false, "writing by SMS", "écrire par SMS"},
      {11, "contact:phone", Basis::consent, false, false, false, "calling", "appeler"},
      {12, "contact:push", Basis::consent, false, false, false, "push notifications",
       "notifications"},
      {13, "contact:post", Basis::consent, false, false, false, "writing by post",
       "écrire par courrier"},
  };
  return rows;
}

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
  Purposes out;
  out.rows_ = pack();
  out.remask();
  return out;
}

Status Purposes::choose(std::string_view name, Basis basis) {
  const PurposeBit p = TRY(named(name));
  Purpose& row = rows_[p];
  const bool open = name == "market" || name == "train";
  if (!open || (basis != Basis::interest && basis != Basis::consent)) {
    return fail(
        Code::invalid_input, "purpose \"" + row.name + "\" rests on " +
                                 std::string(to_string(row.basis)) +
                                 " in the FR/EU pack; only market and train may be chosen, as "
                                 "\"interest\" or \"consent\""
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

std::optional<PurposeBit> Purposes::find(std::string_view name) const {
  const auto at = std::ranges::find(rows_, name, &Purpose::name);
  if (at == rows_.end()) return std::nullopt;
  return at->ordinal;
}

Result<PurposeBit> Purposes::named(std::string_view name) const {
  if (const auto p = find(name)) return *p;
  return fail(
      Code::not_found, "unknown purpose \"" + std::string(name.substr(0, name_bytes_max)) + "\"" +
                           nearest_hint(name, names(all()))
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
