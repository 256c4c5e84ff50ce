// What every running house wires the same way: definitions compiled once for all partitions, and
// what a person is called.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "catalog/catalog.h"
#include "decide/definitions.h"
#include "flow/apply.h"
#include "flow/retention.h"
#include "journey/validate.h"
#include "node/node.h"
#include "seal/keys.h"

namespace hospes::server {

class Engines {
 public:
  Engines(Names& names, const catalog::Catalog& catalog) : names_(names), catalog_(catalog) {}
  /// Borrows this, the names and the catalogue.
  Result<flow::House> house();
  /// Null when they do not compile.
  std::shared_ptr<const segment::Engine> of(const record::Defined& defined);
  /// What the house's files would put in force. invalid_input says what does not fit, and what would.
  Status check(const std::string& segments, const std::string& journeys_file);

 private:
  /// The actions of the same record, bound to that engine's segments; null when they do not fit.
  std::shared_ptr<const outbox::Rules> rules_of(
      const record::Defined& defined, const segment::Engine& engine
  );
  /// The journeys of the same record, bound likewise; null when they do not fit.
  std::shared_ptr<const journey::Book> journeys_of(
      const record::Defined& defined, const segment::Engine& engine
  );
  /// What the house shows, the same way.
  std::shared_ptr<const decide::Definitions> decisions_of(
      const record::Defined& defined, const segment::Engine& engine
  );
  /// The schedules of the same record; null when there are none.
  std::shared_ptr<const flow::Keeping> keeping_of(const record::Defined& defined);

  Names& names_;
  const catalog::Catalog& catalog_;
  std::mutex mutex_;
  std::shared_ptr<const segment::Engine> last_;
  std::string last_text_;
  std::shared_ptr<const outbox::Rules> last_rules_;
  std::string last_actions_;
  const segment::Engine* last_bound_ = nullptr;
  std::shared_ptr<const journey::Book> last_book_;
  std::string last_journeys_;
  const segment::Engine* last_book_bound_ = nullptr;
  std::shared_ptr<const decide::Definitions> last_decisions_;
  std::string last_decisions_text_;
  const segment::Engine* last_decided_ = nullptr;
  std::shared_ptr<const flow::Keeping> last_keeping_;
  std::string last_retention_;
};

/// Binds actions to segments. invalid_input names the action, and what would do.
Result<outbox::Rules> bind_actions(
    const catalog::Actions& actions, const segment::Definitions& definitions,
    const catalog::Catalog& catalog
);

journey::Binding journey_binding(
    Names& names, const segment::Definitions& definitions, const catalog::Catalog& catalog
);

/// `kind:value` of the strongest identifier of that person; nothing when the id is spent or the key
/// is gone. Asked on the partition's thread.
std::optional<std::string> strongest_of(
    const flow::PartitionState& state, std::uint32_t dense, seal::KeyStore& keys
);
/// Of who passed: the same, or the person's id. Waits for the partition.
std::string person_of(node::Node& node, const flow::Transition& passage, seal::KeyStore& keys);

}  // namespace hospes::server
