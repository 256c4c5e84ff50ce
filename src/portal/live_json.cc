// The data of the live stream's events.
#include <algorithm>
#include <future>

#include "portal/json.h"
#include "portal/live.h"
#include "portal/people.h"

namespace hospes::portal {
namespace {

std::string_view word(collect::Verdict verdict) {
  switch (verdict) {
    case collect::Verdict::accepted:
      return "accepted";
    case collect::Verdict::withheld:
      return "withheld";
    case collect::Verdict::rejected:
      return "refused";
  }
  return "unknown";
}

std::string_view word(flow::Why why) {
  switch (why) {
    case flow::Why::time:
      return "time";
    case flow::Why::join:
      return "join";
    case flow::Why::answer:
      return "permission";
    case flow::Why::definition:
      return "definition";
    case flow::Why::event:
    case flow::Why::rebuild:
      return "event";
  }
  return "event";
}

std::string or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

AtomId atom_of(std::string_view hex) {
  AtomId out;
  const std::string held(hex);
  if (std::sscanf(held.c_str(), "%16lx%16lx", &out.hi, &out.lo) != 2) return {};
  return out;
}

}  // namespace

std::string arrival_json(
    const collect::Arrival& a, std::string_view verdict, seal::KeyStore& keys
) {
  List missing;
  for (const std::string& purpose : a.missing) missing.add(quoted(purpose));
  const AtomId owner = a.owner.empty() ? AtomId{} : atom_of(a.owner);
  return Object()
      .text("at", to_string(a.at))
      .text("source", a.source)
      .raw("message_id", or_null(a.message_id))
      .text("type", a.type)
      .text("event", a.name)
      .raw("who", owner ? quoted(name_of(owner, keys)) : "null")
      .text("verdict", verdict.empty() ? word(a.verdict) : verdict)
      .raw("missing", missing.done())
      .text("change", a.detail)
      .truth("simulated", a.simulated)
      .done();
}

std::string transition_json(
    const flow::Transition& t, const segment::Definition& segment, std::string_view person,
    std::string_view message_id
) {
  return Object()
      .text("at", to_string(t.at))
      .text("segment", segment.id)
      .raw("name", Object().text("en", segment.name_en).text("fr", segment.name_fr).done())
      .text("person", person)
      .text("to", t.entered ? "in" : "out")
      .text("cause", word(t.why))
      .raw("message_id", or_null(message_id))
      .truth("simulated", t.simulated)
      .done();
}

std::vector<Told> tell(
    node::Node& node, seal::KeyStore& keys, const std::vector<flow::Transition>& transitions
) {
  std::vector<Told> out(transitions.size());
  std::vector<Partition> partitions;
  for (const flow::Transition& t : transitions) partitions.push_back(t.partition);
  std::ranges::sort(partitions);
  const auto twice = std::ranges::unique(partitions);
  partitions.erase(twice.begin(), twice.end());
  for (const Partition p : partitions) {
    std::promise<void> over;
    node.ask(p, [&](const flow::PartitionState& s) {
      for (std::size_t i = 0; i < transitions.size(); ++i) {
        const flow::Transition& t = transitions[i];
        if (t.partition != p) continue;
        if (s.engine && t.segment < s.engine->definitions().size())
          out[i].segment = s.engine->definitions().at(t.segment).definition;
        const flow::PersonRef ref = s.dense[t.dense];
        out[i].person =
            ref.component == nullptr  // joined to somebody since
                ? name_of(t.person.atom, keys)
                : name_of(Met{s, *ref.component, ref.component->people[ref.index]}, keys);
      }
      over.set_value();
    });
    over.get_future().get();
  }
  return out;
}

}  // namespace hospes::portal
