#include "collect/redelivery.h"

#include <future>

#include "collect/desk.h"

namespace hospes::collect {

Redelivery::Redelivery(Doors doors) : doors_(doors), desk_(std::make_unique<Desk>(doors_)) {}
Redelivery::~Redelivery() = default;

Status Redelivery::take(std::vector<Outgoing> records) {
  if (records.empty()) return {};
  TRY(doors_.keys.sync());
  std::promise<Status> durable;
  TRY(doors_.sink.append(std::move(records), [&](Status s) { durable.set_value(std::move(s)); }));
  return durable.get_future().get();
}

Result<std::vector<Redelivered>> Redelivery::send(std::span<const Repaired> letters, bool dry) {
  const std::lock_guard lock(mutex_);
  std::vector<Redelivered> out;
  std::vector<Outgoing> records;
  std::vector<Arrival> arrivals;
  std::vector<Hash128> accepted, withheld;
  for (const Repaired& repaired : letters) {
    auto prepared = desk_->again(repaired.letter, repaired.retimed, doors_.clock.now());
    if (!prepared) {
      out.push_back({Verdict::rejected, std::string(to_string(prepared.error().code)), prepared.error().message});
      continue;
    }
    Arrival& heard = prepared->arrivals.front();
    out.push_back({heard.verdict, std::string(heard.rule), heard.detail});
    const Hash128 message = repaired.letter.head.message;
    if (heard.verdict == Verdict::accepted) accepted.push_back(message);
    if (heard.verdict == Verdict::withheld) withheld.push_back(message);
    std::ranges::move(prepared->records, std::back_inserter(records));
    if (heard.verdict != Verdict::rejected) arrivals.push_back(std::move(heard));
  }
  if (dry) return out;
  TRY(take(std::move(records)));
  doors_.arrivals.arrived(std::move(arrivals));
  TRY(doors_.letters->end(accepted, dead_letter::End::resent));
  TRY(doors_.letters->end(withheld, dead_letter::End::withheld));
  return out;
}

}  // namespace hospes::collect
