#include "seal/key_file.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <charconv>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "base/bytes.h"
#include "base/check.h"
#include "seal/envelope.h"
#include "seal/random.h"

namespace hospes::seal {
namespace {

// master.key        32 random bytes; wraps all others
// house.key         house secret, sealed under the master key
// epoch-N.key       version:u8 replaces:u64 (0: none) day:i64 sealed(epoch key); its presence makes
// the epoch count atoms-N           frames: length:u32 crc32c:u32 payload
//   payload       = version:u8 lookup:16 atom:16 born:i64 kind:u8 text(sealed key) text(sealed
//   value)
// An atom's key is sealed under its epoch's key, its value under its own key; associated data is
// the atom id.
constexpr std::uint8_t version = 1;
constexpr std::size_t frame_head = 8;
constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 40;
constexpr std::int64_t day_us = 86'400'000'000;

struct Entry {
  Atom atom;
  Hash128 lookup;
  Key key;
  std::uint64_t epoch = 0;
  std::string value;
};

struct Epoch {
  Key key;
  std::int64_t day = 0;
  std::uint64_t bytes = 0;  // of atoms-N that are good
  std::unique_ptr<disk::File> file;
};

std::string view_of(const Key& key) {
  return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}
Key random_key() {
  Key key;
  random_bytes(key.bytes.data(), key.bytes.size());
  return key;
}
Result<Key> key_from(std::string_view bytes) {
  Key key;
  if (bytes.size() != key.bytes.size()) return fail(Code::corrupt, "a key has the wrong length");
  std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  return key;
}
std::string id_bytes(AtomId id) {
  std::string out;
  Writer w(out);
  w.u64(id.hi);
  w.u64(id.lo);
  return out;
}
const std::string folder = "keys";  // below the root of the disk

std::string in_folder(const std::string& name) { return folder + "/" + name; }
std::string epoch_name(std::uint64_t n) { return "epoch-" + std::to_string(n) + ".key"; }
std::string atoms_name(std::uint64_t n) { return "atoms-" + std::to_string(n); }

std::uint64_t number_in(const std::string& name) {  // epoch-12.key, atoms-12
  std::uint64_t n = 0;
  std::from_chars(name.data() + 6, name.data() + name.size(), n);
  return n;
}

std::string frame_of(const Entry& e, const Key& epoch_key) {
  std::string sealed_key, sealed_value, payload, frame;
  seal(epoch_key, id_bytes(e.atom.id), view_of(e.key), sealed_key);
  seal(e.key, id_bytes(e.atom.id), e.value, sealed_value);
  Writer p(payload);
  p.u8(version);
  p.u64(e.lookup.hi);
  p.u64(e.lookup.lo);
  p.u64(e.atom.id.hi);
  p.u64(e.atom.id.lo);
  p.i64(e.atom.born.us);
  p.u8(e.atom.kind);
  p.text(sealed_key);
  p.text(sealed_value);
  Writer f(frame);
  f.u32(static_cast<std::uint32_t>(payload.size()));
  f.u32(crc32c(payload));
  f.raw(payload);
  return frame;
}

class KeyFile final : public KeyStore {
 public:
  KeyFile(disk::Disk& disk, KeyFileOptions options) : disk_(disk), options_(options) {}

  Status open() {
    TRY(disk_.make_folder(folder));
    TRY(open_master());
    TRY(open_secret());
    const std::vector<std::string> names = TRY(disk_.list(folder));
    for (const std::string& name : names) {
      if (!name.starts_with("epoch-") || !name.ends_with(".key")) continue;
      if (Status read = open_epoch(name); !read) damaged_.emplace(number_in(name), std::move(read));
    }
    TRY(drop_replaced());
    for (auto& [n, epoch] : epochs_) TRY(read_atoms(n, epoch, n == epochs_.rbegin()->first));
    return {};
  }

  Result<std::vector<Atom>> resolve(std::span<const Identifier> identifiers, Instant now) override {
    std::vector<Atom> atoms;
    std::vector<Hash128> lookups;
    bool all_known = true;
    for (const Identifier& i : identifiers) lookups.push_back(lookup_of(i));
    {
      const std::shared_lock lock(mutex_);
      for (const Hash128& l : lookups) {
        const auto at = by_lookup_.find(l);
        all_known = all_known && at != by_lookup_.end();
        atoms.push_back(at == by_lookup_.end() ? Atom{} : entries_.at(at->second).atom);
      }
    }
    if (all_known) return atoms;
    const std::unique_lock lock(mutex_);
    TRY(health_);
    std::set<Hash128> unknown;
    for (const Hash128& l : lookups) {
      if (!by_lookup_.contains(l)) unknown.insert(l);
    }
    if (entries_.size() + unknown.size() > options_.atoms_max) {
      return fail(
          Code::over_limit,
          "the key store holds atoms_max identifiers; raise the limit or erase old ones"
      );
    }
    Epoch* const epoch = TRY(epoch_of(now));
    for (std::size_t i = 0; i < lookups.size(); ++i) {
      const auto at = by_lookup_.find(lookups[i]);
      atoms[i] = at != by_lookup_.end() ? entries_.at(at->second).atom
                                        : make(identifiers[i], lookups[i], now, *epoch);
    }
    return atoms;
  }

  Result<std::optional<Atom>> find(const Identifier& identifier) override {
    const std::shared_lock lock(mutex_);
    const auto at = by_lookup_.find(lookup_of(identifier));
    if (at == by_lookup_.end()) return std::optional<Atom>();
    return std::optional<Atom>(entries_.at(at->second).atom);
  }

  Status sync() override {
    std::unique_lock lock(mutex_);
    const std::uint64_t wanted = made_;
    while (durable_ < wanted) {
      TRY(health_);
      if (syncing_) {
        synced_.wait(lock);
        continue;
      }
      TRY(write_pending(lock));
    }
    return health_;
  }

  Result<Key> key(AtomId atom) override {
    const std::shared_lock lock(mutex_);
    const auto at = entries_.find(atom);
    if (at == entries_.end())
      return fail(Code::not_found, "no key for this atom: it was erased, or never made");
    return at->second.key;
  }

  Result<Identifier> reveal(AtomId atom) override {
    const std::shared_lock lock(mutex_);
    const auto at = entries_.find(atom);
    if (at == entries_.end())
      return fail(Code::not_found, "nobody of this atom: it was erased, or never made");
    return Identifier{at->second.atom.kind, at->second.value};
  }

  Status destroy(AtomId atom) override {
    TRY(sync());
    const std::unique_lock lock(mutex_);
    TRY(health_);
    if (syncing_) return fail(Code::unavailable, "keys are being written; ask again");
    const auto at = entries_.find(atom);
    if (at == entries_.end())
      return fail(Code::not_found, "nobody of this atom: it was erased, or never made");
    const std::uint64_t old = at->second.epoch;
    Status done = rewrap_without(atom, old);
    if (!done) {
      health_ = done;
      return done;
    }
    return {};
  }

  std::size_t size() const override {
    const std::shared_lock lock(mutex_);
    return entries_.size();
  }
  const HashSecret& house_secret() const override { return secret_; }

 private:
  Hash128 lookup_of(const Identifier& i) const {
    std::string text(1, static_cast<char>(i.kind));
    text += i.value;
    return hash128(text, secret_);
  }

  Status open_master() {
    auto bytes = read_all(disk_, in_folder("master.key"), 64);
    if (!bytes && bytes.error().code == Code::not_found) {
      master_ = random_key();
      return disk::replace(disk_, folder, "master.key", view_of(master_));
    }
    if (!bytes) return std::unexpected(bytes.error());
    master_ = TRY(key_from(*bytes));
    return {};
  }

  Status open_secret() {
    auto bytes = read_all(disk_, in_folder("house.key"), 4096);
    if (!bytes && bytes.error().code == Code::not_found) {
      random_bytes(secret_.bytes.data(), secret_.bytes.size());
      std::string sealed;
      seal(
          master_, "house",
          {reinterpret_cast<const char*>(secret_.bytes.data()), secret_.bytes.size()}, sealed
      );
      return disk::replace(disk_, folder, "house.key", sealed);
    }
    if (!bytes) return std::unexpected(bytes.error());
    const std::string plain = TRY(hospes::seal::open(master_, "house", *bytes));
    if (plain.size() != secret_.bytes.size())
      return fail(Code::corrupt, "house.key has the wrong length");
    std::copy(plain.begin(), plain.end(), secret_.bytes.begin());
    return {};
  }

  Status open_epoch(const std::string& name) {
    const std::uint64_t n = number_in(name);
    const std::string bytes = TRY(read_all(disk_, in_folder(name), 4096));
    Reader in(bytes);
    if (in.u8() != version) return fail(Code::corrupt, name + " was not written by this version");
    const std::uint64_t replaces = in.u64();
    Epoch epoch;
    epoch.day = in.i64();
    const std::string_view head =
        std::string_view(bytes).substr(0, bytes.size() - in.rest().size());
    const std::string plain = TRY(hospes::seal::open(master_, head, in.rest()));
    epoch.key = TRY(key_from(plain));
    replaced_by_[n] = replaces;
    epochs_[n] = std::move(epoch);
    return {};
  }

  /// A destroy that a crash cut after its new epoch counted: the old one goes now.
  Status drop_replaced() {
    for (const auto& [n, old] : replaced_by_) {
      if (old == 0 || (!epochs_.contains(old) && !damaged_.contains(old))) continue;
      damaged_.erase(old);  // half overwritten: that is what was wanted
      TRY(drop_epoch(old));
    }
    if (!damaged_.empty()) return damaged_.begin()->second;
    const std::vector<std::string> names = TRY(disk_.list(folder));
    for (const std::string& name : names) {
      if (!name.starts_with("atoms-")) continue;
      const std::uint64_t n = number_in(name);
      if (!epochs_.contains(n))
        TRY(disk_.remove(in_folder(name)));  // its epoch never counted, or is gone
    }
    return disk_.sync_folder(folder);
  }

  /// The old key is overwritten before its name goes.
  Status drop_epoch(std::uint64_t n) {
    auto file = TRY(disk_.open(in_folder(epoch_name(n)), disk::Mode::write));
    const std::uint64_t bytes = TRY(file->size());
    TRY(file->write(0, std::string(bytes, '\0')));
    TRY(file->sync());
    file.reset();
    epochs_.erase(n);
    TRY(disk_.remove(in_folder(epoch_name(n))));
    if (Status gone = disk_.remove(in_folder(atoms_name(n)));
        !gone && gone.error().code != Code::not_found)
      return gone;
    return disk_.sync_folder(folder);
  }

  Status read_atoms(std::uint64_t n, Epoch& epoch, bool newest) {
    epoch.file = TRY(disk_.open(in_folder(atoms_name(n)), disk::Mode::write));
    const std::string bytes = TRY(read_all(disk_, in_folder(atoms_name(n)), file_bytes_max));
    std::string_view rest = bytes;
    while (!rest.empty()) {
      Reader in(rest);
      const std::uint32_t size = in.u32();
      const std::uint32_t crc = in.u32();
      const std::string_view payload = in.raw(size);
      if (!in.ok() || size == 0 || crc32c(payload) != crc) break;
      TRY(read_entry(payload, n, epoch.key));
      rest.remove_prefix(frame_head + size);
    }
    epoch.bytes = bytes.size() - rest.size();
    if (!rest.empty() && !newest) {
      return fail(
          Code::corrupt, atoms_name(n) + " is damaged at byte " + std::to_string(epoch.bytes) +
                             "; restore the keys folder from its backup"
      );
    }
    return {};
  }

  Status read_entry(std::string_view payload, std::uint64_t n, const Key& epoch_key) {
    Reader in(payload);
    Entry e;
    if (in.u8() != version)
      return fail(Code::corrupt, atoms_name(n) + " was not written by this version");
    e.lookup.hi = in.u64();
    e.lookup.lo = in.u64();
    e.atom.id.hi = in.u64();
    e.atom.id.lo = in.u64();
    e.atom.born.us = in.i64();
    e.atom.kind = in.u8();
    const std::string plain_key =
        TRY(hospes::seal::open(epoch_key, id_bytes(e.atom.id), in.text()));
    e.key = TRY(key_from(plain_key));
    e.value = TRY(hospes::seal::open(e.key, id_bytes(e.atom.id), in.text()));
    e.epoch = n;
    by_lookup_[e.lookup] = e.atom.id;
    entries_[e.atom.id] = std::move(e);
    return {};
  }

  Status write_epoch(std::uint64_t n, std::uint64_t replaces, const Epoch& epoch) {
    std::string bytes;
    Writer w(bytes);
    w.u8(version);
    w.u64(replaces);
    w.i64(epoch.day);
    std::string sealed;
    seal(master_, bytes, view_of(epoch.key), sealed);
    return disk::replace(disk_, folder, epoch_name(n), bytes + sealed);
  }

  /// Under mutex_. A new epoch each day: destroying one atom re-wraps that day's only.
  Result<Epoch*> epoch_of(Instant now) {
    const std::int64_t day = now.us / day_us;
    if (!epochs_.empty() && (pending_epoch_ == epochs_.rbegin()->first) &&
        epochs_.rbegin()->second.day == day) {
      return &epochs_.rbegin()->second;
    }
    while (syncing_) return fail(Code::unavailable, "keys are being written; send again");
    if (!pending_.empty()) TRY(flush_pending());
    if (!epochs_.empty() && epochs_.rbegin()->second.day == day) {
      pending_epoch_ = epochs_.rbegin()->first;
      return &epochs_.rbegin()->second;
    }
    const std::uint64_t n = epochs_.empty() ? 1 : epochs_.rbegin()->first + 1;
    Epoch epoch{.key = random_key(), .day = day, .bytes = 0, .file = nullptr};
    epoch.file = TRY(disk_.open(in_folder(atoms_name(n)), disk::Mode::create));
    TRY(disk_.sync_folder(folder));
    TRY(write_epoch(n, 0, epoch));
    pending_epoch_ = n;
    return &(epochs_[n] = std::move(epoch));
  }

  Atom make(const Identifier& identifier, Hash128 lookup, Instant now, const Epoch& epoch) {
    Entry e;
    unsigned char id[16];
    random_bytes(id, sizeof id);
    Reader in({reinterpret_cast<const char*>(id), sizeof id});
    e.atom = {{in.u64(), in.u64()}, now, identifier.kind};
    e.lookup = lookup;
    e.key = random_key();
    e.epoch = pending_epoch_;
    e.value = identifier.value;
    pending_ += frame_of(e, epoch.key);
    ++made_;
    by_lookup_[lookup] = e.atom.id;
    const Atom atom = e.atom;
    entries_[atom.id] = std::move(e);
    return atom;
  }

  /// Under mutex_, which stays held.
  Status flush_pending() {
    Epoch& epoch = epochs_.at(pending_epoch_);
    Status done = epoch.file->write(epoch.bytes, pending_);
    if (done) done = epoch.file->sync();
    if (!done) {
      health_ = fail(
          Code::unavailable, "the keys folder cannot be written (" + done.error().message +
                                 "); nothing more is taken until a restart"
      );
      return health_;
    }
    epoch.bytes += pending_.size();
    pending_.clear();
    durable_ = made_;
    return {};
  }

  /// One caller writes for all who wait; `lock` is released while the disk works.
  Status write_pending(std::unique_lock<std::shared_mutex>& lock) {
    syncing_ = true;
    const std::uint64_t upto = made_;
    const std::string bytes = std::exchange(pending_, {});
    Epoch& epoch = epochs_.at(pending_epoch_);
    lock.unlock();
    Status done = epoch.file->write(epoch.bytes, bytes);
    if (done) done = epoch.file->sync();
    lock.lock();
    syncing_ = false;
    synced_.notify_all();
    if (!done) {
      health_ = fail(
          Code::unavailable, "the keys folder cannot be written (" + done.error().message +
                                 "); nothing more is taken until a restart"
      );
      return health_;
    }
    epoch.bytes += bytes.size();
    durable_ = upto;
    return {};
  }

  /// Under mutex_. The living of epoch `old` move to a new one, whose key file is the moment it
  /// counts.
  Status rewrap_without(AtomId atom, std::uint64_t old) {
    const std::uint64_t n = epochs_.rbegin()->first + 1;
    Epoch epoch{.key = random_key(), .day = epochs_.at(old).day, .bytes = 0, .file = nullptr};
    epoch.file = TRY(disk_.open(in_folder(atoms_name(n)), disk::Mode::create));
    for (const auto& [id, e] : entries_) {
      if (e.epoch != old || id == atom) continue;
      const std::string frame = frame_of(e, epoch.key);
      TRY(epoch.file->write(epoch.bytes, frame));
      epoch.bytes += frame.size();
    }
    TRY(epoch.file->sync());
    TRY(disk_.sync_folder(folder));
    TRY(write_epoch(n, old, epoch));
    TRY(drop_epoch(old));
    epochs_[n] = std::move(epoch);
    for (auto& [id, e] : entries_) {
      if (e.epoch == old) e.epoch = n;
    }
    by_lookup_.erase(entries_.at(atom).lookup);
    entries_.erase(atom);
    pending_epoch_ = 0;
    return {};
  }

  disk::Disk& disk_;
  const KeyFileOptions options_;
  Key master_;
  HashSecret secret_;
  mutable std::shared_mutex mutex_;  // guards all below
  std::condition_variable_any synced_;
  boost::unordered_flat_map<Hash128, AtomId, HashOfHash> by_lookup_;
  boost::unordered_flat_map<AtomId, Entry, HashOfAtom> entries_;
  std::map<std::uint64_t, Epoch> epochs_;
  std::map<std::uint64_t, Status> damaged_;             // while opening: epochs that do not read
  std::map<std::uint64_t, std::uint64_t> replaced_by_;  // epoch → the one it replaces
  std::string pending_;                                 // frames not yet written
  std::uint64_t pending_epoch_ = 0;                     // where they go
  std::uint64_t made_ = 0, durable_ = 0;
  bool syncing_ = false;
  Status health_;
};

bool inside(std::string_view inner, std::string_view outer) {
  while (outer.size() > 1 && outer.ends_with('/')) outer.remove_suffix(1);
  return inner == outer ||
         (inner.starts_with(outer) && inner.substr(outer.size()).starts_with('/'));
}

}  // namespace

Result<std::unique_ptr<KeyStore>> open_key_file(disk::Disk& disk, KeyFileOptions options) {
  auto store = std::make_unique<KeyFile>(disk, options);
  TRY(store->open());
  return std::unique_ptr<KeyStore>(std::move(store));
}

Status apart(std::string_view keys_folder, std::string_view data_folder) {
  if (inside(keys_folder, data_folder) || inside(data_folder, keys_folder)) {
    return fail(
        Code::conflict,
        "the keys folder and the data folder lie in one another; a copy of the data would carry "
        "its "
        "keys. Set data.keys to a folder beside it"
    );
  }
  return {};
}

}  // namespace hospes::seal
