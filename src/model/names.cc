#include "model/names.h"

#include <mutex>

#include "base/check.h"

namespace hospes {

Names::Names() {
  texts_.emplace_back();
  ids_.emplace(texts_.front(), no_name);
}

Result<Name> Names::intern(std::string_view text) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto at = ids_.find(text); at != ids_.end()) return at->second;
  }
  const std::unique_lock lock(mutex_);
  if (const auto at = ids_.find(text); at != ids_.end()) return at->second;
  if (texts_.size() >= names_max) {
    return fail(Code::over_limit,
                "this house knows " + std::to_string(names_max) +
                    " event and property names already; send values in properties, not in names");
  }
  const auto name = static_cast<Name>(texts_.size());
  ids_.emplace(texts_.emplace_back(text), name);
  return name;
}

Name Names::find(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  const auto at = ids_.find(text);
  return at == ids_.end() ? no_name : at->second;
}

std::string_view Names::text(Name name) const {
  const std::shared_lock lock(mutex_);
  check(name < texts_.size(), "a name comes from its own table");
  return texts_[name];
}

std::size_t Names::size() const {
  const std::shared_lock lock(mutex_);
  return texts_.size();
}

}  // namespace hospes
