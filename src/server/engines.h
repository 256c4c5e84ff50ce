// What every running house wires the same way: definitions compiled once for all partitions, and
// what a person is called.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "catalog/catalog.h"
#include "flow/apply.h"
#include "seal/keys.h"

namespace hospes::server {

class Engines {
 public:
  Engines(Names& names, const catalog::Catalog& catalog) : names_(names), catalog_(catalog) {}
  /// Null when they do not compile.
  std::shared_ptr<const segment::Engine> of(const record::Defined& defined);

 private:
  Names& names_;
  const catalog::Catalog& catalog_;
  std::mutex mutex_;
  std::shared_ptr<const segment::Engine> last_;
  std::string last_text_;
};

/// `kind:value` of the strongest identifier of that person; nothing when the id is spent or the key
/// is gone. Asked on the partition's thread.
std::optional<std::string> strongest_of(
    const flow::PartitionState& state, std::uint32_t dense, seal::KeyStore& keys
);

}  // namespace hospes::server
