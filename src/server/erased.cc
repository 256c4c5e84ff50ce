#include "server/erased.h"

#include <algorithm>
#include <filesystem>

#include "disk/posix.h"
#include "log/dig.h"
#include "portal/people.h"
#include "receipt/transparency_log.h"
#include "seal/key_file.h"
#include "seal/memory_keys.h"
#include "server/json.h"

namespace hospes::server {
namespace {

constexpr std::size_t salt_bytes = 32;

/// Nothing, unless the entry is the leaf of an erasure that was done.
std::optional<AtomId> erased_by(std::string_view entry) {
  seal::MemoryKeys nobody;
  const auto open = receipt::TransparencyLog::open_entry(entry, nobody);
  if (!open || open->size() < salt_bytes) return std::nullopt;
  const auto record = Json::parse(std::string_view(*open).substr(salt_bytes));
  if (!record || (*record)["kind"].text() != "erasure" || (*record)["state"].text() != "done")
    return std::nullopt;
  return portal::atom_of((*record)["subject"].text());
}

}  // namespace

Result<std::vector<AtomId>> erased_in(const std::string& folder) {
  const auto none = [&] {
    return fail(
        Code::not_found, folder + " holds no transparency log (receipts/): name a newer data folder, or "
                                  "data backup, of this house"
    );
  };
  std::error_code error;
  if (!std::filesystem::is_directory(std::filesystem::path(folder) / "receipts", error)) return none();
  const auto disk = TRY(disk::open_posix_disk(folder));
  const auto names = TRY(disk->list("receipts"));
  if (std::ranges::none_of(names, [](const std::string& n) { return n.starts_with("segment-"); }))
    return none();
  std::vector<AtomId> out;
  for (const std::string& name : names) {
    TRY(log::dig(*disk, "receipts/" + name, [&](std::string_view entry) {
      if (const auto atom = erased_by(entry)) out.push_back(*atom);
    }));
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

Result<std::size_t> destroy_keys(const std::string& keys_folder, const std::vector<AtomId>& erased) {
  const auto disk = TRY(disk::open_posix_disk(keys_folder));
  const auto keys = TRY(seal::open_key_file(*disk, {}));
  std::size_t destroyed = 0;
  for (const AtomId atom : erased) {
    const auto key = keys->key(atom);
    if (!key && key.error().code == Code::not_found) continue;
    TRY(keys->destroy(atom));
    ++destroyed;
  }
  TRY(keys->sync());
  return destroyed;
}

}  // namespace hospes::server
