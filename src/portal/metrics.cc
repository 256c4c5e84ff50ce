// GET /metrics, in Prometheus' text form. server/front.cc adds what it counts itself.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "activate/sender.h"
#include "portal/reads.h"

namespace hospes::portal {

http::Response metrics(const ConsoleDoors& doors, std::size_t live_readers) {
  std::mutex mutex;
  flow::Totals t;
  std::uint64_t people = 0;
  doors.node.ask_all([&](const flow::PartitionState& s) {
    const auto here = std::ranges::count_if(s.dense, [](const flow::PersonRef& r) {
      return r.component != nullptr;
    });
    const std::lock_guard lock(mutex);
    t.events += s.totals.events;
    t.duplicates += s.totals.duplicates;
    t.erased += s.totals.erased;
    t.transitions += s.totals.transitions;
    people += static_cast<std::uint64_t>(here);
  });
  std::string out;
  const auto row = [&](std::string_view name, std::string_view type, std::uint64_t value) {
    fmt::format_to(
        std::back_inserter(out), "# TYPE hospes_{0} {1}\nhospes_{0} {2}\n", name, type, value
    );
  };
  row("flow_events_total", "counter", t.events);
  row("flow_duplicates_total", "counter", t.duplicates);
  row("flow_erased_total", "counter", t.erased);
  row("flow_transitions_total", "counter", t.transitions);
  row("flow_people_count", "gauge", people);
  row("seal_atoms_count", "gauge", doors.keys.size());
  row("node_waiting_records", "gauge", doors.node.waiting());
  const Feed::Totals arrivals = doors.feed.totals();
  row("collect_accepted_total", "counter", arrivals.accepted);
  row("collect_withheld_total", "counter", arrivals.withheld);
  row("collect_rejected_total", "counter", arrivals.rejected);
  activate::LaneState sum;
  if (doors.sender != nullptr) {
    for (const activate::LaneState& lane : doors.sender->lanes()) {
      sum.queued += lane.queued;
      sum.under_way += lane.under_way;
      sum.done += lane.done;
      sum.failed += lane.failed;
      sum.uncertain += lane.uncertain;
      sum.refused += lane.refused;
      sum.again += lane.again;
    }
  }
  row("activate_queued_effects", "gauge", sum.queued);
  row("activate_under_way_effects", "gauge", sum.under_way);
  row("activate_done_total", "counter", sum.done);
  row("activate_failed_total", "counter", sum.failed);
  row("activate_uncertain_total", "counter", sum.uncertain);
  row("activate_refused_total", "counter", sum.refused);
  row("activate_again_total", "counter", sum.again);
  if (doors.sender != nullptr) {
    const activate::MailLoaded& loaded = doors.sender->loaded();
    row("activate_loads_recorded_total", "counter", loaded.recorded);
    row("activate_loads_withheld_total", "counter", loaded.withheld);
    row("activate_loads_machine_total", "counter", loaded.machine);
    row("activate_loads_over_total", "counter", loaded.over);
    row("activate_loads_shed_total", "counter", loaded.shed);
  }
  row("portal_live_readers", "gauge", live_readers);
  return http::text(200, out);
}

}  // namespace hospes::portal
