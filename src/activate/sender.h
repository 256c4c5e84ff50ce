// All destinations of a house: hears from the partitions where each effect stands and hands it to its
// lane; finds after a start what waits, and calls uncertain what a crash left claimed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "activate/lane.h"

namespace hospes::activate {

struct SenderDoors {
  seal::KeyStore& keys;
  Clock& clock;
  diary::Diary& diary;
};

class Sender {
 public:
  /// `folder`: where secret files lie. invalid_input and unavailable name file and destination.
  static Result<std::unique_ptr<Sender>> open(
      const catalog::Actions& actions, const std::string& folder, Allowed allowed,
      SenderDoors doors, LaneOptions options = {}
  );
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Looks up what waits, then lets effects out. Until then nothing leaves.
  void begin(node::Node& node);
  /// Lets what is under way end, a few seconds at most, and puts back what was only claimed. The node
  /// is still open. Idempotent.
  void close();

  // From node::Listener, on the partitions' threads.
  void effects(const std::vector<flow::Effected>& effects);
  void answers(const std::vector<consent::Row>& rows) { flights_.applied(rows); }
  void fates(const std::vector<flow::Fate>& fates);

  Flights& flights() { return flights_; }
  std::vector<LaneState> lanes() const;

 private:
  Sender(Allowed allowed, SenderDoors doors) : allowed_(std::move(allowed)), doors_(doors) {}
  void look_up(bool after_start);
  void keep_house();
  void take_strays();

  struct Plan {
    catalog::Destination destination;
    std::vector<std::string> secrets;
  };
  const Allowed allowed_;
  SenderDoors doors_;
  LaneOptions options_;
  std::vector<Plan> plans_;
  Flights flights_;
  node::Node* node_ = nullptr;
  std::map<std::string, std::unique_ptr<Lane>, std::less<>> lanes_;  // fixed once begun

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> begun_{false};
  bool stop_ = false;                      // guarded by mutex_
  std::vector<flow::Effected> strays_;     // of destinations that nobody declares; guarded
  std::vector<flow::Effected> abandoned_;  // claimed by a life before; guarded
  std::thread thread_;
};

}  // namespace hospes::activate
