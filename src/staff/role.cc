#include "staff/role.h"

#include <algorithm>
#include <array>

namespace hospes::staff {
namespace {

constexpr std::uint32_t bits(std::initializer_list<Role> list) {
  std::uint32_t out = 0;
  for (const Role role : list) out |= 1U << static_cast<unsigned>(role);
  return out;
}

using enum Role;
constexpr std::uint32_t everybody = bits({owner, privacy, marketer, analyst, support, developer});

constexpr auto role_rows = std::to_array<RoleRow>({
    {owner, "owner", "owner", "propriétaire"},
    {privacy, "privacy", "privacy officer", "délégué à la protection des données"},
    {marketer, "marketer", "marketer", "marketing"},
    {analyst, "analyst", "analyst", "analyste"},
    {support, "support", "customer support", "service client"},
    {developer, "developer", "developer", "développeur"},
});

constexpr auto right_rows = std::to_array<RightRow>({
    {Right::anybody, "anybody", "the way in", "la porte d'entrée", everybody},
    {Right::self, "self", "one's own session and password", "sa session et son mot de passe", everybody},
    {Right::counts, "counts", "the house, its definitions and its counts", "la maison, ses définitions et ses nombres",
     everybody},
    {Right::person, "person", "one person", "une personne", bits({owner, privacy, support})},
    {Right::people, "people", "people in lists", "les personnes en listes", bits({owner, privacy})},
    {Right::examples, "examples", "examples of a segment's members", "des exemples des membres d'un segment",
     bits({owner, privacy, marketer})},
    {Right::define, "define", "changing segments, campaigns and messages",
     "changer segments, campagnes et messages", bits({owner, marketer})},
    {Right::question, "question", "questions to the lake", "les questions au lac", bits({owner, analyst})},
    {Right::sources, "sources", "changing sources and their keys", "changer les sources et leurs clés",
     bits({owner, developer})},
    {Right::letters, "letters", "dead letters", "les lettres mortes", bits({owner, privacy})},
    {Right::rights, "rights", "people's requests", "les demandes des personnes",
     bits({owner, privacy, support})},
    {Right::identity, "identity", "deciding who is who", "décider qui est qui", bits({owner, privacy})},
    {Right::approve, "approve", "the second person's yes", "le oui d'une deuxième personne",
     bits({owner, privacy})},
    {Right::audit, "audit", "who did what", "qui a fait quoi", bits({owner, privacy})},
    {Right::staff, "staff", "accounts and roles", "les comptes et les rôles", bits({owner})},
    {Right::machine, "machine", "what the staff token alone may do", "ce que seul le jeton peut", 0},
});

}  // namespace

std::span<const RoleRow> roles() { return role_rows; }
std::span<const RightRow> rights() { return right_rows; }
const RoleRow& row_of(Role role) { return role_rows[static_cast<std::size_t>(role)]; }
const RightRow& row_of(Right right) { return right_rows[static_cast<std::size_t>(right)]; }

std::optional<Role> find_role(std::string_view name) {
  const auto at = std::ranges::find(role_rows, name, &RoleRow::name);
  return at == role_rows.end() ? std::nullopt : std::optional(at->role);
}

std::string role_names() {
  std::string out;
  for (const RoleRow& row : role_rows) out.append(out.empty() ? "" : ", ").append(row.name);
  return out;
}

bool may(Role role, Right right) {
  return (row_of(right).roles >> static_cast<unsigned>(role) & 1U) != 0;
}

std::string who_may(Right right) {
  std::string out;
  for (const RoleRow& row : role_rows)
    if (may(row.role, right)) out.append(out.empty() ? "" : " or ").append(row.name);
  return out;
}

}  // namespace hospes::staff
