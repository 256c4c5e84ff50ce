#include "crash/protocol.h"

#include <algorithm>

#include "base/bytes.h"
#include "seal/envelope.h"

namespace hospes::crash {
namespace {

enum Kind : std::uint8_t { event = 1, message = 2, claim_record = 3, result = 4 };

std::string encode(const State& s) {
  std::string out;
  Writer w(out);
  w.u32(s.position.epoch);
  w.u64(s.position.offset);
  w.varint(s.applied.size());
  for (const auto& [id, value] : s.applied) {
    w.u64(id);
    w.u32(value);
  }
  w.u64(s.sum);
  w.u64(s.received);
  w.varint(s.high_water.size());
  for (const auto& [source, mark] : s.high_water) {
    w.u16(source);
    w.u64(mark.first);
    w.u32(mark.second);
  }
  for (const auto* set : {&s.planned, &s.claimed, &s.finished}) {
    w.varint(set->size());
    for (const auto id : *set) w.u64(id);
  }
  return out;
}

State decode(std::string_view bytes) {
  Reader r(bytes);
  State s;
  s.position.epoch = r.u32();
  s.position.offset = r.u64();
  for (auto n = r.varint(); n > 0 && r.ok(); --n) {
    const auto id = r.u64();
    s.applied[id] = r.u32();
  }
  s.sum = r.u64();
  s.received = r.u64();
  for (auto n = r.varint(); n > 0 && r.ok(); --n) {
    const auto source = r.u16();
    const auto offset = r.u64();
    s.high_water[source] = {offset, r.u32()};
  }
  for (auto* set : {&s.planned, &s.claimed, &s.finished}) {
    for (auto n = r.varint(); n > 0 && r.ok(); --n) set->insert(r.u64());
  }
  return s;
}

std::string state_name(Partition p) { return "partition-" + std::to_string(p); }

}  // namespace

std::vector<Input> inputs(std::uint64_t seed, std::size_t count) {
  Dice dice(seed);
  std::vector<Input> all;
  for (std::uint64_t id = 1; id <= count; ++id) {
    const Identifier who{1, "guest-" + std::to_string(dice.below(count))};
    all.push_back(
        {id, who, static_cast<std::uint32_t>(dice.below(1000)),
         static_cast<Partition>(dice.below(partitions))}
    );
  }
  return all;
}

Status Life::open() {
  seal::KeyFileOptions key_options;
  key_options.grow_bytes = 1000;
  keys_ = TRY(seal::open_key_file(disk_, key_options));
  log::Options options;
  options.partitions = partitions;
  options.segment_bytes = 64 << 10;
  options.free_bytes_min = 1000;
  options.manual = true;
  log_ = TRY(log::open_local_log(disk_, options));
  TRY(disk_.make_folder("state"));
  for (Partition p = 0; p < partitions; ++p) {
    const auto bytes = disk::read_all(disk_, "state/" + state_name(p), 1 << 20);
    if (!bytes && bytes.error().code != Code::not_found) return std::unexpected(bytes.error());
    if (bytes) states_[p] = decode(*bytes);
    saved_[p] = states_[p].position;
  }
  TRY(log_->replay(saved_, [this](const log::Durable& record) {
    on_record(record, false);
    return Status();
  }));
  log_->follow([this](const std::vector<log::Durable>& batch) {
    for (const auto& record : batch) on_record(record, true);
    append_out();
  });
  for (Partition p = 0; p < partitions; ++p) {
    for (const auto effect : states_[p].planned) {
      if (!states_[p].claimed.contains(effect)) claim(p, effect);
    }
  }
  append_out();
  return {};
}

void Life::on_record(const log::Durable& record, bool live) {
  State& s = states_[record.partition];
  if (record.position <= s.position) outside_.problems.emplace_back("a record came twice");
  const std::string_view bytes = record.bytes;
  switch (bytes[0]) {
    case event:
      on_event(s, record, live);
      break;
    case message:
      on_message(s, bytes.substr(1));
      break;
    case claim_record:
      on_claim(s, record.partition, bytes.substr(1), live);
      break;
    default:
      s.finished.insert(Reader(bytes.substr(1)).u64());
  }
  s.position = record.position;
}

void Life::on_event(State& s, const log::Durable& record, bool live) {
  Reader r(std::string_view(record.bytes).substr(1));
  const std::uint64_t id = r.u64();
  AtomId owner;
  owner.hi = r.u64();
  owner.lo = r.u64();
  const auto key = keys_->key(owner);
  const auto body = key ? seal::open(*key, "event", r.rest()) : fail(Code::not_found, "no key");
  if (!body) {
    outside_.problems.push_back("event " + std::to_string(id) + " cannot be read with its key");
    return;
  }
  if (!s.applied.empty() && s.applied.contains(id)) return;  // sent again by its client
  const std::uint32_t value = Reader(*body).u32();
  s.applied[id] = value;
  s.sum += value;
  emit_messages(id, value, record);
  if (value % 4 != 0) return;
  s.planned.insert(id);
  if (broken_ == Broken::perform_before_claim) perform(id);
  if (live) claim(record.partition, id);
}

/// After a replay they go out again: the receiver's high-water mark drops what it has.
void Life::emit_messages(std::uint64_t event_id, std::uint32_t value, const log::Durable& record) {
  for (std::uint32_t index = 0; index < value % 3; ++index) {
    std::string bytes(1, message);
    Writer w(bytes);
    w.u16(record.partition);
    w.u64(record.position.offset);
    w.u32(index);
    w.u64(event_id * 31 + index);
    const auto to = static_cast<Partition>((value + index) % partitions);
    out_.push_back({{to, std::move(bytes), nullptr}, record.partition});
    ++in_flight_[record.partition];
  }
}

void Life::on_message(State& s, std::string_view bytes) {
  Reader r(bytes);
  const Partition source = r.u16();
  const std::uint64_t offset = r.u64();
  const std::pair<std::uint64_t, std::uint32_t> mark{offset, r.u32()};
  const auto seen = s.high_water.find(source);
  const bool again = seen != s.high_water.end() && mark <= seen->second;
  if (again && broken_ != Broken::no_high_water) return;
  s.high_water[source] = mark;
  s.received += r.u64();
}

void Life::claim(Partition p, std::uint64_t effect) {
  std::string bytes(1, claim_record);
  Writer(bytes).u64(effect);
  out_.push_back({{p, std::move(bytes), nullptr}});
  my_claims_.insert(effect);
}

/// A claim of an earlier life is never performed: nobody knows whether it was.
void Life::on_claim(State& s, Partition p, std::string_view bytes, bool live) {
  const std::uint64_t effect = Reader(bytes).u64();
  const bool first = s.claimed.insert(effect).second;
  if (!live || !first || !my_claims_.contains(effect)) return;
  if (broken_ != Broken::perform_before_claim) perform(effect);
  std::string done(1, result);
  Writer(done).u64(effect);
  out_.push_back({{p, std::move(done), nullptr}});
}

void Life::perform(std::uint64_t effect) { ++outside_.performed[effect]; }

/// In order, and nothing later before what the log refuses for now (a full queue, little room): a
/// message that overtakes another of its source would raise the receiver's mark above it.
void Life::append_out() {
  std::size_t sent = 0;
  for (Out& o : out_) {
    const int source = o.source;
    const Status taken = log_->append({o.entry}, [this, source](const Status& s) {
      if (s && source >= 0) --in_flight_[static_cast<std::size_t>(source)];
    });
    if (!taken && broken_ != Broken::messages_overtake) break;
    ++sent;
  }
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(sent));
}

Status Life::accept(const Input& input) {
  const auto atoms = TRY(keys_->resolve({&input.who, 1}, Instant{1}));
  const seal::Key key = TRY(keys_->key(atoms[0].id));
  if (broken_ != Broken::keys_after_log) TRY(keys_->sync());
  std::string bytes(1, event);
  Writer w(bytes);
  w.u64(input.id);
  w.u64(atoms[0].id.hi);
  w.u64(atoms[0].id.lo);
  std::string body;
  Writer(body).u32(input.value);
  seal::seal(key, "event", body, bytes);
  std::vector<log::Entry> one;
  one.push_back({input.lane, std::move(bytes), nullptr});
  TRY(log_->append(std::move(one), [this, id = input.id](const Status& s) {
    if (s) outside_.acknowledged.insert(id);
  }));
  if (broken_ == Broken::acknowledge_too_early) outside_.acknowledged.insert(input.id);
  return {};
}

void Life::run(const std::vector<Input>& all, Dice& dice, bool scarce) {
  for (const Input& input : all) {
    disk_.set_free_bytes(scarce && dice.chance(20) ? 0 : 1'000'000);
    if (outside_.acknowledged.contains(input.id)) continue;
    if (!accept(input)) continue;  // the client sends it again to the next life
    if (dice.chance(60)) {
      append_out();
      log_->step();
    }
    if (broken_ == Broken::keys_after_log && dice.chance(30) && !keys_->sync()) continue;
    if (dice.chance(40)) checkpoint(static_cast<Partition>(dice.below(partitions)));
  }
}

void Life::drain() {
  do {
    append_out();
  } while (log_->step());
}

/// State and position in one atomic file, behind the log; and behind the messages that the state
/// has sent.
void Life::checkpoint(Partition p) {
  if (in_flight_[p] != 0 && broken_ != Broken::checkpoint_too_early) return;
  if (!disk::replace(disk_, "state", state_name(p), encode(states_[p]))) return;
  saved_[p] = states_[p].position;
  const bool released [[maybe_unused]] = log_->release(saved_).has_value();
}

std::string Life::digest() const {
  std::string out;
  for (State s : states_) {
    s.position = {};
    s.high_water.clear();
    s.finished.clear();
    out += encode(s);
  }
  return out;
}

}  // namespace hospes::crash
