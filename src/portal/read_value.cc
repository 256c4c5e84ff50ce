// GET /v1/segments/{id}/value: what its members carry of a value, beside how unevenly the whole house carries it
// (Pareto, Gini); and GET /v1/packaged/segments, definitions that come with hospes.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "flow/look.h"
#include "insight/activity.h"
#include "portal/json.h"
#include "portal/reads.h"
#include "segment/packaged.h"
#include "segment/text.h"

namespace hospes::portal {
namespace {

constexpr unsigned curve_steps = 20;
constexpr std::string_view usual_value = "sum(\"Order Completed\".total)";

struct Amounts {
  std::vector<double> all;  // of everybody of whom such an event is visible to the segment's purpose
  double members_sum = 0;
  std::uint64_t members = 0;  // among them
};

/// The measure as a test that compares people: its value is what `ranked_value` reads.
Result<std::shared_ptr<const segment::Definitions>> bound(
    const ConsoleDoors& doors, const std::string& of, const std::string& purpose
) {
  const std::string test = of + " in top 50%";
  auto node = segment::parse_predicate(test);
  if (!node || !std::holds_alternative<segment::Ranked>(node->is))
    return fail(
        Code::invalid_input,
        "of is one measure, as sum(\"Order Completed\".total, 365d)" + (node ? "" : ": " + node.error().message)
    );
  if (const auto wrong = segment::validate(*node)) return fail(Code::invalid_input, "of: " + wrong->message);
  segment::Definition d{.id = "value", .purpose = purpose, .name_en = {}, .name_fr = {}, .sentence_en = {}, .sentence_fr = {},
                        .owner = {}, .folder = {}, .predicate = *std::move(node), .place = {}, .purpose_place = {}};
  return segment::bind({std::move(d)}, binding_of(doors));
}

Amounts amounts_of(
    const ConsoleDoors& doors, const segment::Definitions::Entry& value, segment::SegmentIndex segment, bool real
) {
  Amounts out;
  const Mask heedless = doors.node.house().heeds_no_answer;
  walk(doors.node, [&](const Met& met) {
    if (real && met.person.simulated) return true;
    const Instant now = now_of(doors, met.state);
    const flow::Look look(met.state, met.component, met.person, heedless, now);
    const auto found = segment::ranked_value(value.predicate, look.person(), bit(value.purpose), now);
    if (!found) return true;
    const double amount = static_cast<double>(found->micro) / 1e6;
    out.all.push_back(amount);
    const auto& members = met.state.members;
    if (segment >= members.size() || !members[segment].contains(met.person.dense)) return true;
    out.members_sum += amount;
    ++out.members;
    return true;
  });
  return out;
}

std::string share(double part, double whole) {
  return whole > 0 ? std::to_string(part / whole) : "null";
}

/// Shares of the people, the largest first, and what they carry: `[[0,0],[0.05,…],…,[1,1]]`.
std::string curve_of(const std::vector<double>& descending, double total) {
  List out;
  double sum = 0;
  std::size_t at = 0;
  for (unsigned step = 0; step <= curve_steps; ++step) {
    const std::size_t until = descending.size() * step / curve_steps;
    for (; at < until; ++at) sum += descending[at];
    out.add("[" + std::to_string(step / static_cast<double>(curve_steps)) + "," + std::to_string(sum / total) + "]");
  }
  return out.done();
}

}  // namespace

http::Response read_value(const ConsoleDoors& doors, const http::Request& request) {
  const auto id = between(request.path, "/v1/segments/", "/value");
  const auto engine = engine_of(doors.node);
  const auto segment = engine ? engine->definitions().find(*id) : std::nullopt;
  if (!segment) return no_segment();
  const std::string of(request.query_value("of").value_or(std::string(usual_value)));
  const auto value = bound(doors, of, engine->definitions().at(*segment).definition.purpose);
  if (!value) return problem(value.error());
  const bool real = real_only(request);
  const Instant asked = doors.clock.now();
  Amounts found = amounts_of(doors, (*value)->at(0), *segment, real);
  std::ranges::sort(found.all, std::greater<>());
  const double total = std::accumulate(found.all.begin(), found.all.end(), 0.0);
  const bool even = total > 0 && found.all.back() >= 0;  // debts have neither a Gini nor a curve
  const auto people = static_cast<double>(found.all.size());
  return http::json(
      200, Object()
                   .text("segment", *id)
                   .text("of", of)
                   .text("as_of", to_string(asked))
                   .truth("real_only", real)
                   .number("people", found.all.size())
                   .raw("total", std::to_string(total))
                   .number("members", found.members)
                   .raw("members_total", std::to_string(found.members_sum))
                   .raw("share_of_people", share(static_cast<double>(found.members), people))
                   .raw("share", share(found.members_sum, total))
                   .raw("gini", even ? std::to_string(insight::gini(found.all)) : "null")
                   .raw("top_fifth_share", even ? std::to_string(insight::top_share(found.all, .2)) : "null")
                   .raw("curve", even ? curve_of(found.all, total) : "null")
                   .done() +
               "\n"
  );
}

http::Response read_packaged(const http::Request& request) {
  segment::Ingredients of;
  if (const auto event = request.query_value("event")) of.event = *event;
  if (const auto purpose = request.query_value("purpose")) of.purpose = *purpose;
  List list;
  for (const std::string_view id : segment::packaged_ids()) {
    const auto made = segment::packaged(id, of);
    if (const auto wrong = segment::validate(*made)) return problem(422, "invalid_input", wrong->message);
    list.add(Object()
                 .text("id", made->id)
                 .raw("name", Object().text("en", made->name_en).text("fr", made->name_fr).done())
                 .text("definition", segment::format(*made))
                 .done());
  }
  return http::json(200, Object().raw("segments", list.done()).done() + "\n");
}

}  // namespace hospes::portal
