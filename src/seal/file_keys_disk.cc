#include <algorithm>

#include "seal/file_keys.h"
#include "seal/random.h"

namespace hospes::seal {

/// The living of `old`, wrapped anew.
std::string FileKeys::rewrap(
    const Epoch& old, std::string_view content, const std::set<AtomId>& victims, Epoch& fresh,
    std::vector<std::pair<AtomId, std::uint32_t>>& moved
) const {
  std::string out;
  std::size_t last = 0;
  std::size_t at = atoms_header_bytes;
  while (at < old.end) {
    const auto entry = decode_entry(content, at);
    if (!entry || entry->end()) break;
    at += entry->size();
    const AtomId id = id_of(entry->body);
    const auto row = directory_.get(id);
    if (!row || victims.contains(id)) continue;
    std::string body;
    encode_body({row->atom(), row->hash, row->key}, fresh.key, body);
    body += sealed_identifier(entry->body);
    last = out.size();
    const auto place = static_cast<std::uint32_t>(atoms_header_bytes + out.size());
    encode(Entry{.commit = 1, .place = place, .body = body}, out);
    moved.emplace_back(id, place);
  }
  if (!moved.empty()) mark_last(out, last);
  return out;
}

/// mutex_ held, nothing staged. The old epoch's key is gone when it succeeds.
Status FileKeys::rewrite(std::uint32_t number, const std::set<AtomId>& victims) {
  const Epoch& old = epochs_.at(number);
  const std::string content = TRY(old.file->read(0, old.end));
  Epoch fresh;
  fresh.header = {folder_.next_number(), number, old.header.day};
  random_bytes(fresh.key.bytes.data(), fresh.key.bytes.size());
  std::vector<std::pair<AtomId, std::uint32_t>> moved;
  std::string entries = rewrap(old, content, victims, fresh, moved);
  if (moved.size() + victims.size() != old.atoms) {
    return fail(
        Code::corrupt, folder_.atoms_path(number) + " is damaged: " + std::to_string(old.atoms) +
                           " atoms expected, " + std::to_string(moved.size() + victims.size()) +
                           " found"
    );
  }
  const bool current = number == current_;
  const auto place = static_cast<std::uint32_t>(atoms_header_bytes + entries.size());
  if (!current) {
    encode(Entry{.flags = entry_last | entry_end, .commit = 3, .place = place}, entries);
  }
  TRY(folder_.begin(fresh, entries));
  const std::uint32_t fresh_number = fresh.header.epoch;
  fresh.end = place;
  fresh.atoms = moved.size();
  epochs_.emplace(fresh_number, std::move(fresh));
  for (const auto& [id, there] : moved) directory_.move(id, fresh_number, there);
  if (current) set_current(fresh_number, 2);
  epochs_.erase(number);
  return folder_.scrub(number);
}

Status FileKeys::rewrite_or_fail(std::uint32_t number, const std::set<AtomId>& victims) {
  Status done = rewrite(number, victims);
  if (done) return {};
  failed_ = done;
  return usable();
}

/// Fills the directory from the whole commits.
Result<FileKeys::Reach> FileKeys::read_entries(Epoch& epoch, std::string_view content) {
  Reach reach;
  const std::string path = folder_.atoms_path(epoch.header.epoch);
  std::vector<Row> open;  // of a commit not yet whole
  std::uint32_t commit = 0;
  std::uint32_t at = reach.end;
  while (!reach.closed) {
    const auto entry = decode_entry(content, at);
    if (!entry || (open.empty() ? entry->commit <= reach.commit : entry->commit != commit)) break;
    commit = entry->commit;
    if (!entry->end()) {
      const AtomEntry e = TRY(decode_body(entry->body, epoch.key));
      open.push_back({e.atom.id, e.hash, e.key, e.atom.born, epoch.header.epoch, at, e.atom.kind});
    }
    at += static_cast<std::uint32_t>(entry->size());
    if (!entry->last()) continue;
    reach = {reach.end, at, commit, entry->end()};
    for (const Row& row : open) {
      if (directory_.get(row.id) || directory_.find(row.hash)) {
        return fail(Code::corrupt, path + " holds an atom twice; restore the key folder");
      }
      if (directory_.size() == options_.atoms_max) {
        return fail(Code::over_limit, "the key store holds more than atoms_max: raise it");
      }
      directory_.add(row);
    }
    epoch.atoms += open.size();
    open.clear();
  }
  epoch.end = reach.end;
  return reach;
}

/// The file that was written last: goes on being the current one, less what was
/// torn.
Status FileKeys::take_up(Epoch& epoch, const Reach& reach, std::string_view content) {
  const std::uint32_t number = epoch.header.epoch;
  const std::string path = folder_.atoms_path(number);
  const bool clean = content.substr(reach.end).find_first_not_of('\0') == std::string_view::npos;
  for (std::uint32_t at = reach.end; !clean && at < content.size(); ++at) {
    const auto later = decode_entry(content, at);
    if (later && later->commit >= reach.commit + 2) {
      return fail(
          Code::corrupt, path + ": damaged at byte " + std::to_string(reach.end) +
                             " although later entries are whole; restore the key folder"
      );
    }
  }
  if (current_ != 0) {
    return fail(
        Code::corrupt, folder_.atoms_path(current_) + " ends too early; restore the key folder"
    );
  }
  // After a kill or a failed sync the last commit may stand in the page cache
  // only.
  TRY(epoch.file->write(reach.start, content.substr(reach.start, reach.end - reach.start)));
  TRY(epoch.file->sync());
  set_current(number, reach.commit + 1);
  return clean ? Status() : rewrite(number, {});
}

Status FileKeys::open() {
  const Lock lock(mutex_);
  TRY(folder_.open());
  for (const std::uint32_t number : TRY(folder_.tidy())) {
    std::string content;
    Epoch loaded = TRY(folder_.load(number, content));
    const Reach reach = TRY(read_entries(loaded, content));
    Epoch& epoch = epochs_.emplace(number, std::move(loaded)).first->second;
    if (!reach.closed) TRY(take_up(epoch, reach, content));
  }
  return {};
}

Status change_master_key(disk::Disk& disk, const KeyFileOptions& options) {
  KeyFolder folder(disk, options.folder);
  TRY(folder.open());
  TRY(folder.tidy());  // what a crash left half done is not sealed anew
  return folder.change_master();
}

Result<std::unique_ptr<KeyStore>> open_key_file(disk::Disk& disk, KeyFileOptions options) {
  auto store = std::make_unique<FileKeys>(disk, std::move(options));
  TRY(store->open());
  return std::unique_ptr<KeyStore>(std::move(store));
}

}  // namespace hospes::seal
