#include "mail/lines.h"

namespace hospes::mail {

Result<Lines> Lines::open(
    disk::Disk& disk, const std::string& folder, const std::string& name, std::uint64_t bytes_max,
    const std::function<bool(std::string_view)>& take
) {
  TRY(disk.make_folder(folder));
  Lines out(disk, folder, name);
  const std::string path = folder + "/" + name;
  auto text = disk::read_all(disk, path, bytes_max);
  if (!text) {
    if (text.error().code != Code::not_found) return std::unexpected(text.error());
    TRY(disk.open(path, disk::Mode::create));
    TRY(disk.sync_folder(folder));
    text = std::string();
  }
  // Of a write that was cut the beginning may be missing and the end be there: a hole reads as zeros.
  std::string_view rest = std::string_view(*text).substr(0, text->find('\0'));
  rest = rest.substr(0, rest.rfind('\n') + 1);
  out.end_ = rest.size();
  const std::string_view whole = rest;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    if (!take(rest.substr(0, end)))
      return fail(Code::corrupt, path + ":" + std::to_string(number) + "  is no line of this file");
    rest.remove_prefix(end + 1);
  }
  if (whole.size() < text->size()) {
    TRY(out.replace(whole));  // or what is left of it would stand behind the next line
  } else {
    out.file_ = TRY(disk.open(path, disk::Mode::write));
  }
  return out;
}

Status Lines::add(std::string_view lines) {
  if (failed_)
    return fail(Code::unavailable, folder_ + "/" + name_ + " could not be written before, and nobody knows what it holds: restart the house");
  failed_ = true;
  TRY(file_->write(end_, lines));
  TRY(file_->sync());
  failed_ = false;
  end_ += lines.size();
  return {};
}

Status Lines::replace(std::string_view lines) {
  TRY(disk::replace(*disk_, folder_, name_, lines));
  file_ = TRY(disk_->open(folder_ + "/" + name_, disk::Mode::write));
  end_ = lines.size();
  failed_ = false;
  return {};
}

}  // namespace hospes::mail
