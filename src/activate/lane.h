// One destination: its queue, its thread, its breaker and its retries. Nothing of another
// destination is ever waited for here.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "activate/breaker.h"
#include "activate/letters.h"
#include "activate/mapping.h"
#include "activate/offer.h"
#include "activate/ready_queue.h"
#include "activate/wire.h"
#include "catalog/actions.h"
#include "clock/clock.h"
#include "diary/diary.h"
#include "flow/effects.h"
#include "mail/complaints.h"
#include "mail/suppressed.h"
#include "node/node.h"
#include "seal/keys.h"

namespace hospes::activate {

struct LaneOptions {
  std::size_t queue_max = 100'000;  // ready effects in memory; beyond, they are looked up again
  std::size_t claims_max = 512;     // under way: at most so many are uncertain after a crash
  BreakerOptions breaker = {};
  std::chrono::milliseconds look_every{1'000};  // with nothing to do: at least so often
  /// By which pauses are counted; another one in tests.
  std::function<Breaker::Time()> time = std::chrono::steady_clock::now;
  std::chrono::milliseconds stop_within{5'000};
};

/// What lanes share. All outlive them.
struct LaneDoors {
  node::Node& node;
  seal::KeyStore& keys;
  Clock& clock;
  diary::Diary& diary;
  const Allowed& allowed;
  Flights& flights;
  mail::Suppressed* suppressed = nullptr;  // none: the house sends no mail
  mail::Complaints* complaints = nullptr;  // the same
  OfferToken offer_token = {};             // none: what a journey offers is sent without
};

/// What makes a lane one of mail.
struct MailLane {
  Letters letters;
  std::map<std::string, std::string, std::less<>> messages;  // by action
};

/// How a webhook is spoken to, beside its URL.
struct Told {
  std::vector<std::string> secrets;    // of Standard Webhooks
  std::vector<std::string> headers;    // `Name: value`, of the house's own
  std::optional<Mapping> mapping;      // none: in the house's own words
};

/// How a destination is, for whoever looks.
struct LaneState {
  std::string name, url;
  std::size_t queued = 0, under_way = 0;
  std::uint64_t done = 0, failed = 0, uncertain = 0, refused = 0, again = 0;
  std::string standing = "open";  // open, waiting (its own word), broken, off
  Instant until;                  // of a standing that ends by itself
  std::string trouble;            // the last
};

/// What is to be written of an effect, for the lane of the log where it lies.
node::Node::Addressed addressed(
    const node::Node& node, const flow::Effected& what, record::Body body, Instant now
);

class Lane {
 public:
  /// `service`: actions under a purpose on contract or duty. `mail`: of a destination of that kind, and
  /// only of one.
  Lane(
      catalog::Destination destination, Told told, LaneDoors doors,
      LaneOptions options, std::set<std::string, std::less<>> service,
      std::optional<MailLane> mail = std::nullopt
  );
  ~Lane();

  void start();
  /// From the partitions' threads: where an effect of this destination stands now.
  void hear(const flow::Effected& effected);
  /// Ends what is under way, puts back what was claimed and not begun. Idempotent.
  void close();
  /// True once after effects had to be left out of the queue and there is room again.
  bool wants_more();
  LaneState state() const;
  const std::string& name() const { return destination_.name; }

 private:
  using Time = Breaker::Time;
  /// One claimed effect on its way out.
  struct Out {
    flow::Effected what;
    std::optional<outbox::Plan> plan;
    std::optional<flow::Release> denied;  // asked, and not permitted
    Instant released = Instant::beginning();
    Position read;
    std::string address_name = {};  // of mail: TokenKey::name_of
  };
  /// What all that wait in one partition ask together.
  struct Asked {
    Wire::Number number = 0;
    flow::ComponentId component;
    AtomId anchor;
    Hash128 effect;
    std::uint32_t attempt = 0;
    std::optional<flow::Release> release;
    std::shared_ptr<Flight> flight;
  };
  using Batch = std::shared_ptr<std::vector<Asked>>;
  /// One message whose person is read.
  struct Drafted {
    Wire::Number number = 0;
    flow::ComponentId component;
    AtomId anchor;
    std::string rule;
    std::optional<Reading> reading;
  };
  using Readings = std::shared_ptr<std::vector<Drafted>>;
  struct Inbox {
    std::deque<std::pair<Urgency, flow::Effected>> ready;
    std::deque<flow::Effected> claimed;
    std::vector<Hash128> settled;  // refused or held instead of claimed
    std::vector<Batch> released;
    std::vector<Readings> readings;
    bool stop = false;
  };

  void run();
  void take(Inbox inbox);
  void set_window();
  void claim(Time now);
  void begin(Time now);
  bool is_full() const { return out_.size() + drafts_.size() >= destination_.connections; }
  void begin_one(flow::Effected what);
  void tell(Wire::Number number, flow::Effected what, std::string content);
  void tell_mapped(Wire::Number number, flow::Effected what, const Reading& reading);
  // lane_mail.cc
  void draft(flow::Effected what);
  void ask_readings();
  void hear_readings(const Readings& batch);
  bool is_marketing(const flow::Effected& what) const;
  bool hold_complained(const flow::Effected& what);
  void post(Wire::Number number, flow::Effected what, const Reading& reading);
  void refuse(const flow::Effected& what, const Unposted& why);
  void suppress(const Out& out, std::string_view status);
  void judge_mail(const Out& out, const Reply& reply, record::Performed& result, Time now);
  void ask_releases();
  void hear_releases(const Batch& batch);
  void end(Wire::Done done, Time now);
  void judge(const Out& out, const Reply& reply, record::Performed& result, Time now);
  void put_back(const flow::Effected& what, outbox::Reason reason, Instant due);
  void result(const flow::Effected& what, record::Performed performed);
  void flush();
  Instant retry_at(const outbox::Effect& effect, std::optional<std::chrono::seconds> asked) const;
  record::Performed blank(const flow::Effected& what) const;
  void trouble(std::string why);

  const catalog::Destination destination_;
  const Told told_how_;
  LaneDoors doors_;
  const LaneOptions options_;
  const std::set<std::string, std::less<>> service_;
  Breaker breaker_;
  const std::optional<Letters> letters_;  // of a lane that sends mail
  const std::map<std::string, std::string, std::less<>> messages_;
  std::unique_ptr<Wire> wire_;

  mutable std::mutex mutex_;
  Inbox inbox_;        // guarded by mutex_
  std::set<Hash128> queued_;  // ready ones, in both queues; guarded by mutex_
  bool left_out_ = false;   // guarded by mutex_
  LaneState told_;          // guarded by mutex_

  // Of the thread.
  ReadyQueue ready_;
  std::deque<flow::Effected> claimed_;
  std::map<Hash128, Time> claiming_;
  std::map<Wire::Number, flow::Effected> drafts_;
  std::vector<Wire::Number> unread_;  // of those, nobody asked yet
  std::map<Wire::Number, Out> out_;
  Wire::Number last_number_ = 0;
  std::vector<node::Node::Addressed> results_;
  std::size_t window_ = 0;
  bool off_ = false, stopping_ = false;
  Time stop_at_{};
  std::thread thread_;
};

}  // namespace hospes::activate
