// A small world for tests: partitions and their lanes in memory, messages carried in a random order
// between lanes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/dice.h"
#include "flow/cold.h"
#include "flow/keys.h"
#include "flow/rows.h"
#include "segment/text.h"

namespace hospes::flow {

inline constexpr PurposeBit test_purpose = 3;
inline constexpr PurposeBit test_link = 7;

/// The n-th of its kind: the same in every world.
inline Atom atom(KindId kind, std::uint64_t n) {
  Dice dice(n * 1000 + kind);
  return {{dice.next(), dice.next()}, Instant{static_cast<std::int64_t>(1000 + n)}, kind};
}

class World {
 public:
  World(unsigned partitions, std::uint64_t seed, std::string segments);

  /// Appends to the lane of the anchor.
  void event(const Event& event);
  void answer(
      const Atom& atom, PurposeBit purpose, consent::Answer state, Instant stamp,
      std::uint64_t message
  );
  void rule(
      const Atom& a, const Atom& b, record::Ruled::Word word, Instant stamp, std::uint64_t message
  );
  /// With the edges as they stand now: run before.
  void forget(const Atom& atom, Instant stamp, std::uint64_t message, bool if_lapsed = false);
  void request(
      const Atom& atom, const rights::Request& request, Instant stamp, std::uint64_t message
  );
  void tick(Instant stamp);
  /// From that instant on the house keeps by these schedules (retention.toml); empty: for ever.
  void keep(const std::string& retention, Instant stamp);
  /// Applies everything, lanes in a random order; `twice` applies each record's successor state
  /// again from a repeat.
  void run(bool deliver_twice = false, bool restart_each = false);

  Hash128 digest() const;
  /// People as sorted text: "kind:id kind:id | …", one line each.
  std::vector<std::string> people() const;
  std::map<std::string, std::uint64_t> counts() const;
  std::uint64_t events() const;
  std::uint64_t messages() const { return messages_; }  // between components, so far
  const std::vector<Transition>& transitions() const { return transitions_; }  // so far
  const std::vector<Atom>& lapsed() const { return lapsed_; }  // so far
  const House& house() const { return house_; }
  /// Of the whole house.
  Stages stages() const;
  std::size_t quarantined() const { return quarantined_; }
  /// Atoms of the largest component.
  std::size_t largest() const;
  /// From now on a third of the records is followed by a checkpoint, after which no timeline stays
  /// in memory.
  void forget_timelines();
  /// All partitions start anew, in a house of that basis. How many rows the starts read back.
  std::uint64_t start_anew(std::string basis);
  PartitionState& at(Partition p) { return states_[p]; }
  Names names;

 private:
  /// Rows as a store would keep them.
  class Shelf final : public Cold {
   public:
    Shelf(const std::map<std::string, std::string>& rows, Names& names)
        : rows_(rows), names_(names) {}
    Result<std::optional<std::string>> row(std::string_view key) const override {
      ++reads;
      const auto at = rows_.find(std::string(key));
      if (at == rows_.end()) return std::nullopt;
      return at->second;
    }
    Status keys(std::string_view prefix, const std::function<bool(std::string_view)>& visit)
        const override {
      for (auto at = rows_.lower_bound(std::string(prefix));
           at != rows_.end() && at->first.starts_with(prefix) && visit(at->first); ++at) {
      }
      return {};
    }
    Result<bool> opens(AtomId atom) const override {
      bool any = false;
      TRY(keys(row_key('t', atom), [&](std::string_view) { return !(any = true); }));
      return any;
    }
    Names& names() const override { return names_; }
    mutable std::uint64_t reads = 0;

   private:
    const std::map<std::string, std::string>& rows_;
    Names& names_;
  };

  void checkpoint(PartitionState& state);
  void lend(PartitionState& state);
  /// As the rows say.
  PartitionState loaded(const PartitionState& state);
  void restart(PartitionState& state);
  void step(Partition p, bool deliver_twice);

  std::uint64_t messages_ = 0;
  std::size_t quarantined_ = 0;
  std::vector<Atom> lapsed_;
  std::string segments_;
  std::uint64_t version_ = 1;
  std::vector<Transition> transitions_;
  House house_;
  Dice dice_, rests_;
  std::vector<PartitionState> states_;
  std::vector<std::vector<record::Record>> lanes_;
  std::vector<std::size_t> next_;
  std::vector<std::map<std::string, std::string>> rows_;
  std::vector<std::unique_ptr<Shelf>> colds_;  // empty: all timelines stay in memory
};

}  // namespace hospes::flow
