// What is done to the lake by the clock: the cut when somebody asks, and the sweep.
#include <fmt/format.h>

#include <future>
#include <map>

#include "lake/lake.h"
#include "lake/number.h"
#include "portal/lake_rewrite.h"
#include "portal/reads.h"
#include "portal/sql.h"

namespace hospes::portal {
namespace {

/// The files are rewritten within 24 h of a withdrawal (docs/lake.md): a sweep that begins every 12 h has as long again.
constexpr Duration sweep_every = std::chrono::hours(12);

class Standing {
 public:
  Standing(const ConsoleDoors& doors, lake::Standings& out)
      : secret_(doors.keys.house_secret()), schedules_(!doors.catalog.retention.empty()), out_(out) {}

  void take(const flow::Component& c) {
    const std::int64_t component = number(c.id.atom);
    for (const flow::AtomState& atom : c.atoms) {
      if (atom.erased) continue;
      out_.living.emplace_back(number(atom.atom.id), component);
      for (const consent::Standing& s : atom.ledger.standings())
        if (s.yes_begin < s.yes_end)
          out_.yeses.push_back({number(atom.atom.id), component, s.purpose, s.yes_begin, s.yes_end});
    }
    std::vector<bool> somebody(c.atoms.size());
    for (const flow::PersonState& person : c.people) {
      bear(c, person.atoms);
      for (const std::uint16_t i : person.atoms) somebody[i] = true;
      close(c, person.atoms, person.tied);
    }
    for (std::size_t i = 0; i < somebody.size(); ++i)  // a shared device's events are nobody's: its own answers count
      if (!somebody[i]) {
        bear(c, {static_cast<std::uint16_t>(i)});
        close(c, {static_cast<std::uint16_t>(i)}, {});
      }
  }

 private:
  /// Who is one, and when they last said something.
  void bear(const flow::Component& c, const std::vector<std::uint16_t>& atoms) {
    if (!schedules_ || atoms.empty()) return;
    const std::int64_t person = number(c.atoms[atoms.front()].atom.id);
    for (const std::uint16_t i : atoms) {
      out_.bearers.emplace_back(number(c.atoms[i].atom.id), person);
      if (c.atoms[i].acted != Instant::beginning()) out_.answered.emplace_back(person, c.atoms[i].acted);
      for (const consent::Row& r : c.atoms[i].ledger.rows())
        if (consent::is_answer(r.state) && r.source != "parted") out_.answered.emplace_back(person, r.acted);
    }
  }
  std::int64_t number(AtomId atom) const { return lake::number_of(atom, secret_); }

  /// As consent::Lens: what anybody of them said against closes it to all of the person.
  void close(
      const flow::Component& c, const std::vector<std::uint16_t>& atoms, const std::vector<std::uint16_t>& tied
  ) {
    std::map<PurposeBit, Instant> through;
    for (const auto* list : {&atoms, &tied})
      for (const std::uint16_t i : *list)
        for (const consent::Standing& s : c.atoms[i].ledger.standings()) {
          if (s.closed_through == Instant::beginning()) continue;
          Instant& at = through.try_emplace(s.purpose, s.closed_through).first->second;
          at = std::max(at, s.closed_through);
        }
    for (const auto& [purpose, at] : through)
      for (const std::uint16_t i : atoms) out_.closed.push_back({number(c.atoms[i].atom.id), purpose, at});
  }

  const HashSecret& secret_;
  const bool schedules_;
  lake::Standings& out_;
};

/// Every identifier that lives, partition by partition; each holds its writer for some milliseconds. Who moves to another
/// partition meanwhile is not met: what is looked at twice is not missed.
lake::Standings standings(const ConsoleDoors& doors) {
  lake::Standings out;
  out.now = doors.clock.now();
  out.upto = doors.lake->extent().written;
  out.heedless = doors.node.house().heeds_no_answer;
  Standing standing(doors, out);
  for (int round = 0; round < 2; ++round) {
    for (unsigned p = 0; p < doors.node.partitions(); ++p) {
      std::promise<void> done;
      doors.node.ask(static_cast<Partition>(p), [&](const flow::PartitionState& s) {
        for (const auto& [atom, component] : s.components)
          if (!component->moved_to) standing.take(*component);
        done.set_value();
      });
      done.get_future().get();
    }
  }
  return out;
}

}  // namespace

Status rewrite_lake(const ConsoleDoors& doors) {
  if (doors.lake == nullptr) return {};
  TRY(doors.lake->cut());
  TRY(doors.lake->sweep(standings(doors), {}));
  return {};
}

std::vector<Job> lake_jobs(const ConsoleDoors& doors) {
  if (doors.lake == nullptr) return {};
  const lake::Extent extent = doors.lake->extent();
  // A lake without files needs no sweep; one that was never swept needs it now.
  const Instant last = extent.files == 0 ? doors.clock.now() : extent.swept;
  std::vector<Job> out;
  out.push_back(
      {.name = "lake.cut",
       .means_en = "Writes what was accepted until now into the lake.",
       .means_fr = "Écrit dans le lac ce qui a été accepté jusqu'ici.",
       .run = [&doors](const lake::Watch&) -> Result<std::string> {
         TRY(doors.lake->cut());
         const lake::Extent now = doors.lake->extent();
         return fmt::format("{} rows in {} files", now.rows, now.files);
       }}
  );
  out.push_back(
      {.name = "lake.sweep",
       .means_en = "Rewrites the lake's files without what was withdrawn or erased.",
       .means_fr = "Réécrit les fichiers du lac sans ce qui a été retiré ou effacé.",
       .every = sweep_every,
       .run = [&doors](const lake::Watch& watch) -> Result<std::string> {
         const lake::Swept swept = TRY(doors.lake->sweep(standings(doors), watch));
         return fmt::format("{} rows left {} files", swept.rows, swept.files);
       },
       .last = last}
  );
  return out;
}

}  // namespace hospes::portal
