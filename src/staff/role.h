// What somebody of the house may do: roles, rights, and which role has which right. One table, read by the
// console's router, the command line, the pages and the tests. docs/staff.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hospes::staff {

enum class Role : std::uint8_t { owner, privacy, marketer, analyst, support, developer };

enum class Right : std::uint8_t {
  anybody,   // no session: the way in
  self,      // whoever is signed in: their own session and password
  counts,    // the house, its definitions and its counts; names nobody
  person,    // one person who is named, with a typed reason where the role asks for one
  people,    // who is who in lists: the live stream, arrivals, passages
  examples,  // members of a segment and why; under a random id, unless the role may see people
  define,    // segments, campaigns, messages: what is said and to whom
  question,  // SQL on the lake, for one purpose
  sources,   // keys, origins, what a source may do
  letters,   // dead letters: what people sent, malformed
  rights,    // exercised rights, and the way in for a guest
  identity,  // who is who: joins, splits, an identifier erased at once
  approve,   // the second person's yes
  audit,     // who did what, and the receipts
  staff,     // accounts and roles
  machine    // what only the staff token on the machine may do
};

struct RoleRow {
  Role role;
  std::string_view name, en, fr;
};
struct RightRow {
  Right right;
  std::string_view name, en, fr;
  std::uint32_t roles;  // bit by Role
};

std::span<const RoleRow> roles();
std::span<const RightRow> rights();
const RoleRow& row_of(Role role);
const RightRow& row_of(Right right);
std::optional<Role> find_role(std::string_view name);
/// "owner, privacy, marketer, …"
std::string role_names();

/// Whether what this role reads of a person takes a typed reason, which the person sees.
constexpr bool says_why(Role role) { return role == Role::support; }

/// `machine` nobody may: the staff token alone, which is no role.
bool may(Role role, Right right);
/// Which roles may, as words: "owner or privacy".
std::string who_may(Right right);

}  // namespace hospes::staff
