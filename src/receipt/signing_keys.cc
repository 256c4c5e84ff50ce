#include "receipt/signing_keys.h"

#include "seal/random.h"

namespace hospes::receipt {
namespace {

constexpr std::string_view folder = "receipts";
constexpr std::string_view head = "hospes signing key 1\n";
constexpr std::uint64_t bytes_max = 1024;

std::string name_of(Which which) {
  return which == Which::current ? "signing.key" : "signing.next";
}
std::string path_of(Which which) { return std::string(folder) + '/' + name_of(which); }

std::string text_of(const Signer& signer) {
  return std::string(head) + signer.verifier().text() + '\n' + base64(view_of(signer.seed())) + '\n';
}

}  // namespace

Result<std::optional<Signer>> read_signer(disk::Disk& disk, Which which) {
  const auto text = disk::read_all(disk, path_of(which), bytes_max);
  if (!text && text.error().code == Code::not_found) return std::optional<Signer>();
  if (!text) return std::unexpected(text.error());
  const auto damaged = fail(
      Code::corrupt,
      path_of(which) + " of the key folder is damaged; restore the key folder from its backup"
  );
  if (!text->starts_with(head)) return damaged;
  const auto name_end = text->find('\n', head.size());
  if (name_end == text->npos || !text->ends_with('\n')) return damaged;
  const auto who = parse_verifier(std::string_view(*text).substr(head.size(), name_end - head.size()));
  const auto seed = digest_read(
      std::string_view(*text).substr(name_end + 1, text->size() - name_end - 2)
  );
  if (!who || !seed) return damaged;
  Signer out(who->name, *seed);
  if (out.verifier() != *who) return damaged;
  return std::optional<Signer>(std::move(out));
}

Status write_signer(disk::Disk& disk, Which which, const Signer& signer) {
  TRY(disk.make_folder(std::string(folder)));
  return disk::replace(disk, std::string(folder), name_of(which), text_of(signer));
}

Status drop_next(disk::Disk& disk) {
  const auto file = disk.open(path_of(Which::next), disk::Mode::write);
  if (!file && file.error().code == Code::not_found) return {};
  if (!file) return std::unexpected(file.error());
  const std::uint64_t size = TRY((*file)->size());
  TRY((*file)->write(0, std::string(std::min(size, bytes_max), '\0')));
  TRY((*file)->sync());
  TRY(disk.remove(path_of(Which::next)));
  return disk.sync_folder(std::string(folder));
}

Signer make_signer(std::string name) {
  Digest seed;
  seal::random_bytes(seed.data(), seed.size());
  return {std::move(name), seed};
}

}  // namespace hospes::receipt
