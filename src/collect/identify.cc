#include "collect/identify.h"

#include <algorithm>

#include "catalog/kinds.h"

namespace hospes::collect {
namespace {

namespace kind = catalog::kind;

void put(std::vector<Identifier>& out, KindId of, std::string_view value) {
  if (value.empty()) return;
  auto normal = catalog::normalise(of, value);
  if (!normal) return;
  Identifier made{of, std::move(*normal)};
  if (std::ranges::find(out, made) == out.end()) out.push_back(std::move(made));
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

std::optional<KindId> kind_of_field(std::string_view name) {
  const auto last = last_part(name);
  if (last == "email") return kind::email;
  if (last == "phone") return kind::phone;
  return std::nullopt;
}

/// Traits of the person: of identify by their bare name, elsewhere under context.
bool is_trait(const Item& item, std::string_view name) {
  if (item.type == EventType::identify) return name == "email" || name == "phone";
  return name == "context.traits.email" || name == "context.traits.phone";
}

Status put_previous(const Item& item, seal::KeyStore& keys, std::vector<Identifier>& out) {
  if (item.type != EventType::alias || item.previous_id.empty()) return {};
  const auto normal = catalog::normalise(kind::user_id, item.previous_id);
  if (!normal) return {};
  // An alias does not say what its previous id was: a user id if one is known, else a visitor's.
  const auto known = TRY(keys.find({kind::user_id, *normal}));
  put(out, known ? kind::user_id : kind::anonymous_id, item.previous_id);
  return {};
}

void put_external(const ExternalId& id, std::vector<Identifier>& out) {
  if (const auto* known = catalog::find_kind(id.type)) return put(out, known->id, id.value);
  put(out, kind::external_id, std::string(id.type).append(":").append(id.value));
}

}  // namespace

Result<Who> who_of(const Item& item, seal::KeyStore& keys) {
  Who out;
  auto& all = out.identifiers;
  put(all, kind::user_id, item.user_id);
  put(all, kind::anonymous_id, item.anonymous_id);
  if (item.consent) {
    put(all, kind::email, item.answer.email);
    put(all, kind::phone, item.answer.phone);
    put(all, kind::card, item.answer.card);
  }
  if (auto put_it = put_previous(item, keys, all); !put_it)
    return std::unexpected(std::move(put_it).error());
  for (const ExternalId& id : item.external_ids) put_external(id, all);
  for (std::size_t i = 0; i < item.fields.size(); ++i) {
    const Field& field = item.fields[i];
    const auto of = kind_of_field(field.name);
    if (!of || field.value.kind != ValueKind::text) continue;
    auto normal = catalog::normalise(*of, field.value.text);
    if (!normal) continue;
    if (is_trait(item, field.name)) put(all, *of, field.value.text);
    out.apart.push_back({i, {*of, std::move(*normal)}});
  }
  std::ranges::stable_sort(all, {}, [](const Identifier& i) {
    return catalog::priority_of(i.kind);
  });
  return out;
}

std::size_t anchor_of(const std::vector<Identifier>& identifiers) {
  const auto at = std::ranges::find(identifiers, kind::anonymous_id, &Identifier::kind);
  return at == identifiers.end() ? 0 : static_cast<std::size_t>(at - identifiers.begin());
}

}  // namespace hospes::collect
