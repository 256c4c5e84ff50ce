// `hospes-bench timers`: people who wait in a journey, on the real node with its log, store and
// checkpoints; no HTTP. The house's clock is driven: first what is due comes due as fast as time
// passes, then a minute of it at once, then the journeys are edited while everybody waits, then the
// node starts anew.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "bench/commands.h"
#include "bench/options.h"
#include "bench/stats.h"
#include "catalog/catalog.h"
#include "disk/posix.h"
#include "flow/binding.h"
#include "log/local_log.h"
#include "node/node.h"
#include "outbox/basis.h"
#include "seal/memory_keys.h"
#include "store/rocks.h"

namespace hospes::bench {
namespace {

using Wall = std::chrono::steady_clock;
constexpr int waits_days = 30;

/// One instance for each order; for each person, when they order but once.
std::string journeys(bool keyed, int days, bool move = false) {
  return fmt::format(
      "journey care purpose market\n  enter event \"Order Updated\"{}\n  waiting {}\n  step rest wait {}d\n"
      "  step later wait 300d\n",
      keyed ? " key order_id" : "", move ? "move" : "stay", days
  );
}

double seconds_since(Wall::time_point from) {
  return std::chrono::duration<double>(Wall::now() - from).count();
}

/// Of all threads of this process: what it costs, however busy the machine is.
double cpu_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

std::uint64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// How late each move was when it had happened, and how many there were.
class Ear final : public node::Listener {
 public:
  explicit Ear(Clock& clock) : clock_(clock) {}
  void transitions(const std::vector<flow::Transition>&) override {}
  void fates(const std::vector<flow::Fate>& fates) override { taken_ += fates.size(); }
  void answers(const std::vector<consent::Row>&) override {}
  void moves(const std::vector<flow::Moved>& moved) override {
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);
    for (const flow::Moved& m : moved) {
      if (m.from.empty()) continue;
      ++fired_;
      late_ms_.push_back(static_cast<double>((now - m.at).count()) / 1e3);
    }
  }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t fired() {
    const std::lock_guard lock(mutex_);
    return fired_;
  }
  std::vector<double> take_late() {
    const std::lock_guard lock(mutex_);
    return std::exchange(late_ms_, {});
  }

 private:
  Clock& clock_;
  std::atomic<std::uint64_t> taken_{0};
  std::mutex mutex_;  // guards all below
  std::uint64_t fired_ = 0;
  std::vector<double> late_ms_;
};

class Waiters {
 public:
  static Result<std::unique_ptr<Waiters>> make(
      const std::string& folder, std::uint64_t people, std::uint64_t orders
  ) {
    auto out = std::unique_ptr<Waiters>(new Waiters(folder, people, orders));
    out->disk_ = TRY(disk::open_posix_disk(folder));
    TRY(out->open());
    return out;
  }
  ~Waiters() { close(); }

  void close() {
    node_.reset();
    log_.reset();
    store_.reset();
  }
  Status open() {
    log_ = TRY(log::open_local_log(*disk_, {}));
    store_ = TRY(store::open_rocks(std::filesystem::path(folder_) / "store", {}));
    flow::House house;
    house.names = &names_;
    house.link = *catalog_.purposes.find("link");
    house.heeds_no_answer = catalog_.purposes.heedless();
    house.engine = [this](const record::Defined& d) {
      return flow::compiled(d.segments, flow::binding_of(names_, catalog_));
    };
    house.journeys = [this](const record::Defined& d, const segment::Engine& engine) {
      return book(d, engine);
    };
    node_ = TRY(node::Node::open({*log_, *store_, keys_, clock_}, std::move(house), {}, ear_));
    return {};
  }

  Status lead(std::string_view text) {
    const auto read = journey::parse(text);
    check(read.has_value(), "the bench's own journeys read");
    std::promise<Status> durable;
    TRY(node_->redefine(
        [](const std::string& segments) { return segments; },
        [&](Status s) { durable.set_value(std::move(s)); }, node::Beside{},
        [&](const std::string& before) { return journey::succession(*journey::parse_in_force(before), *read); }
    ));
    return durable.get_future().get();
  }

  /// Everybody orders, all as often, at an even pace of the house's clock.
  Status fill(Duration over) {
    const std::uint64_t orders = orders_;
    constexpr std::uint64_t batch = 500;
    const Instant began = clock_.now();
    std::atomic<std::uint64_t> open{0};
    for (std::uint64_t at = 0; at < orders; at += batch) {
      std::vector<node::Node::Addressed> records;
      for (std::uint64_t i = at; i < std::min(orders, at + batch); ++i) {
        const Instant now = began + Duration(static_cast<std::int64_t>(
            static_cast<double>(over.count()) * static_cast<double>(i) / static_cast<double>(orders)));
        records.push_back(TRY(order(i, now)));
        clock_.set(now);
      }
      while (node_->waiting() > 100'000) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      for (;;) {
        ++open;
        const Status taken = node_->append(records, [&](Status) { --open; });
        if (taken) break;
        --open;
        if (taken.error().code != Code::over_limit) return taken;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    clock_.set(began + over);
    node_->settle();
    while (open > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }

  std::uint64_t live() {
    std::atomic<std::uint64_t> out{0};
    node_->ask_all([&](const flow::PartitionState& s) { out += s.led.live.size(); });
    return out;
  }
  /// Who is in each version.
  std::map<std::uint32_t, std::uint64_t> versions() {
    std::mutex mutex;
    std::map<std::uint32_t, std::uint64_t> out;
    node_->ask_all([&](const flow::PartitionState& s) {
      const std::lock_guard lock(mutex);
      for (const auto& [version, steps] : s.led.here)
        for (const auto& [step, people] : steps) out[version.second] += people;
    });
    return out;
  }
  /// What the house holds for those who wait, beside the people: instances, and the two places where each is found.
  std::uint64_t waiting_bytes() {
    std::atomic<std::uint64_t> out{0};
    node_->ask_all([&](const flow::PartitionState& s) {
      // Of a flat table: its slots, and a byte for each (Boost.Unordered, "Open-addressing Containers").
      out += s.led.waits.memory_bytes() + s.led.live.bucket_count() * (sizeof(*s.led.live.begin()) + 1) +
             s.led.joined.bucket_count() * (sizeof(*s.led.joined.begin()) + 1);
      for (const auto& [id, component] : s.components)
        for (const flow::AtomState& atom : component->atoms) {
          out += atom.journeys.capacity() * sizeof(journey::Instance);
          for (const journey::Instance& one : atom.journeys) out += one.past.capacity() * sizeof(journey::Move);
        }
    });
    return out;
  }
  node::Node& node() { return *node_; }
  ManualClock& clock() { return clock_; }
  Ear& ear() { return ear_; }

 private:
  Waiters(const std::string& folder, std::uint64_t people, std::uint64_t orders)
      : folder_(folder), people_(people), orders_(orders), keys_({.seed = 1, .atoms_max = 20'000'000}) {}

  std::shared_ptr<const journey::Book> book(const record::Defined& d, const segment::Engine& engine) {
    auto read = journey::parse_in_force(d.journeys);
    if (!read) return nullptr;
    const segment::Definitions& definitions = engine.definitions();
    auto bound = journey::bind(
        std::move(*read),
        {.names = &names_,
         .purpose = [this](std::string_view name) { return catalog_.purposes.find(name); },
         .basis = [this](PurposeBit p) { return outbox::basis_of(catalog_.purposes.at(p).basis); },
         .segment = [&](std::string_view id) { return definitions.find(id); },
         .zone = nullptr}
    );
    return bound ? *bound : nullptr;
  }

  Result<node::Node::Addressed> order(std::uint64_t i, Instant now) {
    const std::uint64_t person = i % people_;
    if (i < people_) {
      const Identifier who{*flow::kind_id("user_id"), fmt::format("member-{:08}", person)};
      atoms_.push_back(TRY(keys_.resolve({&who, 1}, now)).front());
    }
    Event event{
        .anchor = atoms_[person], .owner = atoms_[person], .message = {i + 1, 7},
        .mask = bit(*catalog_.purposes.find("market")), .happened = now, .received = now,
        .grade = Grade::attested, .name = TRY(names_.intern("Order Updated")),
        .source = TRY(names_.intern("bench")), .original = now, .sent = now,
        .message_id = std::to_string(i)};
    const std::string order = std::to_string(i);
    event.properties.add(TRY(names_.intern("order_id")), {ValueKind::text, {}, order, {}});
    auto record = std::make_shared<record::Record>();
    record->stamp = now;
    record->body = record::Arrived{.event = std::move(event), .references = {}};
    return node::Node::Addressed{node_->lane_of(atoms_[person].id), std::move(record)};
  }

  const std::string folder_;
  const std::uint64_t people_, orders_;
  catalog::Catalog catalog_;
  Names names_;
  seal::MemoryKeys keys_;
  ManualClock clock_{Instant{1'790'000'000'000'000}};
  Ear ear_{clock_};
  std::unique_ptr<disk::Disk> disk_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<store::RocksStore> store_;
  std::unique_ptr<node::Node> node_;
  std::vector<Atom> atoms_;
};

/// The house's clock goes as fast as ours, for so long.
void let_pass(ManualClock& clock, Duration time) {
  const Instant from = clock.now();
  const auto began = Wall::now();
  for (;;) {
    const auto gone = std::chrono::duration_cast<Duration>(Wall::now() - began);
    clock.set(from + std::min(gone, time));
    if (gone >= time) return;
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
}

/// Until nothing that is due is left. How many fired, in how many seconds.
Result<double> until_fired(Waiters& house, std::uint64_t fired) {
  const auto began = Wall::now();
  while (house.ear().fired() < fired) {
    if (seconds_since(began) > 120) return fail(Code::unavailable, "what was due did not fire in two minutes");
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return seconds_since(began);
}

}  // namespace

Result<Report> timers_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"pending", "10000000"}, {"rate", "20000"}, {"seconds", "5"}, {"runs", "5"},
              {"per_person", "10"}, {"led", "1"},
              {"folder", std::filesystem::temp_directory_path().string()}}
  ));
  const auto pending = static_cast<std::uint64_t>(TRY(options.number("pending", 1'000, 1e8)));
  const double rate = TRY(options.number("rate", 1, 1e7));
  const double seconds = TRY(options.number("seconds", 0.1, 600));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 100)));
  const std::filesystem::path folder =
      std::filesystem::path(options.text("folder")) / fmt::format("hospes-timers-{}", getpid());
  std::filesystem::create_directories(folder);
  struct Gone {
    std::filesystem::path folder;
    ~Gone() { std::filesystem::remove_all(folder); }
  } const gone{folder};

  const auto per_person = static_cast<std::uint64_t>(TRY(options.number("per_person", 1, 60)));
  const bool led = TRY(options.number("led", 0, 1)) > 0;
  const std::uint64_t people = pending / per_person;
  auto house = TRY(Waiters::make(folder.string(), people, people * per_person));
  const Duration over(static_cast<std::int64_t>(1e6 * static_cast<double>(pending) / rate));
  TRY(house->lead(
      led ? journeys(per_person > 1, waits_days)
          : "journey none purpose market\n  enter event \"Order Refunded\"\n  step rest wait 30d\n"
  ));
  house->clock().advance(std::chrono::seconds(3));
  house->node().settle();
  const Instant began = house->clock().now();
  const auto filling = Wall::now();
  TRY(house->fill(over));
  const double filled_s = seconds_since(filling);
  if (!led) {  // what the same house costs whom nobody leads
    Report report;
    report.text("workload", "timers, nobody led");
    report.whole("pending", 0);
    report.whole("people", people);
    report.number("resident_bytes_per_order", static_cast<double>(resident_bytes()) / static_cast<double>(pending));
    return report;
  }
  if (house->live() != people * per_person)
    return fail(Code::corrupt, fmt::format("{} wait, and {} ordered", house->live(), people * per_person));
  const std::uint64_t resident = resident_bytes(), waiting = house->waiting_bytes();

  house->clock().set(began + std::chrono::days(waits_days));  // the first is due
  std::vector<double> p50, p99, per_second, edit_late;
  const Duration slice(static_cast<std::int64_t>(1e6 * seconds));
  // What a month at once sets off (a new day's housekeeping, a checkpoint of all) is no part of a slice.
  let_pass(house->clock(), std::chrono::seconds(1));
  house->node().settle();
  TRY(house->node().checkpoint());
  for (unsigned i = 0; i < runs; ++i) {
    house->ear().take_late();
    let_pass(house->clock(), slice);
    house->node().settle();
    const auto late = house->ear().take_late();
    p50.push_back(percentile(late, 50));
    p99.push_back(percentile(late, 99));
    const std::uint64_t before = house->ear().fired();
    const std::uint64_t at_once = static_cast<std::uint64_t>(rate * 2 * seconds);
    house->clock().advance(slice * 2);
    const double took = TRY(until_fired(*house, before + at_once * 99 / 100));
    per_second.push_back(static_cast<double>(at_once) * 0.99 / took);
    house->node().settle();
    house->ear().take_late();
  }
  // Edited while they wait, and while others come due.
  for (unsigned i = 0; i < std::min(runs, 5U); ++i) {
    house->ear().take_late();
    std::atomic<bool> done{false};
    std::thread time([&] {
      while (!done) let_pass(house->clock(), std::chrono::milliseconds(100));
    });
    const Status put = house->lead(journeys(per_person > 1, waits_days + (i % 2 == 0 ? 1 : 0)));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    house->node().settle();
    done = true;
    time.join();
    TRY(put);
    edit_late.push_back(percentile(house->ear().take_late(), 100));
  }
  // And once so that all come along: they are who they were, each in the new text.
  const std::uint64_t live = house->live();
  const auto moving = Wall::now();
  TRY(house->lead(journeys(per_person > 1, waits_days + 2, true)));
  house->clock().advance(std::chrono::seconds(3));
  house->node().settle();
  const double moved_s = seconds_since(moving);
  const auto versions = house->versions();
  if (versions.size() != 1 || versions.begin()->second != live || house->live() != live)
    return fail(Code::corrupt, fmt::format("{} waited, and {} came along into one of {} versions", live, versions.rbegin()->second, versions.size()));
  const auto closing = Wall::now();
  house->close();
  const double stop_s = seconds_since(closing);
  const auto opening = Wall::now();
  const double spent = cpu_seconds();
  TRY(house->open());
  const double restart_s = seconds_since(opening), restart_cpu_s = cpu_seconds() - spent;
  if (house->live() != live) return fail(Code::corrupt, "who waited is not there after the restart");

  Report report;
  report.text("workload", "timers");
  report.whole("runs", runs);
  report.whole("pending", people * per_person);
  report.whole("people", people);
  report.number("filled_per_second", static_cast<double>(people * per_person) / filled_s);
  report.number("resident_bytes_per_pending", static_cast<double>(resident) / static_cast<double>(pending));
  report.number("held_bytes_per_pending", static_cast<double>(waiting) / static_cast<double>(people * per_person));
  report.number("rate_offered", rate);
  report.number("late_p50_ms", median(p50));
  report.number("late_p99_ms", median(p99));
  report.number("fired_per_second", median(per_second));
  report.number("late_max_while_edited_ms", median(edit_late));
  report.number("moved_along_s", moved_s);
  report.number("stop_s", stop_s);
  report.number("restart_s", restart_s);
  report.number("restart_cpu_s", restart_cpu_s);
  report.object("measured_on", TRY(surroundings(options.text("folder"))));
  return report;
}

}  // namespace hospes::bench
