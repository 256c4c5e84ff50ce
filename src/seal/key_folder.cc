#include "seal/key_folder.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <set>

#include "seal/random.h"

namespace hospes::seal {
namespace {

constexpr std::string_view house_magic = "hospeshs";
constexpr std::string_view epoch_magic = "hospesek";
constexpr std::string_view next_master = "master.next";
constexpr std::uint64_t small_bytes_max = 4096;
constexpr std::uint64_t atoms_bytes_max = std::uint64_t{3} << 30;  // places are 32 bits

std::string hex8(std::uint32_t n) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 28; shift >= 0; shift -= 4) out.push_back(digits[(n >> shift) & 15]);
  return out;
}

/// The number in `prefix` hex `suffix`.
std::optional<std::uint32_t> number_in(
    std::string_view name, std::string_view prefix, std::string_view suffix
) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  name.remove_suffix(std::min(suffix.size(), name.size()));
  std::uint32_t n = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), n, 16);
  if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return std::nullopt;
  return n;
}

std::string_view view_of(const HashSecret& s) {
  return {reinterpret_cast<const char*>(s.bytes.data()), s.bytes.size()};
}

}  // namespace

std::string KeyFolder::atoms_path(std::uint32_t n) const { return folder_ + "/atoms-" + hex8(n); }
std::string KeyFolder::key_path(std::uint32_t n) const {
  return folder_ + "/epoch-" + hex8(n) + ".key";
}

Status KeyFolder::open() {
  TRY(disk_.make_folder(folder_));
  const auto names = TRY(disk_.list(folder_));
  const auto has = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const bool atoms = std::any_of(names.begin(), names.end(), [](const std::string& n) {
    return n.starts_with("atoms-") && !n.ends_with(".new");
  });
  const bool have_master = has("master.key");
  if (!has("house.secret")) {
    if (!atoms) return make_secrets(have_master);
    return fail(
        Code::corrupt,
        "house.secret is missing beside the keys; restore the key folder "
        "as a whole from its backup"
    );
  }
  if (!have_master) {
    return fail(
        Code::corrupt,
        "master.key is missing beside the keys; nothing can be read without "
        "it, restore it from its backup"
    );
  }
  TRY(disk_.sync_folder(folder_));
  if (has(next_master)) TRY(finish_change());
  const std::string path = folder_ + "/master.key";
  const std::string master = TRY(disk::read_all(disk_, path, small_bytes_max));
  master_ = TRY(decode_master(master, path));
  const std::string house_path = folder_ + "/house.secret";
  const std::string bytes = TRY(disk::read_all(disk_, house_path, small_bytes_max));
  const std::string both = TRY(decode_secret(house_magic, "", master_, bytes, house_path));
  if (both.size() != 2 * house_.bytes.size()) return fail(Code::corrupt, house_path + " is short");
  std::memcpy(house_.bytes.data(), both.data(), house_.bytes.size());
  std::memcpy(directory_.bytes.data(), both.data() + house_.bytes.size(), directory_.bytes.size());
  return {};
}

Status KeyFolder::change_master() {
  Key next;
  random_bytes(next.bytes.data(), next.bytes.size());
  TRY(disk::replace(disk_, folder_, std::string(next_master), encode_master(next)));
  return finish_change();
}

/// One file, unless it was sealed by the next one already.
Status KeyFolder::seal_anew(
    const std::string& file, std::string_view magic, std::string_view name, const Key& next
) {
  const std::string path = folder_ + "/" + file;
  const std::string bytes = TRY(disk::read_all(disk_, path, small_bytes_max));
  if (decode_secret(magic, name, next, bytes, path)) return {};
  const std::string secret = TRY(decode_secret(magic, name, master_, bytes, path));
  return disk::replace(disk_, folder_, file, encode_secret(magic, name, next, secret));
}

/// `master.next` is durable: it becomes the master. The old one is overwritten in its place, when
/// nothing needs it any more; torn then, it is not read again.
Status KeyFolder::finish_change() {
  const std::string path = folder_ + "/master.key", next_path = folder_ + "/" + std::string(next_master);
  const std::string next_bytes = TRY(disk::read_all(disk_, next_path, small_bytes_max));
  const Key next = TRY(decode_master(next_bytes, next_path));
  const std::string old_bytes = TRY(disk::read_all(disk_, path, small_bytes_max));
  if (const auto old = decode_master(old_bytes, path)) master_ = *old;
  TRY(seal_anew("house.secret", house_magic, "", next));
  for (const std::string& name : TRY(disk_.list(folder_)))
    if (const auto n = number_in(name, "epoch-", ".key")) TRY(seal_anew(name, epoch_magic, hex8(*n), next));
  {
    const auto file = TRY(disk_.open(path, disk::Mode::write));
    TRY(file->write(0, encode_master(next)));
    TRY(file->sync());
  }
  master_ = next;
  TRY(disk_.remove(next_path));
  return disk_.sync_folder(folder_);
}

/// A start that was cut short may have left a master key that nothing uses yet:
/// it is made again.
Status KeyFolder::make_secrets(bool have_master) {
  if (have_master) TRY(disk_.remove(folder_ + "/master.key"));
  random_bytes(master_.bytes.data(), master_.bytes.size());
  random_bytes(house_.bytes.data(), house_.bytes.size());
  random_bytes(directory_.bytes.data(), directory_.bytes.size());
  TRY(disk::replace(disk_, folder_, "master.key", encode_master(master_)));
  const std::string both = std::string(view_of(house_)) + std::string(view_of(directory_));
  return disk::replace(
      disk_, folder_, "house.secret", encode_secret(house_magic, "", master_, both)
  );
}

Result<std::vector<std::uint32_t>> KeyFolder::tidy() {
  std::set<std::uint32_t> atoms;
  std::set<std::uint32_t> keys;
  for (const std::string& name : TRY(disk_.list(folder_))) {
    if (name.ends_with(".new")) TRY(disk_.remove(folder_ + "/" + name));
    if (const auto n = number_in(name, "atoms-", "")) atoms.insert(*n);
    if (const auto n = number_in(name, "epoch-", ".key")) keys.insert(*n);
  }
  for (const auto n : atoms) next_ = std::max(next_, n + 1);
  for (const auto n : keys) next_ = std::max(next_, n + 1);
  std::set<std::uint32_t> gone;
  for (const auto n : atoms) {
    const auto file = TRY(disk_.open(atoms_path(n), disk::Mode::read));
    const std::string head = TRY(file->read(0, atoms_header_bytes));
    const AtomsHeader header = TRY(decode_header(head, atoms_path(n)));
    if (header.replaces != 0) gone.insert(header.replaces);
  }
  for (const auto n : keys) {
    if (!atoms.contains(n)) gone.insert(n);
  }
  for (const auto n : gone) {
    if (atoms.contains(n) || keys.contains(n)) TRY(scrub(n));
    atoms.erase(n);
  }
  return std::vector<std::uint32_t>(atoms.begin(), atoms.end());
}

Result<Epoch> KeyFolder::load(std::uint32_t number, std::string& content) {
  Epoch epoch;
  const auto bytes = disk::read_all(disk_, key_path(number), small_bytes_max);
  if (!bytes) {
    if (bytes.error().code != Code::not_found) return std::unexpected(bytes.error());
    return fail(
        Code::corrupt, key_path(number) +
                           " is missing; restore the key folder as a whole "
                           "from its backup"
    );
  }
  const std::string key =
      TRY(decode_secret(epoch_magic, hex8(number), master_, *bytes, key_path(number)));
  if (key.size() != 32) return fail(Code::corrupt, key_path(number) + " is short");
  epoch.key = key_of(key);
  content = TRY(disk::read_all(disk_, atoms_path(number), atoms_bytes_max));
  epoch.header = TRY(decode_header(content, atoms_path(number)));
  if (epoch.header.epoch != number) {
    return fail(Code::corrupt, atoms_path(number) + ": the header names another epoch");
  }
  epoch.file = TRY(disk_.open(atoms_path(number), disk::Mode::write));
  epoch.end = atoms_header_bytes;
  epoch.room = static_cast<std::uint32_t>(content.size());
  return epoch;
}

Status KeyFolder::begin(Epoch& epoch, std::string_view entries) {
  const std::uint32_t number = epoch.header.epoch;
  const std::string path = atoms_path(number);
  {
    const auto file = TRY(disk_.open(key_path(number), disk::Mode::create));
    TRY(file->write(0, encode_secret(epoch_magic, hex8(number), master_, view_of(epoch.key))));
    TRY(file->sync());
  }
  std::string bytes = encode(epoch.header);
  bytes += entries;
  epoch.file = TRY(disk_.open(path + ".new", disk::Mode::create));
  TRY(epoch.file->write(0, bytes));
  TRY(epoch.file->sync());
  TRY(disk_.sync_folder(folder_));  // the key's name stands before the atoms' can
  TRY(disk_.rename(path + ".new", path));
  TRY(disk_.sync_folder(folder_));
  epoch.end = epoch.room = static_cast<std::uint32_t>(bytes.size());
  return {};
}

Status KeyFolder::scrub(std::uint32_t number) {
  if (const auto file = disk_.open(key_path(number), disk::Mode::write)) {
    const std::uint64_t size = TRY((*file)->size());
    TRY((*file)->write(0, std::string(std::min(size, small_bytes_max), '\0')));
    TRY((*file)->sync());
    TRY(disk_.remove(key_path(number)));
  } else if (file.error().code != Code::not_found) {
    return std::unexpected(file.error());
  }
  if (const Status gone = disk_.remove(atoms_path(number));
      !gone && gone.error().code != Code::not_found) {
    return gone;
  }
  return disk_.sync_folder(folder_);
}

}  // namespace hospes::seal
