#include "activate/sender.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "activate/signature.h"
#include "base/nearest.h"
#include "mail/lint.h"

namespace hospes::activate {

using Came = record::Performed::Outcome;
using outbox::Reason;
using outbox::State;

namespace {

constexpr std::size_t strays_max = 10'000;
constexpr std::size_t headers_max = 16;
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

/// `Name: value` lines. What names or breaks the request itself is not one of them.
Result<std::vector<std::string>> headers_of(
    const catalog::Destination& destination, const std::string& folder
) {
  std::vector<std::string> out;
  if (destination.headers_file.empty()) return out;
  std::ifstream in(std::filesystem::path(folder) / destination.headers_file);
  const std::string of = destination.headers_file + " of destination \"" + destination.name + "\"";
  if (!in.is_open()) return fail(Code::unavailable, "cannot read " + of + " (headers_file in actions.toml)");
  for (std::string line; std::getline(in, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(": ");
    const bool name = colon != line.npos && colon > 0 && std::ranges::all_of(line.substr(0, colon), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
                      });
    const bool plain = std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 127; });
    if (!name || !plain || out.size() >= headers_max)
      return fail(Code::invalid_input, of + " holds lines such as \"api-key: …\", sixteen at most");
    out.push_back(std::move(line));
  }
  return out;
}

Result<Told> told_of(
    const catalog::Destination& destination, const std::string& folder, const MailHouse& house
) {
  Told out;
  out.secrets = TRY(secrets_of(destination, folder));
  out.headers = TRY(headers_of(destination, folder));
  if (!destination.mapping.empty())
    out.mapping = TRY(Mapping::read(folder, destination.mapping, house.name, house.zone));
  return out;
}

std::map<std::string, std::string, std::less<>> messages_to(
    const catalog::Actions& actions, std::string_view destination
) {
  std::map<std::string, std::string, std::less<>> out;
  for (const catalog::Action& a : actions.actions)
    if (a.destination == destination) out.emplace(a.name, a.message);
  return out;
}

std::unexpected<Error> unfit(const catalog::Action& action, const std::string& why) {
  return fail(Code::invalid_input, "action \"" + action.name + "\" in actions.toml: " + why);
}

/// Whether the message may be sent at all, under that purpose: a service message needs no permission
/// and so carries no promotion, whatever promotes needs one.
Status fits(const catalog::Action& action, const mail::HouseMessage& message, bool heedless) {
  const bool service = message.kind == mail::Kind::service;
  if (service != heedless)
    return unfit(
        action, "the message \"" + message.name + "\" is of kind " +
                    (service ? "service, which goes under a purpose on contract or duty, such as operate"
                             : "marketing, which never goes under a purpose on contract or duty")
    );
  for (const mail::Finding& f : mail::lint(message)) {
    if (!f.refused) continue;
    const std::string language = message.language == liquid::Language::fr ? ".fr" : ".en";
    return unfit(
        action, "messages/" + message.name + language + ".liquid:" +
                    std::to_string(std::max<std::size_t>(f.line, 1)) + "  " + f.said
    );
  }
  return {};
}

Status fit_messages(
    const catalog::Actions& actions, const mail::Messages& messages, Mask heedless
) {
  for (const catalog::Action& a : actions.actions) {
    if (a.message.empty()) continue;
    if (messages.find(a.message, liquid::Language::fr) == nullptr)
      return unfit(
          a, "there is no message \"" + a.message + "\"" + nearest_hint(a.message, messages.names()) +
                 "; write messages/" + a.message + ".fr.liquid"
      );
    for (const mail::HouseMessage& m : messages.all())
      if (m.name == a.message) TRY(fits(a, m, (heedless & bit(a.purpose)) != 0));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Sender>> Sender::open(
    const catalog::Actions& actions, const std::string& folder, Allowed allowed, SenderDoors doors,
    const MailHouse& house, LaneOptions options
) {
  auto messages = TRY(mail::Messages::read(folder));
  std::unique_ptr<Sender> sender(new Sender(
      std::move(allowed), doors, {std::move(messages), mail::TokenKey(doors.keys.house_secret())}
  ));
  sender->options_ = options;
  TRY(fit_messages(actions, sender->mail_.messages, house.heedless));
  for (const catalog::Destination& d : actions.destinations) {
    Told told = TRY(told_of(d, folder, house));
    Plan plan{d, std::move(told), {}};
    for (const catalog::Action& a : actions.actions)
      if (a.destination == d.name && (house.heedless & bit(a.purpose)) != 0) plan.service.insert(a.name);
    if (d.mail) {
      Letters letters = TRY(Letters::open(
          d, folder,
          {sender->mail_.messages, sender->mail_.tokens, house.name, house.language, house.zone,
           house.public_url, house.opens, house.clicks}
      ));
      plan.mail.emplace(std::move(letters), messages_to(actions, d.name));
    }
    sender->plans_.push_back(std::move(plan));
  }
  return sender;
}

Sender::~Sender() { close(); }

void Sender::begin(node::Node& node) {
  node_ = &node;
  for (const Plan& plan : plans_) {
    lanes_.emplace(
        plan.destination.name,
        std::make_unique<Lane>(
            plan.destination, plan.told,
            LaneDoors{node, doors_.keys, doors_.clock, doors_.diary, allowed_, flights_, doors_.suppressed, doors_.complaints, doors_.offer_token}, options_,
            plan.service, plan.mail
        )
    );
  }
  for (const Plan& plan : plans_)
    if (plan.mail && !courier_)
      courier_ = std::make_unique<Courier>(
          plan.destination, plan.mail->letters, allowed_, doors_.clock
      );
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
  if (courier_) courier_->close();
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

namespace {

record::Performed performed(const flow::Effected& what, Came outcome, Reason reason, Instant now) {
  return {
      .anchor = what.anchor, .effect = what.effect.key, .attempt = what.effect.attempts, .outcome = outcome,
      .reason = static_cast<std::uint8_t>(reason), .since = now};
}

}  // namespace

/// What a life before handed over, and did not hear the answer to. A service mail goes again under the Message-ID it had, as
/// after a connection that was lost; anything else may have arrived, and is not repeated.
record::Performed Sender::after_crash(const flow::Effected& what, Instant now) const {
  record::Performed out = performed(what, Came::uncertain, Reason::crash, now);
  const auto plan = std::ranges::find(plans_, what.effect.destination, [](const Plan& p) { return p.destination.name; });
  if (plan == plans_.end() || !plan->mail || !plan->service.contains(what.effect.rule)) return out;
  const auto& pauses = plan->destination.retry;
  if (what.effect.tries >= pauses.size()) return out;
  out.outcome = Came::again;
  out.due = now + pauses[what.effect.tries];
  return out;
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
  for (const flow::Effected& what : abandoned) write(what, after_crash(what, now));
  for (const flow::Effected& what : strays) {
    if (what.effect.state == State::ready) {
      write(what, record::Claimed{what.anchor, what.effect.key, what.effect.attempts + 1});
    } else if (what.effect.state == State::claimed) {
      write(what, performed(what, Came::failed, Reason::undeclared, now));
    }
  }
  if (records.empty() || node_->append(std::move(records), [](const Status&) {})) return;
  const std::lock_guard lock(mutex_);
  std::ranges::move(strays, std::back_inserter(strays_));
  std::ranges::move(abandoned, std::back_inserter(abandoned_));
}

}  // namespace hospes::activate
