#include "seal/file_keys.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "seal/envelope.h"
#include "seal/random.h"

namespace hospes::seal {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

std::uint32_t day_of(Instant at) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(at.us / day_us, 0, 1 << 30));
}

std::unexpected<Error> unknown_atom(AtomId atom) {
  return fail(Code::not_found, "no key for atom " + to_hex(atom));
}

}  // namespace

FileKeys::FileKeys(disk::Disk& disk, KeyFileOptions options)
    : disk_(disk),
      options_(std::move(options)),
      folder_(disk, options_.folder),
      directory_(options_.atoms_max) {}

Hash128 FileKeys::hash_of(const Identifier& identifier) const {
  std::string name(1, static_cast<char>(identifier.kind));
  name += identifier.value;
  return hash128(name, folder_.directory_secret());
}

Status FileKeys::check_size(const Identifier& identifier) const {
  if (identifier.value.size() <= options_.identifier_bytes_max) return {};
  return fail(
      Code::invalid_input, "an identifier is longer than identifier_bytes_max (" +
                               std::to_string(options_.identifier_bytes_max) + " bytes)"
  );
}

Status FileKeys::usable() const {
  if (failed_) return {};
  return fail(
      Code::unavailable, "the key store is read-only: " + failed_.error().message +
                             ". What was acknowledged is safe. Mend the disk, then restart"
  );
}

/// A full disk must not end the store for good (a failed write would), so it stops before.
Status FileKeys::check_room() const {
  if (options_.free_bytes_min == 0) return {};
  const auto free = disk_.free_bytes();
  if (free && *free >= options_.free_bytes_min) return {};
  return fail(
      Code::unavailable, "the key store is read-only: less than free_bytes_min (" +
                             std::to_string(options_.free_bytes_min) +
                             " bytes) is free on its disk. Free some space; it resumes by itself"
  );
}

Status FileKeys::health() const {
  const std::lock_guard lock(mutex_);
  TRY(usable());
  return check_room();
}

Result<std::vector<Atom>> FileKeys::resolve(std::span<const Identifier> identifiers, Instant now) {
  std::vector<Atom> atoms(identifiers.size());
  std::vector<Hash128> hashes(identifiers.size());
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    hashes[i] = hash_of(identifiers[i]);
    if (const auto known = directory_.find(hashes[i])) {
      atoms[i] = *known;
    } else {
      TRY(check_size(identifiers[i]));
      unknown.push_back(i);
    }
  }
  if (unknown.empty()) return atoms;
  Lock lock(mutex_);
  TRY(usable());
  if (staged_.empty()) TRY(check_room());  // once a commit, not once an atom
  TRY(prepare_epoch(lock, now));
  TRY(check_limits(hashes, unknown));
  for (const std::size_t i : unknown) {
    const auto known = directory_.find(hashes[i]);  // a repeat, or somebody was faster
    atoms[i] = known ? *known : make(identifiers[i], hashes[i], now);
  }
  return atoms;
}

Status FileKeys::check_limits(std::span<const Hash128> hashes, std::span<const std::size_t> unknown)
    const {
  std::set<Hash128> fresh;
  for (const std::size_t i : unknown) {
    if (!directory_.find(hashes[i])) fresh.insert(hashes[i]);
  }
  if (directory_.size() + fresh.size() > options_.atoms_max) {
    return fail(Code::over_limit, "the key store is full: raise atoms_max");
  }
  if (!fresh.empty() && staged_.size() > options_.staged_bytes_max) {
    return fail(Code::over_limit, "too many new atoms wait for a sync (staged_bytes_max)");
  }
  return {};
}

/// A current epoch with room, of this day or not yet full enough to close.
Status FileKeys::prepare_epoch(Lock& lock, Instant now) {
  const std::uint32_t day = day_of(now);
  const auto fits = [&] {
    if (current_ == 0) return false;
    const Epoch& e = epochs_.at(current_);
    const bool aged = day > e.header.day && e.atoms >= options_.epoch_atoms_min;
    return !aged && e.atoms < options_.epoch_atoms_max;
  };
  if (fits()) return {};
  TRY(quiesce(lock));
  TRY(usable());
  if (fits()) return {};  // somebody was faster
  Status begun = close_current();
  Epoch fresh;
  fresh.header = {folder_.next_number(), 0, day};
  random_bytes(fresh.key.bytes.data(), fresh.key.bytes.size());
  if (begun) begun = folder_.begin(fresh, "");
  if (!begun) {
    failed_ = begun;
    return usable();
  }
  const std::uint32_t number = fresh.header.epoch;
  epochs_.emplace(number, std::move(fresh));
  set_current(number, 1);
  return {};
}

void FileKeys::set_current(std::uint32_t number, std::uint32_t commit) {
  check(staged_.empty() && !flushing_, "key store: an epoch changes while entries wait");
  current_ = number;
  commit_ = commit;
  staged_place_ = epochs_.at(number).end;
}

Atom FileKeys::make(const Identifier& identifier, Hash128 hash, Instant now) {
  Epoch& epoch = epochs_.at(current_);
  AtomEntry entry{{{}, now, identifier.kind}, hash, {}};
  random_bytes(reinterpret_cast<unsigned char*>(&entry.atom.id), sizeof entry.atom.id);
  random_bytes(entry.key.bytes.data(), entry.key.bytes.size());
  std::string body;
  encode_body(entry, epoch.key, body);
  seal(entry.key, associated(entry.atom), identifier.value, body);
  Row row{entry.atom.id, hash, entry.key, now, current_, 0, identifier.kind};
  row.place = staged_place_ + static_cast<std::uint32_t>(staged_.size());
  staged_last_ = staged_.size();
  encode(Entry{.commit = commit_, .place = row.place, .body = body}, staged_);
  directory_.add(row);
  ++epoch.atoms;
  ++made_;
  return entry.atom;
}

Result<std::optional<Atom>> FileKeys::find(const Identifier& identifier) {
  return directory_.find(hash_of(identifier));
}

Status FileKeys::sync() {
  Lock lock(mutex_);
  const std::uint64_t wanted = made_;
  while (durable_ < wanted) {
    TRY(usable());
    if (flushing_) {
      flushed_.wait(lock);
    } else {
      TRY(flush(lock));
    }
  }
  return {};
}

/// Writes and syncs all that is staged; lets go of the lock meanwhile.
/// Precondition: nobody else does.
Status FileKeys::flush(Lock& lock) {
  Epoch& epoch = epochs_.at(current_);
  mark_last(staged_, staged_last_);
  flight_ = std::move(staged_);
  staged_.clear();
  flight_place_ = staged_place_;
  staged_place_ += static_cast<std::uint32_t>(flight_.size());
  ++commit_;
  flushing_ = true;
  const std::uint64_t made = made_;
  const std::uint32_t end = staged_place_;
  std::string bytes = flight_;
  if (end > epoch.room) bytes.resize(bytes.size() + options_.grow_bytes, '\0');
  const auto file = epoch.file;
  lock.unlock();
  Status written = file->write(flight_place_, bytes);
  if (written) written = file->sync();
  lock.lock();
  flushing_ = false;
  flushed_.notify_all();
  if (!written) {
    failed_ = written;
    return usable();
  }
  flight_.clear();
  durable_ = made;
  epoch.end = end;
  epoch.room = std::max(epoch.room, flight_place_ + static_cast<std::uint32_t>(bytes.size()));
  return {};
}

/// Nothing is staged or in flight when it succeeds, and the lock is held since.
Status FileKeys::quiesce(Lock& lock) {
  while (flushing_ || !staged_.empty()) {
    TRY(usable());
    if (flushing_) {
      flushed_.wait(lock);
    } else {
      TRY(flush(lock));
    }
  }
  return {};
}

Status FileKeys::close_current() {
  if (current_ == 0) return {};
  Epoch& epoch = epochs_.at(current_);
  std::string end;
  encode(Entry{.flags = entry_last | entry_end, .commit = commit_ + 1, .place = epoch.end}, end);
  TRY(epoch.file->write(epoch.end, end));
  TRY(epoch.file->sync());
  current_ = 0;
  return {};
}

Result<Key> FileKeys::key(AtomId atom) {
  const auto row = directory_.get(atom);
  if (!row) return unknown_atom(atom);
  return row->key;
}

Result<std::string> FileKeys::sealed_at(const Row& row) {
  std::string bytes;
  std::shared_ptr<disk::File> file;
  {
    const Lock lock(mutex_);
    const auto epoch = epochs_.find(row.epoch);
    if (epoch == epochs_.end())
      return unknown_atom(row.id);  // destroyed, or moved: the caller asks again
    const auto copy = [&](const std::string& from, std::uint32_t place) {
      if (row.place >= place && row.place - place < from.size())
        bytes = from.substr(row.place - place);
    };
    if (row.epoch == current_) {
      copy(flight_, flight_place_);
      copy(staged_, staged_place_);
    }
    file = epoch->second.file;
  }
  const std::size_t size_max =
      entry_frame_bytes + body_fixed_bytes + overhead_bytes + options_.identifier_bytes_max;
  if (bytes.empty()) bytes = TRY(file->read(row.place, size_max));

  const auto entry = decode_entry(bytes, row.place, row.place);
  if (!entry || id_of(entry->body) != row.id) {
    return fail(
        Code::corrupt, folder_.atoms_path(row.epoch) + ": the entry at byte " +
                           std::to_string(row.place) + " is damaged"
    );
  }
  return std::string(sealed_identifier(entry->body));
}

Result<Identifier> FileKeys::reveal(AtomId atom) {
  for (int tries = 0; tries < 3; ++tries) {
    const auto row = directory_.get(atom);
    if (!row) break;
    auto sealed = sealed_at(*row);
    if (!sealed && sealed.error().code == Code::not_found)
      continue;  // its epoch was just rewritten
    if (!sealed) return std::unexpected(sealed.error());
    return Identifier{row->kind, TRY(seal::open(row->key, associated(row->atom()), *sealed))};
  }
  return unknown_atom(atom);
}

Status FileKeys::destroy(AtomId atom) {
  Lock lock(mutex_);
  TRY(usable());
  TRY(quiesce(lock));
  TRY(usable());
  const auto row = directory_.get(atom);
  if (!row) return unknown_atom(atom);
  TRY(rewrite_or_fail(row->epoch, {atom}));
  directory_.remove(atom);
  return {};
}

}  // namespace hospes::seal
