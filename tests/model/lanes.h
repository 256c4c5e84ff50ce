// Partitions, their lanes and their store in memory, run by somebody who chooses: which lane goes on,
// what comes twice, who crashes and how much of its messages is lost with it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/dice.h"
#include "flow/apply.h"
#include "flow/cold.h"
#include "flow/rows.h"

namespace hospes::model {

inline constexpr PurposeBit see = 3;
inline constexpr PurposeBit link = 7;

/// Every sequence of choices, one run after another, or drawn ones.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : dice_(seed), drawn_(true) {}
  Choices() : dice_(0) {}

  /// 0 … n−1.
  std::size_t below(std::size_t n);
  /// Prepares the next run; false when all were made.
  bool next();

 private:
  struct Made {
    std::size_t chosen = 0, of = 0;
  };
  Dice dice_;
  bool drawn_ = false;
  std::vector<Made> made_;
  std::size_t at_ = 0;
};

struct Mischief {
  bool twice = false;      // every record of a lane stands there twice
  bool crash = false;      // now and then a partition is back at its last checkpoint
  bool forgetful = false;  // timelines leave memory at every checkpoint
};

class Lanes {
 public:
  Lanes(unsigned partitions, std::size_t named_max, Names& names, Choices& choices, Mischief mischief);

  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  void append(AtomId home, record::Record record);
  void tick(Instant now);
  /// Applies until every lane is at its end.
  void drain();
  /// Applies `steps` records at most.
  void run(std::size_t steps);
  const std::vector<std::unique_ptr<flow::PartitionState>>& states() const { return states_; }
  const flow::House& house() const { return house_; }
  /// The component in which the atom lives; null when nobody knows it.
  const flow::Component* where(AtomId atom) const;

 private:
  class Shelf;
  struct Lane {
    std::vector<record::Record> records;
    std::size_t next = 0;
    std::map<std::string, std::string> rows;
    Position stored;
    std::vector<std::pair<Partition, record::Record>> unsure;  // sent since the last checkpoint
  };

  bool step();
  void apply(Partition p, bool again);
  void checkpoint(Partition p);
  void crash(Partition p);
  std::unique_ptr<flow::PartitionState> open(Partition p);

  Choices& choices_;
  Mischief mischief_;
  std::shared_ptr<const segment::Engine> engine_;  // the definitions never change
  flow::House house_;
  Names& names_;
  std::vector<Lane> lanes_;
  std::vector<std::unique_ptr<Shelf>> shelves_;
  std::vector<std::unique_ptr<flow::PartitionState>> states_;
};

}  // namespace hospes::model
