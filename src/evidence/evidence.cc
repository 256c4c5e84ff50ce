#include "evidence/evidence.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "digest/digest.h"
#include "seal/envelope.h"
#include "seal/random.h"

namespace hospes::evidence {
namespace {

constexpr std::string_view folder = "evidence", key_ending = ".key", key_head = "hospes evidence key 1\n";
constexpr std::uint64_t key_bytes_max = 256, entry_bytes_max = 1 << 20;

std::string path_of(const std::string& day) { return std::string(folder) + "/" + day; }
std::string key_name_of(const std::string& day) { return day + std::string(key_ending); }

/// The first instant of the day that a file is named by; nothing: no file of ours.
std::optional<Instant> end_of(std::string_view day) {
  return day.size() == 10 ? parse_instant(std::string(day) + "T00:00:00Z") : std::nullopt;
}

std::string subject_of(const seal::Key& key, std::string_view who) {
  return std::string(view_of(hmac(std::string_view(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()), who)));
}

/// not_found: there is none.
Result<seal::Key> read_key(disk::Disk& keys, const std::string& day) {
  const std::string path = path_of(key_name_of(day));
  const std::string text = TRY(disk::read_all(keys, path, key_bytes_max));
  if (text.find_first_not_of('\0') == text.npos) return fail(Code::not_found, path + " is being destroyed");
  const auto bytes = text.starts_with(key_head) && text.ends_with('\n')
                         ? digest_read(std::string_view(text).substr(key_head.size(), text.size() - key_head.size() - 1))
                         : std::nullopt;
  if (!bytes) return fail(Code::corrupt, path + " of the key folder is damaged; restore the key folder from its backup");
  return seal::Key{*bytes};
}

Result<seal::Key> make_key(disk::Disk& keys, const std::string& day) {
  seal::Key out;
  seal::random_bytes(out.bytes.data(), out.bytes.size());
  TRY(keys.make_folder(std::string(folder)));
  TRY(disk::replace(
      keys, std::string(folder), key_name_of(day),
      std::string(key_head) + base64(std::string_view(reinterpret_cast<const char*>(out.bytes.data()), out.bytes.size())) + "\n"
  ));
  return out;
}

struct Whole {
  std::uint64_t last = 0, end = 0;  // where the last whole entry begins, and where it ends
};

/// Visits what the key opens. What a crash left behind the last whole entry is passed over.
Result<Whole> read_day(
    disk::File& file, const std::string& day, const seal::Key& key, const std::function<void(std::string_view)>& visit
) {
  Whole out;
  for (;;) {
    const std::string head = TRY(file.read(out.end, 4));
    Reader length(head);
    const std::uint32_t size = length.u32();
    if (!length.ok() || size == 0 || size > entry_bytes_max) return out;
    const std::string sealed = TRY(file.read(out.end + 4, size));
    const auto plain = sealed.size() == size ? seal::open(key, day, sealed) : Result<std::string>(fail(Code::corrupt, "cut"));
    if (!plain) return out;
    visit(*plain);
    out.last = std::exchange(out.end, out.end + 4 + size);
  }
}

/// Nothing: its day's key or file is not there.
Status visit_days(
    disk::Disk& data, disk::Disk& keys,
    const std::function<void(const std::string& day, const seal::Key& key, std::string_view plain)>& visit
) {
  for (const std::string& day : TRY(data.list(std::string(folder)))) {
    if (!end_of(day)) continue;
    const auto key = read_key(keys, day);
    if (!key && key.error().code == Code::not_found) continue;
    if (!key) return std::unexpected(key.error());
    const auto file = TRY(data.open(path_of(day), disk::Mode::read));
    TRY(read_day(*file, day, *key, [&](std::string_view plain) { visit(day, *key, plain); }));
  }
  return {};
}

/// Zeros over it, then it is gone. No error when there is none.
Status overwrite(disk::Disk& disk, const std::string& name) {
  const auto file = disk.open(path_of(name), disk::Mode::write);
  if (!file && file.error().code == Code::not_found) return {};
  if (!file) return std::unexpected(file.error());
  constexpr std::uint64_t piece = 1 << 16;
  const std::uint64_t size = TRY((*file)->size());
  for (std::uint64_t at = 0; at < size; at += piece)
    TRY((*file)->write(at, std::string(std::min(piece, size - at), '\0')));
  TRY((*file)->sync());
  TRY(disk.remove(path_of(name)));
  return disk.sync_folder(std::string(folder));
}

}  // namespace

Result<std::unique_ptr<Evidence>> Evidence::open(disk::Disk& data, disk::Disk& keys, Instant now) {
  std::unique_ptr<Evidence> out(new Evidence(data, keys));
  for (const std::string& name : TRY(data.list(std::string(folder))))
    if (end_of(name)) out->days_.insert(name);
  // A key whose file a crash kept from being made ends like the others.
  for (const std::string& name : TRY(keys.list(std::string(folder))))
    if (name.ends_with(key_ending) && end_of(name.substr(0, 10))) out->days_.insert(name.substr(0, 10));
  TRY(out->sweep(now));
  for (const std::string& name : TRY(data.list(std::string(folder)))) {
    if (!end_of(name)) continue;
    const auto key = read_key(keys, name);
    if (key) continue;
    if (key.error().code != Code::not_found) return std::unexpected(key.error());
    return fail(
        Code::corrupt, path_of(key_name_of(name)) + " is not in the key folder, and what it seals must be kept until " + name +
                           ": restore the key folder from its backup"
    );
  }
  return out;
}

Result<Evidence::Day> Evidence::day_of(const std::string& name) {
  Day out{.name = name, .key = {}, .file = nullptr, .end = 0};
  auto key = read_key(keys_, name);
  if (!key && key.error().code == Code::not_found) key = make_key(keys_, name);
  out.key = TRY(std::move(key));
  TRY(keys_.sync_folder(std::string(folder)));
  auto file = data_.open(path_of(name), disk::Mode::write);
  if (!file && file.error().code == Code::not_found) {
    TRY(data_.make_folder(std::string(folder)));
    file = data_.open(path_of(name), disk::Mode::create);
  }
  out.file = TRY(std::move(file));
  const Whole whole = TRY(read_day(*out.file, name, out.key, [](std::string_view) {}));
  // The last entry may stand in the page cache alone (docs/adr/0001): it is written again.
  const std::string last = TRY(out.file->read(whole.last, static_cast<std::size_t>(whole.end - whole.last)));
  if (!last.empty()) TRY(out.file->write(whole.last, last));
  TRY(out.file->sync());
  TRY(data_.sync_folder(std::string(folder)));
  out.end = whole.end;
  return out;
}

Status Evidence::keep(std::string_view who, const Entry& entry) {
  const std::lock_guard lock(mutex_);
  if (failed_) return *failed_;
  const Status kept = write(who, entry);
  // After a failed write nobody knows what the disk holds (docs/adr/0001): the next start reads it again.
  if (!kept) failed_ = fail(Code::unavailable, "evidence cannot be kept since a write failed; mend the disk and start again: " + kept.error().message);
  return kept;
}

Status Evidence::write(std::string_view who, const Entry& entry) {
  const std::string name = to_string(entry.until).substr(0, 10);
  if (!end_of(name)) return fail(Code::invalid_input, "evidence is kept until a day");
  if (open_.name != name) open_ = TRY(day_of(name));
  days_.insert(name);
  std::string plain, frame, sealed;
  Writer in(plain), out(frame);
  in.text(subject_of(open_.key, who));
  in.text(entry.ground);
  in.i64(entry.until.us);
  in.text(entry.what);
  seal::seal(open_.key, name, plain, sealed);
  out.u32(static_cast<std::uint32_t>(sealed.size()));
  out.raw(sealed);
  TRY(open_.file->write(open_.end, frame));
  TRY(open_.file->sync());
  open_.end += frame.size();
  return {};
}

Status Evidence::destroy(const std::string& name) {
  if (open_.name == name) open_ = {};
  TRY(overwrite(keys_, key_name_of(name)));
  return overwrite(data_, name);
}

Status Evidence::sweep(Instant now) {
  const std::lock_guard lock(mutex_);
  while (!days_.empty() && *end_of(*days_.begin()) <= now) {
    TRY(destroy(*days_.begin()));
    days_.erase(days_.begin());
  }
  return {};
}

Result<std::vector<Entry>> find(disk::Disk& data, disk::Disk& keys, std::string_view who, Instant now) {
  std::vector<Entry> out;
  TRY(visit_days(data, keys, [&](const std::string& day, const seal::Key& key, std::string_view plain) {
    Reader in(plain);
    const std::string_view subject = in.text(), ground = in.text();
    const Instant until{in.i64()};
    Entry entry{std::string(ground), until, std::string(in.text())};
    if (!in.ok() || *end_of(day) <= now || subject != subject_of(key, who)) return;
    if (std::ranges::find(out, entry) == out.end()) out.push_back(std::move(entry));
  }));
  return out;
}

Status dig(disk::Disk& data, disk::Disk& keys, const std::function<void(std::string_view plain)>& visit) {
  return visit_days(data, keys, [&](const std::string&, const seal::Key&, std::string_view plain) { visit(plain); });
}

}  // namespace hospes::evidence
