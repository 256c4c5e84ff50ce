// The smallest house that obeys the crash protocol (docs/adr/0001-crash-protocol.md): door, log,
// keys, apply, messages between lanes, checkpoints, effects. It runs on one MemoryDisk, in one
// thread, through as many lives as the test wants. Each rule of the protocol can be broken on
// purpose, to prove that the tests would see it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/dice.h"
#include "disk/memory.h"
#include "log/local_log.h"
#include "seal/key_file.h"

namespace hospes::crash {

inline constexpr unsigned partitions = 3;

enum class Broken : unsigned char {
  nothing,
  keys_after_log,         // the record is appended before its key is durable
  checkpoint_too_early,   // a checkpoint passes messages that are not durable yet
  no_high_water,          // the receiver takes a message again
  perform_before_claim,   // the effect goes out before its claim is durable
  messages_overtake,      // one that the log refused is left out, later ones are sent
  acknowledge_too_early,  // the client hears yes before the record is durable
};

/// What a client sends.
struct Input {
  std::uint64_t id = 0;
  Identifier who;
  std::uint32_t value = 0;  // decides which messages and effects follow
  Partition lane = 0;
};
std::vector<Input> inputs(std::uint64_t seed, std::size_t count);

/// What the world outside remembers: it does not crash.
struct Outside {
  std::set<std::uint64_t> acknowledged;
  std::map<std::uint64_t, int> performed;  // effect → times
  std::vector<std::string> problems;       // seen on the way
};

/// One partition. Everything but position and marks is the same in every run over the same inputs.
struct State {
  Position position;
  std::map<std::uint64_t, std::uint32_t> applied;  // event → value
  std::uint64_t sum = 0;                           // of values
  std::uint64_t received = 0;                      // of messages
  std::map<Partition, std::pair<std::uint64_t, std::uint32_t>>
      high_water;                   // source → (offset, index)
  std::set<std::uint64_t> planned;  // effects
  std::set<std::uint64_t> claimed;
  std::set<std::uint64_t> finished;
};

/// From opening to crash or close.
class Life {
 public:
  Life(disk::MemoryDisk& disk, Outside& outside, Broken broken)
      : disk_(disk), outside_(outside), broken_(broken) {}

  /// Opens keys, log and checkpoints, replays.
  Status open();
  /// Sends once what is not acknowledged yet; sometimes steps, sometimes checkpoints. `scarce`: at
  /// times the disk has too little room.
  void run(const std::vector<Input>& all, Dice& dice, bool scarce);
  /// Until nothing moves any more.
  void drain();
  /// What must be equal whatever happened on the way.
  std::string digest() const;
  const std::vector<State>& states() const { return states_; }

 private:
  void on_record(const log::Durable& record, bool live);
  void on_event(State& s, const log::Durable& record, bool live);
  void on_message(State& s, std::string_view bytes);
  void on_claim(State& s, Partition p, std::string_view bytes, bool live);
  void emit_messages(std::uint64_t event, std::uint32_t value, const log::Durable& record);
  void claim(Partition p, std::uint64_t effect);
  void append_out();
  Status accept(const Input& input);
  void checkpoint(Partition p);
  void perform(std::uint64_t effect);

  disk::MemoryDisk& disk_;
  Outside& outside_;
  const Broken broken_;
  std::unique_ptr<seal::KeyStore> keys_;
  std::unique_ptr<log::LocalLog> log_;
  std::vector<State> states_ = std::vector<State>(partitions);
  std::vector<Position> saved_ = std::vector<Position>(partitions);
  std::vector<int> in_flight_ =
      std::vector<int>(partitions);  // messages not yet durable, by source
  struct Out {
    log::Entry entry;
    int source = -1;  // partition, of a message
  };
  std::vector<Out> out_;
  std::set<std::uint64_t> my_claims_;  // of this life: only these are performed
};

}  // namespace hospes::crash
