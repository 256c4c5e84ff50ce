// hospes-bench set-algebra: combinations of segments as /v1/sets counts them, over the bitmaps of as
// many partitions as a house has, one after the other on one thread. No HTTP, no server.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "base/dice.h"
#include "bench/commands.h"
#include "bench/options.h"
#include "flow/state.h"
#include "portal/sets.h"
#include "segment/text.h"

namespace hospes::bench {
namespace {

using std::chrono::steady_clock;

constexpr double sparsest = 0.0001, densest = 0.3;  // share of people in a segment

/// Names as s0 … s99; the larger the number the larger the segment.
Result<std::shared_ptr<const segment::Definitions>> definitions_of(unsigned segments, Names& names) {
  std::string text;
  for (unsigned i = 0; i < segments; ++i)
    text += "segment s" + std::to_string(i) + " purpose p where count(\"A\") >= " + std::to_string(i + 1) + "\n";
  auto parsed = segment::parse(text);
  if (!parsed) return fail(Code::invalid_input, parsed.error().message);
  segment::Binding binding;
  binding.names = &names;
  binding.purpose = [](std::string_view) { return std::optional<PurposeBit>(0); };
  binding.kind = [](std::string_view) { return std::optional<KindId>(); };
  return segment::bind(std::move(*parsed), binding);
}

/// Everybody is in each segment by a draw of their own.
std::vector<std::unique_ptr<flow::PartitionState>> people_of(
    std::uint64_t people, unsigned partitions, unsigned segments, Dice& dice
) {
  std::vector<std::unique_ptr<flow::PartitionState>> out;
  const std::uint64_t each = people / partitions;
  for (unsigned p = 0; p < partitions; ++p) {
    auto state = std::make_unique<flow::PartitionState>();
    state->members.resize(segments);
    for (unsigned s = 0; s < segments; ++s) {
      const double share = sparsest * std::pow(densest / sparsest, s / static_cast<double>(segments - 1));
      std::vector<std::uint32_t> in;
      // The gaps of a Bernoulli draw are geometric: as many draws as members.
      const double scale = std::log1p(-share);
      for (double at = -1;;) {
        const double u = (static_cast<double>(dice.next() >> 11) + 1) / 9007199254740993.0;
        at += 1 + std::floor(std::log(u) / scale);
        if (at >= static_cast<double>(each)) break;
        in.push_back(static_cast<std::uint32_t>(at));
      }
      state->members[s].addMany(in.size(), in.data());
    }
    out.push_back(std::move(state));
  }
  return out;
}

double median_ms(unsigned runs, const std::function<void()>& work) {
  std::vector<double> took;
  for (unsigned i = 0; i < runs; ++i) {
    const auto began = steady_clock::now();
    work();
    took.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - began).count());
  }
  std::ranges::nth_element(took, took.begin() + runs / 2);
  return took[runs / 2];
}

}  // namespace

Result<Report> set_algebra_command(std::span<const char* const> words) {
  const Options options = TRY(Options::read(
      words, {{"people", "10000000"}, {"partitions", "64"}, {"segments", "100"}, {"runs", "51"}, {"seed", "1"}}
  ));
  const auto people = static_cast<std::uint64_t>(TRY(options.number("people", 1, 1e9)));
  const auto partitions = static_cast<unsigned>(TRY(options.number("partitions", 1, 4096)));
  const auto segments = static_cast<unsigned>(TRY(options.number("segments", 100, 1000)));
  const auto runs = static_cast<unsigned>(TRY(options.number("runs", 1, 1e5)));
  Dice dice(static_cast<std::uint64_t>(TRY(options.number("seed", 0, 1e15))));
  Names names;
  const auto definitions = TRY(definitions_of(segments, names));
  const auto states = people_of(people, partitions, segments, dice);
  Report out = core_surroundings();
  out.whole("people", people);
  std::uint64_t memberships = 0;
  for (const auto& s : states)
    for (const auto& m : s->members) memberships += m.cardinality();
  out.whole("memberships", memberships);
  std::string five = "in segment s90", fifty = "in segment s50";
  for (unsigned i = 1; i < 5; ++i) five += " or in segment s" + std::to_string(90 + i);
  for (unsigned i = 1; i < 50; ++i) fifty += " or in segment s" + std::to_string(50 + i);
  const auto question = [&](std::string_view name, const std::string& where, bool made) -> Status {
    const auto set = TRY(portal::SetQuestion::parse(where, *definitions));
    std::uint64_t found = 0;
    const double ms = median_ms(runs, [&] {
      found = 0;
      for (const auto& s : states)
        found += made ? set.members(*s, false).cardinality() : set.count(*s, false);
    });
    Report one;
    one.number("ms", ms);
    one.whole("people", found);
    out.object(name, one);
    return {};
  };
  TRY(question("intersect_2", "in segment s99 and in segment s95", false));
  TRY(question("intersect_3", "in segment s99 and in segment s95 and in segment s90", false));
  TRY(question("union_5", five, false));
  TRY(question("a_and_b_not_c", "in segment s99 and in segment s95 and not in segment s90", false));
  TRY(question("a_and_b_not_c_made", "in segment s99 and in segment s95 and not in segment s90", true));
  TRY(question("a_or_b_not_c", "(in segment s99 or in segment s95) and not in segment s90", false));
  TRY(question("union_50", fifty, false));
  return out;
}

}  // namespace hospes::bench
