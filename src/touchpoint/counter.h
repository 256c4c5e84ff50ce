// Where touch points ask. Each question is read on the network's thread, decided on the partition's,
// and answered when what it wrote is durable; no thread waits for another. docs/decisions.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clock/clock.h"
#include "collect/door.h"
#include "http/responder.h"
#include "node/node.h"
#include "touchpoint/caller.h"
#include "touchpoint/events.h"
#include "touchpoint/pending.h"
#include "touchpoint/question.h"
#include "touchpoint/stock.h"
#include "touchpoint/token.h"

namespace hospes::touchpoint {

/// All outlive the counter.
struct Doors {
  seal::KeyStore& keys;
  const catalog::Catalog& catalog;  // but for its sources
  const collect::LiveSources& sources;
  Clock& clock;
  http::Handler events;  // the door of /v1/batch
};

struct Job;  // private: one question on its way

class Counter {
 public:
  static constexpr std::size_t under_way_max = 1'024;  // beyond: 429

  explicit Counter(Doors doors);
  ~Counter();
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  /// Learns what was taken of each offer. Before the first `handle`; the node outlives the counter.
  void begin(node::Node& node);
  static bool serves(std::string_view path);
  /// Never blocks.
  void handle(http::Request request, http::Responder responder);
  /// Returns when nothing is under way; the node must still be open. Idempotent.
  void close();

  // What the house hears, on any thread.
  void arrived(const collect::Arrival& arrival) { events_.arrived(arrival); }
  void fates(const std::vector<flow::Fate>& fates) { events_.fates(fates); }
  void stocked(const std::vector<flow::Stocked>& stocked);

 private:
  void ask(std::shared_ptr<Job> job, const http::Request& request);
  void send_event(const std::shared_ptr<Job>& job, const http::Request& request);
  void find(const std::shared_ptr<Job>& job);
  void decide(
      const std::shared_ptr<Job>& job, const flow::PartitionState& state,
      const flow::Component* component, std::size_t atom
  );
  void see(const Caller& caller, const http::Request& request, std::shared_ptr<Pending> pending);
  void hear(const Caller& caller, const http::Request& request, std::shared_ptr<Pending> pending);
  void take(const Caller& caller, const Ticket& ticket, const Word& word, std::shared_ptr<Pending> pending);
  node::Node::Addressed witnessed(
      const Ticket& ticket, record::Witnessed::What what, std::string content, Instant now
  ) const;
  Hash128 new_decision() const;

  Doors doors_;
  const Tokens tokens_;
  Stock stock_;
  Events events_;
  node::Node* node_ = nullptr;
  Pendings pendings_{under_way_max};  // closes first: its questions use the rest
};

}  // namespace hospes::touchpoint
