// A running house: every real door, built in order and wired. The only place that names them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/settings.h"
#include "server/moves.h"

namespace hospes::node {
class Node;
}

namespace hospes::server {

struct Opened {
  std::uint16_t public_port = 0;
  std::uint16_t console_port = 0;
  std::string owner_link;  // good once, 15 minutes
};

struct OpenOptions {
  std::string command = "serve";                  // what an error about a port advises
  std::function<void(std::uint64_t)> progress{};  // records replayed so far
  bool listen = true;                             // false: nobody is answered
  std::string ui_dir{};  // pages from this folder instead of those in the binary
};

class Runtime {
 public:
  /// Takes the ports, loads keys, store and log, replays the tail, takes the house's segments into
  /// force. Until it returns both listeners answer 503 "starting".
  static Result<std::unique_ptr<Runtime>> open(
      const config::Settings& settings, const OpenOptions& options
  );
  virtual ~Runtime() = default;

  virtual const Opened& opened() const = 0;
  virtual node::Node& node() = 0;
  /// Segment id and both names, members now; in the order of the definitions.
  struct Count {
    std::string id, en, fr;
    std::uint64_t members = 0;
  };
  virtual std::vector<Count> counts() = 0;
  virtual Moves& moves() = 0;
  /// The person of that passage by their strongest identifier, as "kind:value"; the person's id
  /// when they have joined another since.
  virtual std::string who(const flow::Transition& passage) = 0;
  /// Stops taking, answers what is under way, writes a last checkpoint. Every 2xx is there at the
  /// next start.
  virtual void stop() = 0;
};

}  // namespace hospes::server
