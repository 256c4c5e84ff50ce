// Invented visits to the demo's shop, from a seed: pages, records looked at, searches in vain,
// baskets, logins, new customers, some orders; mails and what becomes of them; permissions that are
// given, end, and are taken back. All of it goes to a source flagged simulated, and
// bears the badge.
#pragma once

#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "base/dice.h"
#include "base/result.h"
#include "clock/clock.h"
#include "demo/cdnow.h"
#include "demo/post.h"

namespace hospes::demo {

enum class Lane : std::uint8_t { answers, server, page };

/// One item of a batch, to be sent when its time has come.
struct Call {
  Instant due;
  std::uint64_t order = 0;
  Lane lane = Lane::page;
  std::string json;
};

/// Deterministic: the same seed, start and moments of asking give the same calls. Some visits are
/// told late (their timestamp is hours or weeks ago), so that windows close before one's eyes.
class Simulator {
 public:
  static constexpr Duration story_every = std::chrono::milliseconds(1'500);
  static constexpr std::size_t stories_max =
      200;  // begun in one call; more after a pause are left out

  /// `plan`: whose real customers come back; only those who let pages be personalised.
  Simulator(std::uint64_t seed, const Plan& plan, Instant start);

  /// Begins the stories that are due, and takes the calls whose time has come, in order.
  std::vector<Call> due(Instant now);

 private:
  struct Later {
    bool operator()(const Call& a, const Call& b) const {
      return std::pair(b.due, b.order) < std::pair(a.due, a.order);
    }
  };
  struct Visitor {
    std::string user_id, anonymous_id;  // either may be empty
  };

  void begin(Instant at);
  void come_back(Instant at);
  void leave_basket(Instant at);
  void stroll(Instant at);
  void search_in_vain(Instant at);
  void become_customer(Instant at);
  void hesitate(Instant at);
  void get_mails(Instant at);
  void permit_for_a_while(Instant at);
  void say_no(Instant at);

  /// A customer who is known since an hour before `at`, and lets pages be personalised.
  Visitor newcomer(Instant due, Instant at);
  void mail(Instant due, Instant at, const Visitor& who, std::string_view name);
  using Past = std::vector<std::pair<Instant, std::string>>;  // last real order, user id; ascending
  const std::string& somebody_quiet(Instant at) { return quiet_of(regulars_, at); }
  const std::string& quiet_of(const Past& people, Instant at);
  Duration minutes(unsigned from, unsigned to);
  void call(Instant due, Lane lane, std::string json);
  void event(
      Instant due, Instant at, Lane lane, const Visitor& who, std::string_view name,
      std::string_view properties
  );
  void page(Instant due, Instant at, const Visitor& who, std::string_view path);
  void view(Instant due, Instant at, const Visitor& who, bool jazz);
  void order(Instant due, Instant at, const Visitor& who);
  void identify(Instant due, Instant at, const Visitor& who);
  void answer(
      Instant due, Instant since, const std::string& user_id, std::string_view purpose,
      std::string_view state, Instant until = Instant::never()
  );
  void welcome(Instant due, Instant since, const std::string& user_id);
  std::string message_id();

  Dice dice_;
  std::string run_;  // messageIds of two runs never meet
  Instant next_;
  std::uint64_t calls_ = 0, people_ = 0;
  Past regulars_, big_spenders_;  // who lets pages be personalised
  std::vector<std::string> unreachable_;  // who spent much and lets nobody write to them
  std::priority_queue<Call, std::vector<Call>, Later> queue_;
};

struct SimulatorKeys {
  std::string page = "wk_demo_visitors";
  std::string server = "wk_demo_visitors_server";
};

/// Sends what is due now: answers first, then the server's calls, then the pages'. Returns how many
/// calls went out.
Result<std::size_t> send_due(
    http::Client& client, Simulator& simulator, Instant now, const SimulatorKeys& keys,
    const Patience& patience
);

}  // namespace hospes::demo
