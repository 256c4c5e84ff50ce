#include "tee/shape.h"

#include <algorithm>
#include <vector>

#include "catalog/kinds.h"
#include "portal/json.h"
#include "portal/nested.h"
#include "portal/value_json.h"

namespace hospes::tee {
namespace {

namespace kind = catalog::kind;
using portal::List;
using portal::Nested;
using portal::Object;

/// Everybody whom the event names and whose key is there, strongest first.
std::vector<Identifier> named_in(const ShapeDoors& doors, const Event& event) {
  std::vector<Identifier> out;
  const auto take = [&](const Atom& atom) {
    if (auto known = doors.keys.reveal(atom.id)) out.push_back(std::move(*known));
  };
  take(event.owner);
  for (const Atom& atom : event.others) take(atom);
  return out;
}

void add_ids(Object& out, const Event& event, const std::vector<Identifier>& named) {
  std::size_t users = 0, visitors = 0;
  for (const Identifier& one : named) {
    if (one.kind == kind::user_id && users++ == 0) {
      out.text("userId", one.value);
    } else if (one.kind == kind::anonymous_id && visitors++ == 0 && event.type != EventType::alias) {
      out.text("anonymousId", one.value);
    } else if (event.type == EventType::alias && (one.kind == kind::user_id || one.kind == kind::anonymous_id)) {
      out.text("previousId", one.value);
    }
  }
}

/// Identifiers that stand nowhere else in the event.
std::string externals_of(const Event& event, const std::vector<Identifier>& named, seal::KeyStore& keys) {
  std::vector<std::string> in_fields;
  for (PackedReader in(event.properties.packed()); in.next();)
    if (in.value().kind == ValueKind::atom)
      if (const auto known = keys.reveal(in.value().atom)) in_fields.push_back(known->value);
  List out;
  for (const Identifier& one : named) {
    if (one.kind == kind::user_id || one.kind == kind::anonymous_id) continue;
    if (std::ranges::find(in_fields, one.value) != in_fields.end()) continue;
    const catalog::Kind* known = catalog::find_kind(one.kind);
    std::string type(known == nullptr ? "" : known->name), value = one.value;
    if (const auto colon = value.find(':'); one.kind == kind::external_id && colon != value.npos) {
      type = value.substr(0, colon);
      value.erase(0, colon + 1);
    }
    out.add(Object().text("id", value).text("type", type).text("collection", "users").text("encoding", "none").done());
  }
  std::string all = out.done();
  return all == "[]" ? std::string() : all;
}

/// What the event may serve, in the words of the source's consent tool.
std::string consent_of(const ShapeDoors& doors, Mask mask) {
  Object categories;
  if (doors.source != nullptr && !doors.source->categories.empty()) {
    for (const auto& [name, wanted] : doors.source->categories) categories.truth(name, (mask & wanted) == wanted);
  } else {
    for (const catalog::Purpose& p : doors.purposes.rows())
      if (p.basis == catalog::Basis::consent) categories.truth(p.name, (mask & bit(p.ordinal)) != 0);
  }
  return categories.done();
}

struct Parts {
  Nested properties, context;
  std::string name, category, group;  // as JSON, of the calls that have them beside their properties
};

Parts parts_of(const ShapeDoors& doors, const Event& event) {
  constexpr std::string_view apart = "context.";
  Parts out;
  for (PackedReader in(event.properties.packed()); in.next();) {
    const std::string_view name = doors.names.text(in.name());
    std::string value = portal::value_json(in.value(), doors.keys);
    if (name.starts_with(apart)) {
      out.context.put(name.substr(apart.size()), std::move(value));
      continue;
    }
    if (name == "name") out.name = value;
    if (name == "category") out.category = value;
    if (name == "groupId") out.group = value;
    out.properties.put(name, std::move(value));
  }
  return out;
}

void add_call(Object& out, const ShapeDoors& doors, const Event& event, const Parts& parts) {
  using enum EventType;
  out.text("type", to_string(event.type));
  if (event.type == track) out.text("event", doors.names.text(event.name));
  if (event.type == group && !parts.group.empty()) out.raw("groupId", parts.group);
  if (event.type == page || event.type == screen) {
    if (!parts.name.empty()) out.raw("name", parts.name);
    if (!parts.category.empty()) out.raw("category", parts.category);
  }
  const bool traits = event.type == identify || event.type == group;
  out.raw(traits ? "traits" : "properties", parts.properties.json());
}

}  // namespace

std::optional<std::string> batch_of(const ShapeDoors& doors, const Event& event, Instant now) {
  const auto named = named_in(doors, event);
  if (named.empty() || !doors.keys.reveal(event.owner.id)) return std::nullopt;
  Parts parts = parts_of(doors, event);
  if (std::string externals = externals_of(event, named, doors.keys); !externals.empty())
    parts.context.put("externalIds", std::move(externals));
  parts.context.put("consent.categoryPreferences", consent_of(doors, event.mask));
  Object item;
  add_call(item, doors, event, parts);
  add_ids(item, event, named);
  item.text("messageId", event.message_id)
      .text("timestamp", to_string(event.happened))
      .text("originalTimestamp", to_string(event.original))
      .raw("context", parts.context.json());
  const std::string sent = to_string(now);
  return Object().raw("batch", List().add(item.done()).done()).text("sentAt", sent).done();
}

}  // namespace hospes::tee
