// GET /v1/dead-letters, /v1/dead-letters/{id}, POST /v1/dead-letters/resend and /discard: what was
// permitted and could not be taken, repaired and sent again. docs/dead_letters.md.
#include <algorithm>

#include "collect/redelivery.h"
#include "dead_letter/repair.h"
#include "flow/look.h"
#include "portal/body.h"
#include "portal/json.h"
#include "portal/portrait.h"
#include "portal/reads.h"

namespace hospes::portal {
namespace {

using dead_letter::End;
using dead_letter::Head;
using dead_letter::Letter;
using dead_letter::Letters;
using dead_letter::Listed;
using dead_letter::Repair;
using dead_letter::Wanted;

constexpr std::size_t listed_usual = 50, listed_max = 500;
constexpr std::size_t sent_max = 2'500;    // letters of one call
constexpr std::size_t outcomes_max = 50;   // told one by one

std::optional<Hash128> id_of(std::string_view hex) {
  const auto read = atom_of(hex);
  return read ? std::optional(Hash128{read->hi, read->lo}) : std::nullopt;
}

std::unexpected<Error> no_id(const std::string& text) {
  return fail(Code::invalid_input, "\"" + text + "\" is no letter's id: 32 hexadecimal digits, as GET /v1/dead-letters gives them");
}

/// Purposes that its people's answers leave open to it now. An atom that is nowhere never answered.
Mask visible(const ConsoleDoors& doors, const Head& head) {
  Mask out = head.mask;
  for (const AtomId atom : head.atoms) {
    find_atom(doors.node, atom, [&](const Place& place) {
      if (place.person == nullptr) return;
      const auto lens = flow::lens_of(place.component, *place.person, doors.node.house().heeds_no_answer);
      // The yes it rests on lies under one of its atoms; for the others, only what is against counts.
      std::vector<OpenedBy> here;
      for (const OpenedBy& by : head.opened)
        if (by.atom == atom) here.push_back(by);
      out &= lens.visible(out, head.start(), here, now_of(doors, place.state));
    });
  }
  return out;
}

Object head_json(const Head& head) {
  Object out;
  out.text("id", to_hex(head.message))
      .text("received", to_string(head.received))
      .text("happened", to_string(head.happened))
      .text("source", head.source)
      .text("rule", head.rule)
      .text("event", head.event)
      .text("key", to_string(static_cast<catalog::KeyUse>(head.use)))
      .truth("reduced", head.reduced);
  return out;
}

std::string listed_json(const Listed& listed) {
  return head_json(listed.head).number("times", listed.times).number("bytes", listed.bytes).done();
}

std::string groups_json(const Letters& letters) {
  List out;
  for (const auto& group : letters.groups()) {
    out.add(Object()
                .text("source", group.source)
                .text("rule", group.rule)
                .text("event", group.event)
                .number("letters", group.letters)
                .number("bytes", group.bytes)
                .text("first", to_string(group.first))
                .text("last", to_string(group.last))
                .text("newest", to_hex(group.newest))
                .done());
  }
  return out.done();
}

std::string totals_json(const Letters& letters) {
  const auto totals = letters.totals();
  const auto ended = [&](End how) { return totals.ended[static_cast<std::size_t>(how)]; };
  return Object()
      .number("letters", totals.letters)
      .number("bytes", totals.bytes)
      .number("bytes_max", letters.options().bytes_max)
      .number("days", static_cast<std::uint64_t>(letters.options().days))
      .number("full", totals.full)
      .number("failed", totals.failed)
      .number("damaged", totals.damaged)
      .number("resent", ended(End::resent))
      .number("discarded", ended(End::discarded))
      .number("withheld", ended(End::withheld))
      .done();
}

Result<http::Response> list(const ConsoleDoors& doors, const http::Request& request) {
  const auto asked = [&](std::string_view name) { return request.query_value(name).value_or(""); };
  const std::size_t limit = TRY(limit_of(request, listed_usual, listed_max));
  std::optional<Hash128> after;
  if (const std::string text = asked("after"); !text.empty()) {
    after = id_of(text);
    if (!after) return no_id(text);
  }
  bool more = false;
  List rows;
  for (const Listed& listed :
       doors.letters->list({asked("source"), asked("rule"), asked("event")}, after, limit, more))
    rows.add(listed_json(listed));
  return http::json(
      200, Object()
                   .raw("letters", rows.done())
                   .truth("more", more)
                   .raw("groups", groups_json(*doors.letters))
                   .raw("kept", totals_json(*doors.letters))
                   .done() +
               "\n"
  );
}

Result<http::Response> whole(const ConsoleDoors& doors, std::string_view asked) {
  const auto id = id_of(asked);
  if (!id) return no_id(std::string(asked));
  const Letter letter = TRY(doors.letters->read(*id));
  if (visible(doors, letter.head) == 0)
    return fail(
        Code::conflict,
        "its people's answers close every purpose it might have served; it is gone after its days"
    );
  Object out = head_json(letter.head);
  out.text("detail", letter.content.detail)
      .text("message_id", letter.content.message_id)
      .raw("purposes", purpose_names(doors.catalog.purposes, letter.head.mask))
      .raw("context", letter.content.context.empty() ? "null" : letter.content.context)
      .raw("item", letter.content.item);
  return http::json(200, out.done() + "\n");
}

/// Which letters are meant, and what shall become of them.
struct Order {
  std::vector<Hash128> ids;
  Wanted wanted;
  bool by_where = false;
  std::optional<Hash128> after;
  Repair repair;
  bool dry = false;

  static Result<Order> read(const std::string& body) {
    Order out;
    const auto fields = TRY(read_object(body));
    for (const Field& f : fields) TRY(out.take(f));
    if (out.by_where == !out.ids.empty())
      return fail(
          Code::invalid_input,
          "say which letters: ids, or source, rule and event, one of them at least"
      );
    return out;
  }

 private:
  Status take(const Field& f) {
    if (f.name == "ids") {
      const auto texts = TRY(read_texts(f));
      if (texts.size() > sent_max) return fail(Code::over_limit, "at most 2,500 letters in one call");
      for (const std::string& text : texts) {
        const auto id = id_of(text);
        if (!id) return no_id(text);
        ids.push_back(*id);
      }
    } else if (f.name == "source" || f.name == "rule" || f.name == "event") {
      (f.name == "source" ? wanted.source : f.name == "rule" ? wanted.rule : wanted.event) = f.value;
      by_where = by_where || !f.value.empty();
    } else if (f.name == "after") {
      after = id_of(f.value);
      if (!after) return no_id(f.value);
    } else if (f.name == "patch") {
      repair = TRY(Repair::parse(f.value));
    } else if (f.name == "dry_run") {
      dry = f.value == "true";
    } else {
      return fail(
          Code::invalid_input,
          f.name + " is not understood here; send ids, or source, rule, event and after; patch, dry_run"
      );
    }
    return {};
  }
};

/// The letters that are meant, at most sent_max; `more`: where the next call goes on.
std::vector<Hash128> meant(const Letters& letters, const Order& order, bool& more) {
  if (!order.by_where) return order.ids;
  std::vector<Hash128> out;
  for (const Listed& listed : letters.list(order.wanted, order.after, sent_max, more))
    out.push_back(listed.head.message);
  return out;
}

/// What became of many: counts, and each that was not taken.
class Outcomes {
 public:
  void add(Hash128 id, collect::Verdict verdict, std::string_view rule, std::string_view detail) {
    static constexpr std::string_view words[] = {"accepted", "withheld", "refused"};
    const auto at = static_cast<std::size_t>(verdict);
    ++counts_[at];
    if (verdict == collect::Verdict::accepted || told_ == outcomes_max) return;
    ++told_;
    list_.add(Object()
                  .text("id", to_hex(id))
                  .text("became", words[at])
                  .text("rule", rule)
                  .text("detail", detail)
                  .done());
  }
  Object json() {
    Object out;
    out.number("accepted", counts_[0])
        .number("withheld", counts_[1])
        .number("refused", counts_[2])
        .raw("not_taken", list_.done());
    return out;
  }

 private:
  std::uint64_t counts_[3] = {};
  std::size_t told_ = 0;
  List list_;
};

Result<http::Response> resend(const ConsoleDoors& doors, const http::Request& request) {
  const Order order = TRY(Order::read(request.body));
  bool more = false;
  const auto ids = meant(*doors.letters, order, more);
  Outcomes outcomes;
  std::vector<collect::Repaired> repaired;
  for (const Hash128 id : ids) {
    auto letter = doors.letters->read(id);
    auto item = letter ? order.repair.apply(letter->content.item) : std::unexpected(letter.error());
    if (!item) {
      outcomes.add(id, collect::Verdict::rejected, to_string(item.error().code), item.error().message);
      continue;
    }
    letter->content.item = std::move(*item);
    repaired.push_back({std::move(*letter), order.repair.retimes()});
  }
  const auto became = TRY(doors.redelivery->send(repaired, order.dry));
  for (std::size_t i = 0; i < became.size(); ++i)
    outcomes.add(repaired[i].letter.head.message, became[i].verdict, became[i].rule, became[i].detail);
  Object out = outcomes.json();
  out.truth("dry_run", order.dry).raw("next", more ? json_text(to_hex(ids.back())) : "null");
  return http::json(200, out.done() + "\n");
}

Result<http::Response> discard(const ConsoleDoors& doors, const http::Request& request) {
  const Order order = TRY(Order::read(request.body));
  if (!order.repair.empty())
    return fail(Code::invalid_input, "what is discarded is not repaired: leave patch out");
  bool more = false;
  const auto ids = meant(*doors.letters, order, more);
  std::size_t count = ids.size();
  if (!order.dry) count = TRY(doors.letters->end(ids, End::discarded));
  return http::json(
      200, Object()
                   .number("discarded", count)
                   .truth("dry_run", order.dry)
                   .raw("next", more ? json_text(to_hex(ids.back())) : "null")
                   .done() +
               "\n"
  );
}

http::Response answered(Result<http::Response> answer) {
  return answer ? std::move(*answer) : problem(answer.error());
}

}  // namespace

http::Response read_letters(const ConsoleDoors& doors, const http::Request& request) {
  const auto one = between(request.path, "/v1/dead-letters/", "");
  return answered(one ? whole(doors, *one) : list(doors, request));
}

http::Response resend_letters(const ConsoleDoors& doors, const http::Request& request) {
  return answered(resend(doors, request));
}

http::Response discard_letters(const ConsoleDoors& doors, const http::Request& request) {
  return answered(discard(doors, request));
}

}  // namespace hospes::portal
