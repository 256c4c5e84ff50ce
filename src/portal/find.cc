// POST /v1/find: who bears an identifier or an order number. A body, so that no value stands in a
// URL, a history or a log.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "catalog/kinds.h"
#include "collect/hash.h"
#include "portal/audit.h"
#include "portal/body.h"
#include "portal/called.h"
#include "portal/json.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

constexpr std::size_t people_max = 16;  // bearing one order number; more is no order number

/// Atoms that the order number leads to.
std::vector<AtomId> by_order(const ConsoleDoors& doors, std::string_view number) {
  const Hash128 hash = collect::reference_hash(doors.keys.house_secret(), number);
  std::mutex mutex;
  std::vector<AtomId> out;
  doors.node.ask_all([&](const flow::PartitionState& s) {
    const auto at = s.references.find(hash);
    if (at == s.references.end()) return;
    const std::lock_guard lock(mutex);
    if (out.size() < people_max) out.push_back(at->second);
  });
  return out;
}

Result<std::vector<AtomId>> by_kind(const ConsoleDoors& doors, const Field& field) {
  const catalog::Kind* kind = catalog::find_kind(field.name);
  if (kind == nullptr)
    return fail(
        Code::invalid_input,
        field.name +
            " is no way to find a person; use email, phone, card, user_id, order, or "
            "another kind of identifier"
    );
  const std::string value = TRY(catalog::normalise(kind->id, field.value));
  const auto atom = TRY(doors.keys.find({kind->id, value}));
  if (!atom) return std::vector<AtomId>();
  return std::vector{atom->id};
}

/// Adds the person of each atom once.
void list(
    const ConsoleDoors& doors, const std::vector<AtomId>& atoms, bool real, std::vector<AtomId>& known,
    List& out
) {
  for (const AtomId atom : atoms) {
    find_atom(doors.node, atom, [&](const Place& place) {
      if (place.person == nullptr) return;  // a device of several people
      const AtomId id = place.person->id.atom;
      if (std::ranges::find(known, id) != known.end()) return;
      known.push_back(id);
      const Met met{place.state, place.component, *place.person};
      if (real && all_invented(met)) return;
      const std::string name = name_of(met, doors.keys);
      const std::string spoken = called(met, doors.names, doors.node.house().heeds_no_answer, real);
      out.add(Object()
                  .text("person", name)
                  .text("id", to_hex(id))
                  .raw("called", spoken.empty() ? "null" : json_text(spoken))
                  .truth("simulated", met.person.simulated)
                  .text("profile", "/v1/profiles/" + path_escaped(name))
                  .done());
    });
  }
}

}  // namespace

http::Response find(const ConsoleDoors& doors, const http::Request& request) {
  const auto fields = read_object(request.body);
  if (!fields) return problem(fields.error());
  if (fields->empty())
    return problem(422, "invalid_input", R"(say whom, such as {"email": "a@b.example"})");
  List people;
  std::vector<AtomId> known;
  for (const Field& field : *fields) {
    if (!field.text)
      return problem(422, "invalid_input", field.name + " must be a text or a number");
    const auto atoms = field.name == "order"
                           ? Result<std::vector<AtomId>>(by_order(doors, field.value))
                           : by_kind(doors, field);
    if (!atoms) return problem(422, "invalid_input", atoms.error().message);
    // Who looked, when, by what; never the value.
    doors.diary.note(
        diary::Level::info, "portal.looked", "somebody looked for a person",
        {{"what", std::string("find")},
         {"kind", field.name},
         {"by", seen_as(doors, request)},
         {"status", std::int64_t{200}}}
    );
    list(doors, *atoms, real_only(request), known, people);
    for (const AtomId atom : *atoms) look_at(doors, request, atom, "find");
  }
  return http::json(200, Object().raw("people", people.done()).done() + "\n");
}

}  // namespace hospes::portal
