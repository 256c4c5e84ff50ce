// All destinations of a house: hears from the partitions where each effect stands and hands it to its
// lane; finds after a start what waits, and calls uncertain what a crash left claimed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "activate/courier.h"
#include "activate/lane.h"

namespace hospes::activate {

struct SenderDoors {
  seal::KeyStore& keys;
  Clock& clock;
  diary::Diary& diary;
  mail::Suppressed* suppressed = nullptr;  // none: the house sends no mail
  mail::Complaints* complaints = nullptr;  // the same
  OfferToken offer_token = {};             // none: what a journey offers is sent without
};

/// How a house writes; what of the catalogue a message needs.
struct MailHouse {
  std::string name, language;
  const zones::Zone* zone = nullptr;
  Mask heedless = 0;  // purposes on contract and duty: those of service messages
  std::string public_url = {};  // of destinations that name none of their own; empty: there is none
  std::optional<PurposeBit> opens = std::nullopt, clicks = std::nullopt;  // mail/tracking.h
};

/// What became of pictures and counted links that were asked for, since the start. Nobody's names.
struct MailLoaded {
  std::atomic<std::uint64_t> recorded{0};
  std::atomic<std::uint64_t> withheld{0};  // no yes stands any more
  std::atomic<std::uint64_t> machine{0};   // by a program
  std::atomic<std::uint64_t> over{0};      // of a message that is too old
  std::atomic<std::uint64_t> shed{0};      // too many at once
};

class Sender {
 public:
  /// `folder`: where secret files lie. invalid_input and unavailable name file and destination.
  static Result<std::unique_ptr<Sender>> open(
      const catalog::Actions& actions, const std::string& folder, Allowed allowed,
      SenderDoors doors, const MailHouse& house = {}, LaneOptions options = {}
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

  const mail::Messages& messages() const { return mail_.messages; }
  const mail::TokenKey& tokens() const { return mail_.tokens; }
  /// Of the first destination of mail; null: the house sends none, or has not begun.
  Courier* courier() const { return courier_.get(); }
  mail::Suppressed* suppressed() const { return doors_.suppressed; }
  mail::Complaints* complaints() const { return doors_.complaints; }
  Flights& flights() { return flights_; }
  /// Thread-safe.
  MailLoaded& loaded() const { return loaded_; }
  std::vector<LaneState> lanes() const;

 private:
  struct Mail {
    mail::Messages messages;
    mail::TokenKey tokens;
  };
  Sender(Allowed allowed, SenderDoors doors, Mail mail)
      : allowed_(std::move(allowed)), doors_(doors), mail_(std::move(mail)) {}
  void look_up(bool after_start);
  void keep_house();
  record::Performed after_crash(const flow::Effected& what, Instant now) const;
  void take_strays();

  struct Plan {
    catalog::Destination destination;
    Told told;
    std::set<std::string, std::less<>> service;  // actions that are for it under contract or duty
    std::optional<MailLane> mail = std::nullopt;
  };
  const Allowed allowed_;
  SenderDoors doors_;
  const Mail mail_;
  LaneOptions options_;
  std::vector<Plan> plans_;
  Flights flights_;
  mutable MailLoaded loaded_;
  std::unique_ptr<Courier> courier_;
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
