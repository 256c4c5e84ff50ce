#include "flow/stages.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "flow/step.h"

namespace hospes::flow {
namespace {

constexpr int bits = 7;                 // of a length of time, behind its first
constexpr std::int64_t least = 1 << bits;  // shorter ones are exact
constexpr std::int64_t day_us = 86'400'000'000;

/// Whether the person, or time, made the passage now; not the house, nor what was learnt of them, nor
/// history that comes in: an import would say that everybody ran through the stages in a second.
bool is_own(const Step& step, Why why) {
  if (why == Why::event) return step.happened >= step.state.clock - stage_late_max;
  return why == Why::time || why == Why::answer;
}

}  // namespace

std::uint16_t class_of(Duration stay) {
  const std::int64_t us = std::max<std::int64_t>(stay.count(), 0);
  if (us < least) return static_cast<std::uint16_t>(us);
  const int shift = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(us))) - 1 - bits;
  return static_cast<std::uint16_t>((shift + 1) * least + (us >> shift) - least);
}

Duration middle_of(std::uint16_t a_class) {
  if (a_class < least) return Duration(a_class);
  const int shift = a_class / static_cast<int>(least) - 1;
  const std::int64_t low = (least + a_class % least) << shift;
  return Duration(low + ((std::int64_t{1} << shift) - 1) / 2);
}

void Passages::add(const Passages& other) {
  moved += other.moved;
  regrouped += other.regrouped;
  for (const auto& [a_class, n] : other.stays) stays[a_class] += n;
  for (const auto& [day, n] : other.days) days[day] += n;
}

std::uint64_t Passages::measured() const {
  std::uint64_t n = 0;
  for (const auto& [a_class, count] : stays) n += count;
  return n;
}

Duration Passages::median() const {
  std::uint64_t left = (measured() + 1) / 2;
  for (const auto& [a_class, n] : stays) {
    if (left <= n) return middle_of(a_class);
    left -= n;
  }
  return Duration(0);
}

void open_stages(PartitionState& state) {
  Stages next;
  for (const segment::Lifecycle& l : state.engine->definitions().lifecycles()) {
    const auto before = state.stages.find(l.id);
    next[l.id] = before != state.stages.end() && before->second.stages == l.stages
                     ? std::move(before->second)
                     : StageSums{.stages = l.stages, .since = state.clock, .ways = {}};
  }
  state.stages = std::move(next);
}

void pass_stages(Step& step, segment::Flips& flips, Why why, bool simulated) {
  PartitionState& state = step.state;
  if (state.stages.empty()) return;
  const segment::Definitions& definitions = state.engine->definitions();
  for (std::size_t l = 0; l < definitions.lifecycles().size(); ++l) {
    segment::Flip *left = nullptr, *entered = nullptr;
    StageSums::Way way{.simulated = simulated};
    for (segment::Flip& flip : flips) {
      const auto stage = definitions.stage_of(flip.segment);
      if (!stage || stage->lifecycle != l) continue;
      (flip.entered ? entered : left) = &flip;
      (flip.entered ? way.to : way.from) = static_cast<std::uint16_t>(stage->at + 1);
    }
    if (way.from == way.to) continue;
    StageSums& sums = state.stages.at(definitions.lifecycles()[l].id);
    Passages& passages = sums.ways[way];
    if (entered != nullptr && left != nullptr) entered->from = left->segment;
    if (!is_own(step, why)) {
      ++passages.regrouped;
      continue;
    }
    ++passages.moved;
    const Instant at = (left != nullptr ? left : entered)->at;
    const auto day = static_cast<std::int32_t>(at.us / day_us);
    ++passages.days[day];
    while (passages.days.begin()->first <= day - stage_days_max)
      passages.days.erase(passages.days.begin());
    if (left != nullptr && left->since > sums.since) ++passages.stays[class_of(at - left->since)];
  }
}

// stages = n × (id:text since:i64 n × stage:text n × way)
// way = from:varint to:varint simulated:u8 moved:varint regrouped:varint
//       n × (class:varint count:varint) n × (day:i64 count:varint)
std::string stages_form(const Stages& stages) {
  std::string form;
  Writer out(form);
  out.varint(stages.size());
  for (const auto& [id, sums] : stages) {
    out.text(id);
    out.i64(sums.since.us);
    out.varint(sums.stages.size());
    for (const std::string& stage : sums.stages) out.text(stage);
    out.varint(sums.ways.size());
    for (const auto& [way, passages] : sums.ways) {
      out.varint(way.from);
      out.varint(way.to);
      out.u8(way.simulated ? 1 : 0);
      out.varint(passages.moved);
      out.varint(passages.regrouped);
      out.varint(passages.stays.size());
      for (const auto& [a_class, n] : passages.stays) {
        out.varint(a_class);
        out.varint(n);
      }
      out.varint(passages.days.size());
      for (const auto& [day, n] : passages.days) {
        out.i64(day);
        out.varint(n);
      }
    }
  }
  return form;
}

bool read_stages(std::string_view form, Stages& into) {
  Reader in(form);
  const auto small = [&] { return static_cast<std::uint16_t>(in.varint()); };
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    StageSums& sums = into[std::string(in.text())];
    sums.since.us = in.i64();
    for (auto m = in.varint(); m > 0 && in.ok(); --m) sums.stages.emplace_back(in.text());
    for (auto m = in.varint(); m > 0 && in.ok(); --m) {
      StageSums::Way way;
      way.from = small();
      way.to = small();
      way.simulated = in.u8() != 0;
      Passages& passages = sums.ways[way];
      passages.moved = in.varint();
      passages.regrouped = in.varint();
      for (auto k = in.varint(); k > 0 && in.ok(); --k) {
        const std::uint16_t a_class = small();
        passages.stays[a_class] = in.varint();
      }
      for (auto k = in.varint(); k > 0 && in.ok(); --k) {
        const auto day = static_cast<std::int32_t>(in.i64());
        passages.days[day] = in.varint();
      }
    }
  }
  return in.ok() && in.done();
}

}  // namespace hospes::flow
