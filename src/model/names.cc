#include "model/names.h"

#include <random>

#include "base/check.h"

namespace hospes {
namespace {

HashSecret fresh_secret() {
  std::random_device chance;
  HashSecret secret;
  for (unsigned char& byte : secret.bytes) byte = static_cast<unsigned char>(chance());
  return secret;
}

}  // namespace

Names::Names() : table_(std::make_unique<std::atomic<Name>[]>(places)), secret_(fresh_secret()) {
  chunks_[0] = std::make_unique<Chunk>();
}

std::size_t Names::place_of(std::string_view text) const {
  std::size_t at = hash128(text, secret_).lo % places;
  for (;; at = (at + 1) % places) {
    const Name name = table_[at].load(std::memory_order_acquire);
    if (name == no_name || (*chunks_[name / chunk_names])[name % chunk_names] == text) return at;
  }
}

Name Names::find(std::string_view text) const {
  if (text.empty()) return no_name;
  return table_[place_of(text)].load(std::memory_order_acquire);
}

Result<Name> Names::intern(std::string_view text) {
  if (text.empty()) return no_name;
  if (const Name known = find(text); known != no_name) return known;
  const std::lock_guard lock(adding_);
  const std::size_t at = place_of(text);
  if (const Name known = table_[at].load(std::memory_order_acquire); known != no_name) return known;
  const Name name = size_.load(std::memory_order_relaxed);
  if (name >= names_max) {
    return fail(
        Code::over_limit,
        "this house knows " + std::to_string(names_max) +
            " event and property names already; send values in properties, not in names"
    );
  }
  auto& chunk = chunks_[name / chunk_names];
  if (!chunk) chunk = std::make_unique<Chunk>();
  (*chunk)[name % chunk_names] = text;
  size_.store(name + 1, std::memory_order_release);
  table_[at].store(name, std::memory_order_release);
  return name;
}

std::string_view Names::text(Name name) const {
  check(name < size(), "a name comes from its own table");
  return (*chunks_[name / chunk_names])[name % chunk_names];
}

}  // namespace hospes
