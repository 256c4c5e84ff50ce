#include "model/lanes.h"

#include <algorithm>

#include "base/check.h"
#include "flow/binding.h"
#include "segment/text.h"

namespace hospes::model {
namespace {

constexpr std::string_view segments = R"(
segment once
  purpose p
  name en "Once" fr "Une fois"
  sentence en "Did it." fr "L'a fait."
  where
    count("A") >= 1

segment twice
  purpose p
  name en "Twice" fr "Deux fois"
  sentence en "Did it twice." fr "L'a fait deux fois."
  where
    count("A") >= 2

segment recent
  purpose p
  name en "Recent" fr "Récent"
  sentence en "Did it lately." fr "L'a fait récemment."
  where
    count("A", 100us) >= 1

segment named
  purpose p
  name en "Named" fr "Nommé"
  sentence en "Has a user id." fr "A un identifiant."
  where
    has identifier user_id
)";

std::shared_ptr<const segment::Engine> compile(const record::Defined& defined, Names& names) {
  segment::Binding binding;
  binding.names = &names;
  binding.purpose = [](std::string_view) { return std::optional<PurposeBit>(see); };
  binding.kind = flow::kind_id;
  auto engine = flow::compiled(defined.segments, binding);
  check(engine != nullptr, "the model's segments compile");
  return engine;
}

}  // namespace

std::size_t Choices::below(std::size_t n) {
  if (n <= 1) return 0;
  if (drawn_) return dice_.below(n);
  if (at_ == made_.size()) made_.push_back({0, n});
  check(made_[at_].of == n, "a run depends on its choices alone");
  return made_[at_++].chosen;
}

bool Choices::next() {
  at_ = 0;
  if (drawn_) return true;
  while (!made_.empty() && ++made_.back().chosen == made_.back().of) made_.pop_back();
  return !made_.empty();
}

/// Rows as a store keeps them.
class Lanes::Shelf final : public flow::Cold {
 public:
  Shelf(const std::map<std::string, std::string>& rows, Names& names) : rows_(rows), names_(names) {}
  Result<std::optional<std::string>> row(std::string_view key) const override {
    const auto at = rows_.find(std::string(key));
    if (at == rows_.end()) return std::nullopt;
    return at->second;
  }
  Status keys(
      std::string_view prefix, const std::function<bool(std::string_view)>& visit
  ) const override {
    for (auto at = rows_.lower_bound(std::string(prefix));
         at != rows_.end() && at->first.starts_with(prefix) && visit(at->first); ++at) {
    }
    return {};
  }
  Result<bool> opens(AtomId atom) const override {
    return std::ranges::any_of(rows_, [&](const auto& row) {
      return row.first.front() == 't' && flow::sealed_by(row.first) == atom;
    });
  }
  Names& names() const override { return names_; }

 private:
  const std::map<std::string, std::string>& rows_;
  Names& names_;
};

Lanes::Lanes(
    unsigned partitions, std::size_t named_max, Names& names, Choices& choices, Mischief mischief
)
    : choices_(choices), mischief_(mischief), names_(names), lanes_(partitions) {
  house_.names = &names;
  house_.link = link;
  house_.named_max = named_max;
  house_.engine = [this](const record::Defined& d) {
    if (!engine_) engine_ = compile(d, names_);
    return engine_;
  };
  for (unsigned p = 0; p < partitions; ++p) {
    shelves_.push_back(std::make_unique<Shelf>(lanes_[p].rows, names));
    states_.push_back(open(static_cast<Partition>(p)));
    lanes_[p].records.push_back(
        {.stamp = Instant{1},
         .origin = {},
         .to = {},
         .body = record::Defined{1, Instant{1}, std::string(segments)}}
    );
  }
}

Lanes::~Lanes() = default;

std::unique_ptr<flow::PartitionState> Lanes::open(Partition p) {
  auto state = std::make_unique<flow::PartitionState>();
  state->self = p;
  state->partitions = static_cast<unsigned>(lanes_.size());
  if (mischief_.forgetful) state->cold = shelves_[p].get();
  flow::Loader loader(*state, house_);
  for (const auto& [key, value] : lanes_[p].rows)
    check(loader.row(key, value).has_value(), "a row reads back");
  check(loader.finish().has_value(), "a partition loads");
  state->applied = lanes_[p].stored;
  return state;
}

void Lanes::append(AtomId home, record::Record record) {
  Lane& lane = lanes_[partition_of(home, static_cast<unsigned>(lanes_.size()))];
  if (mischief_.twice) lane.records.push_back(record);
  lane.records.push_back(std::move(record));
}

void Lanes::tick(Instant now) {
  for (Lane& lane : lanes_)
    lane.records.push_back({.stamp = now, .origin = {}, .to = {}, .body = record::Tick{}});
}

void Lanes::drain() {
  while (step()) {
  }
}

void Lanes::run(std::size_t steps) {
  while (steps-- > 0 && step()) {
  }
}

bool Lanes::step() {
  std::vector<Partition> ready;
  for (std::size_t p = 0; p < lanes_.size(); ++p)
    if (lanes_[p].next < lanes_[p].records.size()) ready.push_back(static_cast<Partition>(p));
  if (ready.empty()) return false;
  const Partition p = ready[choices_.below(ready.size())];
  if (mischief_.crash) {
    if (const std::size_t what = choices_.below(6); what == 0)
      crash(p);
    else if (what < 3)
      checkpoint(p);
  }
  if (lanes_[p].next < lanes_[p].records.size()) apply(p, false);
  return true;
}

/// `again`: after a crash. What it sent before is sent again; receivers know it by its origin.
void Lanes::apply(Partition p, bool again) {
  Lane& lane = lanes_[p];
  const record::Record record = lane.records[lane.next++];
  flow::Outcome outcome;
  flow::apply(*states_[p], {0, lane.next}, record, house_, outcome);
  check(states_[p]->unreadable.has_value(), "cold rows read back");
  for (flow::Message& m : outcome.messages) {
    if (mischief_.twice && !again) lanes_[m.to].records.push_back(m.record);
    lane.unsure.emplace_back(m.to, m.record);
    lanes_[m.to].records.push_back(std::move(m.record));
  }
}

void Lanes::checkpoint(Partition p) {
  Lane& lane = lanes_[p];
  for (flow::Row& row : flow::take_rows(*states_[p], names_)) {
    if (row.value) {
      lane.rows[row.key] = std::move(*row.value);
    } else {
      lane.rows.erase(row.key);
    }
  }
  flow::confirm(*states_[p], states_[p]->taken);
  lane.stored = states_[p]->applied;
  lane.unsure.clear();
}

/// Back at the last checkpoint. Of the messages since, those that nobody has taken may be lost, the
/// newest first: one log makes them durable in order (docs/adr/0001, rule 4).
void Lanes::crash(Partition p) {
  Lane& lane = lanes_[p];
  std::size_t lost = choices_.below(lane.unsure.size() + 1);
  while (lost-- > 0) {
    const auto& [to, record] = lane.unsure.back();
    Lane& there = lanes_[to];
    if (there.records.size() == there.next || there.records.back() != record) break;
    there.records.pop_back();
    lane.unsure.pop_back();
  }
  lane.unsure.clear();
  const std::size_t end = lane.next;
  lane.next = static_cast<std::size_t>(lane.stored.offset);
  states_[p] = open(p);
  while (lane.next < end) apply(p, true);
}

const flow::Component* Lanes::where(AtomId atom) const {
  for (const auto& state : states_) {
    for (const auto& [id, c] : state->components)
      for (const flow::AtomState& a : c->atoms)
        if (a.atom.id == atom) return c.get();
  }
  return nullptr;
}

}  // namespace hospes::model
