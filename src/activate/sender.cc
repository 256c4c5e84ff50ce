#include "activate/sender.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "activate/signature.h"

namespace hospes::activate {

using Came = record::Performed::Outcome;
using outbox::Reason;
using outbox::State;

namespace {

constexpr std::size_t strays_max = 10'000;
constexpr auto housekeeping = std::chrono::seconds(1);

Result<std::vector<std::string>> secrets_of(
    const catalog::Destination& destination, const std::string& folder
) {
  if (destination.secret_file.empty()) return std::vector<std::string>();
  const auto path = std::filesystem::path(folder) / destination.secret_file;
  std::ifstream in(path);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open())
    return fail(
        Code::unavailable, "cannot read the secret of destination \"" + destination.name +
                               "\": " + path.string() + " (secret_file in actions.toml)"
    );
  auto secrets = parse_secrets(text);
  if (!secrets) secrets.error().message = path.string() + ": " + secrets.error().message;
  return secrets;
}

}  // namespace

Result<std::unique_ptr<Sender>> Sender::open(
    const catalog::Actions& actions, const std::string& folder, Allowed allowed, SenderDoors doors,
    LaneOptions options
) {
  std::unique_ptr<Sender> sender(new Sender(std::move(allowed), doors));
  sender->options_ = options;
  for (const catalog::Destination& d : actions.destinations)
    sender->plans_.push_back({d, TRY(secrets_of(d, folder))});
  return sender;
}

Sender::~Sender() { close(); }

void Sender::begin(node::Node& node) {
  node_ = &node;
  for (const Plan& plan : plans_) {
    lanes_.emplace(
        plan.destination.name,
        std::make_unique<Lane>(
            plan.destination, plan.secrets,
            LaneDoors{node, doors_.keys, doors_.clock, doors_.diary, allowed_, flights_}, options_
        )
    );
  }
  begun_ = true;
  look_up(true);
  for (const auto& [name, lane] : lanes_) lane->start();
  thread_ = std::thread([this] { keep_house(); });
}

void Sender::close() {
  {
    const std::lock_guard lock(mutex_);
    if (stop_) return;
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  // All are told first, so that their last sends end together.
  std::vector<std::thread> closing;
  for (const auto& [name, lane] : lanes_)
    closing.emplace_back([l = lane.get()] { l->close(); });
  for (std::thread& t : closing) t.join();
}

void Sender::effects(const std::vector<flow::Effected>& effects) {
  if (!begun_) return;  // look_up finds it
  for (const flow::Effected& effected : effects) {
    if (const auto lane = lanes_.find(effected.effect.destination); lane != lanes_.end()) {
      lane->second->hear(effected);
      continue;
    }
    if (!outbox::is_open(effected.effect.state)) continue;
    const std::lock_guard lock(mutex_);
    if (strays_.size() < strays_max) strays_.push_back(effected);
  }
}

void Sender::fates(const std::vector<flow::Fate>& fates) {
  for (const flow::Fate& fate : fates)
    if (fate.became == flow::Became::duplicate) flights_.known(fate.message);
}

std::vector<LaneState> Sender::lanes() const {
  std::vector<LaneState> out;
  for (const auto& [name, lane] : lanes_) out.push_back(lane->state());
  return out;
}

void Sender::look_up(bool after_start) {
  node_->ask_all([&](const flow::PartitionState& state) {
    std::vector<flow::Effected> ready;
    flow::visit_open(state, [&](const flow::Effected& effected) {
      if (effected.effect.state == State::ready) ready.push_back(effected);
      if (!after_start || effected.effect.state != State::claimed) return;
      const std::lock_guard lock(mutex_);
      abandoned_.push_back(effected);
    });
    // In the order in which they were decided: the order of a hash map is nobody's.
    std::ranges::sort(ready, {}, [](const flow::Effected& e) {
      return std::pair(e.effect.decided, e.effect.key);
    });
    effects(ready);
  });
}

void Sender::keep_house() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    take_strays();
    bool room = false;
    for (const auto& [name, lane] : lanes_) room |= lane->wants_more();
    if (room) look_up(false);
    lock.lock();
    wake_.wait_for(lock, housekeeping, [this] { return stop_; });
  }
}

/// What has no lane, and what a crash left behind.
void Sender::take_strays() {
  std::vector<flow::Effected> strays, abandoned;
  {
    const std::lock_guard lock(mutex_);
    strays.swap(strays_);
    abandoned.swap(abandoned_);
  }
  const Instant now = doors_.clock.now();
  std::vector<node::Node::Addressed> records;
  const auto write = [&](const flow::Effected& what, record::Body body) {
    records.push_back(addressed(*node_, what, std::move(body), now));
  };
  const auto ended = [&](const flow::Effected& what, Came outcome, Reason reason) {
    write(
        what, record::Performed{
                  .anchor = what.anchor, .effect = what.effect.key, .attempt = what.effect.attempts,
                  .outcome = outcome, .reason = static_cast<std::uint8_t>(reason), .since = now}
    );
  };
  for (const flow::Effected& what : abandoned) ended(what, Came::uncertain, Reason::crash);
  for (const flow::Effected& what : strays) {
    if (what.effect.state == State::ready) {
      write(what, record::Claimed{what.anchor, what.effect.key, what.effect.attempts + 1});
    } else if (what.effect.state == State::claimed) {
      ended(what, Came::failed, Reason::undeclared);
    }
  }
  if (records.empty() || node_->append(std::move(records), [](const Status&) {})) return;
  const std::lock_guard lock(mutex_);
  std::ranges::move(strays, std::back_inserter(strays_));
  std::ranges::move(abandoned, std::back_inserter(abandoned_));
}

}  // namespace hospes::activate
