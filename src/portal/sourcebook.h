// The house's sources: the file that people read and keep under version control, and what is in
// force. A change made here changes both; a request under way ends by what it began with.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "catalog/sources_file.h"
#include "collect/live_sources.h"
#include "disk/disk.h"

namespace hospes::portal {

class Sourcebook {
 public:
  /// `folder`: where the house is defined. All outlive it.
  Sourcebook(
      collect::LiveSources& sources, const catalog::Purposes& purposes, disk::Disk& folder
  )
      : sources_(sources), purposes_(purposes), folder_(folder) {}

  std::shared_ptr<const catalog::Sources> now() const { return sources_.now(); }

  /// Of the file's text, another text (catalog/sources_file.h).
  using Edit = std::function<Result<std::string>(const std::string& text)>;
  /// In force, and in the file, when it returns. conflict when the file was edited by hand since it
  /// was taken, or cannot be written; nothing changes on any error.
  Status change(const Edit& edit);

 private:
  collect::LiveSources& sources_;
  const catalog::Purposes& purposes_;
  disk::Disk& folder_;
  std::mutex changing_;  // one change at a time
};

}  // namespace hospes::portal
