#include "seal/memory_keys.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/bytes.h"
#include "base/dice.h"

namespace hospes::seal {

MemoryKeys::MemoryKeys(Options options) : options_(options) {
  Dice dice(options.seed);
  for (auto& b : secret_.bytes) b = static_cast<unsigned char>(dice.next());
}

Atom MemoryKeys::make(const Identifier& identifier, Instant now) {
  std::string name;
  Writer w(name);
  w.u64(destroyed_[identifier]);
  w.u8(identifier.kind);
  w.text(identifier.value);
  const Hash128 id = hash128(name + "id", secret_);
  const Hash128 first = hash128(name + "first", secret_);
  const Hash128 second = hash128(name + "second", secret_);
  const Atom atom{{id.hi, id.lo}, now, identifier.kind};
  Row row{identifier, {}};
  std::memcpy(row.key.bytes.data(), &first, 16);
  std::memcpy(row.key.bytes.data() + 16, &second, 16);
  by_atom_.emplace(atom.id, std::move(row));
  by_identifier_.emplace(identifier, atom);
  return atom;
}

Result<std::vector<Atom>> MemoryKeys::resolve(
    std::span<const Identifier> identifiers, Instant now
) {
  const std::lock_guard lock(mutex_);
  std::set<Identifier> fresh;
  for (const auto& i : identifiers) {
    if (!by_identifier_.contains(i)) fresh.insert(i);
  }
  if (!fresh.empty() && refused_) return fail(Code::unavailable, "key store refuses");
  if (by_atom_.size() + fresh.size() > options_.atoms_max) {
    return fail(Code::over_limit, "key store is full: raise atoms_max");
  }
  std::vector<Atom> atoms;
  atoms.reserve(identifiers.size());
  for (const auto& i : identifiers) {
    const auto known = by_identifier_.find(i);
    atoms.push_back(known != by_identifier_.end() ? known->second : make(i, now));
  }
  return atoms;
}

Result<std::optional<Atom>> MemoryKeys::find(const Identifier& identifier) {
  const std::lock_guard lock(mutex_);
  const auto known = by_identifier_.find(identifier);
  if (known == by_identifier_.end()) return std::optional<Atom>();
  return std::optional<Atom>(known->second);
}

Status MemoryKeys::sync() {
  const std::lock_guard lock(mutex_);
  if (refused_) return fail(Code::unavailable, "key store refuses");
  return {};
}

Result<Key> MemoryKeys::key(AtomId atom) {
  const std::lock_guard lock(mutex_);
  const auto row = by_atom_.find(atom);
  if (row == by_atom_.end()) return fail(Code::not_found, "no key for atom " + to_hex(atom));
  return row->second.key;
}

Result<Identifier> MemoryKeys::reveal(AtomId atom) {
  const std::lock_guard lock(mutex_);
  const auto row = by_atom_.find(atom);
  if (row == by_atom_.end()) return fail(Code::not_found, "no key for atom " + to_hex(atom));
  return row->second.identifier;
}

Status MemoryKeys::destroy(AtomId atom) {
  const std::lock_guard lock(mutex_);
  if (refused_) return fail(Code::unavailable, "key store refuses");
  const auto row = by_atom_.find(atom);
  if (row == by_atom_.end()) return fail(Code::not_found, "no key for atom " + to_hex(atom));
  ++destroyed_[row->second.identifier];
  by_identifier_.erase(row->second.identifier);
  by_atom_.erase(row);
  return {};
}

std::size_t MemoryKeys::size() const {
  const std::lock_guard lock(mutex_);
  return by_atom_.size();
}

void MemoryKeys::refuse(bool refused) {
  const std::lock_guard lock(mutex_);
  refused_ = refused;
}

}  // namespace hospes::seal
